import type { Db, Tx } from "../../store/store.ts";
import type { By } from "./case-input.ts";
import type { CaseTalk } from "./case-talk.ts";
import type { Place } from "./case-walls.ts";
import { type CasePlace, type CaseRow, nowhere, putPlace, updateCase } from "./cases.store.ts";
import type { Calendar } from "./working-time.ts";

/** Establishments, as the room of schools knows them: handed over in wiring where the portal has any. */
export interface Establishments {
  /** By id, closed ones and classes too. */
  find(ids: string[]): Promise<Map<string, Place>>;
  /** The same inside a transaction. */
  findOne(db: Db, id: string): Promise<Place | null>;
  /** Open schools and academies by their code, or by words of their name; the first `limit`. */
  search(typed: string, limit: number): Promise<Place[]>;
  /** The open schools that an account belongs to now. */
  schoolsOf(db: Db, accountId: string): Promise<Place[]>;
  /** These, and the open schools of those that are academies, by name; the first `limit`. */
  schoolsWithin(ids: string[], limit: number): Promise<Place[]>;
  /** When a relay is there. */
  calendarAt(db: Db, establishmentId: string, relayId: string): Promise<Calendar | null>;
}

/** The one place in which it is said where a case stands: at a school or an academy, never at a class. */
export function createCasePlaces(deps: {
  talk: CaseTalk;
  establishments: Pick<Establishments, "findOne" | "schoolsOf"> | null;
  /** Whether an account answers the cases of this relay that stand there. */
  isColleague: (db: Db, row: Pick<CaseRow, "relay"> & CasePlace, accountId: string) => Promise<boolean>;
}) {
  const { establishments } = deps;

  const placeOf = (place: Place | null): CasePlace =>
    place === null || place.type === "class"
      ? nowhere
      : { establishment_id: place.id, academy_id: place.academyId };

  /** Where a new case stands: where it was said to, else at the one school of its account. */
  async function placeFor(
    tx: Tx,
    asked: { establishmentId?: string | null | undefined; accountId?: string | null | undefined },
  ): Promise<CasePlace> {
    if (establishments === null) return nowhere;
    const { establishmentId, accountId } = asked;
    if (establishmentId !== undefined) {
      return placeOf(establishmentId === null ? null : await establishments.findOne(tx, establishmentId));
    }
    const schools = accountId ? await establishments.schoolsOf(tx, accountId) : [];
    return placeOf(schools.length === 1 ? (schools[0] as Place) : null);
  }

  /**
   * Puts a held case elsewhere, and says so in it. What was promised stays promised. Whoever had it and does not answer
   * the cases there gives it back to those who do.
   */
  async function move(tx: Tx, row: CaseRow, place: Place, by: By): Promise<CaseRow> {
    const put = placeOf(place);
    if (put.establishment_id === row.establishment_id) return row;
    await putPlace(tx, row.id, put);
    await deps.talk.note(tx, row.id, "cases.event.placed", by, { place: place.name });
    const moved = { ...row, ...put };
    if (row.assignee_id === null || (await deps.isColleague(tx, moved, row.assignee_id))) return moved;
    await updateCase(tx, row.id, { assignee_id: null });
    return { ...moved, assignee_id: null };
  }

  /** A case that is tied to an account stands at its school: the only one; of several, that at which it stands already. */
  async function followAccount(tx: Tx, row: CaseRow, accountId: string, by: By): Promise<CaseRow> {
    if (establishments === null) return row;
    const schools = await establishments.schoolsOf(tx, accountId);
    const [only] = schools;
    return only && schools.length === 1 ? move(tx, row, only, by) : row;
  }

  return { placeFor, move, followAccount };
}

export type CasePlaces = ReturnType<typeof createCasePlaces>;
