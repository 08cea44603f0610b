import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { createBudgets } from "../src/access/budgets/budgets.ts";
import * as accountRows from "../src/accounts/accounts.store.ts";
import { insertManyAccounts, type MadeAccount } from "../src/accounts/bulk-accounts.store.ts";
import { readConfig } from "../src/config/config.ts";
import { createRoles } from "../src/desk/roles/roles.ts";
import { createTranslations } from "../src/i18n/translations.ts";
import { createJournal } from "../src/journal/journal.ts";
import type { Caller, Person, Staff } from "../src/kernel/caller.ts";
import { systemClock } from "../src/kernel/clock.ts";
import { createIds, type Ids } from "../src/kernel/ids.ts";
import { createKeys } from "../src/kernel/keys.ts";
import { systemRandom } from "../src/kernel/random.ts";
import { findProjectRoot } from "../src/kernel/root.ts";
import { Secret } from "../src/kernel/secret.ts";
import * as establishmentRows from "../src/school/establishments/establishments.store.ts";
import { placesOf } from "../src/school/establishments/walls.store.ts";
import type { Letter } from "../src/school/letters/letter.ts";
import { drawLetterCode } from "../src/school/letters/letter-code.ts";
import { readLetterFonts } from "../src/school/letters/letter-fonts.ts";
import { writeLetters } from "../src/school/letters/letter-pdf.ts";
import { createLetters } from "../src/school/letters/letters.ts";
import type { Tx } from "../src/store/store.ts";
import { type Bench, benchSecret, type Engine, openSeeded } from "./bench.ts";
import { nameOf } from "./people-names.ts";

const letterCount = 2000;

// What is kept is only known once what is not has been collected.
setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

export async function measureLetters(bench: Bench): Promise<void> {
  await measureWriter(bench);
  for (const engine of bench.engines) await measurePrinting(bench, engine);
}

/** Two thousand letters to PDF, every tenth in Arabic: how long, and what each keeps in memory until the end. */
async function measureWriter(bench: Bench): Promise<void> {
  const root = findProjectRoot();
  const translations = createTranslations(root, "Europe/Paris");
  const fonts = readLetterFonts(root);
  const at = systemClock.now();
  const heap: number[] = [];

  function letter(index: number): Letter {
    return {
      locale: index % 10 === 0 ? "ar" : "fr",
      timezone: "Europe/Paris",
      sender: {
        name: "Collège Jean-Moulin",
        lines: ["12 rue des Écoles", "69003 LYON"],
        contact: "04 72 00 00 00",
      },
      name: nameOf(index),
      postal: [`${index} allée des Marronniers`, "69100 VILLEURBANNE"],
      className: null,
      isForGuardian: true,
      pupils: [{ name: "Hugo P.", className: "6e A" }],
      identifier: `p.nom${index}`,
      codePlain: drawLetterCode(systemRandom),
      printedAt: at,
      lastDay: at,
      url: "https://acces.example.org/activate",
    };
  }
  async function* letters() {
    for (let index = 0; index < letterCount; index++) {
      if (index % 250 === 0) {
        collect();
        heap.push(process.memoryUsage().heapUsed);
      }
      yield letter(index);
    }
  }

  const started = performance.now();
  let bytes = 0;
  const about = { title: "Lettres", locale: "fr", at };
  for await (const chunk of writeLetters(
    { translations, fonts, brandName: "Portail scolaire" },
    letters(),
    about,
  )) {
    bytes += (chunk as Buffer).length;
  }
  const seconds = (performance.now() - started) / 1000;
  bench.say(
    `${(bytes / 1e6).toFixed(1)} MB; heap every 250 letters, in MB: ${heap.map((used) => (used / 1e6).toFixed(0)).join(" ")}`,
  );
  // The first letters fill what is kept for all: words, fonts, glyphs.
  const perLetter = ((heap.at(-1) ?? 0) - (heap[2] ?? 0)) / (250 * (heap.length - 3));
  bench.result(
    "kept in memory of a letter",
    `${(perLetter / 1000).toFixed(1)} kB`,
    "< 2 kB",
    perLetter < 2000,
  );
  bench.result("2,000 letters to PDF", `${seconds.toFixed(1)} s`, "< 60 s", seconds < 60);
}

