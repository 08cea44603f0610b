import type { Clock } from "../../kernel/clock.ts";
import type { Asked, Store, Tx } from "../../store/store.ts";
import { foldWords } from "../../store/words.ts";
import { closedByRegistry } from "./closings.store.ts";
import { type Change, compare, digestOf, type PersonData } from "./compare.ts";
import { type Facts, type FactsDeps, readFacts } from "./facts.ts";
import {
  beforeEveryLink,
  type ComparedLink,
  type ComparedRow,
  compareLinks,
  comparePeople,
  countPeople,
  deleteLink,
  findDetails,
  findStaged,
  hasRefused,
  insertLinks,
  insertPeople,
  type LinkKey,
  linksOfGuardians,
  listNamedLinks,
  listPeople,
  listStrayClasses,
  markSame,
  type PersonAction,
  type PersonRow,
  type Place,
  replaceLinks,
  replacePeople,
  tellPlanner,
} from "./import-rows.store.ts";
import { schoolsOf } from "./imports.store.ts";
import { nameKey } from "./read/details.ts";
import {
  findBorn,
  findRecords,
  guardiansOfPupils,
  hasRecords,
  listLinksNotStaged,
  listNotStaged,
  listPupilNames,
  namesOfRecords,
  type RegistryLinkRow,
  recordsOfAccounts,
  settle,
} from "./registry.store.ts";
import { unreadIn } from "./staging.ts";

/** How many people, and links between them, of each action. */
export interface Counts {
  pupil: Record<PersonAction, number>;
  guardian: Record<PersonAction, number>;
  links: { new: number; changed: number; same: number; gone: number; unmatched: number };
  /** Lines refused, and lines of which something was left out. */
  refused: number;
  noted: number;
  /** People who proved another address or number than the registry's. */
  conflicts: number;
  /** Pupils of whom a class is given, and who are not among the pupils. */
  strayClasses: number;
  /** Of the schools from which so many would be gone that the files are rather not whole: the one that loses most. */
  losesMany: Loss | null;
}

export interface Loss {
  /** Its name. */
  school: string;
  /** People of one kind, of those who are known there. */
  gone: number;
  known: number;
  /** Lines were refused of which nobody can say whose they are: perhaps of those who would be gone. */
  hasUnread: boolean;
}

export const noPeople = (): Record<PersonAction, number> => ({
  new: 0,
  changed: 0,
  moved: 0,
  returned: 0,
  same: 0,
  gone: 0,
});

export const noCounts = (): Counts => ({
  pupil: noPeople(),
  guardian: noPeople(),
  links: { new: 0, changed: 0, same: 0, gone: 0, unmatched: 0 },
  refused: 0,
  noted: 0,
  conflicts: 0,
  strayClasses: 0,
  losesMany: null,
});

export interface PlanDeps extends FactsDeps {
  store: Store;
  clock: Clock;
}

const rowsAtOnce = 1000;
/** Of people who differ, and are compared in full. */
const strayAtMost = 1000;
/**
 * Of people of one kind in one school. Those who leave it in summer are a quarter or a third, which a small school may
 * lose at any time: there it takes more than half, and more than a family.
 */
const losesManyFrom = [
  { people: 25, share: 0.3 },
  { people: 4, share: 0.5 },
];

/**
 * Says of every row of an import what would be done with it. Digests are compared first, some thousand at once: what a
 * registry says as it said it the last time is looked at no further.
 */
