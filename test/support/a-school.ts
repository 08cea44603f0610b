import { Readable } from "node:stream";
import { createBudgets } from "../../src/access/budgets/budgets.ts";
import * as accountRows from "../../src/accounts/accounts.store.ts";
import { createJournal } from "../../src/journal/journal.ts";
import type { Caller, Staff } from "../../src/kernel/caller.ts";
import { createIds } from "../../src/kernel/ids.ts";
import { createKeys } from "../../src/kernel/keys.ts";
import * as rows from "../../src/school/establishments/establishments.store.ts";
import type { Letter } from "../../src/school/letters/letter.ts";
import { createLetters } from "../../src/school/letters/letters.ts";
import type { MadeAccount } from "./an-account.ts";
import type { TestPortal } from "./portal.ts";
import { seededRandom } from "./world.ts";

let drawn = 30_000;

/** A school with one class, as a registry would bring it. */
export interface MadeSchool {
  id: string;
  classId: string;
}

export async function aSchool(
  portal: TestPortal,
  name = "Collège Jean-Moulin",
  details: object = { postal: ["12 rue des Écoles", "69003 LYON"], phone: "04 72 00 00 00" },
): Promise<MadeSchool> {
  const ids = createIds(portal.clock, seededRandom(drawn++));
  const [id, classId] = [ids.uuid(), ids.uuid()];
  const common = { timezone: null, created_at: portal.clock.now(), closed_at: null };
  const school = { ...common, id, parent_id: null, type: "school", code: `069${drawn}A`, name } as const;
  const inSchool = {
    ...common,
    id: classId,
    parent_id: id,
    type: "class",
    code: "6B",
    name: "6e B",
  } as const;
  await portal.portal.store.transact((tx) =>
    rows.putEstablishments(tx, [
      { ...school, details: JSON.stringify(details) },
      { ...inSchool, details: "{}" },
    ]),
  );
  return { id, classId };
}

/** Puts a person into a school, with what a registry says of them. */
export async function belongs(
  portal: TestPortal,
  { account }: MadeAccount,
  school: MadeSchool,
  more: { birthDate?: string; postal?: string[] } = {},
): Promise<void> {
  const [first_name = "", ...surname] = account.name.split(" ");
  await portal.portal.store.transact(async (tx) => {
    await rows.putMembership(tx, {
      account_id: account.id,
      establishment_id: school.id,
      kind: account.kind,
      class_id: account.kind === "pupil" ? school.classId : null,
      since: portal.clock.now(),
    });
    await rows.putSchoolPeople(tx, [
      {
        account_id: account.id,
        surname: surname.join(" "),
        first_name,
        birth_date: more.birthDate ?? null,
        postal: more.postal ? JSON.stringify(more.postal) : null,
      },
    ]);
  });
}

/** Makes somebody the guardian of a pupil of a school. */
export async function isGuardianOf(
  portal: TestPortal,
  guardian: MadeAccount,
  pupil: MadeAccount,
  school: MadeSchool,
): Promise<void> {
  await portal.portal.store.transact((tx) =>
    tx.ask(
      `insert into guardianships (guardian_id, pupil_id, establishment_id, level, kinship, since)
        values (?, ?, ?, 1, null, ?)`,
      [guardian.account.id, pupil.account.id, school.id, portal.clock.now()],
    ),
  );
}

/** Prints a letter as the desk does, and reads it: what stands on paper stands nowhere else. */
export async function aLetter(portal: TestPortal, { account }: MadeAccount): Promise<Letter> {
  const { clock, config } = portal;
  const { store } = portal.portal;
  const random = seededRandom(drawn++);
  const ids = createIds(clock, random);
  const keys = createKeys(random, config.secret, null);
  const printed: Letter[] = [];
  const letters = createLetters({
    store,
    clock,
    random,
    ids,
    keys,
    preset: config.preset,
    journal: createJournal({ clock, ids }),
    budgets: createBudgets({ clock, keys, limits: config.preset.limits, alarm: () => undefined }),
    activationUrl: `${config.url}/activate`,
    hold: accountRows.hold,
    mayHelp: async () => true,
    listSchools: async () => [],
    schoolsWithin: async () => null,
    findSchool: async () => null,
    senderOf: async () => null,
    portal: { sender: { name: "Portail", lines: [], contact: null }, timezone: config.timezone },
    writePdf: (pages) =>
      Readable.from(
        (async function* () {
          for await (const letter of pages) printed.push(letter);
          yield* [];
        })(),
      ),
  });
  const caller = { incident: "TEST", locale: "fr", browser: null, sourceAddress: "127.0.0.1" } as Caller;
  const staff = { accountId: "01890000-0000-7000-8000-000000000009", helps: ["pupil"] } as unknown as Staff;
  const words = { title: "Lettre", filename: "lettre.pdf" };
  const outcome = await letters.printLetters(caller, staff, { accountId: account.id }, words);
  if (!outcome.ok) throw new Error(`No letter: ${outcome.refusal}`);
  await outcome.pdf.toArray();
  const [letter] = printed;
  if (!letter) throw new Error("No letter was printed.");
  return letter;
}
