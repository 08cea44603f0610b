import type { Kind, Preset } from "../../config/preset.ts";
import type { Actor, Journal } from "../../journal/journal.ts";
import type { Caller, Staff } from "../../kernel/caller.ts";
import type { Clock } from "../../kernel/clock.ts";
import type { Ids } from "../../kernel/ids.ts";
import { done, type Outcome, refused } from "../../kernel/outcome.ts";
import { oneAtATime } from "../../store/abilities.ts";
import type { Signals } from "../../store/signals.ts";
import type { Asked, Db, Store, Tx } from "../../store/store.ts";
import { foldWords } from "../../store/words.ts";
import { parseCode } from "./establishment-codes.ts";
import {
  type EstablishmentDetails,
  emptyDetails,
  parseAddresses,
  parseEmail,
  parseName,
  parsePhone,
  parsePostal,
  parseTimezone,
  type Read,
  type RelayDetails,
  readDetails,
  writeDetails,
} from "./establishment-details.ts";
import * as lists from "./establishment-lists.store.ts";
import * as rows from "./establishments.store.ts";
import { networksChanged } from "./networks.ts";
import type { OpeningHours } from "./opening-hours.ts";
import { openSchoolsOf } from "./places.store.ts";

/**
 * Establishments: academies, their schools, the schools' classes. Where staff rights end, whose time zone and opening
 * hours count, and which network addresses are a whole school's.
 *
 * Tables: establishments, establishments_above, establishment_words; memberships and school_people, which imports and
 * families fill. Settings: relays, LOQUET_TIMEZONE, slowedAddresses.
 * Refusals: establishments.code.*, .name.*, .parent.*, .timezone.*, .postal.*, .phone.*, .email.*, .addresses.*,
 * .close.not-empty, .reopen.above-closed. Events: establishments.added, .changed, .closed, .reopened, .loaded.
 */

/** Inside which establishments a member of staff may see and act; null: everywhere. */
export type Walls = readonly string[] | null;

export interface Establishment {
  id: string;
  parentId: string | null;
  type: rows.EstablishmentType;
  code: string;
  name: string;
  /** Null: that of what stands above. */
  timezone: string | null;
  details: EstablishmentDetails;
  closedAt: number | null;
}

/** A relay as it is at one establishment. */
export interface RelayHere {
  id: string;
  hours: OpeningHours;
  closedOn: readonly string[];
  /** By language. */
  lines: Record<string, string[]>;
  /** What this establishment itself says; what it does not say comes from above, at last from the preset. */
  own: RelayDetails;
}

export interface EstablishmentSeen {
  establishment: Establishment;
  /** What stands above, the top first; `isInside`: the visitor may open it. */
  above: { id: string; name: string; code: string; isInside: boolean }[];
  /** The zone that counts here. */
  timezone: string;
  /** What stands right below, with its number of pupils (a class) or of open establishments below it. */
  below: { establishment: Establishment; count: number }[];
  hasMoreBelow: boolean;
  /** How many people belong here, or to what lies within. */
  people: Partial<Record<Kind, number>>;
  relays: RelayHere[];
  workers: { accountId: string; name: string; roles: string[] }[];
  hasMoreWorkers: boolean;
}

export interface FieldRefusal {
  field: string;
  refusal: string;
}

/** As it was typed. Only the first two are asked of a class. */
export interface EstablishmentForm {
  code: string;
  name: string;
  /** Code of the academy of a school. */
  parent: string;
  timezone: string;
  /** Lines. */
  postal: string;
  phone: string;
  email: string;
  /** Parted by spaces, commas or line ends. */
  addresses: string;
}

export type Saved =
  | { ok: true; id: string }
  | { ok: false; faults: FieldRefusal[] }
  | { ok: false; faults: null };

export const belowAtOnce = 100;
/** Who changes the tree, by hand or by a file, does so one after another: nothing is put into what is being closed. */
export const treeLock = "establishments";
const workersAtOnce = 100;
const foundAtMost = 50;

