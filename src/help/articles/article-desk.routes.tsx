import type { Desk } from "../../desk/roles/desk.ts";
import { type Answer, page, redirect } from "../../http/answer.ts";
import { problemAnswer } from "../../http/error-pages.tsx";
import type { Visit } from "../../http/visit.ts";
import type { Locale } from "../../i18n/locale.ts";
import { formatDay } from "../../i18n/moment.ts";
import type { Staff } from "../../kernel/caller.ts";
import { foldWords } from "../../store/words.ts";
import type { FieldError } from "../../ui/view.ts";
import { ArticleListPage, NewArticlePage } from "./article-desk.pages.tsx";
import { ArticleEditorPage } from "./article-editor.pages.tsx";
import { type ArticleFault, explainFault } from "./article-fault.ts";
import type { ArticleFeedback } from "./article-feedback.ts";
import { type ArticleForm, formOf, postedForm, valuesOf } from "./article-form.ts";
import { ArticleHistoryPage, ArticleVersionPage } from "./article-history.pages.tsx";
import { ArticleFeedbackPage, HelpSearchesPage } from "./article-reports.pages.tsx";
import { isSlug } from "./article-shape.ts";
import type { Articles } from "./articles.ts";
import type { ArticleEditing, OpenArticle, SaveOutcome, Version } from "./edit-articles.ts";
import type { HelpSearches } from "./help-searches.ts";
import { diffLines, foldDiff } from "./line-diff.ts";

export interface ArticleDeskDeps {
  offered: Locale[];
  articles: Articles;
  editing: ArticleEditing;
  feedback: ArticleFeedback;
  searches: HelpSearches;
  direction: (locale: Locale) => "ltr" | "rtl";
}

const listedAtMost = 100;
/** An article is a long text: sent as form data, which does not swell accents and Arabic to several times their size. */
const noFiles = { maxBytes: 1024, maxFiles: 0 };

