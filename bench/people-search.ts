import { createBudgets } from "../src/access/budgets/budgets.ts";
import * as lockoutRows from "../src/access/lockout/lockout.store.ts";
import * as accountRows from "../src/accounts/accounts.store.ts";
import { readConfig } from "../src/config/config.ts";
import { createPeople } from "../src/desk/people/people.ts";
import { createRoles } from "../src/desk/roles/roles.ts";
import * as journalRows from "../src/journal/journal.store.ts";
import type { Staff } from "../src/kernel/caller.ts";
import { systemClock } from "../src/kernel/clock.ts";
import { createIds } from "../src/kernel/ids.ts";
import { createKeys } from "../src/kernel/keys.ts";
import { systemRandom } from "../src/kernel/random.ts";
import { findProjectRoot } from "../src/kernel/root.ts";
import { Secret } from "../src/kernel/secret.ts";
import * as outboxRows from "../src/outbox/outbox.store.ts";
import { belongsWithin, everybodyWithin, placesOf } from "../src/school/establishments/walls.store.ts";
import type { Store } from "../src/store/store.ts";
import { type Bench, emailOf, openSeeded } from "./bench.ts";
import { nameOf } from "./people-names.ts";

const eachKind = 200;

/** The desk's own search on this store, as a member of the support team uses it; inside the walls of `place`, if given. */
function searchOn(store: Store, place: string | null = null): (typed: string) => Promise<number> {
  const read = readConfig({ LOQUET_PRESET: "service", LOQUET_DEMO: "0" }, findProjectRoot());
  if (!read.ok) throw new Error(read.faults.join("\n"));
  const { preset } = read.config;
  const clock = systemClock;
  const ids = createIds(clock, systemRandom);
  const keys = createKeys(systemRandom, new Secret("a-secret-of-the-bench-0123456789"), null);
  const roles = createRoles({ clock, ids, preset, findAccount: accountRows.findById, placesOf });
  const wide = { ...preset.limits, "people-search.per-staff": { max: 100_000_000, perSeconds: 3600 } };
  const people = createPeople({
    store,
    clock,
    preset,
    budgets: createBudgets({ clock, keys, limits: wide, alarm: () => {} }),
    reachFor(staff, act) {
      const kinds = roles.kindsHelped(staff, act);
      if (place === null) return { kinds, inside: [] };
      return {
        kinds: [],
        inside: [{ kinds, belongs: belongsWithin(place), members: everybodyWithin(place) }],
      };
    },
    staffAmong: roles.staffAmong,
    async lockedIdentifiers(db, identifierKeys) {
      const counters = identifierKeys.map((key) => keys.digest("lockout.identifier", key));
      await lockoutRows.listLocked(db, counters, clock.now());
      return new Map();
    },
    lockedSince: journalRows.lockedSince,
    isHeld: accountRows.isHeld,
    findRemoved: accountRows.findRemoved,
    findSuppression: outboxRows.findSuppression,
    messagesTo: outboxRows.listOfRecipient,
    existing: accountRows.listExisting,
  });
  const { may, helps, relays } = preset.roles.find(
    ({ id }) => id === "support",
  ) as (typeof preset.roles)[number];
  const staff: Staff = {
    accountId: ids.uuid(),
    sessionId: ids.uuid(),
    name: "Anne",
    locale: "fr",
    roles: ["support"],
    grants: [{ role: "support", establishmentId: null }],
    may: new Set(may),
    helps,
    relays,
  };
  return async (typed) => {
    const found = await people.search(staff, { typed, state: "any", after: "" });
    return found.ok && found.asked === "people" ? found.people.length + found.near.length : 0;
  };
}

/** The same slip for the same number: a letter dropped, doubled, changed, or swapped with the next. */
function slip(word: string, n: number): string {
  const at = 1 + (n % Math.max(1, word.length - 2));
  switch (n % 4) {
    case 0:
      return word.slice(0, at) + word.slice(at + 1);
    case 1:
      return word.slice(0, at) + word.slice(at - 1);
    case 2:
      return `${word.slice(0, at)}x${word.slice(at + 1)}`;
    default:
      return word.slice(0, at) + (word[at + 1] ?? "") + (word[at] ?? "") + word.slice(at + 2);
  }
}

/** What staff type, by what makes it hard. */
function queries(accounts: number): Record<string, (n: number) => string> {
  const somebody = (n: number) => nameOf((n * 7919) % accounts);
  const firstName = (n: number) => somebody(n).split(" ")[0] as string;
  const surname = (n: number) => somebody(n).split(" ").slice(1).join(" ");
  return {
    "three letters": (n) => surname(n).slice(0, 3),
    "a surname": surname,
    "first name and surname": somebody,
    "surname first, while typing": (n) => `${surname(n)} ${firstName(n).slice(0, 3)}`,
    "two beginnings": (n) => `${firstName(n).slice(0, 3)} ${surname(n + 1).slice(0, 3)}`,
    "two common words": (n) =>
      ["marie martin", "jean mohamed", "marie jean", "fatima pierre", "martin bernard"][n % 5] as string,
    "two of different people": (n) => `${firstName(n)} ${surname(n + 1)}`,
    "a slip in a surname": (n) => slip(surname(n), n),
    "a slip in a name of two words": (n) => `${firstName(n)} ${slip(surname(n), n)}`,
    "two slips in a long word": (n) => slip(slip(surname(n), n), n + 5),
    "an address": (n) => emailOf((n * 104_729) % accounts),
    "an address with a slip": (n) => slip(emailOf((n * 104_729) % accounts), n),
    "nobody's name": (n) => `xyq${n} wvz${n * 31}`,
  };
}

