import type { Preset } from "../../config/preset.ts";
import type { RelayReach, Staff } from "../../kernel/caller.ts";
import type { Db } from "../../store/store.ts";
import type { CasePlace, CaseRow } from "./cases.store.ts";

/** What staff may do with cases, as far as walls matter. */
export type CaseAct = "cases.see" | "cases.answer" | "cases.reports";

/** An establishment as far as cases are concerned; `academyId`: the one that it is, or that it stands in. */
export interface Place {
  id: string;
  type: "academy" | "school" | "class";
  name: string;
  academyId: string | null;
  isOpen: boolean;
}

/** The cases of one relay inside one establishment, and the column by which they are found there. */
export interface WalledRelay {
  relay: string;
  column: keyof CasePlace;
  establishmentId: string;
  /** The academy that the establishment is, or that it stands in. */
  academyId: string | null;
}

/** Which cases: those of some relays wherever they stand, and those of a relay inside an establishment. */
export interface Scope {
  relays: string[];
  within: WalledRelay[];
}

/** What walls ask of a case. */
export type Walled = Pick<CaseRow, "account_id" | "assignee_id" | "relay"> & CasePlace;

export interface CaseWallsDeps {
  preset: Pick<Preset, "relays">;
  relaysFor: (staff: Staff, act: CaseAct) => RelayReach;
  /** Inside which establishments an act is allowed; null: everywhere. */
  wallsFor: (staff: Staff, act: CaseAct | "cases.see-all" | "establishments.see") => string[] | null;
  /** Who a member of staff is now, who was read when their request came. */
  staffNow: (db: Db, staff: Staff) => Promise<Staff>;
  /** By id; null where the portal knows no establishments. */
  findPlaces: ((ids: string[]) => Promise<Map<string, Place>>) | null;
}

/**
 * Who sees which case. A case is seen by those whose role has its relay, everywhere or inside the establishment at which
 * it stands; by whoever it is assigned to, inside their walls; and by those who may see all. Nobody sees their own
 * (promise 7). A case that stands nowhere is inside no walls.
 *
 * Settings: roles.relays, roles.reach.
 */
export function createCaseWalls(deps: CaseWallsDeps) {
  const allRelays = deps.preset.relays.map(({ id }) => id);

  /** Whether they may do this with the cases of every relay. */
  const reachesAll = (staff: Staff, act: CaseAct) =>
    staff.may.has("cases.see-all") &&
    staff.may.has(act) &&
    deps.wallsFor(staff, "cases.see-all") === null &&
    deps.wallsFor(staff, act) === null;

  const isWithin = (row: CasePlace, establishmentId: string) =>
    row.establishment_id === establishmentId || row.academy_id === establishmentId;

  /** Null: everywhere. */
  const wallsOf = (staff: Staff, act: CaseAct) => deps.wallsFor(staff, act);

  function isInside(staff: Staff, act: CaseAct, row: CasePlace): boolean {
    const walls = wallsOf(staff, act);
    return walls === null || walls.some((id) => isWithin(row, id));
  }

  /** Whether this case is one of a relay of theirs. */
  function isOfRelay(staff: Staff, act: CaseAct, row: Pick<Walled, "relay"> & CasePlace): boolean {
    const reach = deps.relaysFor(staff, act);
    return (
      reach.everywhere.includes(row.relay) ||
      reach.within.some(({ relay, establishmentId }) => relay === row.relay && isWithin(row, establishmentId))
    );
  }

  function reaches(staff: Staff, act: CaseAct, row: Walled): boolean {
    if (row.account_id === staff.accountId || !staff.may.has(act)) return false;
    return (
      reachesAll(staff, act) ||
      isOfRelay(staff, act, row) ||
      (row.assignee_id === staff.accountId && isInside(staff, act, row))
    );
  }

  /** A page asks several times: establishments are looked up once for each request, and never without walls. */
  const scopes = new WeakMap<Staff, Map<string, Promise<Scope>>>();

  function remembering(staff: Staff, key: string, find: () => Promise<Scope>): Promise<Scope> {
    const known = scopes.get(staff) ?? new Map<string, Promise<Scope>>();
    scopes.set(staff, known);
    const found = known.get(key) ?? find();
    known.set(key, found);
    return found;
  }

  /**
   * Which cases an act reaches, as they are listed: `isWhole` with every relay for those who may see all. What lies
   * inside another wall of theirs is not named again, so that nothing is found twice.
   */
  function scopeOf(staff: Staff, act: CaseAct, isWhole: boolean): Promise<Scope> {
    return remembering(staff, `${act} ${isWhole}`, async () => {
      if (isWhole && reachesAll(staff, act)) return { relays: allRelays, within: [] };
      const { everywhere, within } = deps.relaysFor(staff, act);
      if (within.length === 0 || deps.findPlaces === null) return { relays: everywhere, within: [] };
      const places = await deps.findPlaces([...new Set(within.map((one) => one.establishmentId))]);
      const walled = within.flatMap(({ relay, establishmentId }): WalledRelay[] => {
        const place = places.get(establishmentId);
        // Cases stand at schools and academies: walls of a class hold none.
        if (!place || place.type === "class") return [];
        const isCovered =
          place.type === "school" &&
          within.some((other) => other.relay === relay && other.establishmentId === place.academyId);
        return isCovered ? [] : [walledRelay(relay, place)];
      });
      return { relays: everywhere, within: walled };
    });
  }

  /** What of a scope lies inside one establishment. */
  function scopeInside(scope: Scope, place: Place): Scope {
    if (place.type === "class") return { relays: [], within: [] };
    const within = scope.within.flatMap((one): WalledRelay[] => {
      const isAround = one.establishmentId === place.id || one.establishmentId === place.academyId;
      if (isAround) return [walledRelay(one.relay, place)];
      return one.academyId === place.id ? [one] : [];
    });
    return { relays: [], within: [...scope.relays.map((relay) => walledRelay(relay, place)), ...within] };
  }

  return {
    /** Whether they see this case. */
    maySee: (staff: Staff, row: Walled) => reaches(staff, "cases.see", row),
    /** Whether they may answer, hand over, merge and close it. */
    mayAct: (staff: Staff, row: Walled) => reaches(staff, "cases.answer", row),
    /** For an act that waited for its turn: a role may have ended meanwhile. */
    staffNow: deps.staffNow,
    isOfRelay,
    isInside,
    reachesAll,
    wallsOf,
    scopeOf,
    scopeInside,
    /** Whether the page of an establishment is theirs to open. */
    maySeePlace(staff: Staff, place: Place): boolean {
      const seen = deps.wallsFor(staff, "establishments.see");
      return seen === null || seen.some((id) => id === place.id || id === place.academyId);
    },
    /** The relays of which they see any case, wherever. */
    relaysSeen(staff: Staff, act: CaseAct = "cases.see"): string[] {
      if (reachesAll(staff, act)) return allRelays;
      const { everywhere, within } = deps.relaysFor(staff, act);
      const seen = new Set([...everywhere, ...within.map(({ relay }) => relay)]);
      return allRelays.filter((id) => seen.has(id));
    },
  };
}

const walledRelay = (relay: string, place: Place): WalledRelay => ({
  relay,
  column: place.type === "academy" ? "academy_id" : "establishment_id",
  establishmentId: place.id,
  academyId: place.academyId,
});

export type CaseWalls = ReturnType<typeof createCaseWalls>;
