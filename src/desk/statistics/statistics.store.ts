import type { AccountStatus, Kind } from "../../accounts/accounts.ts";
import type { ChannelKind } from "../../config/preset.ts";
import { day } from "../../kernel/clock.ts";
import { lowestUuidAt } from "../../kernel/ids.ts";
import { among, listed } from "../../store/many-rows.ts";
import type { Asked, Db, Tx } from "../../store/store.ts";
import { type Figure, type Figures, figures } from "./figures.ts";

/** What is counted, and of whom: read only, but for `school_figures`; each other table has its owner elsewhere. */

interface StatisticsTables {
  school_figures: { establishment_id: string; figures: string; counted_at: number };
}

/** What the counting depends on beside what is written of people. */
export interface Counting {
  now: number;
  /** When the day began there. */
  todayFrom: number;
  /** A message counts that failed since then. */
  failedFrom: number;
  /** By what each kind of person gets back in. */
  channels: Record<Kind, ChannelKind[]>;
  /** Whether a contact point that a registry declared serves for that. */
  acceptsDeclared: boolean;
  /** Whoever was locked before today and still is. */
  stillLocked: string[];
  /** Those to whom an SMS left, and did not arrive. */
  undelivered: string[];
}

/** Part of a statement, with what stands for its question marks. */
interface Piece {
  statement: string;
  parameters: unknown[];
}

/** A message is given up after a fortnight at the latest: what fails now was queued no longer ago. */
const longestUseful = 15 * day;

const quoted = (words: readonly string[]) => words.map((word) => `'${word}'`).join(", ");
const inList = (column: string, ids: readonly string[], db: Pick<Asked, "engine">): Piece =>
  ids.length === 0
    ? { statement: "1 = 0", parameters: [] }
    : { statement: `${column} in ${among(db)}`, parameters: [listed(db, ids)] };

/**
 * That a figure counts the account `a`. What is asked of other tables is asked of each person by an index, and never
 * turned round by a planner: a question of its own inside the statement, which ends at the first row.
 */
function counts(db: Pick<Asked, "engine">, figure: Figure, counting: Counting): Piece {
  const { now } = counting;
  switch (figure) {
    case "people":
      return { statement: "1 = 1", parameters: [] };
    case "activated":
      return { statement: "a.status = 'active'", parameters: [] };
    case "disabled":
      return { statement: "a.status = 'disabled'", parameters: [] };
    case "invited":
    case "waiting":
      return {
        statement: `(a.status = 'pending' and ${figure === "invited" ? "" : "not "}(
          (select 1 from letter_codes l where l.account_id = a.id and l.status = 'live' and l.expires_at > ?
            limit 1) is not null
          or (select 1 from challenges c where c.account_id = a.id and c.purpose = 'activate' and c.status = 'open'
            and c.expires_at > ? limit 1) is not null))`,
        parameters: [now, now],
      };
    case "unused":
      return {
        statement: `(a.status = 'active' and (select 1 from journal s where s.account_id = a.id
          and s.event = 'sign-in.done' limit 1) is null)`,
        parameters: [],
      };
    case "unreachable":
      return {
        // `accounts.usable`, as a condition: a test holds the two together.
        statement: `(a.status in ('active', 'pending') and (select 1 from contact_points p where p.account_id = a.id
          and ${servesFor(counting.channels)} and p.dead_since is null and (p.usable_from is null or p.usable_from <= ?)
          and (p.state = 'verified' or (p.state = 'declared'${counting.acceptsDeclared ? "" : " and p.origin = 'staff'"}))
          limit 1) is null)`,
        parameters: [now],
      };
    case "locked": {
      const still = inList("a.id", counting.stillLocked, db);
      return {
        statement: `((select 1 from journal k where k.account_id = a.id and k.at >= ? and k.event = 'lockout.locked'
          limit 1) is not null or ${still.statement})`,
        parameters: [counting.todayFrom, ...still.parameters],
      };
    }
    case "failed": {
      const lost = inList("a.id", counting.undelivered, db);
      return {
        statement: `((select 1 from messages g where g.account_id = a.id and g.queued_at >= ?
          and g.status in ('failed', 'given-up') and g.status_at >= ? limit 1) is not null or ${lost.statement})`,
        parameters: [counting.failedFrom - longestUseful, counting.failedFrom, ...lost.parameters],
      };
    }
  }
}

