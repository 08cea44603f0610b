import { sql } from "kysely";
import type { Db, Tx } from "../../store/store.ts";

export type VersionStatus = "draft" | "published" | "withdrawn";

export interface VersionRow {
  id: string;
  slug: string;
  locale: string;
  /** Counts up from 1 within an article and language. */
  number: number;
  status: VersionStatus;
  /** Front matter and body, as a file has them. */
  source: string;
  author_id: string;
  author_name: string;
  at: number;
}

export interface FeedbackRow {
  id: string;
  slug: string;
  locale: string;
  answer: "yes" | "no";
  comment: string | null;
  voice: string | null;
  at: number;
}

export interface SearchRow {
  /** Midnight UTC, in milliseconds. */
  day: number;
  locale: string;
  query: string;
  results: number;
  uses: number;
}

interface ArticleTables {
  article_versions: VersionRow;
  article_feedback: FeedbackRow;
  help_searches: SearchRow;
}

const of = (db: Db) => db.tables<ArticleTables>();

/** How many versions there are: whoever knows this number knows whether anything was saved since. */
export async function countVersions(db: Db): Promise<number> {
  const [row] = await db.ask<{ count: number }>("select count(*) as count from article_versions", []);
  return Number(row?.count ?? 0);
}

/** The newest version of every article and language: of those that the public may meet, or of all. */
export async function newestVersions(db: Db, among: "public" | "all"): Promise<VersionRow[]> {
  let newest = of(db)
    .selectFrom("article_versions")
    .select(["slug", "locale", (select) => select.fn.max("number").as("number")])
    .groupBy(["slug", "locale"]);
  if (among === "public") newest = newest.where("status", "<>", "draft");
  return of(db)
    .selectFrom("article_versions as version")
    .innerJoin(newest.as("newest"), (join) =>
      join
        .onRef("newest.slug", "=", "version.slug")
        .onRef("newest.locale", "=", "version.locale")
        .onRef("newest.number", "=", "version.number"),
    )
    .selectAll("version")
    .execute();
}

/** Every version of one article in one language, the newest first. */
export async function listVersions(db: Db, slug: string, locale: string): Promise<VersionRow[]> {
  return of(db)
    .selectFrom("article_versions")
    .selectAll()
    .where("slug", "=", slug)
    .where("locale", "=", locale)
    .orderBy("number", "desc")
    .execute();
}

/** Adds a version; false when somebody else's took its number first. */
export async function insertVersion(tx: Tx, row: VersionRow): Promise<boolean> {
  const inserted = await of(tx)
    .insertInto("article_versions")
    .values(row)
    .onConflict((conflict) => conflict.columns(["slug", "locale", "number"]).doNothing())
    .returning("id")
    .execute();
  return inserted.length > 0;
}

/** Keeps an answer. A browser that answered this article before changes its mind; its comment goes. */
export async function putFeedback(tx: Tx, row: FeedbackRow): Promise<void> {
  await of(tx)
    .insertInto("article_feedback")
    .values(row)
    .onConflict((conflict) =>
      conflict
        .column("voice")
        .doUpdateSet({ id: row.id, locale: row.locale, answer: row.answer, comment: null, at: row.at }),
    )
    .execute();
}

/** Adds the comment to an answer that has none and was given since; false otherwise. */
export async function addComment(tx: Tx, id: string, comment: string, since: number): Promise<boolean> {
  const updated = await of(tx)
    .updateTable("article_feedback")
    .set({ comment })
    .where("id", "=", id)
    .where("comment", "is", null)
    .where("at", ">=", since)
    .returning("id")
    .execute();
  return updated.length > 0;
}

export async function removeFeedback(tx: Tx, id: string, since: number): Promise<void> {
  await of(tx)
    .deleteFrom("article_feedback")
    .where("id", "=", id)
    .where("comment", "is", null)
    .where("at", ">=", since)
    .execute();
}

export async function countFeedback(db: Db): Promise<{ slug: string; yes: number; no: number }[]> {
  const rows = await of(db)
    .selectFrom("article_feedback")
    .select(["slug", "answer", (select) => select.fn.countAll().as("count")])
    .groupBy(["slug", "answer"])
    .execute();
  const bySlug = new Map<string, { slug: string; yes: number; no: number }>();
  for (const { slug, answer, count } of rows) {
    const counts = bySlug.get(slug) ?? { slug, yes: 0, no: 0 };
    counts[answer] = Number(count);
    bySlug.set(slug, counts);
  }
  return [...bySlug.values()];
}

/** Comments, the newest first; of one article when named. */
export async function listComments(
  db: Db,
  about: { slug: string | null; limit: number },
): Promise<FeedbackRow[]> {
  let query = of(db).selectFrom("article_feedback").selectAll().where("comment", "is not", null);
  if (about.slug !== null) query = query.where("slug", "=", about.slug);
  return query.orderBy("at", "desc").orderBy("id", "desc").limit(about.limit).execute();
}

/** Adds to the counts of a day; a new query only while the day holds fewer than `queriesAtMost` of them. */
export async function countSearch(tx: Tx, row: SearchRow, queriesAtMost: number): Promise<void> {
  await sql`
    insert into help_searches (day, locale, query, results, uses)
    select cast(${row.day} as bigint), cast(${row.locale} as text), cast(${row.query} as text),
           cast(${row.results} as integer), cast(${row.uses} as integer)
    where (select count(*) from help_searches where day = ${row.day}) < ${queriesAtMost}
       or exists (select 1 from help_searches
                  where day = ${row.day} and locale = ${row.locale} and query = ${row.query})
    on conflict (day, locale, query)
    do update set uses = help_searches.uses + excluded.uses, results = excluded.results
  `.execute(tx.tables());
}

/** Queries since a day, those asked most first; only those that found nothing when asked so. */
export async function listSearches(
  db: Db,
  about: { since: number; onlyVain: boolean; limit: number },
): Promise<{ locale: string; query: string; uses: number; results: number; lastDay: number }[]> {
  let query = of(db)
    .selectFrom("help_searches")
    .select([
      "locale",
      "query",
      (select) => select.fn.sum("uses").as("uses"),
      (select) => select.fn.min("results").as("results"),
      (select) => select.fn.max("day").as("last_day"),
    ])
    .where("day", ">=", about.since)
    .groupBy(["locale", "query"]);
  if (about.onlyVain) query = query.where("results", "=", 0);
  const rows = await query.orderBy("uses", "desc").orderBy("query").limit(about.limit).execute();
  return rows.map((row) => ({
    locale: row.locale,
    query: row.query,
    uses: Number(row.uses),
    results: Number(row.results),
    lastDay: Number(row.last_day),
  }));
}

export async function forgetFeedback(tx: Tx, before: number): Promise<void> {
  await of(tx).deleteFrom("article_feedback").where("at", "<", before).execute();
}

export async function forgetSearches(tx: Tx, before: number): Promise<void> {
  await of(tx).deleteFrom("help_searches").where("day", "<", before).execute();
}