export async function planImport(
  deps: PlanDeps,
  asked: { importId: string; hasDetails: boolean; listsLinks: boolean; unread: ReadonlySet<string> },
): Promise<Counts> {
  const { store } = deps;
  const counts = noCounts();
  const losses: LossOf[] = [];
  const isUnread = (place: Place, what: Place["kind"] | "links") =>
    asked.unread.has(unreadIn(place.establishment_id, what)) || asked.unread.has(unreadIn(null, what));
  const lose = (place: Place, { gone, known, hasUnread }: Omit<LossOf, "schoolId">) => {
    const isMany = losesManyFrom.some(({ people, share }) => gone > people && gone > known * share);
    if (isMany || hasUnread) losses.push({ schoolId: place.establishment_id, gone, known, hasUnread });
  };
  await store.transactLightly(tellPlanner);
  const listed = await schoolsOf(store, [asked.importId]);
  const places = listed.map(({ establishment_id, kind }) => ({
    import_id: asked.importId,
    establishment_id,
    kind,
  }));
  const establishments = [...new Set(places.map((place) => place.establishment_id))];
  if (asked.hasDetails) {
    for (const place of places) await mergeDetails(deps, place);
    counts.strayClasses = (await listStrayClasses(store, asked.importId, strayAtMost)).length;
  }
  if (asked.listsLinks) {
    const pupils = establishments.map(
      (id): Place => ({ import_id: asked.importId, establishment_id: id, kind: "pupil" }),
    );
    const uncertain = pupils.filter((place) => isUnread(place, "pupil"));
    await resolveNames(deps, pupils, new Set(uncertain));
  }
  // Pupils before guardians, who may be known by their pupils.
  for (const kind of ["pupil", "guardian"] as const) {
    for (const place of places.filter((one) => one.kind === kind)) {
      const { gone, known } = await planPlace(deps, place, counts);
      lose(place, { gone, known, hasUnread: gone > 0 && isUnread(place, kind) });
    }
  }
  if (asked.listsLinks) {
    await planLinks(deps, asked.importId, counts);
    for (const place of places.filter(({ kind }) => kind === "guardian")) {
      const gone = await planGoneLinks(deps, place, counts);
      const hasUnread = gone > 0 && (isUnread(place, "links") || isUnread(place, "guardian"));
      lose(place, { gone: 0, known: 0, hasUnread });
    }
  }
  const [worst] = losses.sort((a, b) => shareOf(b) - shareOf(a));
  counts.losesMany = worst ? await named(deps, worst) : null;
  return counts;
}

type LossOf = Omit<Loss, "school"> & { schoolId: string };

const shareOf = ({ gone, known }: LossOf) => gone / Math.max(known, 1);

async function named({ store, schools }: PlanDeps, { schoolId, ...loss }: LossOf): Promise<Loss> {
  const found = await schools.findMany(store, [schoolId]);
  return { school: found.get(schoolId)?.name ?? "", ...loss };
}

/** Puts what stands elsewhere in a file to the person it is about. */
async function mergeDetails({ store }: PlanDeps, place: Place): Promise<void> {
  for (let after = ""; ; ) {
    const rows = await listPeople(store, place, { after, limit: rowsAtOnce });
    if (rows.length === 0) return;
    const merged: PersonRow[] = [];
    for (const file of new Set(rows.map((row) => row.file))) {
      const ofFile = rows.filter((row) => row.file === file);
      const find = (kind: "class" | "address", refs: string[]) =>
        findDetails(store, { importId: place.import_id, kind, file, refs });
      const classes =
        place.kind === "pupil"
          ? await find(
              "class",
              ofFile.map((row) => row.record_id),
            )
          : new Map();
      const addresses = await find(
        "address",
        ofFile.flatMap(({ address_id: id }) => id ?? []),
      );
      for (const row of ofFile) {
        const inClass = classes.get(row.record_id);
        const address = row.address_id === null ? undefined : addresses.get(row.address_id);
        if (inClass === undefined && address === undefined) continue;
        const data = JSON.parse(row.data) as PersonData;
        if (inClass !== undefined) {
          const { code, name } = JSON.parse(inClass) as { code: string; name: string };
          data.classCode = code;
          data.className = name;
        }
        if (address !== undefined) data.postal = JSON.parse(address);
        merged.push({ ...row, data: JSON.stringify(data), digest: digestOf(data) });
      }
    }
    await store.transactLightly((tx) => replacePeople(tx, merged));
    after = rows.at(-1)?.record_id ?? "";
  }
}

/** Finds the pupils whom a file names without a number. Of two who are named alike, neither is found. */
async function resolveNames(
  { store }: PlanDeps,
  places: Place[],
  uncertain: ReadonlySet<Place>,
): Promise<void> {
  const importId = places[0]?.import_id ?? "";
  let named = await listNamedLinks(store, importId, beforeEveryLink, rowsAtOnce);
  if (named.length === 0) return;
  const pupils = new Map<string, Map<string, string | null>>();
  for (const place of places) {
    const isWhole = !uncertain.has(place) && !(await hasRefused(store, place));
    pupils.set(place.establishment_id, await pupilsByName(store, { place, isWhole }, place.establishment_id));
  }
  while (named.length > 0) {
    const found = named.flatMap((link) => {
      const recordId = pupils.get(link.establishment_id)?.get(link.pupil_record_id);
      return recordId ? [{ link, recordId }] : [];
    });
    await store.transactLightly(async (tx) => {
      for (const { link } of found) await deleteLink(tx, importId, link);
      await insertLinks(
        tx,
        found.map(({ link, recordId }) => ({ ...link, pupil_record_id: recordId })),
      );
    });
    named = await listNamedLinks(store, importId, named.at(-1) as LinkKey, rowsAtOnce);
  }
}

