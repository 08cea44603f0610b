import { among, listed } from "../../store/many-rows.ts";
import type { Asked, Tx } from "../../store/store.ts";

/**
 * What belongs to a guardian's account beside its own contact points: memberships, links to pupils, records of
 * registries, reports. All of it goes from one account to another when they are joined, and back when that is undone:
 * then as it stands now, for what registries said meanwhile stays said. Requests for help go with them (`Moved.cases`).
 */
interface Membership {
  establishment_id: string;
  kind: string;
  class_id: string | null;
  since: number;
  left_at: number | null;
}

interface Tie {
  pupil_id: string;
  establishment_id: string;
  level: number;
  kinship: string | null;
  since: number;
  ended_at: number | null;
  denied_at: number | null;
  refused_at: number | null;
}

interface RegistryRecord {
  establishment_id: string;
  kind: string;
  record_id: string;
}

/** All that went from one account to another; `before`: where both had it, what stood there. */
export interface Moved {
  /** Establishments in which the account that stays had nothing: all that it has there came with the other. */
  came: string[];
  memberships: { row: Membership; before: Membership | null }[];
  ties: { row: Tie; before: Tie | null }[];
  records: RegistryRecord[];
  reports: string[];
  cases: string[];
}

/** What was written down; nothing of what a join kept that cannot be undone any more. */
export const readMoved = (text: string): Moved => ({
  came: [],
  memberships: [],
  ties: [],
  records: [],
  reports: [],
  cases: [],
  ...(JSON.parse(text) as Partial<Moved>),
});

/** The establishments that a join brought something of. */
export const placesIn = ({ came, memberships, ties, records }: Moved): string[] => [
  ...came,
  ...memberships.map((one) => one.row.establishment_id),
  ...ties.map((one) => one.row.establishment_id),
  ...records.map((one) => one.establishment_id),
];

/**
 * What a join moved, as it looks from the account in which it stands by now, having gone there with what further joins
 * moved (`way`): what that account had before any of it came is its own.
 */
export function seenFrom(moved: Moved, way: readonly Moved[]): Moved {
  const isSame = (one: Membership, other: Membership) => one.establishment_id === other.establishment_id;
  return {
    ...moved,
    came: moved.came.filter((id) => way.every(({ came }) => came.includes(id))),
    memberships: moved.memberships.map(({ row, before }) => ({
      row,
      before:
        before ?? firstOf(way, (one) => one.memberships.find((other) => isSame(other.row, row))?.before),
    })),
    ties: moved.ties.map(({ row, before }) => ({
      row,
      before:
        before ?? firstOf(way, (one) => one.ties.find((other) => keyOf(other.row) === keyOf(row))?.before),
    })),
  };
}

function firstOf<Row>(way: readonly Moved[], find: (one: Moved) => Row | null | undefined): Row | null {
  for (const one of way) {
    const found = find(one);
    if (found) return found;
  }
  return null;
}

/** What is left to take back once all that came of these establishments went back already. */
export const without = (moved: Moved, places: ReadonlySet<string>): Moved => ({
  ...moved,
  came: moved.came.filter((id) => !places.has(id)),
  memberships: moved.memberships.filter(({ row }) => !places.has(row.establishment_id)),
  ties: moved.ties.filter(({ row }) => !places.has(row.establishment_id)),
});

export interface Way {
  from: string;
  to: string;
}

const tieColumns = "pupil_id, establishment_id, level, kinship, since, ended_at, denied_at, refused_at";

const membershipsOf = (db: Asked, accountId: string): Promise<Membership[]> =>
  db.ask(
    `select establishment_id, kind, class_id, since, left_at from memberships where account_id = ?
      order by establishment_id`,
    [accountId],
  );

const tiesOf = (db: Asked, accountId: string): Promise<Tie[]> =>
  db.ask(
    `select ${tieColumns} from guardianships where guardian_id = ? order by establishment_id, pupil_id`,
    [accountId],
  );

const recordsOf = (db: Asked, accountId: string): Promise<(RegistryRecord & { gone_at: number | null })[]> =>
  db.ask(
    `select establishment_id, kind, record_id, gone_at from registry_records where account_id = ?
      order by establishment_id, kind, record_id`,
    [accountId],
  );

/** Every establishment that an account belongs or belonged to, or is or was known in. */
export async function placesOf(db: Asked, accountId: string): Promise<Set<string>> {
  const found = await db.ask<{ id: string }>(
    `select establishment_id as id from memberships where account_id = ?
      union select establishment_id from guardianships where guardian_id = ?
      union select establishment_id from registry_records where account_id = ?`,
    [accountId, accountId, accountId],
  );
  return new Set(found.map(({ id }) => id));
}

