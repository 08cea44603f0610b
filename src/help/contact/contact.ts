import { type Budgets, everybody } from "../../access/budgets/budgets.ts";
import type { Kind, LimitName, Preset } from "../../config/preset.ts";
import { stranger } from "../../journal/journal.ts";
import type { Caller, Person } from "../../kernel/caller.ts";
import { type Clock, minute } from "../../kernel/clock.ts";
import type { Ids } from "../../kernel/ids.ts";
import type { Keys } from "../../kernel/keys.ts";
import { done } from "../../kernel/outcome.ts";
import type { Db, Store, Tx } from "../../store/store.ts";
import type { Attachments, KeptPicture } from "./attachments.ts";
import type { ContactCase, ContactCases, SeenCase } from "./contact-cases.ts";
import { type ContactRequest, type ContactValues, longestMessage } from "./contact-form.ts";
import { notKnown } from "./contact-place.ts";
import type { Draft, Evidence } from "./evidence.ts";

/**
 * Contact: how somebody who is not signed in asks for help, follows what becomes of it, and answers. The form is the
 * same for everybody and looks at no account (promise 2); a link in a mail leads back to the case, and only a press
 * there changes anything (promise 4).
 *
 * Tables: none of its own; cases and their pictures are the room of cases'.
 * Settings: kinds, support.*, limits "case.*", "case-message.per-case", "picture.per-source".
 * Refusals: contact.*.missing, contact.what.too-long, contact.phone.malformed, contact.picture.*, contact.too-many,
 * email.*, phone.*.
 */
export type SendOutcome =
  | { ok: true; row: ContactCase; sentPath: string }
  | { ok: false; refusal: "contact.too-many"; until: number };

/** What the page after sending shows, sealed into its address. */
interface Sent {
  caseId: string;
  browserId: string;
  until: number;
  /** The form itself gave no address: only then is the link of the case shown on a screen. */
  mayFollow: boolean;
  /** Whether a mail says that it has arrived. */
  isAcknowledged: boolean;
}

interface Asked {
  request: ContactRequest;
  draft: Draft;
  isEvidenceKept: boolean;
  pictures: KeptPicture[];
  person: Person | null;
  /** Where it belongs, null: nobody knows. Left out: the one school of whoever is signed in. */
  placeId?: string | null;
  /** Sealed: the case that was sent before with a mistyped address. */
  replaces: string;
}

type Keep = (messageId: string | null, into: string) => Promise<void>;

const sentFor = "contact-sent";
const sentShownFor = 30 * minute;

export type Contact = ReturnType<typeof createContact>;