/** That a kind of person gets back in by the channel of the contact point `p`. */
function servesFor(channels: Counting["channels"]): string {
  const served = (Object.entries(channels) as [Kind, ChannelKind[]][])
    .filter(([, by]) => by.length > 0)
    .map(([kind, by]) => `(a.kind = '${kind}' and p.channel in (${quoted(by)}))`);
  return served.length === 0 ? "1 = 0" : `(${served.join(" or ")})`;
}

/** Everybody of these kinds who belongs to the school now; `m` is the membership, `a` the account. */
const membersOf = (kinds: readonly Kind[]) =>
  `from memberships m join accounts a on a.id = m.account_id
    where m.establishment_id = ? and m.left_at is null and a.status <> 'closed' and a.kind in (${quoted(kinds)})`;

/** The classes of the pupils of whom somebody is a guardian at the school of the membership `c`; of closed ones, none. */
const classesOfPupils = `from memberships c
    join accounts u on u.id = c.account_id and u.status <> 'closed'
    join guardianships g on g.pupil_id = c.account_id and g.establishment_id = c.establishment_id
    where c.establishment_id = ? and c.left_at is null and c.kind = 'pupil' and c.class_id is not null
      and g.ended_at is null and g.denied_at is null`;

/** The figures of a kind of person in one class (null: in none), or of all of that kind. */
export interface CountedGroup {
  kind: Kind;
  of: "all" | { classId: string | null };
  figures: Figures;
}

/**
 * Counts the people of a school, by kind and by class. A guardian counts in the class of each of their pupils, and once
 * among all.
 */
export async function countSchool(
  db: Asked,
  schoolId: string,
  kinds: readonly Kind[],
  counting: Counting,
): Promise<CountedGroup[]> {
  const flagged = figures.filter((figure) => figure !== "people");
  const pieces = flagged.map((figure) => counts(db, figure, counting));
  const flags = flagged.map(
    (figure, index) => `case when ${pieces[index]?.statement} then 1 else 0 end as ${figure}`,
  );
  const sums = ["count(*) as people", ...flagged.map((figure) => `sum(p.${figure}) as ${figure}`)].join(", ");
  const hasGuardians = kinds.includes("guardian");
  const found = await db.ask<{ kind: Kind; is_all: number; class_id: string | null } & Figures>(
    `with person as materialized (
      select a.id as id, a.kind as kind, m.class_id as class_id, ${flags.join(", ")} ${membersOf(kinds)}
    ), place as materialized (
      select id, kind, class_id from person where kind <> 'guardian'
      ${hasGuardians ? `union select g.guardian_id, 'guardian', c.class_id ${classesOfPupils}` : ""}
    )
    select p.kind as kind, 0 as is_all, l.class_id as class_id, ${sums}
      from person p left join place l on l.id = p.id and l.kind = p.kind group by p.kind, l.class_id
    union all
    select p.kind as kind, 1 as is_all, null as class_id, ${sums} from person p group by p.kind`,
    [...pieces.flatMap(({ parameters }) => parameters), schoolId, ...(hasGuardians ? [schoolId] : [])],
  );
  return found.map((row) => ({
    kind: row.kind,
    of: Number(row.is_all) === 1 ? "all" : { classId: row.class_id },
    figures: Object.fromEntries(figures.map((figure) => [figure, Number(row[figure])])) as unknown as Figures,
  }));
}

/** Whom a figure counts: of one class where it is named, of none where that is null. */
export interface BehindFigure {
  schoolId: string;
  kind: Kind;
  figure: Figure;
  of: CountedGroup["of"];
}

export interface PersonBehind {
  id: string;
  name: string;
  status: AccountStatus;
  /** Of a pupil. */
  class_id: string | null;
}