/** The establishments that an account belongs to now. */
export async function openPlacesOf(db: Asked, accountId: string): Promise<string[]> {
  const found = await db.ask<{ id: string }>(
    "select establishment_id as id from memberships where account_id = ? and left_at is null",
    [accountId],
  );
  return found.map(({ id }) => id);
}

const keyOf = (tie: Pick<Tie, "pupil_id" | "establishment_id">) => `${tie.pupil_id} ${tie.establishment_id}`;

/** Moves everything; answers what is to be written down. */
export async function moveAll(tx: Tx, { from, to }: Way): Promise<Moved> {
  const known = await placesOf(tx, to);
  const came = [...(await placesOf(tx, from))].filter((id) => !known.has(id)).sort();
  const moved: Moved = { came, memberships: [], ties: [], records: [], reports: [], cases: [] };

  const own = new Map((await membershipsOf(tx, to)).map((row) => [row.establishment_id, row]));
  for (const row of await membershipsOf(tx, from)) {
    const before = own.get(row.establishment_id) ?? null;
    moved.memberships.push({ row, before });
    if (before === null) await giveMembership(tx, row.establishment_id, { from, to });
    else {
      await removeMembership(tx, from, row.establishment_id);
      if (before.left_at !== null && row.left_at === null) await putMembership(tx, to, row);
    }
  }

  const ownTies = new Map((await tiesOf(tx, to)).map((row) => [keyOf(row), row]));
  for (const row of await tiesOf(tx, from)) {
    const before = ownTies.get(keyOf(row)) ?? null;
    moved.ties.push({ row, before });
    if (before === null) await giveTie(tx, row, { from, to });
    else {
      await removeTie(tx, from, row);
      await putTie(tx, to, stronger(before, row));
    }
  }

  moved.records = (await recordsOf(tx, from)).map(({ establishment_id, kind, record_id }) => ({
    establishment_id,
    kind,
    record_id,
  }));
  await tx.ask("update registry_records set account_id = ? where account_id = ?", [to, from]);
  const reports = await tx.ask<{ id: string }>(
    `update family_reports set guardian_id = ? where guardian_id = ?
      and not (decided_at is null and exists (select 1 from family_reports o where o.guardian_id = ?
        and o.pupil_id = family_reports.pupil_id and o.establishment_id = family_reports.establishment_id
        and o.decided_at is null)) returning id`,
    [to, from, to],
  );
  moved.reports = reports.map(({ id }) => id);
  await restage(
    tx,
    moved.records.map(({ establishment_id }) => establishment_id),
    { from, to },
  );
  return moved;
}

/**
 * Of two links to the same pupil: what staff refused stays refused, what the guardian denied stays denied, and what holds
 * goes before what ended.
 */
function stronger(one: Tie, other: Tie): Tie {
  const denied_at = one.denied_at ?? other.denied_at;
  if (one.refused_at !== null || other.refused_at !== null) return one.refused_at === null ? other : one;
  return { ...(one.ended_at !== null && other.ended_at === null ? other : one), denied_at };
}

/**
 * Takes back what `moved` says. `elsewhere`: establishments that other joins brought to the same account as well; there,
 * and where both accounts had something of their own, each gets back its own, and what came since is the registry's word.
 */