/**
 * By `nameKey`; null where two pupils are called so. One school's: some hundred. `staged`: as an import has them, and
 * whether every line could be read.
 */
export async function pupilsByName(
  store: Asked,
  staged: { place: Place; isWhole: boolean } | null,
  establishmentId: string,
): Promise<Map<string, string | null>> {
  const byName = new Map<string, string | null>();
  const add = (recordId: string, surname: string, firstName: string) => {
    const key = nameKey(surname, firstName);
    const other = byName.get(key);
    byName.set(key, other === undefined || other === recordId ? recordId : null);
  };
  if (staged !== null) {
    for (let after = ""; ; ) {
      const rows = await listPeople(store, staged.place, { after, limit: rowsAtOnce });
      for (const row of rows) {
        const data = JSON.parse(row.data) as PersonData;
        add(row.record_id, data.surname, data.firstName);
      }
      if (rows.length < rowsAtOnce) break;
      after = rows.at(-1)?.record_id ?? "";
    }
    // The file lists the pupils too: who is not in it is not meant, unless it has lines that nobody can read.
    if (byName.size > 0 && staged.isWhole) return byName;
  }
  for (let after = ""; ; ) {
    const rows = await listPupilNames(store, establishmentId, after, rowsAtOnce);
    for (const row of rows) add(row.record_id, row.surname, row.first_name);
    if (rows.length < rowsAtOnce) return byName;
    after = rows.at(-1)?.record_id ?? "";
  }
}

/** Answers how many of those who were known there are found no more. */
async function planPlace(
  deps: PlanDeps,
  place: Place,
  counts: Counts,
): Promise<{ gone: number; known: number }> {
  const { store } = deps;
  const of = counts[place.kind];
  const isKnown = await hasRecords(store, place);
  if (!isKnown) {
    of.new += await countPeople(store, place);
    return { gone: 0, known: 0 };
  }
  const taken = new Set<string>();
  for (let after = ""; ; ) {
    const rows = await comparePeople(store, place, { after, limit: rowsAtOnce });
    if (rows.length === 0) break;
    after = rows.at(-1)?.record_id ?? "";
    const closed = await closedByRegistry(
      store,
      rows.flatMap((row) => (row.account_status === "closed" && row.account_id ? [row.account_id] : [])),
    );
    const isSame = (row: ComparedRow) =>
      row.known_digest === row.digest && row.gone_at === null && !closed.has(row.account_id ?? "");
    const same = rows.filter(isSame);
    const others = rows.filter((row) => !isSame(row));
    const isGone = new Set(others.filter((row) => row.gone_at !== null).map((row) => row.record_id));
    const accounts = new Map(
      others.flatMap((row) => (row.account_id ? [[row.record_id, row.account_id]] : [])),
    );
    const staged = [
      ...(
        await findStaged(
          store,
          place,
          others.map((row) => row.record_id),
        )
      ).values(),
    ];
    const unknown = staged.filter((row) => !accounts.has(row.record_id));
    const met = await matchAnew(deps, place, unknown, taken);
    for (const [recordId, accountId] of met) accounts.set(recordId, accountId);
    const facts = await readFacts(store, deps, {
      establishmentId: place.establishment_id,
      accountIds: [...accounts.values()],
      now: deps.clock.now(),
    });
    const planned = staged.flatMap((row): (PersonRow & { action: PersonAction })[] => {
      const accountId = accounts.get(row.record_id);
      const known = accountId === undefined ? undefined : facts.get(accountId);
      if (!known || isForgotten(known)) return [];
      const { changes } = compare(JSON.parse(row.data) as PersonData, known);
      if (met.has(row.record_id)) changes.push("record");
      const isBack = isGone.has(row.record_id) || closed.has(known.accountId);
      const action = actionOf(changes, known, isBack);
      if (changes.some((change) => change.endsWith("-conflict"))) counts.conflicts++;
      return [{ ...row, action, account_id: known.accountId, changes: JSON.stringify(changes) }];
    });
    for (const row of planned) of[row.action]++;
    const before = new Map(others.map((row) => [row.record_id, row.known_digest]));
    const alike = planned
      .filter(({ action }) => action === "same")
      .map(({ record_id }) => ({ record_id, before: before.get(record_id) ?? "" }));
    of.new += staged.length - planned.length;
    of.same += same.length;
    await store.transactLightly(async (tx) => {
      await markSame(
        tx,
        place,
        same.map((row) => row.record_id),
      );
      await replacePeople(tx, planned);
      await settle(tx, place.import_id, place, alike);
    });
  }
  return planGone(deps, place, counts, taken);
}