function behind(
  db: Pick<Asked, "engine">,
  { schoolId, kind, figure, of }: BehindFigure,
  counting: Counting,
): Piece {
  const counted = counts(db, figure, counting);
  const inClass: Piece =
    of === "all" ? { statement: "1 = 1", parameters: [] } : isOfClass(schoolId, kind, of.classId);
  return {
    statement: `${membersOf([kind])} and ${counted.statement} and ${inClass.statement}`,
    parameters: [schoolId, ...counted.parameters, ...inClass.parameters],
  };
}

function isOfClass(schoolId: string, kind: Kind, classId: string | null): Piece {
  if (kind !== "guardian") {
    return classId === null
      ? { statement: "m.class_id is null", parameters: [] }
      : { statement: "m.class_id = ?", parameters: [classId] };
  }
  const theirs = `(select 1 ${classesOfPupils} and g.guardian_id = a.id`;
  return classId === null
    ? { statement: `${theirs} limit 1) is null`, parameters: [schoolId] }
    : { statement: `${theirs} and c.class_id = ? limit 1) is not null`, parameters: [schoolId, classId] };
}

/** How many there are, and some of them by name. */
export async function listBehind(
  db: Asked,
  asked: BehindFigure,
  counting: Counting,
  page: { limit: number; offset: number },
): Promise<{ count: number; people: PersonBehind[] }> {
  const piece = behind(db, asked, counting);
  const [[counted], people] = await Promise.all([
    db.ask<{ count: number }>(`select count(*) as count ${piece.statement}`, piece.parameters),
    db.ask<PersonBehind>(
      `select b.id as id, b.name as name, b.status as status, b.class_id as class_id
        from (select a.id as id, a.name as name, a.status as status, m.class_id as class_id ${piece.statement}) b
        left join school_people s on s.account_id = b.id
        order by s.surname, s.first_name, b.name, b.id
        limit ${Math.trunc(page.limit)} offset ${Math.trunc(page.offset)}`,
      piece.parameters,
    ),
  ]);
  return { count: Number(counted?.count ?? 0), people };
}

/** The classes of the pupils of these guardians at a school. */
export async function classesOfGuardians(
  db: Asked,
  schoolId: string,
  guardianIds: readonly string[],
): Promise<{ guardian_id: string; class_id: string }[]> {
  if (guardianIds.length === 0) return [];
  return db.ask(
    `select distinct g.guardian_id as guardian_id, c.class_id as class_id ${classesOfPupils}
      and g.guardian_id in ${among(db)}`,
    [schoolId, listed(db, guardianIds)],
  );
}

/** By what these people sign in. */
export async function identifiersOf(
  db: Asked,
  accountIds: readonly string[],
): Promise<{ account_id: string; key: string }[]> {
  if (accountIds.length === 0) return [];
  return db.ask(`select account_id, key from identifiers where account_id in ${among(db)}`, [
    listed(db, accountIds),
  ]);
}

// ── Locks: few, and found by when they began ─────────────────────────────────────────────────────────────────

/**
 * Whoever belongs to a place, or to a school within it, and was locked at a time. `cross join`: SQLite goes through its
 * tables in this order, PostgreSQL in the order that it likes.
 */
const lockedWithin = (kinds: readonly Kind[]) => `from journal j
    cross join memberships m cross join establishments_above b cross join accounts a
    where j.event = 'lockout.locked' and j.id >= ? and m.account_id = j.account_id and m.left_at is null
      and b.establishment_id = m.establishment_id and b.above_id = ?
      and a.id = j.account_id and a.status <> 'closed' and a.kind in (${quoted(kinds)})`;

/** How many were locked since a moment, by school and kind. */
export async function countLockedSince(
  db: Asked,
  asked: { placeId: string; kinds: readonly Kind[]; since: number },
): Promise<{ school_id: string; kind: Kind; people: number }[]> {
  const found = await db.ask<{ school_id: string; kind: Kind; people: number }>(
    `select m.establishment_id as school_id, a.kind as kind, count(distinct a.id) as people
      ${lockedWithin(asked.kinds)} group by m.establishment_id, a.kind`,
    [lowestUuidAt(asked.since), asked.placeId],
  );
  return found.map((row) => ({ ...row, people: Number(row.people) }));
}

