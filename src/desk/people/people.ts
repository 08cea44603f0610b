import type { Budgets } from "../../access/budgets/budgets.ts";
import type { AccountStatus, Kind } from "../../accounts/accounts.ts";
import { parseEmailAddress } from "../../accounts/addresses/email-address.ts";
import { parseMobileNumber } from "../../accounts/addresses/phone-number.ts";
import {
  type Cursor,
  type FoundPerson,
  type Inside,
  keepWhom,
  listByStatus,
  readFound,
  searchNear,
  searchPeople,
  type Whom,
} from "../../accounts/search/people-search.ts";
import { readQuery, saysEnough, type Term } from "../../accounts/search/search-query.ts";
import type { StaffAct } from "../../config/acts.ts";
import type { Preset } from "../../config/preset.ts";
import type { Staff } from "../../kernel/caller.ts";
import { type Clock, hour, second } from "../../kernel/clock.ts";
import type { SentRow } from "../../outbox/outbox.store.ts";
import type { Db, Store } from "../../store/store.ts";

/**
 * People, as staff find them: by words, addresses, numbers, whatever the accents, order and slips of the hand, and
 * by the state of the account. Only those whom a role of theirs helps; never oneself, nor anyone with a role. An
 * address that nobody has is told with what happened to it, and who is at a near spelling.
 *
 * Tables: none of its own here; see person, contact-corrections. Limits: "people-search.per-staff".
 * Journal: desk.person-seen, people.*, desk.*. Messages: people.*. Refusals: people.*.
 */
export const peopleStates = ["any", "active", "pending", "locked", "disabled", "closed"] as const;
export type PeopleState = (typeof peopleStates)[number];

export interface PersonLine extends FoundPerson {
  lockedUntil: number | null;
}

/** What became of an address or number at which nobody is whom one may help. */
export interface AddressTruth {
  channel: "email" | "sms";
  address: string;
  /** Somebody is there, whom one may not help: who is not told. */
  isHeld: boolean;
  /** An account that was not finished in time, and removed. */
  removed: { reason: string; removed_at: number } | null;
  suppression: { reason: string; since: number } | null;
  messages: SentRow[];
}

export type PeopleFound =
  | { ok: true; asked: "nothing" | "too-little" }
  | {
      ok: true;
      asked: "people";
      people: PersonLine[];
      /** Cursor of the next page; null at the end. */
      next: string | null;
      /** It stopped before the end: `next` looks further. */
      isPartial: boolean;
      near: PersonLine[];
      address: AddressTruth | null;
    }
  | { ok: false; refusal: "people.search.too-many"; until: number };

const aPage = 20;
/** Whoever types waits for no more than this before near spellings are looked for, nor for more than this after. */
const searchesForMs = 20;
const searchAct: StaffAct = "people.search";

export type People = ReturnType<typeof createPeople>;

