import { readFound, searchNear, searchPeople } from "../src/accounts/search/people-search.ts";
import { readQuery } from "../src/accounts/search/search-query.ts";
import type { Store } from "../src/store/store.ts";
import { type Bench, emailOf, openSeeded } from "./bench.ts";
import { nameOf } from "./people-names.ts";

const whom = { kinds: ["guardian", "pupil", "member", "staff"], status: null };
const aPage = 20;
const eachKind = 200;

/** One search as the desk does it: the first page, near spellings where it is not full, and the people themselves. */
async function search(store: Store, typed: string): Promise<number> {
  const terms = readQuery(typed);
  const asked = { terms, whom, limit: aPage, keep: async (ids: string[]) => ids };
  const found = await searchPeople(store, { ...asked, cursor: null });
  const isAddress = terms.every(({ kind }) => kind === "address");
  const near =
    found.ids.length < aPage && !found.isPartial && !(isAddress && found.ids.length > 0)
      ? await searchNear(store, { ...asked, limit: aPage - found.ids.length, except: found.ids })
      : [];
  return (await readFound(store, [...found.ids, ...near])).length;
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

/** Searches of people on the desk: the first twenty, of everybody there is. */
export async function measurePeopleSearch(bench: Bench): Promise<void> {
  for (const engine of bench.engines) {
    const { store, close } = await openSeeded({
      engine,
      accounts: bench.accounts,
      postgresUrl: bench.postgresUrl,
    });
    try {
      // As on a server that has run for a while: what is measured is not the disk after a million insertions.
      for (const table of ["people_words", "people_lexicon", "accounts", "contact_points", "identifiers"]) {
        await store.ask(`select count(*) as rows_read from ${table}`, []);
      }
      for (const query of Object.values(queries(bench.accounts))) {
        for (let n = 0; n < 20; n++) await search(store, query(eachKind + n));
      }
      const all: number[] = [];
      for (const [kind, query] of Object.entries(queries(bench.accounts))) {
        const times: number[] = [];
        let found = 0;
        for (let n = 0; n < eachKind; n++) {
          const startedAt = performance.now();
          found += await search(store, query(n));
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
    } finally {
      await close();
    }
  }
}