/** Closed for so long that nothing of the person is left: they begin anew. */
export const isForgotten = (known: Facts): boolean => known.account.name === "";

function actionOf(changes: Change[], known: Facts, isBack: boolean): PersonAction {
  if (isBack || known.membership === null || known.membership.left_at !== null) return "returned";
  if (changes.includes("class")) return "moved";
  return changes.length > 0 ? "changed" : "same";
}

/**
 * People whose number the registry changed, or who come from another registry: a pupil of the same name born on the
 * same day, a guardian of the same name who answers for the same pupil; always in the same school, and only where nobody
 * else fits. Answers accounts by record.
 */
async function matchAnew(
  deps: PlanDeps,
  place: Place,
  rows: PersonRow[],
  taken: Set<string>,
): Promise<Map<string, string>> {
  const candidates =
    place.kind === "pupil" ? await bornAlike(deps, place, rows) : await answeringAlike(deps, place, rows);
  const accountIds = [...new Set([...candidates.values()].flatMap((found) => [...found]))];
  const records = await recordsOfAccounts(deps.store, place, accountIds);
  const staged = await findStaged(
    deps.store,
    place,
    records.map((record) => record.record_id),
  );
  // Whoever stands in the file under their own number is nobody else.
  const present = new Set(
    records.filter((record) => staged.has(record.record_id)).map((record) => record.account_id),
  );
  const claims = new Map<string, number>();
  for (const found of candidates.values()) {
    for (const id of found) claims.set(id, (claims.get(id) ?? 0) + 1);
  }
  const met = new Map<string, string>();
  for (const [recordId, found] of candidates) {
    const free = [...found].filter((id) => !present.has(id) && !taken.has(id));
    const [only] = free;
    if (only === undefined || free.length > 1 || claims.get(only) !== 1) continue;
    taken.add(only);
    met.set(recordId, only);
  }
  return met;
}

const folded = (surname: string, firstName: string) =>
  `${foldWords(surname).join(" ")}|${foldWords(firstName).join(" ")}`;

async function bornAlike(deps: PlanDeps, place: Place, rows: PersonRow[]): Promise<Map<string, Set<string>>> {
  const said = rows.map((row) => ({ row, data: JSON.parse(row.data) as PersonData }));
  const days = [...new Set(said.flatMap(({ data }) => data.birthDate ?? []))];
  const born = new Map<string, Set<string>>();
  for (const one of await findBorn(deps.store, place, days)) {
    const key = `${folded(one.surname, one.first_name)}|${one.birth_date}`;
    born.set(key, (born.get(key) ?? new Set()).add(one.account_id));
  }
  return new Map(
    said.flatMap(({ row, data }) => {
      const found = born.get(`${folded(data.surname, data.firstName)}|${data.birthDate}`);
      return found ? [[row.record_id, found] as const] : [];
    }),
  );
}

async function answeringAlike(
  deps: PlanDeps,
  place: Place,
  rows: PersonRow[],
): Promise<Map<string, Set<string>>> {
  if (rows.length === 0) return new Map();
  const links = await linksOfGuardians(
    deps.store,
    place,
    rows.map((row) => row.record_id),
  );
  const recordIds = [...new Set(links.map((link) => link.pupil_record_id))];
  const pupilsPlace: Place = { ...place, kind: "pupil" };
  // Known by the same number, or found anew in this very import.
  const known = await findRecords(deps.store, pupilsPlace, recordIds);
  const staged = await findStaged(deps.store, pupilsPlace, recordIds);
  const pupilOf = (recordId: string) =>
    known.get(recordId)?.account_id ?? staged.get(recordId)?.account_id ?? null;
  const guardians = await guardiansOfPupils(deps.store, place.establishment_id, [
    ...new Set(recordIds.flatMap((recordId) => pupilOf(recordId) ?? [])),
  ]);
  const candidates = new Map<string, Set<string>>();
  for (const row of rows) {
    const data = JSON.parse(row.data) as PersonData;
    const pupils = new Set(
      links
        .filter((link) => link.guardian_record_id === row.record_id)
        .map((link) => pupilOf(link.pupil_record_id)),
    );
    const found = guardians.filter(
      (one) =>
        pupils.has(one.pupil_id) &&
        folded(one.surname, one.first_name) === folded(data.surname, data.firstName),
    );
    if (found.length > 0) candidates.set(row.record_id, new Set(found.map((one) => one.guardian_id)));
  }
  return candidates;
}

