import { createHash } from "node:crypto";
import type { Preset } from "../../config/preset.ts";
import { type Journal, system } from "../../journal/journal.ts";
import { type Clock, day } from "../../kernel/clock.ts";
import type { Ids } from "../../kernel/ids.ts";
import { oneAtATime } from "../../store/abilities.ts";
import type { Signals } from "../../store/signals.ts";
import type { Db, Store, Tx } from "../../store/store.ts";
import {
  type EstablishmentDetails,
  emptyDetails,
  readDetails,
  writeDetails,
} from "./establishment-details.ts";
import { type FileEntry, type FileFault, giveWay, readEstablishmentFile } from "./establishment-file.ts";
import * as files from "./establishment-files.store.ts";
import * as rows from "./establishments.store.ts";
import { type By, treeLock, typeBelow, type Walls } from "./establishments.ts";
import { networksChanged } from "./networks.ts";

/**
 * The tree of establishments from a file: read, shown as what it would change, applied as a whole or not at all. What
 * the file does not name stays as it is. The same file again changes nothing.
 *
 * Tables: establishment_files, and through the store those of establishments. Settings: relays.
 * Refusals: those of `establishment-file.ts` and of fields; establishments.file.changed-meanwhile. Events:
 * establishments.loaded.
 */
export type ChangedField =
  | "name"
  | "parent"
  | "timezone"
  | "phone"
  | "email"
  | "postal"
  | "addresses"
  | "relays"
  | "reopened";

export interface PlannedChange {
  line: number;
  kind: "added" | "changed";
  type: rows.EstablishmentType;
  code: string;
  name: string;
  /** Empty for one that is added. */
  fields: ChangedField[];
}

export interface LoadPlan {
  changes: PlannedChange[];
  unchanged: number;
  faults: FileFault[];
  /** What is shown and agreed to: where it is another by then, nothing is applied. */
  digest: string;
}

export interface Preview extends LoadPlan {
  fileId: string;
  filename: string;
}

export type Applied =
  | { ok: true; changes: number }
  | { ok: false; refusal: "establishments.file.changed-meanwhile" };

const changedMeanwhile: Applied = { ok: false, refusal: "establishments.file.changed-meanwhile" };
const keptFor = day;

export type LoadEstablishments = ReturnType<typeof createLoadEstablishments>;