export function createPeople(deps: {
  store: Store;
  clock: Clock;
  preset: Preset;
  budgets: Budgets;
  /** Whom an act reaches everywhere, and whom inside walls. */
  reachFor: (staff: Staff, act: StaffAct) => { kinds: Kind[]; inside: Inside[] };
  /** Those of these accounts that have a role. */
  staffAmong: (db: Db, accountIds: string[]) => Promise<string[]>;
  /** Which of these identifiers are locked, and until when. */
  lockedIdentifiers: (db: Db, identifierKeys: string[]) => Promise<Map<string, number>>;
  /** Accounts that were locked since a moment, the latest first. */
  lockedSince: (db: Db, since: number, limit: number) => Promise<string[]>;
  /** Whether an address or number is any account's. */
  isHeld: (db: Db, key: string) => Promise<boolean>;
  findRemoved: (db: Db, key: string) => Promise<{ reason: string; removed_at: number } | null>;
  findSuppression: (db: Db, key: string) => Promise<{ reason: string; since: number } | null>;
  messagesTo: (db: Db, key: string, limit: number) => Promise<SentRow[]>;
  /** Those of these accounts that exist. */
  existing: (db: Db, accountIds: string[]) => Promise<string[]>;
}) {
  const { store, clock, preset } = deps;

  /** Neither oneself nor anyone with a role; of the locked ones, those that are. */
  async function keepHelped(staff: Staff, state: PeopleState, ids: string[]): Promise<string[]> {
    const others = ids.filter((id) => id !== staff.accountId);
    const withRole = new Set(await deps.staffAmong(store, others));
    const helped = others.filter((id) => !withRole.has(id));
    if (state !== "locked") return helped;
    const locked = (await linesOf(helped)).filter(({ lockedUntil }) => lockedUntil !== null);
    return locked.map(({ account }) => account.id);
  }

  async function linesOf(ids: string[]): Promise<PersonLine[]> {
    const people = await readFound(store, ids);
    const keys = people.flatMap(({ identifiers }) => identifiers.map(({ key }) => key));
    const locked = await deps.lockedIdentifiers(store, keys);
    return people.map((person) => {
      const untils = person.identifiers.flatMap(({ key }) => locked.get(key) ?? []);
      return { ...person, lockedUntil: untils.length === 0 ? null : Math.max(...untils) };
    });
  }

  async function search(
    staff: Staff,
    asked: { typed: string; state: PeopleState; after: string },
  ): Promise<PeopleFound> {
    const terms = readQuery(asked.typed);
    if (terms.length === 0 && (asked.state === "any" || asked.state === "active")) {
      return { ok: true, asked: "nothing" };
    }
    if (terms.length > 0 && !saysEnough(terms)) return { ok: true, asked: "too-little" };
    const spent = await store.transactLightly((tx) =>
      deps.budgets.spend(tx, "people-search.per-staff", staff.accountId),
    );
    if (!spent.ok) return { ok: false, refusal: "people.search.too-many", until: spent.until };
    const reach = deps.reachFor(staff, searchAct);
    const nobody = { ids: [], next: null, isPartial: false, near: [] };
    const found =
      reach.kinds.length === 0 && reach.inside.length === 0
        ? nobody
        : terms.length === 0
          ? await listState(staff, asked.state, reach, asked.after)
          : await searchTerms(staff, terms, asked, reach);
    // In one state alone nobody may be found of somebody who is there in another. Whoever ends at some walls learns
    // nothing of an address beyond them.
    const isWhole = asked.after === "" && asked.state === "any" && reach.kinds.length > 0;
    return {
      ok: true,
      asked: "people",
      people: await linesOf(found.ids),
      next: found.next,
      isPartial: found.isPartial,
      near: await linesOf(found.near),
      address: isWhole && found.ids.length === 0 ? await truthOf(terms) : null,
    };
  }

  async function searchTerms(
    staff: Staff,
    terms: Term[],
    asked: { state: PeopleState; after: string },
    reach: Pick<Whom, "kinds" | "inside">,
  ) {
    const whom: Whom = { ...reach, status: statusOf(asked.state) };
    const keep = (ids: string[]) => keepHelped(staff, asked.state, ids);
    const startedAt = clock.now();
    const within = (ms: number) => () => clock.now() - startedAt < ms;
    const query = {
      terms,
      whom,
      keep,
      limit: aPage,
      mayGoOn: within(searchesForMs),
      counted: new Map(),
    };
    const cursor = readCursor(asked.after);
    const page = await searchPeople(store, { ...query, cursor });
    const isAddress = terms.every(({ kind }) => kind === "address");
    const isEnough = page.ids.length >= aPage || page.isPartial || (isAddress && page.ids.length > 0);
    const near =
      cursor !== null || isEnough
        ? []
        : await searchNear(store, {
            ...query,
            mayGoOn: within(2 * searchesForMs),
            limit: aPage - page.ids.length,
            except: page.ids,
          });
    return { ...page, next: page.next && writeCursor(page.next), near };
  }

  /** Everybody in a state that is not the usual one. */
  async function listState(
    staff: Staff,
    state: PeopleState,
    reach: Pick<Whom, "kinds" | "inside">,
    after: string,
  ) {
    const status = statusOf(state);
    if (status === null) return { ...(await listLocked(staff, reach)), near: [] };
    const before = /^[0-9a-f-]{36}$/.test(after) ? after : null;
    const whom = { ...reach, status };
    const listed = await listByStatus(store, { whom, before, limit: aPage + 1 });
    const ids = await keepHelped(staff, state, listed.slice(0, aPage));
    const next = listed.length > aPage ? (listed[aPage - 1] ?? null) : null;
    return { ids, next, isPartial: false, near: [] };
  }

  /** A lock lasts so long: whoever is locked now was locked since. */
  async function listLocked(staff: Staff, reach: Pick<Whom, "kinds" | "inside">) {
    const since = clock.now() - preset.lockout.lockForSeconds * second - hour;
    // Few of those who were locked lately may be one's own.
    const lately = await deps.lockedSince(store, since, reach.kinds.length > 0 ? 500 : 20_000);
    const helped: string[] = [];
    for (let at = 0; at < lately.length; at += 500) {
      helped.push(...(await keepWhom(store, lately.slice(at, at + 500), { ...reach, status: null })));
    }
    const ids = await keepHelped(staff, "locked", helped);
    return { ids: ids.slice(0, 5 * aPage), next: null, isPartial: false };
  }

  /** What is known of an address or number that nobody whom one may help has. */
  async function truthOf(terms: Term[]): Promise<AddressTruth | null> {
    const [only] = terms;
    if (!only || terms.length > 1 || only.kind === "word") return null;
    const asked = readContact(only);
    if (!asked) return null;
    const messages = await deps.messagesTo(store, asked.key, aPage);
    const accountIds = [...new Set(messages.flatMap(({ account_id: id }) => id ?? []))];
    const alive = new Set(await deps.existing(store, accountIds));
    return {
      channel: asked.channel,
      address: asked.address,
      isHeld: await deps.isHeld(store, asked.key),
      removed: await deps.findRemoved(store, asked.key),
      suppression: await deps.findSuppression(store, asked.key),
      // What was sent about an account stands on that person's page, for those who may help them.
      messages: messages.filter(({ account_id: id }) => id === null || !alive.has(id)),
    };
  }

  function readContact(term: Term): { channel: "email" | "sms"; address: string; key: string } | null {
    if (term.kind === "address") {
      const email = parseEmailAddress(term.text);
      return email.ok ? { channel: "email", ...email } : null;
    }
    const mobile = parseMobileNumber(term.text, preset.phoneCountry);
    return mobile.ok ? { channel: "sms", address: mobile.shown, key: mobile.e164 } : null;
  }

  return { search };
}

const statusOf = (state: PeopleState): AccountStatus | null =>
  state === "any" || state === "locked" ? null : state;

const writeCursor = ({ term, range, last }: Cursor): string =>
  Buffer.from(JSON.stringify([term, range, last?.word ?? null, last?.id ?? null])).toString("base64url");

/** What somebody wrote into the address line is no cursor: the list simply begins at its beginning. */
function readCursor(text: string): Cursor | null {
  if (text === "" || text.length > 600) return null;
  try {
    const read: unknown = JSON.parse(Buffer.from(text, "base64url").toString("utf8"));
    if (!Array.isArray(read)) return null;
    const [term, range, word, id] = read;
    const isPlace = Number.isInteger(term) && Number.isInteger(range) && term >= 0 && range >= 0;
    if (!isPlace) return null;
    const isWord = typeof word === "string" && !/\p{Cc}/u.test(word);
    const isId = typeof id === "string" && /^[0-9a-f-]{36}$/.test(id);
    return { term, range, last: isWord && isId ? { word, id } : null };
  } catch {
    return null;
  }
}
