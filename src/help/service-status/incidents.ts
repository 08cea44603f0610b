import type { Actor, Journal } from "../../journal/journal.ts";
import type { Caller, Staff } from "../../kernel/caller.ts";
import type { Clock } from "../../kernel/clock.ts";
import type { Ids } from "../../kernel/ids.ts";
import type { Db, Store, Tx } from "../../store/store.ts";
import { isPart, type PartName } from "./parts.ts";
import * as rows from "./service-status.store.ts";

/**
 * What staff write about an outage or planned work: title and text in each language, what it affects, from when and
 * until when, what was added since, and that it is over. A draft is read by staff only.
 *
 * Tables: status_incidents, status_updates.
 * Refusals: service-status.title-missing, .body-missing, .starts-missing, .ends-before-start,
 * .ends-unreadable, .conflict, .not-found. Events: service-status.published, .changed, .updated, .resolved.
 */
export type Words = Record<string, string>;

export interface IncidentUpdate {
  id: string;
  at: number;
  body: Words;
}

export interface Incident {
  id: string;
  isPublic: boolean;
  parts: PartName[];
  concernsEverybody: boolean;
  title: Words;
  body: Words;
  startsAt: number;
  endsAt: number | null;
  resolvedAt: number | null;
  /** A save says which change it has seen. */
  changedAt: number;
  updates: IncidentUpdate[];
}

export interface IncidentForm {
  parts: PartName[];
  concernsEverybody: boolean;
  title: Words;
  body: Words;
  /** Null: what was typed is no time. */
  startsAt: number | null;
  /** Undefined: what was typed is no time; null: until it is said to be over. */
  endsAt: number | null | undefined;
}

export interface FieldRefusal {
  field: string;
  refusal: string;
}

export type SaveOutcome =
  | { ok: true; id: string }
  | { ok: false; refusal: "service-status.invalid"; faults: FieldRefusal[] }
  | { ok: false; refusal: "service-status.conflict" | "service-status.not-found" };

export const longestTitle = 120;
export const longestBody = 4000;

export const isOver = ({ resolvedAt, endsAt }: Incident, now: number): boolean =>
  (resolvedAt !== null && resolvedAt <= now) || (endsAt !== null && endsAt <= now);

/** A text in the language, else in the default one; with the language that it is in. */
export function inLanguage(words: Words, locale: string, fallback: string): { text: string; lang: string } {
  const lang = [locale, fallback, ...Object.keys(words)].find((code) => (words[code] ?? "") !== "") ?? locale;
  return { text: words[lang] ?? "", lang };
}

function toIncident(row: rows.IncidentRow, updates: rows.UpdateRow[]): Incident {
  return {
    id: row.id,
    isPublic: row.is_public === 1,
    parts: (JSON.parse(row.parts) as string[]).filter(isPart),
    concernsEverybody: row.concerns_everybody === 1,
    title: JSON.parse(row.title) as Words,
    body: JSON.parse(row.body) as Words,
    startsAt: row.starts_at,
    endsAt: row.ends_at,
    resolvedAt: row.resolved_at,
    changedAt: row.changed_at,
    updates: updates
      .filter((update) => update.incident_id === row.id)
      .map(({ id, at, body }) => ({ id, at, body: JSON.parse(body) as Words })),
  };
}

/** Incidents that began or ended since then, and those that go on; drafts too. The newest first. */
export async function readIncidents(db: Db, since: number): Promise<Incident[]> {
  const found = await rows.listIncidents(db, since);
  const updates = await rows.listUpdates(
    db,
    found.map(({ id }) => id),
  );
  return found.map((row) => toIncident(row, updates));
}

export type Incidents = ReturnType<typeof createIncidents>;

