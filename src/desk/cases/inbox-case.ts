import type { ContactPoint } from "../../accounts/accounts.ts";
import type { Kind } from "../../config/preset.ts";
import type { Staff } from "../../kernel/caller.ts";
import type { Db, Store } from "../../store/store.ts";
import type { CannedAnswers, OfferedAnswer } from "./canned-answers.ts";
import type { Evidence } from "./case-input.ts";
import {
  attachmentsOf,
  type CaseAttachmentRow,
  type CaseMessageRow,
  type CaseRow,
  findByNumber,
  findCase,
  mergedInto,
  messagesOf,
} from "./cases.store.ts";
import type { Cases } from "./cases.ts";
import { namesOf } from "./inbox.store.ts";
import type { Inbox } from "./inbox.ts";
import type { Colleague } from "./inbox-staff.ts";

/** The person beside the case, as far as this member of staff may help them. */
export interface PersonCard {
  accountId: string;
  name: string;
  identifiers: string[];
  kind: Kind;
  status: "pending" | "active" | "disabled" | "closed";
  /** Until when it is locked for somebody; null while it is for nobody. */
  lockedUntil: number | null;
  contacts: CardContact[];
}

/** A contact point as this member of staff may see it. */
export interface CardContact {
  id: string;
  shown: string;
  state: ContactPoint["state"];
  isDead: boolean;
}

/** Somebody whom a case can be tied to. */
export interface PersonFound {
  accountId: string;
  name: string;
  identifiers: string[];
  /** As they may be shown to this member of staff. */
  contacts: string[];
}

/** Everything that the page of one case shows. */
export interface CaseFile {
  row: CaseRow;
  /** Of this case and of those that go on in it, in order. */
  messages: CaseMessageRow[];
  attachments: CaseAttachmentRow[];
  evidence: Evidence;
  /** Those that go on in this one. */
  merged: CaseRow[];
  /** The one that this goes on in. */
  goesOnIn: CaseRow | null;
  /** The one that this goes on from. */
  follows: CaseRow | null;
  /** Other cases of the same account, the newest first. */
  others: CaseRow[];
  assignedTo: string | null;
  /** The newest message both ways: an answer written from this page is sent only while it is still the newest. */
  seen: string | null;
  person: PersonCard | null;
  /** By what the person can be asked who they are. */
  waysToProve: { id: string; shown: string }[];
  canned: OfferedAnswer[];
  colleagues: Colleague[];
  /** Names of others who have it open now. */
  viewers: string[];
  /** The address that the case came from refused our mails for good. */
  isAddressDead: boolean;
  /** Where it stands; `isInside`: the page of the establishment is theirs to open. */
  standsAt: { id: string; name: string; isInside: boolean } | null;
  /** Whether they may answer it, and do what else is done with a case. */
  mayAct: boolean;
  /** Where they may put it: nowhere, one of these, or (`typed`) whatever establishment they name. */
  placesToMoveTo: { id: string; name: string }[] | "typed";
}

const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const reference = /^[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}$/;
const othersAtMost = 6;

export interface InboxCaseDeps {
  store: Store;
  cases: Cases;
  inbox: Inbox;
  canned: CannedAnswers;
  /** Null for somebody whom this member of staff may not help. */
  personCard: (staff: Staff, accountId: string) => Promise<PersonCard | null>;
  /** A contact point as this member of staff may see it; `kind` null: of somebody whom they do not see. */
  shownTo: (staff: Staff, person: { kind: Kind | null }, point: ContactPoint) => string;
  isSuppressed: (db: Db, addressKey: string) => Promise<boolean>;
}

/** One case with what stands beside it. */
export function createInboxCase(deps: InboxCaseDeps) {
  const { store, cases } = deps;

  /** By its number or its id; null where there is none that they may see. */
  async function find(staff: Staff, name: string): Promise<CaseRow | null> {
    const number = name.toUpperCase();
    // Anything may stand in an address, also what a database refuses to be asked.
    const row = uuid.test(name)
      ? await findCase(store, name)
      : reference.test(number)
        ? await findByNumber(store, number)
        : null;
    return row && cases.maySee(staff, row) ? row : null;
  }

  /** The case and those that go on in it. */
  const idsOf = async (row: CaseRow) => [row.id, ...(await mergedInto(store, row.id)).map(({ id }) => id)];

  /** Opening it is written down for the others who have it open. */
  async function open(staff: Staff, row: CaseRow): Promise<CaseFile> {
    const merged = await mergedInto(store, row.id);
    const caseIds = [row.id, ...merged.map(({ id }) => id)];
    const visible = async (id: string | null) => {
      const found = id === null ? null : await findCase(store, id);
      return found && cases.maySee(staff, found) ? found : null;
    };
    const messages = await messagesOf(store, caseIds);
    const both = messages.filter(
      ({ kind, case_id }) => case_id === row.id && (kind === "person" || kind === "staff"),
    );
    const ofAccount =
      row.account_id === null ? [] : await cases.casesOfAccount(store, row.account_id, othersAtMost + 1);
    const person = row.account_id === null ? null : await deps.personCard(staff, row.account_id);
    return {
      row,
      messages,
      attachments: await attachmentsOf(store, caseIds),
      evidence: JSON.parse(row.evidence) as Evidence,
      merged,
      goesOnIn: await visible(row.merged_into),
      follows: await visible(row.follows),
      others: ofAccount.filter((one) => !caseIds.includes(one.id) && cases.maySee(staff, one)),
      assignedTo:
        row.assignee_id === null
          ? null
          : ((await namesOf(store, [row.assignee_id])).get(row.assignee_id) ?? null),
      seen: both.at(-1)?.id ?? null,
      person,
      waysToProve: (await cases.waysToProve(store, row)).map((point) => ({
        id: point.id,
        shown: deps.shownTo(staff, { kind: person?.kind ?? null }, point),
      })),
      canned: await deps.canned.offer(row),
      colleagues: (await cases.colleagues.colleaguesFor(store, row)).filter(
        ({ accountId }) => accountId !== row.account_id,
      ),
      viewers: await deps.inbox.lookAt(staff, row.id),
      isAddressDead: row.email_key !== null && (await deps.isSuppressed(store, row.email_key)),
      standsAt: await standsAt(staff, row),
      mayAct: cases.mayAct(staff, row),
      placesToMoveTo: await placesToMoveTo(staff, row),
    };
  }

  async function standsAt(staff: Staff, row: CaseRow): Promise<CaseFile["standsAt"]> {
    const id = row.establishment_id;
    const place = id === null ? null : ((await cases.establishments?.find([id]))?.get(id) ?? null);
    return place && { id: place.id, name: place.name, isInside: cases.walls.maySeePlace(staff, place) };
  }

  async function placesToMoveTo(staff: Staff, row: CaseRow): Promise<CaseFile["placesToMoveTo"]> {
    if (cases.establishments === null || !cases.mayAct(staff, row)) return [];
    if (cases.walls.wallsOf(staff, "cases.answer") === null) return "typed";
    const places = await deps.inbox.placesOf(staff, "cases.answer");
    return places.filter(({ id }) => id !== row.establishment_id).map(({ id, name }) => ({ id, name }));
  }

  return { find, idsOf, open };
}

export type InboxCase = ReturnType<typeof createInboxCase>;