export async function moveBack(
  tx: Tx,
  moved: Moved,
  { from, to, since, at, elsewhere }: Way & { since: number; at: number; elsewhere: ReadonlySet<string> },
): Promise<void> {
  const whole = new Set(moved.came.filter((id) => !elsewhere.has(id)));
  const way = { from, to };
  const ids = [...whole];
  // Whatever an import that was planned before the join gave the disabled account since makes way.
  await tx.ask(
    `delete from memberships where account_id = ? and establishment_id in ${among(tx)}
      and exists (select 1 from memberships o where o.account_id = ?
        and o.establishment_id = memberships.establishment_id)`,
    [to, listed(tx, ids), from],
  );
  await tx.ask(
    `delete from guardianships where guardian_id = ? and establishment_id in ${among(tx)}
      and exists (select 1 from guardianships o where o.guardian_id = ? and o.pupil_id = guardianships.pupil_id
        and o.establishment_id = guardianships.establishment_id)`,
    [to, listed(tx, ids), from],
  );
  for (const [table, column] of [
    ["registry_records", "account_id"],
    ["memberships", "account_id"],
    ["guardianships", "guardian_id"],
  ] as const) {
    await tx.ask(
      `update ${table} set ${column} = ? where ${column} = ? and establishment_id in ${among(tx)}`,
      [to, from, listed(tx, ids)],
    );
  }
  for (const record of moved.records.filter((one) => !whole.has(one.establishment_id))) {
    await tx.ask(
      `update registry_records set account_id = ?
        where account_id = ? and establishment_id = ? and kind = ? and record_id = ?`,
      [to, from, record.establishment_id, record.kind, record.record_id],
    );
  }
  for (const one of moved.memberships) {
    const place = one.row.establishment_id;
    if (!whole.has(place)) await partMembership(tx, one, { ...way, isOthersToo: elsewhere.has(place) });
  }
  const shared = new Set(moved.records.map((one) => one.establishment_id).filter((id) => !whole.has(id)));
  for (const one of moved.ties) {
    shared.add(one.row.establishment_id);
    if (!whole.has(one.row.establishment_id)) await partTie(tx, one, { ...way, since, at });
  }
  await partNewTies(tx, moved, { ...way, since, places: [...shared].filter((id) => !whole.has(id)) });
  await tx.ask(
    `update family_reports set guardian_id = ? where guardian_id = ? and (id in ${among(tx)} or
      (establishment_id in ${among(tx)} and reported_at >= ?))`,
    [to, from, listed(tx, moved.reports), listed(tx, ids), since],
  );
  await restage(tx, [...new Set([...ids, ...moved.records.map((one) => one.establishment_id)])], way, moved);
  // Registries spoke of both as of one: what they say next is compared in full with the one whom they mean.
  await tx.ask("update registry_records set digest = '' where account_id in (?, ?)", [from, to]);
}

// ── One by one, where both accounts had something ────────────────────────────────────────────────────────────

async function partMembership(
  tx: Tx,
  { row, before }: Moved["memberships"][number],
  way: Way & { isOthersToo: boolean },
): Promise<void> {
  const { establishment_id: place } = row;
  const now = (await membershipsOf(tx, way.from)).find((one) => one.establishment_id === place);
  if (!now) return;
  if (before === null) {
    await putMembership(tx, way.to, now);
    if (!way.isOthersToo) await removeMembership(tx, way.from, place);
    return;
  }
  for (const [accountId, own] of [
    [way.to, row],
    [way.from, before],
  ] as const) {
    const records = (await recordsOf(tx, accountId)).filter((one) => one.establishment_id === place);
    const isThere = records.some(({ gone_at }) => gone_at === null);
    const goneAt =
      records.length === 0 ? now.left_at : Math.max(...records.map(({ gone_at }) => gone_at ?? 0));
    await putMembership(tx, accountId, { ...own, left_at: isThere ? null : (own.left_at ?? goneAt) });
  }
}

async function partTie(
  tx: Tx,
  { row, before }: Moved["ties"][number],
  way: Way & { since: number; at: number },
): Promise<void> {
  const now = (await tiesOf(tx, way.from)).find((one) => keyOf(one) === keyOf(row));
  if (!now) return;
  if (before === null) {
    await putTie(tx, way.to, now);
    return removeTie(tx, way.from, row);
  }
  for (const [accountId, own] of [
    [way.to, row],
    [way.from, before],
  ] as const) {
    // Of whom a registry of the school has a record, its word counts; of others, what stood before.
    const records = (await recordsOf(tx, accountId)).filter(
      (one) => one.establishment_id === row.establishment_id,
    );
    const holds = records.length > 0 ? await isSaid(tx, accountId, row) : own.ended_at === null;
    const refused_at = now.refused_at ?? own.refused_at;
    const ended_at = holds && refused_at === null ? now.ended_at : (own.ended_at ?? now.ended_at ?? way.at);
    // What one of the two denied, that one denies again unless it was answered; what was denied since, the one that stays.
    const isNew = accountId === way.from && now.denied_at !== null && now.denied_at > way.since;
    const denied_at = now.denied_at === null ? null : (own.denied_at ?? (isNew ? now.denied_at : null));
    await putTie(tx, accountId, { ...own, denied_at, refused_at, ended_at });
  }
}

