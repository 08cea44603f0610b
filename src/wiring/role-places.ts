import type { Place, Places } from "../desk/roles/places.ts";
import { putWorker } from "../desk/roles/workers.store.ts";
import { parseCode } from "../school/establishments/establishment-codes.ts";
import { searchEstablishments } from "../school/establishments/establishment-lists.store.ts";
import * as rows from "../school/establishments/establishments.store.ts";
import type { Asked } from "../store/store.ts";
import { foldWords } from "../store/words.ts";
import type { Ground } from "./ground.ts";

const foundAtMost = 10;
const wordsAtMost = 8;

const toPlace = ({ id, name, code, closed_at }: rows.EstablishmentRow): Place => ({
  id,
  name,
  code,
  isOpen: closed_at === null,
});

/** The academy or school of a code as it was typed, closed or not. */
export async function findByTypedCode(db: Asked, typed: string): Promise<Place | null> {
  const codes = (["school", "academy"] as const).flatMap((type) => {
    const parsed = parseCode(type, typed);
    return parsed.ok ? [parsed.code] : [];
  });
  const [row] = (await rows.findByCodes(db, [...new Set(codes)])).values();
  return row ? toPlace(row) : null;
}

/** Establishments as roles need them; null where the preset has none. */
export function wireRolePlaces({ preset, config }: Pick<Ground, "preset" | "config">): Places | null {
  if (!preset.kinds.includes("pupil")) return null;
  return {
    async find(db, typed, walls) {
      const named = await findByTypedCode(db, typed);
      const isInside = named && (walls === null || (await rows.isWithin(db, named.id, walls)));
      if (named?.isOpen && isInside) return { found: [named], hasMore: false };
      const words = [...new Set(foldWords(typed))].slice(0, wordsAtMost);
      const found = await searchEstablishments(db, words, walls, foundAtMost + 1);
      const open = found.map(toPlace).filter(({ isOpen }) => isOpen);
      return { found: open.slice(0, foundAtMost), hasMore: open.length > foundAtMost };
    },
    async named(db, ids) {
      const found = await rows.findEstablishments(db, ids);
      const places = [...found.values()].filter(({ type }) => type !== "class").map(toPlace);
      return new Map(places.map((place) => [place.id, place]));
    },
    tops: rows.topsOf,
    isAbove: async (db, id) => (await rows.schoolsWithin(db, [id])).some((schoolId) => schoolId !== id),
    lineOf: async (db, id) => new Set((await rows.lineOf(db, id)).map((one) => one.id)),
    timezoneOf: async (db, id) =>
      (await rows.lineOf(db, id)).find(({ timezone }) => timezone !== null)?.timezone ?? config.timezone,
    async addWorker(tx, accountId, establishmentId, since) {
      await putWorker(tx, accountId, establishmentId);
      await rows.putMembership(tx, {
        account_id: accountId,
        establishment_id: establishmentId,
        kind: "staff",
        class_id: null,
        since,
      });
    },
    removeWorker: (tx, accountId, establishmentId, at) =>
      rows.leaveMembership(tx, accountId, establishmentId, at),
  };
}
