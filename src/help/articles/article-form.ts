import { kindsOfPerson } from "../../config/preset.ts";
import { symptoms } from "../../config/symptoms.ts";
import { presetNames } from "./article-shape.ts";

/** What an editor's form holds: every field as text, whatever it was. */
export interface ArticleForm {
  title: string;
  summary: string;
  category: string;
  order: string;
  related: string;
  actionLabel: string;
  actionHref: string;
  audience: string[];
  presets: string[];
  symptoms: string[];
  body: string;
}

const text = (value: unknown): string =>
  typeof value === "string" ? value : typeof value === "number" ? String(value) : "";
const texts = (value: unknown): string[] => (Array.isArray(value) ? value.map(text) : []);

/** The form of an article that was read, right or wrong. */
export function formOf(values: Record<string, unknown>, body: string): ArticleForm {
  const action = (values.action ?? {}) as Record<string, unknown>;
  return {
    title: text(values.title),
    summary: text(values.summary),
    category: text(values.category),
    order: text(values.order),
    related: texts(values.related).join(", "),
    actionLabel: text(action.label),
    actionHref: text(action.href),
    audience: texts(values.audience),
    presets: texts(values.presets),
    symptoms: texts(values.symptoms),
    body: body.trim(),
  };
}

/** The form as it was posted. Boxes have a name each, since a form's field may stand only once. */
export function postedForm(field: (name: string) => string): ArticleForm {
  const ticked = (group: string, ids: readonly string[]) =>
    ids.filter((id) => field(`${group}-${id}`) !== "");
  return {
    title: field("title").trim(),
    summary: field("summary").trim(),
    category: field("category"),
    order: field("order").trim(),
    related: field("related").trim(),
    actionLabel: field("action-label").trim(),
    actionHref: field("action-href").trim(),
    audience: ticked("audience", kindsOfPerson),
    presets: ticked("presets", presetNames),
    symptoms: ticked("symptom", symptoms),
    body: field("body"),
  };
}

/** What `writeArticle` writes of it; what cannot be read stays as it was typed, so that the fault is told. */
export function valuesOf(form: ArticleForm): Record<string, unknown> {
  const related = form.related.split(/[\s,;]+/).filter((slug) => slug !== "");
  const hasAction = form.actionLabel !== "" || form.actionHref !== "";
  return {
    title: form.title,
    summary: form.summary,
    category: form.category,
    order: /^\d+$/.test(form.order) ? Number(form.order) : form.order,
    audience: form.audience,
    presets: form.presets,
    symptoms: form.symptoms,
    related,
    action: hasAction ? { label: form.actionLabel, href: form.actionHref } : null,
  };
}