/** Whom the registry had the last time and has not any more. `taken`: who is there under another number. */
async function planGone(
  deps: PlanDeps,
  place: Place,
  counts: Counts,
  taken: ReadonlySet<string>,
): Promise<{ gone: number; known: number }> {
  const { store } = deps;
  const all = { gone: 0, known: 0 };
  for (let after = ""; ; ) {
    const rows = await listNotStaged(store, place.import_id, place, after, rowsAtOnce);
    if (rows.length === 0) return all;
    after = rows.at(-1)?.record_id ?? "";
    const gone = rows.filter((row) => !row.is_staged);
    counts[place.kind].gone += gone.length;
    all.gone += gone.filter((row) => !taken.has(row.account_id)).length;
    all.known += rows.length;
    await store.transactLightly((tx) =>
      insertPeople(
        tx,
        gone.map((row) => goneRow(place, row)),
      ),
    );
  }
}

const goneRow = (place: Place, row: { record_id: string; account_id: string }): PersonRow => ({
  import_id: place.import_id,
  establishment_id: place.establishment_id,
  kind: place.kind,
  record_id: row.record_id,
  file: 0,
  line: 0,
  data: "{}",
  digest: "",
  address_id: null,
  action: "gone",
  account_id: row.account_id,
  changes: null,
});

async function planLinks({ store }: PlanDeps, importId: string, counts: Counts): Promise<void> {
  for (let after: LinkKey = beforeEveryLink; ; ) {
    const rows = await compareLinks(store, importId, after, rowsAtOnce);
    if (rows.length === 0) return;
    after = rows.at(-1) as LinkKey;
    const planned = rows.map((row) => ({ ...row, action: linkAction(row) }));
    for (const { action } of planned) counts.links[action]++;
    await store.transactLightly((tx) =>
      replaceLinks(
        tx,
        planned.filter(({ action }) => action !== "new"),
      ),
    );
  }
}

function linkAction(row: ComparedLink): "new" | "changed" | "same" | "unmatched" {
  if (!row.is_pupil_known || !row.is_guardian_known) return "unmatched";
  if (row.known_level === null) return "new";
  const isSame = row.known_level === row.level && row.known_kinship === row.kinship && row.known_tied === 1;
  return isSame ? "same" : "changed";
}

/** Ties that the registry had the last time and has not any more; answers how many. */
async function planGoneLinks({ store }: PlanDeps, place: Place, counts: Counts): Promise<number> {
  let after = { guardian_record_id: "", pupil_record_id: "" };
  let all = 0;
  for (;;) {
    const rows = await listLinksNotStaged(store, place.import_id, place.establishment_id, after, rowsAtOnce);
    if (rows.length === 0) return all;
    after = rows.at(-1) as typeof after;
    const missing = rows.filter((row) => !row.is_staged);
    const gone = await withoutUncertain(store, place, missing);
    counts.links.gone += gone.length;
    all += gone.length;
    await store.transactLightly((tx: Tx) =>
      insertLinks(
        tx,
        gone.map((row) => ({
          import_id: place.import_id,
          establishment_id: row.establishment_id,
          guardian_record_id: row.guardian_record_id,
          pupil_record_id: row.pupil_record_id,
          file: 0,
          line: 0,
          level: row.level,
          kinship: row.kinship,
          action: "gone",
        })),
      ),
    );
  }
}

/**
 * Leaves out ties of guardians whose line was refused, and ties that the files may say: a pupil whom they only name, and
 * who is not the only one called so.
 */
async function withoutUncertain(
  store: Store,
  place: Place,
  ties: RegistryLinkRow[],
): Promise<RegistryLinkRow[]> {
  if (ties.length === 0) return ties;
  const guardians = [...new Set(ties.map((tie) => tie.guardian_record_id))];
  const staged = await linksOfGuardians(store, place, guardians);
  const refused = new Set(
    staged.filter(({ action }) => action === "refused").map((link) => link.guardian_record_id),
  );
  const named = new Set(staged.map((link) => `${link.guardian_record_id} ${link.pupil_record_id}`));
  const pupils = await namesOfRecords(store, { ...place, kind: "pupil" }, [
    ...new Set(ties.map((tie) => tie.pupil_record_id)),
  ]);
  const keys = new Map(pupils.map((one) => [one.record_id, nameKey(one.surname, one.first_name)]));
  return ties.filter(
    ({ guardian_record_id: guardian, pupil_record_id: pupil }) =>
      !refused.has(guardian) && !named.has(`${guardian} ${keys.get(pupil)}`),
  );
}
