import type { Establishments as CaseEstablishments } from "../desk/cases/case-places.ts";
import { namesOf } from "../desk/cases/inbox.store.ts";
import type { Roles } from "../desk/roles/roles.ts";
import type { ContactPlace, ContactPlaces } from "../help/contact/contact-place.ts";
import { parseCode } from "../school/establishments/establishment-codes.ts";
import { readDetails } from "../school/establishments/establishment-details.ts";
import { searchEstablishments } from "../school/establishments/establishment-lists.store.ts";
import * as rows from "../school/establishments/establishments.store.ts";
import { createEstablishments } from "../school/establishments/establishments.ts";
import * as placeRows from "../school/establishments/places.store.ts";
import type { Asked } from "../store/store.ts";
import { foldWords } from "../store/words.ts";
import type { Ground } from "./ground.ts";

const academiesAtMost = 60;
/** Among so many of one name, that of a town is looked for. */
const lookedAtMost = 200;
/** No name with its town is longer; what follows would only cost time. */
const longestTyped = 150;

export interface Places {
  ofCases: CaseEstablishments;
  ofContact: ContactPlaces;
}

/** Establishments as places of cases: null where the preset knows no pupils, and so no schools. */
export function wirePlaces(ground: Ground, roles: Pick<Roles, "rolesAt">): Places | null {
  const { config, preset, clock, ids, store, journal, signals } = ground;
  if (!preset.kinds.includes("pupil")) return null;
  const { timezone } = config;
  const establishments = createEstablishments({
    store,
    clock,
    ids,
    journal,
    signals,
    preset,
    timezone,
    namesOf,
    rolesAt: roles.rolesAt,
  });
  const search = (typed: string) => searchTyped(store, typed);
  const described = (found: rows.EstablishmentRow[]) => describe(store, found);

  return {
    ofCases: {
      find: (wanted) => placeRows.findPlaces(store, wanted),
      findOne: async (db, id) => (await placeRows.findPlaces(db, [id])).get(id) ?? null,
      search: async (typed, limit) => (await search(typed)).slice(0, limit).map(placeRows.toPlace),
      schoolsOf: placeRows.openSchoolsOf,
      schoolsWithin: (wanted, limit) => placeRows.openWithin(store, wanted, limit),
      calendarAt: establishments.hoursOf,
    },
    ofContact: {
      search: async (typed, limit) => described((await search(typed)).slice(0, limit)),
      academies: async () =>
        (await placeRows.openAcademies(store, academiesAtMost)).map(({ id, name }) => ({
          id,
          name,
          about: "",
        })),
      linesOf: async (placeId, relayId) =>
        (await establishments.relayAt(placeId, relayId))?.relay.lines ?? null,
      async ofPerson(accountId) {
        const schools = await placeRows.openSchoolsOf(store, accountId);
        const found = await rows.findEstablishments(
          store,
          schools.map(({ id }) => id),
        );
        return described(schools.flatMap(({ id }) => found.get(id) ?? []));
      },
    },
  };
}

/**
 * Open schools and academies by what somebody wrote: a code, or words of a name. Many write the town behind the name
 * (« Collège Jean-Moulin, Lyon »), which stands in the address of a school, or in the name of its academy.
 */
async function searchTyped(db: Asked, whole: string): Promise<rows.EstablishmentRow[]> {
  const typed = whole.replaceAll(/\s+/gu, " ").trim().slice(0, longestTyped);
  const code = parseCode("school", typed);
  if (code.ok) {
    const found = (await rows.findByCodes(db, [code.code])).get(code.code);
    if (found?.closed_at === null) return [found];
  }
  const all = await searchOpen(db, typed);
  const [, name = "", rest = ""] = /^(.+?)\s*(?:,|;|\(|\s[-–—]\s)\s*(.+)$/u.exec(typed) ?? [];
  if (all.length > 0 || name === "") return all;
  const named = await searchOpen(db, name);
  const told = await describe(db, named);
  const wanted = foldWords(rest).filter((word) => !/^\d+$/.test(word));
  const isThere = (_: rows.EstablishmentRow, index: number) => {
    const about = foldWords(told[index]?.about ?? "");
    return wanted.some((word) => about.includes(word));
  };
  const there = named.filter(isThere);
  return there.length > 0 ? there : named;
}

async function searchOpen(db: Asked, typed: string): Promise<rows.EstablishmentRow[]> {
  const words = [...new Set(foldWords(typed))].slice(0, 8);
  const found = await searchEstablishments(db, words, null, lookedAtMost);
  return found.filter(({ closed_at }) => closed_at === null);
}

/** With its town and its academy, by which people tell two of one name apart. */
async function describe(db: Asked, found: rows.EstablishmentRow[]): Promise<ContactPlace[]> {
  const above = await placeRows.findPlaces(db, [
    ...new Set(found.flatMap(({ parent_id }) => parent_id ?? [])),
  ]);
  return found.map(({ id, name, parent_id, details }) => {
    const town = (readDetails(details).postal.at(-1) ?? "").replace(/^\d{4,6}\s+/, "");
    const academy = above.get(parent_id ?? "")?.name ?? "";
    return { id, name, about: [town, academy].filter((text) => text !== "").join(", ") };
  });
}