export function articleDeskRoutes(desk: Desk, deps: ArticleDeskDeps): void {
  const { articles, editing, feedback, searches } = deps;
  const viewOf = (visit: Visit, staff: Staff, isRefusal = false) => visit.view({ person: staff, isRefusal });
  const difference = (older: string, newer: string) => foldDiff(diffLines(older, newer));

  desk.get("/desk/articles", "articles.edit", async (visit, staff) => {
    const query = visit.query("q").trim().slice(0, 100);
    const words = foldWords(query);
    const found = (await editing.overview()).filter(({ slug, title, states }) => {
      const own = foldWords([slug, title, ...states.map((state) => state.title ?? "")].join(" "));
      return words.every((word) => own.some((part) => part.startsWith(word)));
    });
    return page(
      <ArticleListPage
        view={viewOf(visit, staff)}
        staff={staff}
        query={query}
        articles={found.slice(0, listedAtMost)}
        hidden={Math.max(0, found.length - listedAtMost)}
      />,
    );
  });

  function newPage(visit: Visit, staff: Staff, errors: FieldError[] = []): Answer {
    return page(
      <NewArticlePage
        view={viewOf(visit, staff, errors.length > 0)}
        staff={staff}
        slug={visit.field("slug")}
        locale={visit.field("locale") || visit.locale}
        errors={errors}
      />,
      errors.length === 0
        ? {}
        : { status: 422, data: { refusal: "articles.invalid", errors, incident: visit.caller.incident } },
    );
  }
  desk.get("/desk/articles/new", "articles.edit", async (visit, staff) => newPage(visit, staff));
  desk.post("/desk/articles/new", "articles.edit", async (visit, staff) => {
    const slug = visit.field("slug").trim().toLowerCase();
    const locale = deps.offered.find((code) => code === visit.field("locale")) ?? visit.locale;
    if (await editing.isFree(slug)) return redirect(`/desk/articles/${slug}/${locale}`);
    const message = isSlug(slug)
      ? visit.t("articles.desk.new.taken")
      : visit.t("articles.fault.slug", { slug });
    return newPage(visit, staff, [{ field: "slug", message }]);
  });

  desk.get("/desk/articles/feedback", "articles.feedback", async (visit, staff) => {
    const asked = visit.query("article");
    const slug = isSlug(asked) ? asked : null;
    const titles = new Map((await articles.list(visit.locale)).map((line) => [line.slug, line.title]));
    const titleOf = (about: string) => titles.get(about) ?? about;
    const counts = (await feedback.counts())
      .map((line) => ({ ...line, title: titleOf(line.slug) }))
      .sort((a, b) => b.no - a.no || a.slug.localeCompare(b.slug));
    const comments = (await feedback.comments(slug)).map((row) => ({
      ...row,
      comment: row.comment ?? "",
      title: titleOf(row.slug),
    }));
    return page(
      <ArticleFeedbackPage
        view={viewOf(visit, staff)}
        staff={staff}
        counts={counts}
        comments={comments}
        slug={slug}
      />,
    );
  });

  desk.get("/desk/articles/searches", "articles.feedback", async (visit, staff) => {
    const isAll = visit.query("all") === "1";
    const counted = await searches.list(!isAll);
    const lines = await Promise.all(
      counted.map(async (line) => ({
        ...line,
        foundNow: (await articles.search(line.query, line.locale)).length,
      })),
    );
    return page(
      <HelpSearchesPage
        view={viewOf(visit, staff)}
        staff={staff}
        searches={lines}
        isAll={isAll}
        dayOf={(ms) => formatDay(visit.locale, "UTC", ms)}
      />,
    );
  });

  /** The article and language that the address names. */
  async function named(visit: Visit): Promise<{ slug: string; locale: Locale; opened: OpenArticle } | null> {
    const [, , , slug = "", locale = ""] = visit.path.split("/");
    const opened = await editing.open(slug, locale);
    return opened && { slug, locale, opened };
  }

  interface Shown {
    form: ArticleForm;
    seen: number;
    errors?: ArticleFault[];
    conflict?: Version;
    status?: number;
  }

  async function editor(
    visit: Visit,
    staff: Staff,
    about: { slug: string; locale: Locale; opened: OpenArticle },
    shown: Shown,
  ): Promise<Answer> {
    const { slug, locale } = about;
    const source = editing.write(valuesOf(shown.form), shown.form.body);
    const { rendered, read, faults } = await editing.judge(slug, locale, source);
    const isRefusal = shown.status !== undefined;
    // Lines count from the first of the text, as the editor's box shows them.
    const lineOf = ({ line, field }: ArticleFault) =>
      field === undefined && line > read.bodyLine ? line - read.bodyLine : null;
    return page(
      <ArticleEditorPage
        view={viewOf(visit, staff, isRefusal)}
        staff={staff}
        slug={slug}
        state={about.opened.state}
        dir={deps.direction(locale)}
        form={shown.form}
        seen={shown.seen}
        rendered={rendered}
        errors={(shown.errors ?? []).map((fault) => ({
          field: fieldOf(fault),
          message: explainFault(visit.t, fault),
        }))}
        remarks={
          shown.form.body === "" && shown.form.title === ""
            ? []
            : faults.map((fault) => ({ line: lineOf(fault), words: explainFault(visit.t, fault) }))
        }
        conflict={
          shown.conflict
            ? { theirs: shown.conflict, difference: difference(shown.conflict.source, source) }
            : null
        }
      />,
      isRefusal
        ? {
            status: shown.status,
            data: {
              refusal: shown.conflict ? "articles.conflict" : "articles.faulty",
              incident: visit.caller.incident,
            },
          }
        : {},
    );
  }

  desk.get("/desk/articles/:slug/:locale", "articles.edit", async (visit, staff) => {
    const about = await named(visit);
    if (!about) return problemAnswer(visit, 404);
    const { read, number } = about.opened;
    return editor(visit, staff, about, { form: formOf(read.values, read.body), seen: number });
  });

  desk.postWithFiles("/desk/articles/:slug/:locale", "articles.edit", noFiles, async (visit, staff) => {
    const about = await named(visit);
    if (!about) return problemAnswer(visit, 404);
    const form = postedForm(visit.field);
    const seen = seenOf(visit);
    const act = visit.field("act");
    if (act !== "draft" && act !== "published") return editor(visit, staff, about, { form, seen });
    const { slug, locale } = about;
    const source = editing.write(valuesOf(form), form.body);
    const outcome = await editing.save(staff, { slug, locale, source, seen, as: act });
    if (outcome.ok) {
      visit.leaveNotice({
        tone: "good",
        key: act === "draft" ? "articles.editor.saved" : "articles.editor.published",
      });
      return redirect(`/desk/articles/${slug}/${locale}`);
    }
    if (outcome.refusal === "articles.faulty") {
      return editor(visit, staff, about, { form, seen, errors: outcome.faults, status: 422 });
    }
    // The next save of this page has seen the other's version.
    const { newest } = outcome;
    if (newest === null) return problemAnswer(visit, 400);
    return editor(visit, staff, about, { form, seen: newest.number, conflict: newest, status: 409 });
  });

  /** After an act that has no text of its own: back to the editor, which shows the newest text. */
  function afterAct(
    visit: Visit,
    { slug, locale }: { slug: string; locale: Locale },
    outcome: SaveOutcome | null,
    done: "articles.editor.withdrawn" | "articles.history.restored",
  ): Answer {
    if (!outcome) return problemAnswer(visit, 404);
    visit.leaveNotice(
      outcome.ok ? { tone: "good", key: done } : { tone: "careful", key: "articles.editor.meanwhile" },
    );
    return redirect(`/desk/articles/${slug}/${locale}`);
  }

  desk.post("/desk/articles/:slug/:locale/withdraw", "articles.edit", async (visit, staff) => {
    const about = await named(visit);
    if (!about) return problemAnswer(visit, 404);
    const outcome = await editing.withdraw(staff, { ...about, seen: seenOf(visit) });
    return afterAct(visit, about, outcome, "articles.editor.withdrawn");
  });

  desk.get("/desk/articles/:slug/:locale/history", "articles.edit", async (visit, staff) => {
    const about = await named(visit);
    if (!about) return problemAnswer(visit, 404);
    const { slug, locale } = about;
    const versions = await editing.history(slug, locale);
    return page(
      <ArticleHistoryPage
        view={viewOf(visit, staff)}
        staff={staff}
        slug={slug}
        locale={locale}
        versions={versions}
      />,
    );
  });

  desk.get("/desk/articles/:slug/:locale/history/:number", "articles.edit", async (visit, staff) => {
    const about = await named(visit);
    const versions = about ? await editing.history(about.slug, about.locale) : [];
    const at = versions.findIndex(({ number }) => number === numberOf(visit));
    const version = versions[at];
    if (!about || !version) return problemAnswer(visit, 404);
    const before = versions[at + 1];
    return page(
      <ArticleVersionPage
        view={viewOf(visit, staff)}
        staff={staff}
        slug={about.slug}
        locale={about.locale}
        versions={versions}
        version={version}
        difference={before ? difference(before.source, version.source) : null}
        seen={about.opened.number}
      />,
    );
  });

  desk.post("/desk/articles/:slug/:locale/history/:number/restore", "articles.edit", async (visit, staff) => {
    const about = await named(visit);
    if (!about) return problemAnswer(visit, 404);
    const asked = { ...about, number: numberOf(visit), seen: seenOf(visit) };
    const outcome = await editing.restore(staff, asked);
    return afterAct(visit, about, outcome, "articles.history.restored");
  });
}

const numberOf = (visit: Visit): number => {
  const typed = visit.path.split("/")[6] ?? "";
  return /^\d{1,9}$/.test(typed) ? Number(typed) : -1;
};

/** A form that does not say which version it has seen has seen none. */
function seenOf(visit: Visit): number {
  const typed = visit.field("seen");
  return /^\d{1,9}$/.test(typed) ? Number(typed) : -1;
}

/** The field of the form where a fault is put right. */
function fieldOf({ field }: ArticleFault): string {
  if (field === undefined || field === "updated") return "body";
  if (field === "action") return "action-label";
  if (field === "audience" || field === "presets" || field === "symptoms") return "related";
  return field;
}