export function createLoadEstablishments(deps: {
  store: Store;
  clock: Clock;
  ids: Ids;
  journal: Journal;
  signals: Pick<Signals, "raise">;
  preset: Pick<Preset, "relays">;
}) {
  const { store, clock, ids } = deps;
  const relayIds = new Set(deps.preset.relays.map(({ id }) => id));

  /** What the entries would change of what stands there now. */
  async function plan(
    db: Db,
    entries: FileEntry[],
    walls: Walls,
  ): Promise<LoadPlan & { changed: rows.EstablishmentRow[] }> {
    const byCode = await rows.findByCodes(db, [
      ...new Set(
        entries.flatMap(({ type, code, parent }) => [...(type === "class" ? [] : [code]), parent ?? code]),
      ),
    ]);
    const schoolIds = new Set(
      entries.flatMap(({ type, parent }) =>
        type === "class" ? (byCode.get(parent as string)?.id ?? []) : [],
      ),
    );
    const classes = new Map(
      (await rows.classesOfMany(db, [...schoolIds])).map((row) => [
        rows.classKey(row.parent_id as string, row.code),
        row,
      ]),
    );
    const inside =
      walls === null
        ? null
        : await rows.thoseWithin(
            db,
            [...byCode.values()].map(({ id }) => id),
            walls,
          );
    const isOutside = (row: rows.EstablishmentRow | undefined) =>
      inside !== null && (row === undefined || (!inside.has(row.id) && !placed.has(row.id)));

    /** What is there once the file is applied, as far as it was read. */
    const placed = new Set<string>();
    const changed: rows.EstablishmentRow[] = [];
    const changes: PlannedChange[] = [];
    /** Each change with what stands there now and what will. */
    const agreed: unknown[] = [];
    const faults: FileFault[] = [];
    const refuse = (line: number, refusal: string, what?: string) => faults.push({ line, refusal, what });

    for (const type of rows.establishmentTypes) {
      for (const [index, entry] of entries.filter((one) => one.type === type).entries()) {
        await giveWay(index);
        const { line, code, name } = entry;
        const parent = entry.parent === null ? null : byCode.get(entry.parent);
        if (parent === undefined || (parent && isOutside(parent)) || (parent === null && walls !== null)) {
          refuse(line, "establishments.parent.unknown", entry.parent ?? code);
          continue;
        }
        if (typeBelow(parent?.type ?? null) !== type) {
          refuse(line, "establishments.parent.wrong-type", entry.parent ?? code);
          continue;
        }
        const before =
          type === "class" ? classes.get(rows.classKey(parent?.id as string, code)) : byCode.get(code);
        if (before && before.type !== type) {
          refuse(line, "establishments.file.other-type", code);
          continue;
        }
        if (before && type !== "class" && isOutside(before)) {
          refuse(line, "establishments.code.taken", code);
          continue;
        }
        const unknownRelay = Object.keys(entry.relays ?? {}).find((id) => !relayIds.has(id));
        if (unknownRelay !== undefined) {
          refuse(line, "establishments.file.relay", unknownRelay.slice(0, 80));
          continue;
        }
        if (parent && parent.closed_at !== null) {
          refuse(line, "establishments.parent.closed", parent.code);
          continue;
        }
        const place = { parent_id: parent?.id ?? null, type, code, name, closed_at: null };
        const known = before ? readDetails(before.details) : emptyDetails;
        const after: rows.EstablishmentRow = {
          id: before?.id ?? ids.uuid(),
          ...place,
          timezone: entry.timezone === undefined ? (before?.timezone ?? null) : entry.timezone,
          details: writeDetails(layOver(known, entry)),
          created_at: before?.created_at ?? clock.now(),
        };
        if (type !== "class") byCode.set(code, after);
        placed.add(after.id);
        const fields = before ? changedFields(before, after) : [];
        if (before && fields.length === 0) continue;
        changed.push(after);
        agreed.push([entry, before ?? null]);
        changes.push({ line, kind: before ? "changed" : "added", type, code, name, fields });
      }
    }
    changes.sort((a, b) => a.line - b.line);
    faults.sort((a, b) => a.line - b.line);
    return {
      changes,
      unchanged: entries.length - changes.length - faults.length,
      faults,
      digest: createHash("sha256").update(JSON.stringify(agreed)).digest("base64url"),
      changed,
    };
  }

  async function write(tx: Tx, changed: rows.EstablishmentRow[], by: By | null): Promise<void> {
    await rows.putEstablishments(tx, changed);
    const staffId = by?.staff.accountId ?? null;
    await deps.journal.record(tx, {
      event: "establishments.loaded",
      accountId: staffId,
      actor: staffId === null ? system : { kind: "staff", id: staffId },
      caller: by?.caller,
      params: { count: changed.length },
    });
    await deps.signals.raise(tx, networksChanged);
  }

  async function applyWithin(
    tx: Tx,
    by: By,
    walls: Walls,
    fileId: string,
    digest: string,
  ): Promise<Applied | null> {
    await oneAtATime(tx, treeLock);
    const file = await files.findFile(tx, fileId, by.staff.accountId);
    if (!file) return null;
    const planned = await plan(tx, JSON.parse(file.body) as FileEntry[], walls);
    if (planned.faults.length > 0 || planned.digest !== digest) return changedMeanwhile;
    if (!(await files.takeFile(tx, fileId, by.staff.accountId))) return null;
    await write(tx, planned.changed, by);
    return { ok: true, changes: planned.changes.length };
  }

  return {
    /** Reads a file and keeps it for a day, in place of an earlier one of the same member of staff. */
    async read(
      by: By,
      walls: Walls,
      file: { filename: string; bytes: Buffer },
    ): Promise<{ ok: true; fileId: string } | { ok: false; faults: FileFault[] }> {
      const read = await readEstablishmentFile(file.bytes);
      if (!read.ok) return read;
      const { faults } = await plan(store, read.entries, walls);
      if (faults.length > 0) return { ok: false, faults };
      const fileId = ids.uuid();
      await store.transact(async (tx) => {
        await files.dropFilesOf(tx, by.staff.accountId);
        await files.insertFile(tx, {
          id: fileId,
          filename: file.filename,
          body: JSON.stringify(read.entries),
          loaded_by: by.staff.accountId,
          loaded_at: clock.now(),
        });
      });
      return { ok: true, fileId };
    },

    /** What the file would change now; null where it is not there any more. */
    async preview(by: Pick<By, "staff">, walls: Walls, fileId: string): Promise<Preview | null> {
      const file = await files.findFile(store, fileId, by.staff.accountId);
      if (!file) return null;
      const { changed: _, ...planned } = await plan(store, JSON.parse(file.body) as FileEntry[], walls);
      return { fileId, filename: file.filename, ...planned };
    },

    /** Applies exactly what was shown, or nothing. Null where the file is not there any more. */
    async apply(by: By, walls: Walls, fileId: string, digest: string): Promise<Applied | null> {
      try {
        return await store.transact((tx) => applyWithin(tx, by, walls, fileId, digest));
      } catch (cause) {
        // Somebody gave one of the codes at the same moment.
        if (!rows.isCodeTaken(cause)) throw cause;
        return changedMeanwhile;
      }
    },

    /** What the command line does: the whole file, at once, or nothing. */
    async loadAtOnce(
      bytes: Buffer,
    ): Promise<
      { ok: true; changes: PlannedChange[]; unchanged: number } | { ok: false; faults: FileFault[] }
    > {
      const read = await readEstablishmentFile(bytes);
      if (!read.ok) return read;
      return store.transact(async (tx) => {
        await oneAtATime(tx, treeLock);
        const { faults, changes, unchanged, changed } = await plan(tx, read.entries, null);
        if (faults.length > 0) return { ok: false as const, faults };
        if (changed.length > 0) await write(tx, changed, null);
        return { ok: true as const, changes, unchanged };
      });
    },

    /** The file is not to be applied after all. */
    drop: (by: Pick<By, "staff">, fileId: string): Promise<boolean> =>
      store.transact((tx) => files.takeFile(tx, fileId, by.staff.accountId)),

    /** Files that nobody agreed to within a day. */
    forget: (tx: Tx): Promise<void> => files.forgetFiles(tx, clock.now() - keptFor),
  };
}