export function createIncidents(deps: {
  store: Store;
  clock: Clock;
  ids: Ids;
  journal: Journal;
  /** In this language title and text must stand; the others fall back to it. */
  defaultLanguage: string;
  /** Called after each change: pages must say it at once. */
  changed: () => Promise<void>;
}) {
  const { store, clock, ids } = deps;

  function faultsOf(form: IncidentForm): FieldRefusal[] {
    const language = deps.defaultLanguage;
    const faults: FieldRefusal[] = [];
    if (!form.title[language])
      faults.push({ field: `title-${language}`, refusal: "service-status.title-missing" });
    if (!form.body[language])
      faults.push({ field: `body-${language}`, refusal: "service-status.body-missing" });
    if (form.startsAt === null) faults.push({ field: "starts", refusal: "service-status.starts-missing" });
    if (form.endsAt === undefined) faults.push({ field: "ends", refusal: "service-status.ends-unreadable" });
    if (form.startsAt !== null && form.endsAt && form.endsAt <= form.startsAt) {
      faults.push({ field: "ends", refusal: "service-status.ends-before-start" });
    }
    return faults;
  }

  const contentOf = (form: IncidentForm) => ({
    parts: JSON.stringify(form.parts),
    concerns_everybody: form.concernsEverybody ? 1 : 0,
    title: JSON.stringify(form.title),
    body: JSON.stringify(form.body),
    starts_at: form.startsAt as number,
    ends_at: form.endsAt ?? null,
  });

  async function record(tx: Tx, staff: Staff, caller: Caller, event: string, id: string): Promise<void> {
    const actor: Actor = { kind: "staff", id: staff.accountId };
    const entry = { event, accountId: staff.accountId, actor, caller, reason: `incident ${id}` };
    await deps.journal.record(tx, entry);
  }

  /** Each change has a moment of its own: by it a save tells which one it has seen. */
  const changedBy = (staff: Staff, row: rows.IncidentRow) => ({
    changed_at: Math.max(clock.now(), row.changed_at + 1),
    changed_by: staff.accountId,
  });

  /** Does what `work` does to an incident that exists; false where there is none, or it does not fit. */
  async function change(
    id: string,
    work: (tx: Tx, row: rows.IncidentRow) => Promise<boolean>,
  ): Promise<boolean> {
    const isDone = await store.transact(async (tx) => {
      const row = await rows.holdIncident(tx, id);
      return row !== null && (await work(tx, row));
    });
    if (isDone) await deps.changed();
    return isDone;
  }

  return {
    list: (since: number) => readIncidents(store, since),

    async find(id: string): Promise<Incident | null> {
      const row = await rows.findIncident(store, id);
      return row && toIncident(row, await rows.listUpdates(store, [id]));
    },

    /** Writes a new draft. */
    async add(staff: Staff, form: IncidentForm): Promise<SaveOutcome> {
      const faults = faultsOf(form);
      if (faults.length > 0) return { ok: false, refusal: "service-status.invalid", faults };
      const id = ids.uuid();
      await store.transact((tx) =>
        rows.insertIncident(tx, {
          id,
          is_public: 0,
          resolved_at: null,
          ...contentOf(form),
          changed_at: clock.now(),
          changed_by: staff.accountId,
        }),
      );
      return { ok: true, id };
    },

    /**
     * Changes what stands there; a public one stays public, a draft becomes so with `as`. Whoever saves over a change
     * that they have not seen is refused: `seen` is the `changedAt` of what they began from.
     */
    async save(
      staff: Staff,
      caller: Caller,
      id: string,
      form: IncidentForm,
      { seen, as }: { seen: number; as: "published" | null },
    ): Promise<SaveOutcome> {
      const faults = faultsOf(form);
      if (faults.length > 0) return { ok: false, refusal: "service-status.invalid", faults };
      let outcome: SaveOutcome = { ok: false, refusal: "service-status.not-found" };
      await change(id, async (tx, row) => {
        if (row.changed_at !== seen) {
          outcome = { ok: false, refusal: "service-status.conflict" };
          return false;
        }
        const isAnnounced = row.is_public === 0 && as === "published";
        await rows.updateIncident(tx, id, {
          ...contentOf(form),
          ...(isAnnounced ? { is_public: 1 } : {}),
          ...changedBy(staff, row),
        });
        if (isAnnounced) await record(tx, staff, caller, "service-status.published", id);
        else if (row.is_public === 1) await record(tx, staff, caller, "service-status.changed", id);
        outcome = { ok: true, id };
        return true;
      });
      return outcome;
    },

    /** Adds what is new; with `isResolved` it is over now. */
    update: (staff: Staff, caller: Caller, id: string, body: Words, isResolved: boolean) =>
      change(id, async (tx, row) => {
        if (row.is_public === 0) return false;
        const hasWords = Object.values(body).some((text) => text !== "");
        if (!hasWords && !isResolved) return false;
        const now = clock.now();
        if (hasWords) {
          const added = { id: ids.uuid(), incident_id: id, body: JSON.stringify(body) };
          await rows.insertUpdate(tx, { ...added, at: now, author_id: staff.accountId });
        }
        if (isResolved && row.resolved_at === null) {
          await rows.updateIncident(tx, id, { resolved_at: now });
        }
        await record(
          tx,
          staff,
          caller,
          isResolved ? "service-status.resolved" : "service-status.updated",
          id,
        );
        return true;
      }),

    /** It is not over after all. */
    reopen: (staff: Staff, caller: Caller, id: string) =>
      change(id, async (tx, row) => {
        if (row.is_public === 0) return false;
        await rows.updateIncident(tx, id, { resolved_at: null, ends_at: null, ...changedBy(staff, row) });
        await record(tx, staff, caller, "service-status.changed", id);
        return true;
      }),

    /** Throws a draft away; what was public stays in the history. */
    discard: (id: string) => change(id, (tx) => rows.deleteDraft(tx, id)),
  };
}
