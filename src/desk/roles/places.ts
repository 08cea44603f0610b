import type { Asked, Db, Tx } from "../../store/store.ts";

/** Establishments as roles know them: where a role with walls is given. */
export interface Place {
  id: string;
  name: string;
  code: string;
  isOpen: boolean;
}

/** What is asked of the room of establishments. */
export interface Places {
  /** Open academies and schools that a code or the beginnings of words name, inside the walls unless null. */
  find(
    db: Asked,
    typed: string,
    walls: readonly string[] | null,
  ): Promise<{ found: Place[]; hasMore: boolean }>;
  /** By their ids, closed ones too; those that do not exist are left out. */
  named(db: Asked, ids: readonly string[]): Promise<Map<string, Place>>;
  /** Of these, the ones that lie within none of the others. */
  tops(db: Asked, ids: readonly string[]): Promise<string[]>;
  /** Whether something lies within an establishment that is more than its classes. */
  isAbove(db: Asked, id: string): Promise<boolean>;
  /** The establishment and all that stands above it; empty where it does not exist. */
  lineOf(db: Asked, id: string): Promise<ReadonlySet<string>>;
  /** The time zone (IANA) that counts there. */
  timezoneOf(db: Asked, id: string): Promise<string>;
  /** From now on this person works there, for as long as a role there is theirs. */
  addWorker(tx: Tx, accountId: string, establishmentId: string, since: number): Promise<void>;
  removeWorker(tx: Tx, accountId: string, establishmentId: string, at: number): Promise<void>;
}

/** What a form says of a place: a code or a name, and one of several that these named. */
export interface PlaceForm {
  establishment: string;
  place: string;
}

export type ChosenPlace =
  | { ok: true; place: Place }
  | { ok: false; field: "establishment" | "place"; refusal: string; among: Place[] };

/** The establishment that a form names. Where several have the name, they are offered to choose from. */
export async function choosePlace(
  places: Places,
  db: Db,
  { establishment, place }: PlaceForm,
  walls: readonly string[] | null,
): Promise<ChosenPlace> {
  const refuse = (field: "establishment" | "place", refusal: string, among: Place[] = []): ChosenPlace => ({
    ok: false,
    field,
    refusal,
    among,
  });
  if (establishment.trim() === "") return refuse("establishment", "staff.establishment.missing");
  const { found, hasMore } = await places.find(db, establishment, walls);
  const [first] = found;
  if (!first) return refuse("establishment", "staff.establishment.unknown");
  const chosen = found.length === 1 ? first : found.find(({ id }) => id === place);
  if (chosen) return { ok: true, place: chosen };
  return hasMore
    ? refuse("establishment", "staff.establishment.too-many")
    : refuse("place", "staff.establishment.several", found);
}