/** Links that registries made while the accounts were one, in schools of both: to whom its records say. */
async function partNewTies(
  tx: Tx,
  moved: Moved,
  { from, to, since, places }: Way & { since: number; places: string[] },
): Promise<void> {
  const own = new Set(moved.ties.map(({ row }) => keyOf(row)));
  const fresh = (await tiesOf(tx, from)).filter(
    (tie) => places.includes(tie.establishment_id) && tie.since >= since && !own.has(keyOf(tie)),
  );
  for (const tie of fresh) {
    if (!(await isSaid(tx, to, tie))) continue;
    if (!(await isSaid(tx, from, tie))) await removeTie(tx, from, tie);
    await putTie(tx, to, tie);
  }
}

/** Whether a registry says it now, of a record of this very account. */
async function isSaid(db: Asked, guardianId: string, tie: Tie): Promise<boolean> {
  const found = await db.ask(
    `select 1 as one from registry_links k
      join registry_records g on g.establishment_id = k.establishment_id and g.kind = 'guardian'
        and g.record_id = k.guardian_record_id and g.gone_at is null
      join registry_records p on p.establishment_id = k.establishment_id and p.kind = 'pupil'
        and p.record_id = k.pupil_record_id and p.gone_at is null
      where k.establishment_id = ? and g.account_id = ? and p.account_id = ? limit 1`,
    [tie.establishment_id, guardianId, tie.pupil_id],
  );
  return found.length > 0;
}

async function giveMembership(tx: Tx, place: string, { from, to }: Way): Promise<void> {
  await tx.ask("update memberships set account_id = ? where account_id = ? and establishment_id = ?", [
    to,
    from,
    place,
  ]);
}

async function removeMembership(tx: Tx, accountId: string, place: string): Promise<void> {
  await tx.ask("delete from memberships where account_id = ? and establishment_id = ?", [accountId, place]);
}

async function putMembership(tx: Tx, accountId: string, row: Membership): Promise<void> {
  await tx.ask(
    `insert into memberships (account_id, establishment_id, kind, class_id, since, left_at) values (?, ?, ?, ?, ?, ?)
      on conflict (account_id, establishment_id) do update set kind = excluded.kind, class_id = excluded.class_id,
        since = excluded.since, left_at = excluded.left_at`,
    [accountId, row.establishment_id, row.kind, row.class_id, row.since, row.left_at],
  );
}

async function giveTie(tx: Tx, tie: Tie, { from, to }: Way): Promise<void> {
  await tx.ask(
    "update guardianships set guardian_id = ? where guardian_id = ? and pupil_id = ? and establishment_id = ?",
    [to, from, tie.pupil_id, tie.establishment_id],
  );
}

async function removeTie(tx: Tx, guardianId: string, tie: Tie): Promise<void> {
  await tx.ask("delete from guardianships where guardian_id = ? and pupil_id = ? and establishment_id = ?", [
    guardianId,
    tie.pupil_id,
    tie.establishment_id,
  ]);
}

async function putTie(tx: Tx, guardianId: string, tie: Tie): Promise<void> {
  await tx.ask(
    `insert into guardianships (guardian_id, ${tieColumns}) values (?, ?, ?, ?, ?, ?, ?, ?, ?)
      on conflict (guardian_id, pupil_id, establishment_id) do update set level = excluded.level,
        kinship = excluded.kinship, since = excluded.since, ended_at = excluded.ended_at,
        denied_at = excluded.denied_at, refused_at = excluded.refused_at`,
    [
      guardianId,
      tie.pupil_id,
      tie.establishment_id,
      tie.level,
      tie.kinship,
      tie.since,
      tie.ended_at,
      tie.denied_at,
      tie.refused_at,
    ],
  );
}

/**
 * An import that was read and is not applied yet names accounts: from now on the other one. `only`: where both accounts
 * had records, those of these records alone.
 */
async function restage(tx: Tx, places: readonly string[], { from, to }: Way, only?: Moved): Promise<void> {
  const of = [...new Set(places)];
  if (of.length === 0) return;
  const shared = of.filter((id) => only !== undefined && !only.came.includes(id));
  const records = only?.records.filter(({ establishment_id }) => shared.includes(establishment_id)) ?? [];
  const waiting = `kind = 'guardian' and account_id = ?
    and import_id in (select id from imports where status in ('reading', 'ready', 'applying'))`;
  await tx.ask(
    `update import_people set account_id = ? where ${waiting} and establishment_id in ${among(tx)}`,
    [to, from, listed(tx, only === undefined ? of : of.filter((id) => !shared.includes(id)))],
  );
  for (const { establishment_id, record_id } of records) {
    await tx.ask(
      `update import_people set account_id = ? where ${waiting} and establishment_id = ? and record_id = ?`,
      [to, from, establishment_id, record_id],
    );
  }
}