/** The details once the file is applied: what it does not say stays. */
function layOver(known: EstablishmentDetails, entry: FileEntry): EstablishmentDetails {
  const relays = entry.relays === null ? {} : { ...known.relays };
  for (const [id, said] of Object.entries(entry.relays ?? {})) {
    if (said === null) delete relays[id];
    else relays[id] = said;
  }
  return {
    postal: entry.postal ?? known.postal,
    phone: entry.phone === undefined ? known.phone : entry.phone,
    email: entry.email === undefined ? known.email : entry.email,
    addresses: entry.addresses ?? known.addresses,
    relays,
  };
}

function changedFields(before: rows.EstablishmentRow, after: rows.EstablishmentRow): ChangedField[] {
  const [old, now] = [readDetails(before.details), readDetails(after.details)];
  const isOther = (a: unknown, b: unknown) => JSON.stringify(a) !== JSON.stringify(b);
  const details = (["phone", "email", "postal", "addresses", "relays"] as const).filter((field) =>
    isOther(old[field], now[field]),
  );
  return [
    ...(before.name === after.name ? [] : ["name" as const]),
    ...(before.parent_id === after.parent_id ? [] : ["parent" as const]),
    ...(before.timezone === after.timezone ? [] : ["timezone" as const]),
    ...details,
    ...(before.closed_at === null ? [] : ["reopened" as const]),
  ];
}
