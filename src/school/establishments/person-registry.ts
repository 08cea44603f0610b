import type { Kind } from "../../accounts/accounts.ts";
import type { Staff } from "../../kernel/caller.ts";
import type { Store } from "../../store/store.ts";
import { findSchoolPerson } from "./establishments.store.ts";
import * as rows from "./person-registry.store.ts";

/**
 * What a registry says of people, by which staff make sure that they speak to the right one: schools and classes inside
 * their own walls, and the birth date that an activation asks for.
 *
 * Tables: reads memberships, establishments, school_people. Acts: people.see, people.search.
 */
export interface RegistryFacts {
  /** Such as « 6e B · Collège Jean-Moulin ». */
  places: string[];
  /** Such as 2012-05-31. */
  birthDate: string | null;
  postal: string[];
}

export function createPersonRegistry(deps: {
  store: Store;
  /** Inside which establishments an act of theirs reaches people of a kind; null: everywhere. */
  wallsOf: (staff: Staff, act: "people.see" | "people.search", kind: Kind) => string[] | null;
}) {
  const { store } = deps;

  return {
    async factsOf(staff: Staff, { id, kind }: { id: string; kind: Kind }): Promise<RegistryFacts> {
      const said = await findSchoolPerson(store, id);
      const found = await rows.belongingsOf(store, [id], deps.wallsOf(staff, "people.see", kind));
      return {
        places: found.map(wordsOf),
        birthDate: said?.birth_date ?? null,
        postal: said?.postal ? (JSON.parse(said.postal) as string[]) : [],
      };
    },

    /** Where people who were found belong, by account. */
    async placesOf(
      staff: Staff,
      found: { id: string; kind: Kind }[],
    ): Promise<ReadonlyMap<string, string[]>> {
      const places = new Map<string, string[]>();
      for (const [kind, people] of Map.groupBy(found, (one) => one.kind)) {
        const ids = people.map(({ id }) => id);
        const walls = deps.wallsOf(staff, "people.search", kind);
        for (const one of await rows.belongingsOf(store, ids, walls)) {
          places.set(one.account_id, [...(places.get(one.account_id) ?? []), wordsOf(one)]);
        }
      }
      return places;
    },
  };
}

const wordsOf = ({ school, class_name }: rows.Belonging): string =>
  class_name === null ? school : `${class_name} · ${school}`;