/** Who was locked between two moments and not again since, with the identifiers by which that can be asked again. */
export async function listLockedBetween(
  db: Asked,
  asked: { placeId: string; kinds: readonly Kind[]; since: number; until: number; limit: number },
): Promise<{ school_id: string; kind: Kind; id: string; key: string }[]> {
  return db.ask(
    `select distinct f.school_id as school_id, f.kind as kind, f.id as id, i.key as key from (
        select m.establishment_id as school_id, a.kind as kind, a.id as id ${lockedWithin(asked.kinds)} and j.id < ?
          and (select 1 from journal k where k.account_id = a.id and k.at >= ? and k.event = 'lockout.locked'
            limit 1) is null
        limit ${Math.trunc(asked.limit)}
      ) f join identifiers i on i.account_id = f.id`,
    [lowestUuidAt(asked.since), asked.placeId, lowestUuidAt(asked.until), asked.until],
  );
}

// ── SMS of which the network says that they did not arrive ───────────────────────────────────────────────────

/** Whether any route says such a thing at all. */
export async function hasReceiptsSince(db: Asked, since: number): Promise<boolean> {
  const found = await db.ask("select 1 as one from message_receipts where received_at >= ? limit 1", [since]);
  return found.length > 0;
}

/** The SMS that left to people of a school since a moment. */
export async function listSmsSent(
  db: Asked,
  schoolId: string,
  since: number,
): Promise<{ id: string; account_id: string }[]> {
  return db.ask(
    `select g.id as id, g.account_id as account_id from memberships m cross join messages g
      where m.establishment_id = ? and m.left_at is null and g.account_id = m.account_id and g.queued_at >= ?
        and g.channel = 'sms' and g.status = 'sent' and g.provider_id is not null`,
    [schoolId, since],
  );
}

// ── What is kept of each school, for the page of its academy ─────────────────────────────────────────────────

export interface KeptSchool {
  id: string;
  name: string;
  code: string;
  /** JSON: figures by kind; null before they were counted. */
  figures: string | null;
  counted_at: number | null;
}

/** The open schools of an academy, with what was counted of each. */
export async function keptOf(db: Asked, academyId: string): Promise<KeptSchool[]> {
  return db.ask(
    `select e.id as id, e.name as name, e.code as code, f.figures as figures, f.counted_at as counted_at
      from establishments e left join school_figures f on f.establishment_id = e.id
      where e.parent_id = ? and e.type = 'school' and e.closed_at is null`,
    [academyId],
  );
}

/** Schools of academies that were not counted since a moment, but for some: the longest ago first. */
export async function listDue(
  db: Asked,
  { before, except, limit }: { before: number; except: readonly string[]; limit: number },
): Promise<string[]> {
  const excepted = inList("e.id", except, db);
  const found = await db.ask<{ id: string }>(
    `select e.id as id from establishments e left join school_figures f on f.establishment_id = e.id
      where e.type <> 'class' and e.type = 'school' and e.parent_id is not null and e.closed_at is null
        and (f.counted_at is null or f.counted_at < ?) and not ${excepted.statement}
      order by coalesce(f.counted_at, 0), e.id limit ${Math.trunc(limit)}`,
    [before, ...excepted.parameters],
  );
  return found.map(({ id }) => id);
}

export async function keepFigures(
  tx: Tx,
  schoolId: string,
  kept: Partial<Record<Kind, Figures>>,
  now: number,
): Promise<void> {
  const row = { figures: JSON.stringify(kept), counted_at: now };
  await of(tx)
    .insertInto("school_figures")
    .values({ establishment_id: schoolId, ...row })
    .onConflict((conflict) => conflict.column("establishment_id").doUpdateSet(row))
    .execute();
}

const of = (db: Db) => db.tables<StatisticsTables>();
