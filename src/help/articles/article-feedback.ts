import type { Budgets } from "../../access/budgets/budgets.ts";
import type { Preset } from "../../config/preset.ts";
import type { Locale } from "../../i18n/locale.ts";
import type { Caller } from "../../kernel/caller.ts";
import { type Clock, day, hour } from "../../kernel/clock.ts";
import type { Ids } from "../../kernel/ids.ts";
import type { Keys } from "../../kernel/keys.ts";
import type { Store, Tx } from "../../store/store.ts";
import * as rows from "./articles.store.ts";

/**
 * « Cet article a-t-il répondu à vos questions ? »: yes or no, and after a no a comment if the reader likes. One
 * browser has one voice for each article; nothing tells whose it was.
 *
 * Tables: article_feedback. Settings: limits article-feedback.per-source, retention.casesDays.
 * Refusals: articles.feedback.too-many.
 */
export type ArticleFeedback = ReturnType<typeof createArticleFeedback>;

export type FeedbackOutcome =
  | { ok: true; id: string }
  | { ok: false; refusal: "articles.feedback.too-many"; until: number };

/** In characters. */
export const longestComment = 1000;
/** The page of a "no" may be left open while somebody thinks of what to write. */
const openFor = 2 * hour;
const commentsAtMost = 200;

export function createArticleFeedback(deps: {
  store: Store;
  clock: Clock;
  ids: Ids;
  keys: Keys;
  budgets: Budgets;
  preset: Pick<Preset, "retention">;
}) {
  const { store, clock, ids, keys, budgets } = deps;

  /** Keeps an answer; answers its id, by which a comment joins it. A browser without cookies has a voice each time. */
  async function answer(
    caller: Pick<Caller, "sourceKey" | "browserId" | "isSlowed">,
    given: { slug: string; locale: Locale; answer: "yes" | "no"; isBrowserBound: boolean },
  ): Promise<FeedbackOutcome> {
    const { slug, locale } = given;
    const voice = given.isBrowserBound
      ? keys.digest("article-feedback", `${caller.browserId} ${slug} ${locale}`)
      : null;
    return store.transact(async (tx): Promise<FeedbackOutcome> => {
      // A whole school reads from one address: never refused for what the others said (promise 6).
      if (!caller.isSlowed) {
        const spent = await budgets.spend(tx, "article-feedback.per-source", caller.sourceKey);
        if (!spent.ok) return { ok: false, refusal: "articles.feedback.too-many", until: spent.until };
      }
      const id = ids.uuid();
      const row = { id, slug, locale, answer: given.answer, comment: null, voice, at: clock.now() };
      await rows.putFeedback(tx, row);
      return { ok: true, id };
    });
  }

  /** Joins a comment to an answer, once. False when there is no such answer, or no longer. */
  async function comment(id: string, text: string): Promise<boolean> {
    const kept = text.replaceAll(/\r\n?/g, "\n").trim().slice(0, longestComment);
    if (kept === "") return true;
    return store.transact((tx) => rows.addComment(tx, id, kept, clock.now() - openFor));
  }

  return {
    answer,
    comment,
    /** « Annuler »: the answer is taken back, as long as nothing was written to it. */
    takeBack: (id: string) => store.transact((tx) => rows.removeFeedback(tx, id, clock.now() - openFor)),
    counts: () => rows.countFeedback(store),
    comments: (slug: string | null) => rows.listComments(store, { slug, limit: commentsAtMost }),
    forgetOld: (tx: Tx) => rows.forgetFeedback(tx, clock.now() - deps.preset.retention.casesDays * day),
  };
}
