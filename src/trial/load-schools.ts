import type { Kind } from "../config/preset.ts";
import type { Tx } from "../store/store.ts";
import { recordIdOf } from "./registry-file.ts";
import { type TrialSchool, trialSchools } from "./schools.ts";
import type { TrialPerson, TrialPlace } from "./trial-person.ts";

/** An invented person who has an account and a place in the invented schools. */
export interface PlacedPerson extends TrialPerson {
  accountId: string;
  /** Their place in the list of everybody, by which the registry numbers them. */
  index: number;
  place: TrialPlace;
}

/** A class, or its school, by the ids that they got. */
interface MadeSchool {
  id: string;
  classIds: ReadonlyMap<string, string>;
}

/** What the trial needs of the school's rooms: the writing of their own rows. */
export interface TrialSchoolsDeps {
  /** Makes a school or academy below another one; answers its id, and those of its classes by code. */
  putSchool(tx: Tx, school: TrialSchool, parentId: string | null): Promise<MadeSchool>;
  putMemberships(
    tx: Tx,
    rows: { account_id: string; establishment_id: string; kind: Kind; class_id: string | null }[],
  ): Promise<void>;
  putPeople(
    tx: Tx,
    rows: {
      account_id: string;
      surname: string;
      first_name: string;
      birth_date: string | null;
      postal: string | null;
    }[],
  ): Promise<void>;
  /** Which account a record of the school's registry is. */
  putRecords(
    tx: Tx,
    rows: {
      establishment_id: string;
      kind: "guardian" | "pupil";
      record_id: string;
      account_id: string;
    }[],
  ): Promise<void>;
  /** Who answers for whom: as the registry says it, and as it holds. */
  putTies(
    tx: Tx,
    rows: {
      establishment_id: string;
      guardian_record_id: string;
      guardian_id: string;
      pupil_record_id: string;
      pupil_id: string;
      level: number;
      kinship: string | null;
    }[],
  ): Promise<void>;
  giveRole(tx: Tx, accountId: string, role: string, establishmentId: string): Promise<void>;
}

/** The schools, their classes, and everybody in theirs, as if a registry had been imported. */
export async function loadTrialSchools(
  deps: TrialSchoolsDeps,
  tx: Tx,
  people: PlacedPerson[],
): Promise<void> {
  const schools = new Map<string, MadeSchool>();
  const academy = trialSchools.find(({ type }) => type === "academy");
  for (const school of trialSchools) {
    const parentId = school === academy ? null : (schools.get(academy?.code ?? "")?.id ?? null);
    schools.set(school.code, await deps.putSchool(tx, school, parentId));
  }
  const at = ({ place }: PlacedPerson) => schools.get(place.code) as MadeSchool;
  const registered = people.flatMap((person) =>
    person.kind === "guardian" || person.kind === "pupil"
      ? [{ person, kind: person.kind, recordId: recordIdOf(person.index) }]
      : [],
  );

  await deps.putMemberships(
    tx,
    people.map((person) => ({
      account_id: person.accountId,
      establishment_id: at(person).id,
      kind: person.kind,
      class_id: at(person).classIds.get(person.place.classCode ?? "") ?? null,
    })),
  );
  await deps.putPeople(
    tx,
    registered.map(({ person: { accountId, name, place } }) => {
      const [first_name = "", ...surname] = name.split(" ");
      return {
        account_id: accountId,
        surname: surname.join(" "),
        first_name,
        birth_date: place.birthDate ?? null,
        postal: place.postal ? JSON.stringify(place.postal) : null,
      };
    }),
  );
  await deps.putRecords(
    tx,
    registered.map(({ person, kind, recordId }) => ({
      establishment_id: at(person).id,
      kind,
      record_id: recordId,
      account_id: person.accountId,
    })),
  );
  await deps.putTies(
    tx,
    registered.flatMap(({ person, recordId }) =>
      (person.place.children ?? []).flatMap(({ username, level, kinship }) => {
        const pupil = registered.find((one) => one.person.username === username);
        if (!pupil) return [];
        return [
          {
            establishment_id: at(person).id,
            guardian_record_id: recordId,
            guardian_id: person.accountId,
            pupil_record_id: pupil.recordId,
            pupil_id: pupil.person.accountId,
            level,
            kinship,
          },
        ];
      }),
    ),
  );
  for (const { accountId, role, place } of people) {
    if (role !== undefined) {
      await deps.giveRole(tx, accountId, role, (schools.get(place.code) as MadeSchool).id);
    }
  }
}