export function toEstablishment(row: rows.EstablishmentRow): Establishment {
  return {
    id: row.id,
    parentId: row.parent_id,
    type: row.type,
    code: row.code,
    name: row.name,
    timezone: row.timezone,
    details: readDetails(row.details),
    closedAt: row.closed_at,
  };
}

/** What stands right below a type; null below a class. */
export function typeBelow(type: rows.EstablishmentType | null): rows.EstablishmentType | null {
  const at = type === null ? -1 : rows.establishmentTypes.indexOf(type);
  return rows.establishmentTypes[at + 1] ?? null;
}

export type Establishments = ReturnType<typeof createEstablishments>;

export function createEstablishments(deps: {
  store: Store;
  clock: Clock;
  ids: Ids;
  journal: Journal;
  signals: Pick<Signals, "raise">;
  preset: Pick<Preset, "relays">;
  /** The portal's own (IANA). */
  timezone: string;
  /** Names of accounts, for the list of who works there. */
  namesOf: (db: Db, accountIds: string[]) => Promise<Map<string, string>>;
  /** Roles given at one establishment: role ids by account. */
  rolesAt: (db: Db, establishmentId: string) => Promise<{ accountId: string; role: string }[]>;
}) {
  const { store, clock, ids, preset } = deps;

  const isInside = (db: Asked, id: string, walls: Walls): Promise<boolean> =>
    walls === null ? Promise.resolve(true) : rows.isWithin(db, id, walls);

  /** An establishment inside the walls; what is outside is answered like what does not exist. */
  async function findInside(db: Db, id: string, walls: Walls): Promise<rows.EstablishmentRow | null> {
    const row = await rows.findEstablishment(db, id);
    return row && (await isInside(db, id, walls)) ? row : null;
  }

  async function record(tx: Tx, by: By, event: string, row: rows.EstablishmentRow): Promise<void> {
    const actor: Actor = { kind: "staff", id: by.staff.accountId };
    await deps.journal.record(tx, {
      event: `establishments.${event}`,
      accountId: by.staff.accountId,
      actor,
      caller: by.caller,
      params: { name: row.name, code: row.code },
      reason: `establishment ${row.id}`,
    });
  }

  // ── What counts at an establishment ────────────────────────────────────────────────────────────────────────

  const zoneIn = (line: rows.EstablishmentRow[]): string =>
    line.find(({ timezone }) => timezone !== null)?.timezone ?? deps.timezone;

  function relayIn(line: rows.EstablishmentRow[], relay: Preset["relays"][number]): RelayHere {
    const said = line.map(({ details }) => readDetails(details).relays[relay.id] ?? {});
    const first = <Key extends keyof RelayDetails>(key: Key) =>
      said.find((one) => one[key] !== undefined)?.[key];
    const hours = first("hours");
    return {
      id: relay.id,
      hours: hours === undefined ? relay.hours : hours,
      closedOn: first("closedOn") ?? relay.closedOn,
      lines: { ...relay.lines, ...first("lines") },
      own: said[0] ?? {},
    };
  }

  // ── Changing ───────────────────────────────────────────────────────────────────────────────────────────────

  /** The fields of the form as they will be kept, or what is wrong with each. */
  function readForm(
    type: rows.EstablishmentType,
    form: EstablishmentForm,
    before: EstablishmentDetails,
  ): { faults: FieldRefusal[]; kept: Pick<rows.EstablishmentRow, "code" | "name" | "timezone" | "details"> } {
    const faults: FieldRefusal[] = [];
    const take = <Value>(field: string, read: Read<Value>, otherwise: Value): Value => {
      if (read.ok) return read.value;
      faults.push({ field, refusal: read.refusal });
      return otherwise;
    };
    const code = parseCode(type, form.code);
    if (!code.ok) faults.push({ field: "code", refusal: code.refusal });
    const name = take("name", parseName(form.name), "");
    if (type === "class") {
      return {
        faults,
        kept: { code: code.ok ? code.code : "", name, timezone: null, details: writeDetails(before) },
      };
    }
    const timezone = take("timezone", parseTimezone(form.timezone), null);
    const details = {
      ...before,
      postal: take("postal", parsePostal(form.postal.split(/\r?\n/)), []),
      phone: take("phone", parsePhone(form.phone), null),
      email: take("email", parseEmail(form.email), null),
      addresses: take("addresses", parseAddresses(form.addresses.split(/[\s,;]+/)), []),
    };
    return {
      faults,
      kept: { code: code.ok ? code.code : "", name, timezone, details: writeDetails(details) },
    };
  }

  /** Whether an establishment of this type may stand below that one. */
  function judgeParent(type: rows.EstablishmentType, parent: rows.EstablishmentRow | null): FieldRefusal[] {
    if (typeBelow(parent?.type ?? null) !== type) {
      return [
        {
          field: "parent",
          refusal: parent ? "establishments.parent.wrong-type" : "establishments.parent.unknown",
        },
      ];
    }
    return parent && parent.closed_at !== null
      ? [{ field: "parent", refusal: "establishments.parent.closed" }]
      : [];
  }

  async function save(
    tx: Tx,
    by: By,
    event: "added" | "changed",
    row: rows.EstablishmentRow,
  ): Promise<{ ok: true; id: string } | { ok: false; faults: FieldRefusal[] }> {
    if (!(await rows.putEstablishment(tx, row))) {
      return { ok: false, faults: [{ field: "code", refusal: "establishments.code.taken" }] };
    }
    await record(tx, by, event, row);
    await deps.signals.raise(tx, networksChanged);
    return { ok: true, id: row.id };
  }

  return {
    /** The time zone (IANA) that counts at an establishment. */
    timezoneOf: async (db: Asked, id: string): Promise<string> => zoneIn(await rows.lineOf(db, id)),

    /** One of the relays that people are told to ask, as it is at an establishment, with the zone of its hours. */
    async relayAt(id: string, relayId: string): Promise<{ relay: RelayHere; timezone: string } | null> {
      const relay = preset.relays.find((one) => one.id === relayId && one.isShown);
      if (!relay) return null;
      const line = await rows.lineOf(store, id);
      return { relay: relayIn(line, relay), timezone: zoneIn(line) };
    },

    /**
     * When somebody of a relay is there: what the establishment says, else what stands above it, else the preset; in
     * the time zone of the establishment. Null for a relay that the preset does not name.
     */
    async hoursOf(
      db: Asked,
      id: string,
      relayId: string,
    ): Promise<{ hours: OpeningHours; closedOn: readonly string[]; timezone: string } | null> {
      const relay = preset.relays.find((one) => one.id === relayId);
      if (!relay) return null;
      const line = await rows.lineOf(db, id);
      const { hours, closedOn } = relayIn(line, relay);
      return { hours, closedOn, timezone: zoneIn(line) };
    },

    /** The open schools that an account belongs to now, each with the relays that people are told to ask there. */
    async schoolsOf(
      accountId: string,
    ): Promise<{ school: Establishment; timezone: string; relays: RelayHere[] }[]> {
      const lines = await Promise.all(
        (await openSchoolsOf(store, accountId)).map(({ id }) => rows.lineOf(store, id)),
      );
      return lines.flatMap((line) => {
        const [school] = line;
        const relays = preset.relays.filter(({ isShown }) => isShown).map((relay) => relayIn(line, relay));
        return school ? [{ school: toEstablishment(school), timezone: zoneIn(line), relays }] : [];
      });
    },

    async find(id: string, walls: Walls): Promise<Establishment | null> {
      const row = await findInside(store, id, walls);
      return row && toEstablishment(row);
    },

    /** The tops of what somebody may see: the academies, or what stands highest inside their walls. */
    async tops(walls: Walls, page: number): Promise<{ found: EstablishmentSeen["below"]; hasMore: boolean }> {
      const top =
        walls === null
          ? await lists.listBelow(store, null, { limit: belowAtOnce + 1, offset: page * belowAtOnce })
          : [...(await rows.findEstablishments(store, await rows.topsOf(store, walls))).values()]
              .sort((a, b) => (a.code < b.code ? -1 : 1))
              .slice(page * belowAtOnce, (page + 1) * belowAtOnce + 1);
      return { found: await withCounts(top.slice(0, belowAtOnce)), hasMore: top.length > belowAtOnce };
    },

    /** Academies and schools by the beginnings of words of their name, or by their code. */
    async search(
      typed: string,
      walls: Walls,
    ): Promise<{ found: EstablishmentSeen["below"]; hasMore: boolean }> {
      const words = [...new Set(foldWords(typed))].slice(0, 8);
      const found = await lists.searchEstablishments(store, words, walls, foundAtMost + 1);
      return { found: await withCounts(found.slice(0, foundAtMost)), hasMore: found.length > foundAtMost };
    },

    /** One establishment with all that its page says; null outside the walls. */
    async see(id: string, walls: Walls, page: number): Promise<EstablishmentSeen | null> {
      const row = await findInside(store, id, walls);
      if (!row) return null;
      const [line, below, people, members, roles] = await Promise.all([
        rows.lineOf(store, id),
        lists.listBelow(store, id, { limit: belowAtOnce + 1, offset: page * belowAtOnce }),
        rows.countPeopleWithin(store, id),
        rows.listMembers(store, { establishmentId: id, kind: "staff", limit: workersAtOnce + 1 }),
        deps.rolesAt(store, id),
      ]);
      const inside =
        walls === null
          ? null
          : await rows.thoseWithin(
              store,
              line.map((one) => one.id),
              walls,
            );
      const workers = [
        ...new Set([...roles.map(({ accountId }) => accountId), ...members.map((one) => one.account_id)]),
      ];
      const names = await deps.namesOf(store, workers.slice(0, workersAtOnce));
      return {
        establishment: toEstablishment(row),
        above: line
          .slice(1)
          .reverse()
          .map((one) => ({
            id: one.id,
            name: one.name,
            code: one.code,
            isInside: inside === null || inside.has(one.id),
          })),
        timezone: zoneIn(line),
        below: await withCounts(below.slice(0, belowAtOnce)),
        hasMoreBelow: below.length > belowAtOnce,
        people:
          row.type === "class" ? { pupil: (await rows.countByClass(store, [id])).get(id) ?? 0 } : people,
        relays:
          row.type === "class"
            ? []
            : preset.relays.filter(({ isShown }) => isShown).map((relay) => relayIn(line, relay)),
        workers: workers
          .slice(0, workersAtOnce)
          .map((accountId) => ({
            accountId,
            name: names.get(accountId) ?? "",
            roles: roles.filter((one) => one.accountId === accountId).map(({ role }) => role),
          }))
          .sort((a, b) => a.name.localeCompare(b.name)),
        hasMoreWorkers: workers.length > workersAtOnce,
      };
    },

    /** Adds an academy (at the top), a school (to an academy) or a class (to a school). */
    async add(by: By, walls: Walls, parentId: string | null, form: EstablishmentForm): Promise<Saved> {
      return onCode(() =>
        store.transact(async (tx): Promise<Saved> => {
          await oneAtATime(tx, treeLock);
          const parent = parentId === null ? null : await findInside(tx, parentId, walls);
          const type = typeBelow(parent?.type ?? null);
          const isOutside = parentId === null ? walls !== null : parent === null;
          if (isOutside || type === null) return { ok: false, faults: null };
          const { faults, kept } = readForm(type, form, emptyDetails);
          faults.push(...judgeParent(type, parent));
          if (faults.length > 0) return { ok: false, faults };
          const place = {
            id: ids.uuid(),
            parent_id: parentId,
            type,
            created_at: clock.now(),
            closed_at: null,
          };
          return save(tx, by, "added", { ...place, ...kept });
        }),
      );
    },

    /** Changes what an establishment is called, where it stands, and its details; its relays stay. */
    async change(by: By, walls: Walls, id: string, form: EstablishmentForm): Promise<Saved> {
      return onCode(() =>
        store.transact(async (tx): Promise<Saved> => {
          await oneAtATime(tx, treeLock);
          const row = await findInside(tx, id, walls);
          if (!row) return { ok: false, faults: null };
          const { faults, kept } = readForm(row.type, form, readDetails(row.details));
          let parentId = row.parent_id;
          if (row.type === "school") {
            const typed = parseCode("academy", form.parent);
            const parent = typed.ok ? await rows.findByCode(tx, typed.code) : null;
            const isReachable =
              parent !== null && (parent.id === parentId || (await isInside(tx, parent.id, walls)));
            if (parent?.id !== parentId) faults.push(...judgeParent("school", isReachable ? parent : null));
            parentId = parent?.id ?? null;
          }
          if (faults.length > 0) return { ok: false, faults };
          return save(tx, by, "changed", { ...row, ...kept, parent_id: parentId });
        }),
      );
    },

    /** What an establishment says of one relay, in place of what it said; `{}` lets the usual count again. */
    async changeRelay(
      by: By,
      walls: Walls,
      id: string,
      relayId: string,
      said: RelayDetails,
    ): Promise<boolean> {
      if (!preset.relays.some((relay) => relay.id === relayId && relay.isShown)) return false;
      return store.transact(async (tx) => {
        await oneAtATime(tx, treeLock);
        const row = await findInside(tx, id, walls);
        if (!row || row.type === "class") return false;
        const details = readDetails(row.details);
        const changed = writeDetails({ ...details, relays: { ...details.relays, [relayId]: said } });
        const saved = await save(tx, by, "changed", { ...row, details: changed });
        return saved.ok;
      });
    },

    /** Closes an establishment in which nobody is left: neither people nor open establishments. Null: none there. */
    async close(
      by: By,
      walls: Walls,
      id: string,
    ): Promise<Outcome<object, "establishments.close.not-empty"> | null> {
      return store.transact(async (tx) => {
        await oneAtATime(tx, treeLock);
        const row = await findInside(tx, id, walls);
        if (!row) return null;
        if (row.closed_at !== null) return done;
        const below = (await rows.countOpenBelow(tx, [id])).get(id) ?? 0;
        if (below > 0 || (await rows.hasMembers(tx, id, clock.now())))
          return refused("establishments.close.not-empty");
        await rows.closeEstablishment(tx, id, clock.now());
        await record(tx, by, "closed", row);
        await deps.signals.raise(tx, networksChanged);
        return done;
      });
    },

    /** It is open after all. */
    async reopen(
      by: By,
      walls: Walls,
      id: string,
    ): Promise<Outcome<object, "establishments.reopen.above-closed"> | null> {
      return store.transact(async (tx) => {
        await oneAtATime(tx, treeLock);
        const row = await findInside(tx, id, walls);
        if (!row) return null;
        if (row.closed_at === null) return done;
        const parent = row.parent_id === null ? null : await rows.findEstablishment(tx, row.parent_id);
        if (parent && parent.closed_at !== null) return refused("establishments.reopen.above-closed");
        await rows.closeEstablishment(tx, id, null);
        await record(tx, by, "reopened", row);
        await deps.signals.raise(tx, networksChanged);
        return done;
      });
    },
  };

  async function withCounts(found: rows.EstablishmentRow[]): Promise<EstablishmentSeen["below"]> {
    const idsOf = (isClass: boolean) =>
      found.filter(({ type }) => (type === "class") === isClass).map(({ id }) => id);
    const [pupils, below] = await Promise.all([
      rows.countByClass(store, idsOf(true)),
      rows.countOpenBelow(store, idsOf(false)),
    ]);
    return found.map((row) => ({
      establishment: toEstablishment(row),
      count: (row.type === "class" ? pupils : below).get(row.id) ?? 0,
    }));
  }
}

/** Who does it, and from where. */
export interface By {
  staff: Pick<Staff, "accountId">;
  caller: Caller | null;
}

/** Two who give the same code at the same moment: the later one is told, as if it had been there before. */
async function onCode(work: () => Promise<Saved>): Promise<Saved> {
  try {
    return await work();
  } catch (cause) {
    if (!rows.isCodeTaken(cause)) throw cause;
    return { ok: false, faults: [{ field: "code", refusal: "establishments.code.taken" }] };
  }
}
