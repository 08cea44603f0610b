import type { Clock } from "../../kernel/clock.ts";
import type { Asked, Store, Tx } from "../../store/store.ts";
import { foldWords } from "../../store/words.ts";
import { type Change, compare, digestOf, type PersonData } from "./compare.ts";
import { type Facts, type FactsDeps, readFacts } from "./facts.ts";
import {
  beforeEveryLink,
  type ComparedLink,
  compareLinks,
  comparePeople,
  countPeople,
  deleteLink,
  findDetails,
  findStaged,
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
  recordsOfAccounts,
} from "./registry.store.ts";

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
});

export interface PlanDeps extends FactsDeps {
  store: Store;
  clock: Clock;
}

const rowsAtOnce = 1000;
/** Of people who differ, and are compared in full. */
const strayAtMost = 1000;

/**
 * Says of every row of an import what would be done with it. Digests are compared first, some thousand at once: what a
 * registry says as it said it the last time is looked at no further.
 */
export async function planImport(
  deps: PlanDeps,
  asked: { importId: string; hasDetails: boolean; listsLinks: boolean },
): Promise<Counts> {
  const { store } = deps;
  const counts = noCounts();
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
  if (asked.listsLinks) await resolveNames(deps, asked.importId, establishments);
  // Pupils before guardians, who may be known by their pupils.
  for (const kind of ["pupil", "guardian"] as const) {
    for (const place of places.filter((one) => one.kind === kind)) {
      await planPlace(deps, place, counts);
    }
  }
  if (asked.listsLinks) {
    await planLinks(deps, asked.importId, counts);
    for (const place of places.filter(({ kind }) => kind === "guardian")) {
      await planGoneLinks(deps, place, counts);
    }
  }
  return counts;
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
async function resolveNames({ store }: PlanDeps, importId: string, establishments: string[]): Promise<void> {
  let named = await listNamedLinks(store, importId, beforeEveryLink, rowsAtOnce);
  if (named.length === 0) return;
  const pupils = new Map<string, Map<string, string | null>>();
  for (const id of establishments) pupils.set(id, await pupilsByName(store, importId, id));
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

/** By `nameKey`; null where two pupils are called so. One school's: some hundred. */
export async function pupilsByName(
  store: Asked,
  importId: string | null,
  establishmentId: string,
): Promise<Map<string, string | null>> {
  const byName = new Map<string, string | null>();
  const add = (recordId: string, surname: string, firstName: string) => {
    const key = nameKey(surname, firstName);
    const other = byName.get(key);
    byName.set(key, other === undefined || other === recordId ? recordId : null);
  };
  if (importId !== null) {
    const place: Place = { import_id: importId, establishment_id: establishmentId, kind: "pupil" };
    for (let after = ""; ; ) {
      const rows = await listPeople(store, place, { after, limit: rowsAtOnce });
      for (const row of rows) {
        const data = JSON.parse(row.data) as PersonData;
        add(row.record_id, data.surname, data.firstName);
      }
      if (rows.length < rowsAtOnce) break;
      after = rows.at(-1)?.record_id ?? "";
    }
    // The file lists the pupils too: who is not in it is not meant.
    if (byName.size > 0) return byName;
  }
  for (let after = ""; ; ) {
    const rows = await listPupilNames(store, establishmentId, after, rowsAtOnce);
    for (const row of rows) add(row.record_id, row.surname, row.first_name);
    if (rows.length < rowsAtOnce) return byName;
    after = rows.at(-1)?.record_id ?? "";
  }
}

async function planPlace(deps: PlanDeps, place: Place, counts: Counts): Promise<void> {
  const { store } = deps;
  const of = counts[place.kind];
  const isKnown = await hasRecords(store, place);
  if (!isKnown) {
    of.new += await countPeople(store, place);
    return;
  }
  const taken = new Set<string>();
  for (let after = ""; ; ) {
    const rows = await comparePeople(store, place, { after, limit: rowsAtOnce });
    if (rows.length === 0) break;
    after = rows.at(-1)?.record_id ?? "";
    const same = rows.filter((row) => row.known_digest === row.digest && row.gone_at === null);
    const others = rows.filter((row) => !(row.known_digest === row.digest && row.gone_at === null));
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
    const planned = staged.flatMap((row): PersonRow[] => {
      const accountId = accounts.get(row.record_id);
      const known = accountId === undefined ? undefined : facts.get(accountId);
      if (!known || isForgotten(known)) return [];
      const { changes } = compare(JSON.parse(row.data) as PersonData, known);
      if (met.has(row.record_id)) changes.push("record");
      const action = actionOf(changes, known, isGone.has(row.record_id));
      if (changes.some((change) => change.endsWith("-conflict"))) counts.conflicts++;
      return [{ ...row, action, account_id: known.accountId, changes: JSON.stringify(changes) }];
    });
    for (const row of planned) of[row.action]++;
    of.new += staged.length - planned.length;
    of.same += same.length;
    await store.transactLightly(async (tx) => {
      await markSame(
        tx,
        place,
        same.map((row) => row.record_id),
      );
      await replacePeople(tx, planned);
    });
  }
  await planGone(deps, place, counts);
}

/** Closed for so long that nothing of the person is left: they begin anew. */
export const isForgotten = (known: Facts): boolean => known.account.name === "";

function actionOf(changes: Change[], known: Facts, isGone: boolean): PersonAction {
  if (isGone || known.membership === null || known.membership.left_at !== null) return "returned";
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

/** Whom the registry had the last time and has not any more. */
async function planGone(deps: PlanDeps, place: Place, counts: Counts): Promise<void> {
  const { store } = deps;
  for (let after = ""; ; ) {
    const rows = await listNotStaged(store, place.import_id, place, after, rowsAtOnce);
    if (rows.length === 0) return;
    after = rows.at(-1)?.record_id ?? "";
    const gone = rows.filter((row) => !row.is_staged);
    counts[place.kind].gone += gone.length;
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

/** Ties that the registry had the last time and has not any more. */
async function planGoneLinks({ store }: PlanDeps, place: Place, counts: Counts): Promise<void> {
  let after = { guardian_record_id: "", pupil_record_id: "" };
  for (;;) {
    const rows = await listLinksNotStaged(store, place.import_id, place.establishment_id, after, rowsAtOnce);
    if (rows.length === 0) return;
    after = rows.at(-1) as typeof after;
    const gone = rows.filter((row) => !row.is_staged);
    counts.links.gone += gone.length;
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