export function createContact(deps: {
  store: Store;
  clock: Clock;
  ids: Ids;
  keys: Keys;
  preset: Preset;
  budgets: Budgets;
  cases: ContactCases;
  attachments: Attachments;
  /** What somebody signed in need not type. */
  aboutPerson: (
    person: Person,
  ) => Promise<{ name: string; kind: Kind; identifier: string; email: string | null } | null>;
}) {
  const { store, clock, ids, keys, budgets, cases, attachments } = deps;

  /** The narrowest first: what one source has used up must not eat into everybody's share. */
  async function spend(tx: Tx, caller: Caller, everyone: LimitName, key: string) {
    // A whole school writes from one address: slowed by the others' limits, never blocked by its own (promise 6).
    const ofSource = caller.isSlowed ? done : await budgets.spend(tx, "case.per-source", caller.sourceKey);
    return ofSource.ok ? budgets.spend(tx, everyone, key) : ofSource;
  }

  /**
   * Whether a mail may say that a request has arrived. Anybody can write with anybody's address: beyond its limit no
   * more mails go there, and its owner is heard all the same (promise 6).
   */
  async function mayAcknowledge(tx: Tx, email: ContactRequest["email"]): Promise<boolean> {
    if (email === null) return false;
    const spent = await budgets.spend(tx, "case.per-address", email.key);
    return spent.ok && (await budgets.look(tx, "case-acknowledgement.per-address", email.key)).ok;
  }

  /** Whether this source may send so many pictures more. */
  function maySendPictures(
    caller: Caller,
    count: number,
  ): Promise<{ ok: true } | { ok: false; until: number }> {
    if (caller.isSlowed) return Promise.resolve(done);
    return store.transact(async (tx) => {
      for (let spent = 0; spent < count; spent++) {
        const budget = await budgets.spend(tx, "picture.per-source", caller.sourceKey);
        if (!budget.ok) return budget;
      }
      return done;
    });
  }

  /** Runs a change that names pictures: their files are in place before, and back where they were if it fails. */
  async function withPictures<Result extends { ok: boolean }>(
    caseId: string,
    pictures: KeptPicture[],
    change: (tx: Tx, keep: Keep) => Promise<Result>,
  ): Promise<Result> {
    const placed = await attachments.place(caseId, pictures);
    try {
      const result = await store.transact((tx) =>
        change(tx, async (messageId, into) => {
          for (const row of placed.rows) {
            await attachments.insert(tx, { ...row, case_id: into, message_id: messageId });
          }
        }),
      );
      if (!result.ok) await placed.takeBack();
      return result;
    } catch (cause) {
      await placed.takeBack();
      throw cause;
    }
  }

  /**
   * Sends the form. The same page sent twice makes one case; what was written differently the second time is added to
   * it, while it is not over and goes on in no other: then it is a request of its own. Beyond the limits nothing is
   * kept, and the page says until when.
   */
  async function send(caller: Caller, asked: Asked): Promise<SendOutcome> {
    const before = await cases.find(store, asked.draft.caseId);
    const caseId = before === null || isLive(before) ? asked.draft.caseId : ids.uuid();
    return withPictures(caseId, asked.pictures, async (tx, keep): Promise<SendOutcome> => {
      const own = await cases.holdAsked(tx, caseId);
      if (own) return sendAgain(tx, caller, asked, own, keep);
      const budget = await spend(tx, caller, "case.service-wide", everybody);
      if (!budget.ok) return { ok: false, refusal: "contact.too-many", until: budget.until };
      const isAcknowledged = await mayAcknowledge(tx, asked.request.email);
      const row = await open(tx, caller, { ...asked, caseId, isAcknowledged });
      await keep(null, row.id);
      const replaced = readSent(asked.replaces, caller)?.caseId ?? row.id;
      if (replaced !== row.id) await cases.replaceBy(tx, replaced, row);
      return { ok: true, row, sentPath: await sentPath(tx, caller, asked.request, row, isAcknowledged) };
    });
  }

  function open(
    tx: Tx,
    caller: Caller,
    asked: Asked & { caseId: string; isAcknowledged: boolean },
  ): Promise<ContactCase> {
    const { request, draft, person } = asked;
    return cases.openCase(tx, {
      id: asked.caseId,
      origin: "form",
      locale: caller.locale,
      subject: "",
      body: request.what,
      symptom: request.symptom,
      kind: request.kind,
      identifier: request.identifier,
      name: request.name,
      email: request.email,
      phone: request.phone,
      establishment: request.establishment,
      ...(asked.placeId === undefined ? {} : { establishmentId: asked.placeId }),
      pupil: request.pupil,
      pupilClass: request.pupilClass,
      relation: request.relation,
      newContact: { email: request.newEmail, phone: request.newPhone },
      evidence: {
        ...(asked.isEvidenceKept ? draft.evidence : { at: draft.evidence.at }),
        ...(request.tried === "" ? {} : { tried: request.tried }),
        ...(request.change === "" ? {} : { recentChange: request.change }),
      },
      isAcknowledged: asked.isAcknowledged,
      accountId: person?.accountId ?? null,
      isIdentityProved: person !== null,
      caller,
      actor: person === null ? stranger : { kind: "person", id: person.accountId },
    });
  }

  /** The page of a case that is there already: its words are added once, and its pictures. */
  async function sendAgain(
    tx: Tx,
    caller: Caller,
    { request }: Asked,
    own: ContactCase,
    keep: Keep,
  ): Promise<SendOutcome> {
    const messages = (await cases.readForPerson(tx, own.id))?.messages ?? [];
    const same = messages.find(({ case_id, body }) => case_id === own.id && body === request.what);
    if (same) await keep(same.id, own.id);
    else {
      const budget = await spend(tx, caller, "case-message.per-case", own.id);
      if (!budget.ok) return { ok: false, refusal: "contact.too-many", until: budget.until };
      const added = await cases.addPersonMessage(tx, own.id, { body: request.what, channel: "form" });
      await keep(added?.messageId ?? null, own.id);
    }
    return { ok: true, row: own, sentPath: await sentPath(tx, caller, request, own, true) };
  }

  /** Leads this browser, for half an hour, to the page that says what was sent. */
  async function sentPath(
    tx: Tx,
    caller: Caller,
    request: ContactRequest,
    row: ContactCase,
    isAcknowledged: boolean,
  ): Promise<string> {
    // An address that its owner took away was given all the same: its writer does not get the link for that.
    const hasNoAddress = request.email === null && row.email === null;
    const sent: Sent = {
      caseId: row.id,
      browserId: caller.browserId,
      until: clock.now() + sentShownFor,
      mayFollow: hasNoAddress && !(await cases.hasLostAddress(tx, row.id)),
      isAcknowledged,
    };
    return `/contact/sent?case=${encodeURIComponent(keys.seal(sentFor, JSON.stringify(sent)))}`;
  }

  function readSent(token: string, caller: Caller): Sent | null {
    const opened = token === "" ? null : keys.open(sentFor, token);
    if (opened === null) return null;
    const sent = JSON.parse(opened) as Sent;
    return sent.browserId === caller.browserId && sent.until > clock.now() ? sent : null;
  }

  /** What was just sent from this browser; null when it was not, or too long ago for a shared computer. */
  async function justSent(
    caller: Caller,
    token: string,
  ): Promise<
    (Pick<Sent, "mayFollow" | "isAcknowledged"> & { row: ContactCase; mayCorrect: boolean }) | null
  > {
    const sent = readSent(token, caller);
    const row = sent && (await cases.find(store, sent.caseId));
    if (!sent || !row) return null;
    const { mayFollow, isAcknowledged } = sent;
    // Somebody has read it since, or it goes on elsewhere: its writer alone says what is in it no more.
    const isUntouched = row.email_confirmed_at === null && row.first_answered_at === null;
    return { row, mayFollow, isAcknowledged, mayCorrect: row.status === "open" && isUntouched };
  }

  /** What stood in a form that was just sent, to be sent again to the right address. */
  async function valuesToCorrect(caller: Caller, token: string): Promise<Partial<ContactValues> | null> {
    const sent = await justSent(caller, token);
    if (!sent?.mayCorrect) return null;
    const { row } = sent;
    const messages = (await cases.readForPerson(store, row.id))?.messages ?? [];
    const first = messages.find(({ case_id }) => case_id === row.id);
    const { tried = "", recentChange = "" } = JSON.parse(row.evidence) as Evidence;
    return {
      symptom: row.symptom,
      kind: row.kind ?? "",
      name: row.name,
      identifier: row.identifier ?? "",
      establishment: row.establishment ?? "",
      place: row.establishment_id ?? notKnown,
      "place-for": row.establishment ?? "",
      pupil: row.pupil ?? "",
      class: row.pupil_class ?? "",
      relation: row.relation ?? "",
      email: row.email ?? "",
      phone: row.phone ?? "",
      "new-email": row.new_email ?? "",
      "new-phone": row.new_phone ?? "",
      what: first?.body ?? "",
      tried,
      change: recentChange,
    };
  }

  /** The case behind a link; null for whatever leads to none, or to one that was forgotten. Changes nothing. */
  async function look(token: string, db: Db = store): Promise<SeenCase | null> {
    const linkedId = cases.readCaseLink(token);
    const seen = linkedId === null ? null : await cases.readForPerson(db, linkedId);
    if (!seen || linkedId === null) return null;
    return { ...seen, pictures: await attachments.listOf(db, seen.caseIds) };
  }

  /**
   * Adds to a case; what was over is open again. It proves nothing of who writes: what the owner of the mailbox says may
   * well be that somebody else wrote it.
   */
  async function addMessage(
    token: string,
    said: { body: string; pictures: KeptPicture[] },
  ): Promise<
    | { ok: true }
    | { ok: false; refusal: "contact.unknown" | "contact.what.missing" | "contact.what.too-long" }
    | { ok: false; refusal: "contact.too-many"; until: number }
  > {
    const body = said.body.replaceAll("\r\n", "\n").trim();
    const linkedId = cases.readCaseLink(token);
    if (linkedId === null) return { ok: false, refusal: "contact.unknown" };
    if (body === "" && said.pictures.length === 0) return { ok: false, refusal: "contact.what.missing" };
    if (body.length > longestMessage) return { ok: false, refusal: "contact.what.too-long" };
    return withPictures(linkedId, said.pictures, async (tx, keep) => {
      const budget = await budgets.spend(tx, "case-message.per-case", linkedId);
      if (!budget.ok) return { ok: false, refusal: "contact.too-many", until: budget.until } as const;
      const added = await cases.addPersonMessage(tx, linkedId, { body, channel: "form" });
      if (!added) return { ok: false, refusal: "contact.unknown" } as const;
      await keep(added.messageId, added.row.id);
      return { ok: true } as const;
    });
  }

  /** One press on the page of a case; null when its link leads nowhere. */
  async function press(
    token: string,
    act: (tx: Tx, linkedId: string) => Promise<{ ok: boolean }>,
  ): Promise<{ ok: boolean } | null> {
    const linkedId = cases.readCaseLink(token);
    if (linkedId === null) return null;
    return store.transact(async (tx) => ((await cases.find(tx, linkedId)) ? act(tx, linkedId) : null));
  }

  return {
    send,
    justSent,
    valuesToCorrect,
    maySendPictures,
    aboutPerson: deps.aboutPerson,
    look,
    addMessage,
    /** « C'est bien moi »: the one press that proves who has the mailbox, or the account signed in to, wrote the case. */
    confirm: (token: string, person: Person | null) =>
      press(token, async (tx, linkedId) => {
        const asked = await cases.holdAsked(tx, linkedId);
        if (!asked) return done;
        await cases.confirmEmail(tx, asked.id, "link");
        if (person) await cases.claim(tx, asked.id, person);
        return done;
      }),
    /** « Ce n'est pas moi ». */
    disown: (token: string) => press(token, (tx, caseId) => cases.disown(tx, caseId)),
    solved: (token: string) => press(token, (tx, caseId) => cases.solve(tx, { kind: "person" }, caseId)),
    rate: (token: string, satisfaction: 1 | 2 | 3) =>
      press(token, (tx, caseId) => cases.rate(tx, caseId, satisfaction)),
  };
}

const isLive = ({ status }: ContactCase) => status === "open" || status === "waiting";
