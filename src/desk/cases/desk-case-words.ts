import { formatDuration } from "../../i18n/moment.ts";
import type { MessageKey, Translate } from "../../i18n/translations.ts";
import { Fault } from "../../kernel/fault.ts";
import type { Tone, View } from "../../ui/view.ts";
import type { Case, CaseMessage } from "./cases.ts";
import { countedAtMost } from "./inbox.ts";

/** What a page of the inbox needs beside its view: the time, and what relays are called in its language. */
export interface DeskContext {
  now: number;
  relays: { id: string; name: string }[];
}

const second = 1000;
const units = [86_400, 3_600, 60];

// A list says sixty of them, and the same few over and over.
const lengths = new Map<string, string>();

/** A length of time in its largest unit alone: « 2 heures », « 3 jours »; less than a minute counts as one. */
export function roughly(locale: string, ms: number): string {
  const seconds = Math.max(60, Math.abs(ms) / second);
  const unit = units.find((size) => seconds >= size) ?? 60;
  const length = Math.floor(seconds / unit) * unit;
  const name = `${locale} ${length}`;
  let words = lengths.get(name);
  if (words === undefined) {
    if (lengths.size > 5000) lengths.clear();
    words = formatDuration(locale, length);
    lengths.set(name, words);
  }
  return words;
}

export const ageWords = (view: View, { now }: DeskContext, since: number): string =>
  view.t("inbox.age", { duration: roughly(view.locale, now - since) });

/** What is due, in words that say whether it is late; a colour only repeats them. Null where nothing is due. */
export function dueWords(
  view: View,
  { now }: DeskContext,
  line: { status: string; due: number | null },
): { words: string; tone: Tone | undefined } | null {
  if (line.due === null || line.due === Number.MAX_SAFE_INTEGER || line.status !== "open") return null;
  const duration = roughly(view.locale, line.due - now);
  if (line.due < now) return { words: view.t("inbox.due.late", { duration }), tone: "wrong" };
  const isNear = line.due - now < 3_600 * second;
  return { words: view.t("inbox.due.in", { duration }), tone: isNear ? "careful" : undefined };
}

/** What is due next on a case: the answer or the solution, whichever comes first. */
export function dueOf(row: Pick<Case, "first_answer_due_at" | "resolution_due_at">): number | null {
  const known = [row.first_answer_due_at, row.resolution_due_at].filter((time) => time !== null);
  return known.length === 0 ? null : Math.min(...known);
}

/** « 12 », or « 1 000+ » where counting stopped. */
export function countWords(view: View, count: number): string {
  const shown = new Intl.NumberFormat(view.locale === "en" ? "en-GB" : view.locale);
  return count > countedAtMost
    ? view.t("inbox.count.more", { count: shown.format(countedAtMost) })
    : shown.format(count);
}

export const relayIn = (context: DeskContext, id: string): string =>
  context.relays.find((relay) => relay.id === id)?.name ?? id;

/** A key that is put together; one that a newer version wrote may have no words here. */
export function wordsOr(
  t: Translate,
  key: string,
  fallback: MessageKey,
  values: Record<string, string | number> = {},
): string {
  try {
    return t(key as MessageKey, values);
  } catch (cause) {
    if (cause instanceof Fault) return t(fallback);
    throw cause;
  }
}

export const symptomWords = (t: Translate, symptom: string): string =>
  wordsOr(t, `symptom.${symptom}`, "symptom.other");

/** What happened to a case, in words. Relays and symptoms are kept by their ids, and named here. */
export function eventWords(view: View, context: DeskContext, message: CaseMessage): string {
  const params = JSON.parse(message.params ?? "{}") as Record<string, string | number>;
  const name = message.body.includes("symptom")
    ? (id: string) => symptomWords(view.t, id)
    : (id: string) => relayIn(context, id);
  const named = Object.fromEntries(
    Object.entries(params).map(([key, value]) =>
      key === "from" || key === "to" ? [key, name(String(value))] : [key, value],
    ),
  );
  return wordsOr(view.t, message.body, "inbox.event.other", named);
}