/** The same as the desk prints them: each person judged and held, a code drawn, a line of the journal written. */
async function measurePrinting(bench: Bench, engine: Engine): Promise<void> {
  const clock = systemClock;
  const ids = createIds(clock, systemRandom);
  const keys = createKeys(systemRandom, new Secret(benchSecret), null);
  const root = findProjectRoot();
  const read = readConfig({ LOQUET_PRESET: "school", LOQUET_DEMO: "0" }, root);
  if (!read.ok) throw new Error(read.faults.join("\n"));
  const { preset } = read.config;
  const translations = createTranslations(root, "Europe/Paris");
  const fonts = readLetterFonts(root);
  const { store, close } = await openSeeded({ engine, accounts: 0, postgresUrl: bench.postgresUrl });
  try {
    const schoolId = ids.uuid();
    const head = ids.uuid();
    await store.transact((tx) => putSchool(tx, ids, schoolId, head));
    const roles = createRoles({ clock, ids, preset, findAccount: accountRows.findById, placesOf });
    await store.transact((tx) =>
      roles.grant(tx, { accountId: head, role: "head", grantedBy: null, establishmentId: schoolId }),
    );
    const letters = createLetters({
      store,
      clock,
      random: systemRandom,
      ids,
      keys,
      preset,
      journal: createJournal({ clock, ids }),
      budgets: createBudgets({ clock, keys, limits: preset.limits, alarm: () => undefined }),
      activationUrl: "https://acces.example.org/activate",
      hold: accountRows.hold,
      mayHelp: roles.mayHelp,
      listSchools: async () => [],
      schoolsWithin: async () => [schoolId],
      findSchool: async () => ({ id: schoolId, name: "Collège Jean-Moulin", classes: [] }),
      senderOf: async () => null,
      portal: { sender: { name: "Collège Jean-Moulin", lines: [], contact: null }, timezone: "Europe/Paris" },
      writePdf: (pages, about) =>
        writeLetters({ translations, fonts, brandName: preset.brandName }, pages, about),
    });
    const person = { accountId: head, sessionId: "", name: "", locale: "fr" } as Person;
    const staff = (await roles.staffOf(store, person)) as Staff;
    const caller = { incident: "BENCH", locale: "fr", browser: null, sourceAddress: "127.0.0.1" } as Caller;
    const group = { schoolId, classId: null, kind: "pupil" as const, isForAll: false };
    const started = performance.now();
    const outcome = await letters.printLetters(caller, staff, { group }, { title: "", filename: "" });
    if (!outcome.ok) throw new Error(outcome.refusal);
    for await (const _ of outcome.pdf) {
      // As fast as whoever reads takes it.
    }
    const seconds = (performance.now() - started) / 1000;
    const codes = await store.ask("select id from letter_codes where status = 'live'", []);
    if (codes.length !== letterCount) throw new Error(`${codes.length} codes for ${letterCount} letters.`);
    bench.result(`2,000 letters from the desk, ${engine}`, `${seconds.toFixed(1)} s`, "< 60 s", seconds < 60);
  } finally {
    await close();
  }
}

/** A school with its head, and as many pupils as there are letters. */
async function putSchool(tx: Tx, ids: Ids, schoolId: string, head: string): Promise<void> {
  const now = systemClock.now();
  const made = Array.from({ length: letterCount + 1 }, (_, index): MadeAccount => {
    const id = index === letterCount ? head : ids.uuid();
    const username = `p.nom${index}`;
    return {
      account: {
        id,
        kind: id === head ? "staff" : "pupil",
        status: id === head ? "active" : "pending",
        name: nameOf(index),
        nickname: null,
        locale: index % 10 === 0 ? "ar" : "fr",
        password_hash: null,
        password_changed_at: null,
        contacts_frozen_until: null,
        created_at: now,
        activated_at: null,
        closed_at: null,
        reminded_at: null,
      },
      identifiers: [{ key: username, account_id: id, kind: "username", shown: username }],
      contacts: [],
    };
  });
  await insertManyAccounts(tx, made);
  const school = { id: schoolId, parent_id: null, type: "school", code: "0690001A" } as const;
  await establishmentRows.putEstablishments(tx, [
    {
      ...school,
      name: "Collège Jean-Moulin",
      timezone: null,
      details: "{}",
      created_at: now,
      closed_at: null,
    },
  ]);
  await establishmentRows.putMemberships(
    tx,
    made.map(({ account: { id, kind } }) => ({
      account_id: id,
      establishment_id: schoolId,
      kind,
      class_id: null,
      since: now,
    })),
  );
}