const share = (times: number[], of: number) =>
  times.toSorted((a, b) => a - b)[Math.min(times.length - 1, Math.floor(times.length * of))] as number;

const peopleOfASchool = 1000;
const schoolsOfAnAcademy = 100;

/** Every account in a school of a thousand, and every hundred schools in an academy; answers one of each. */
async function seedSchools(store: Store, accounts: number): Promise<{ school: string; academy: string }> {
  const schools = Math.ceil(accounts / peopleOfASchool);
  const columns = "id, parent_id, type, code, name, timezone, details, created_at, closed_at";
  await store.transact(async (tx) => {
    for (let n = 0; n < schools; n++) {
      const academy = `academy-${Math.floor(n / schoolsOfAnAcademy)}`;
      const rows: [string, string | null, string][] =
        n % schoolsOfAnAcademy === 0 ? [[academy, null, "academy"]] : [];
      for (const [id, parent, type] of [...rows, [`school-${n}`, academy, "school"] as const]) {
        await tx.ask(`insert into establishments (${columns}) values (?, ?, ?, ?, ?, null, '{}', 0, null)`, [
          id,
          parent,
          type,
          id,
          id,
        ]);
        for (const above of parent === null ? [id] : [id, parent]) {
          await tx.ask("insert into establishments_above (establishment_id, above_id) values (?, ?)", [
            id,
            above,
          ]);
        }
      }
    }
    await tx.ask(
      `insert into memberships (account_id, establishment_id, kind, class_id, since, left_at)
        select id, 'school-' || ((row_number() over (order by id) - 1) / ${peopleOfASchool}), kind, null, 0, null
        from accounts`,
      [],
    );
  });
  if (store.engine === "postgres") await store.ask("analyze memberships, establishments_above", []);
  return { school: "school-0", academy: "academy-0" };
}

/** Searches of people on the desk: the first twenty, of everybody there is, and inside the walls of a school. */
export async function measurePeopleSearch(bench: Bench): Promise<void> {
  for (const engine of bench.engines) {
    const { store, close } = await openSeeded({
      engine,
      accounts: bench.accounts,
      postgresUrl: bench.postgresUrl,
    });
    const search = searchOn(store);
    try {
      // As on a server that has run for a while: what is measured is not the disk after a million insertions.
      for (const touch of [
        "select count(*) from people_words where word > ''",
        "select count(*) from people_words where account_id > ''",
        "select count(*) from people_lexicon where word > ''",
        "select count(*) from people_lexicon where reversed > ''",
        "select count(distinct kind) from accounts",
        "select count(distinct kind) from identifiers where account_id > ''",
        "select count(distinct state) from contact_points where account_id > ''",
      ]) {
        await store.ask(touch, []);
      }
      for (const query of Object.values(queries(bench.accounts))) {
        for (let n = 0; n < eachKind; n++) await search(query(eachKind + n));
      }
      const all: number[] = [];
      for (const [kind, query] of Object.entries(queries(bench.accounts))) {
        const times: number[] = [];
        let found = 0;
        for (let n = 0; n < eachKind; n++) {
          const startedAt = performance.now();
          found += await search(query(n));
          times.push(performance.now() - startedAt);
        }
        all.push(...times);
        bench.say(
          `${engine}, ${kind}: half within ${share(times, 0.5).toFixed(1)} ms, 99 % within ${share(times, 0.99).toFixed(1)} ms, ${(found / eachKind).toFixed(1)} found`,
        );
      }
      const p99 = share(all, 0.99);
      bench.result(
        `search of people among ${bench.accounts.toLocaleString("en")}, ${engine}`,
        `99 % within ${p99.toFixed(1)} ms`,
        "< 50 ms",
        p99 < 50,
      );
      for (const [what, place] of Object.entries(await seedSchools(store, bench.accounts))) {
        const inside = searchOn(store, place);
        const times: number[] = [];
        for (const [kind, query] of Object.entries(queries(bench.accounts))) {
          const own: number[] = [];
          for (let n = 0; n < eachKind; n++) {
            const startedAt = performance.now();
            await inside(query(n));
            // The first half is the warming up.
            if (n >= eachKind / 2) own.push(performance.now() - startedAt);
          }
          bench.say(`${engine}, one ${what}, ${kind}: 99 % within ${share(own, 0.99).toFixed(1)} ms`);
          times.push(...own);
        }
        const p99Inside = share(times, 0.99);
        bench.result(
          `search inside the walls of one ${what}, ${engine}`,
          `99 % within ${p99Inside.toFixed(1)} ms`,
          "< 50 ms",
          p99Inside < 50,
        );
      }
    } finally {
      await close();
    }
  }
}
