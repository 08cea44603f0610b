import { type Budgets, everybody } from "../../access/budgets/budgets.ts";
import type { Kind, Preset } from "../../config/preset.ts";
import { stranger } from "../../journal/journal.ts";
import type { Caller, Person } from "../../kernel/caller.ts";
import { type Clock, minute } from "../../kernel/clock.ts";
import type { Keys } from "../../kernel/keys.ts";
import { done } from "../../kernel/outcome.ts";
import type { Db, Store, Tx } from "../../store/store.ts";
import type { Attachments, KeptPicture } from "./attachments.ts";
import type { ContactCase, ContactCases, SeenCase } from "./contact-cases.ts";
import { type ContactRequest, type ContactValues, longestMessage } from "./contact-form.ts";
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
  | { ok: true; row: ContactCase }
  | { ok: false; refusal: "contact.too-many"; until: number };

/** What the page after sending shows, sealed into its address. */
interface Sent {
  caseId: string;
  browserId: string;
  until: number;
}

const sentFor = "contact-sent";
const sentShownFor = 30 * minute;

export type Contact = ReturnType<typeof createContact>;

export function createContact(deps: {
  store: Store;
  clock: Clock;
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
  const { store, clock, keys, budgets, cases, attachments } = deps;

  /** The narrowest first: what one address has used up must not eat into everybody's share. */
  async function spend(tx: Tx, caller: Caller, emailKey: string | null) {
    const limits = [
      ...(emailKey === null ? [] : ([["case.per-address", emailKey]] as const)),
      // A whole school writes from one address: slowed by the others' limits, never blocked by its own (promise 6).
      ...(caller.isSlowed ? [] : ([["case.per-source", caller.sourceKey]] as const)),
      ["case.service-wide", everybody] as const,
    ];
    for (const [name, key] of limits) {
      const spent = await budgets.spend(tx, name, key);
      if (!spent.ok) return spent;
    }
    return done;
  }

  /** Whether this source may send so many pictures more. */
  function maySendPictures(
    caller: Caller,
    count: number,
  ): Promise<{ ok: true } | { ok: false; until: number }> {
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
    change: (tx: Tx, keep: (messageId: string | null, into: string) => Promise<void>) => Promise<Result>,
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
   * it. Beyond the limits nothing is kept, and the page says until when.
   */
  function send(
    caller: Caller,
    asked: {
      request: ContactRequest;
      draft: Draft;
      isEvidenceKept: boolean;
      pictures: KeptPicture[];
      person: Person | null;
      /** Sealed: the case that was sent before with a mistyped address. */
      replaces: string;
    },
  ): Promise<SendOutcome> {
    const { request, draft, person } = asked;
    return withPictures(draft.caseId, asked.pictures, async (tx, keep): Promise<SendOutcome> => {
      const before = await cases.readForPerson(tx, draft.caseId);
      if (before) {
        const isSame = before.messages.some(({ body }) => body === request.what);
        if (isSame) return { ok: true, row: before.row };
        const added = await cases.addPersonMessage(tx, draft.caseId, { body: request.what, channel: "form" });
        await keep(added?.messageId ?? null, added?.row.id ?? draft.caseId);
        return { ok: true, row: before.row };
      }
      const budget = await spend(tx, caller, request.email?.key ?? null);
      if (!budget.ok) return { ok: false, refusal: "contact.too-many", until: budget.until };
      const row = await cases.openCase(tx, {
        id: draft.caseId,
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
        pupil: request.pupil,
        pupilClass: request.pupilClass,
        relation: request.relation,
        newContact: { email: request.newEmail, phone: request.newPhone },
        evidence: {
          ...(asked.isEvidenceKept ? draft.evidence : { at: draft.evidence.at }),
          ...(request.tried === "" ? {} : { tried: request.tried }),
          ...(request.change === "" ? {} : { recentChange: request.change }),
        },
        accountId: person?.accountId ?? null,
        isIdentityProved: person !== null,
        caller,
        actor: person === null ? stranger : { kind: "person", id: person.accountId },
      });
      await keep(null, row.id);
      const replaced = readSent(asked.replaces, caller);
      if (replaced !== null && replaced !== row.id) await cases.replaceBy(tx, replaced, row);
      return { ok: true, row };
    });
  }

  /** What leads this browser, for half an hour, to the page that says what was sent. */
  function sentToken(caseId: string, caller: Caller): string {
    const sent: Sent = { caseId, browserId: caller.browserId, until: clock.now() + sentShownFor };
    return keys.seal(sentFor, JSON.stringify(sent));
  }

  function readSent(token: string, caller: Caller): string | null {
    const opened = token === "" ? null : keys.open(sentFor, token);
    if (opened === null) return null;
    const sent = JSON.parse(opened) as Sent;
    return sent.browserId === caller.browserId && sent.until > clock.now() ? sent.caseId : null;
  }

  /** What was just sent from this browser; null when it was not, or too long ago for a shared computer. */
  async function justSent(caller: Caller, token: string): Promise<ContactCase | null> {
    const caseId = readSent(token, caller);
    return caseId === null ? null : cases.find(store, caseId);
  }

  /** What stood in a form that was just sent, to be sent again to the right address. */
  async function valuesToCorrect(caller: Caller, token: string): Promise<Partial<ContactValues> | null> {
    const row = await justSent(caller, token);
    if (!row || row.email_confirmed_at !== null || row.first_answered_at !== null) return null;
    const [first] = (await cases.readForPerson(store, row.id))?.messages ?? [];
    const { tried = "", recentChange = "" } = JSON.parse(row.evidence) as Evidence;
    return {
      symptom: row.symptom,
      kind: row.kind ?? "",
      name: row.name,
      identifier: row.identifier ?? "",
      establishment: row.establishment ?? "",
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
    const pictures = await attachments.listOf(db, [...new Set([linkedId, seen.row.id])]);
    return { ...seen, pictures, linkedId };
  }

  /** What whoever presses something on the page of a case shows by that: the mailbox, and the account signed in to. */
  async function meet(tx: Tx, linkedId: string, person: Person | null): Promise<void> {
    await cases.confirmEmail(tx, linkedId, "link");
    if (person) await cases.claim(tx, linkedId, person);
  }

  /** Adds to a case; what was over is open again. */
  async function addMessage(
    token: string,
    said: { body: string; pictures: KeptPicture[]; person: Person | null },
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
      await meet(tx, linkedId, said.person);
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
    sentToken,
    justSent,
    valuesToCorrect,
    maySendPictures,
    aboutPerson: deps.aboutPerson,
    look,
    addMessage,
    /** « C'est bien moi ». */
    confirm: (token: string, person: Person | null) =>
      press(token, async (tx, caseId) => {
        await meet(tx, caseId, person);
        return done;
      }),
    /** « Ce n'est pas moi ». */
    disown: (token: string) => press(token, (tx, caseId) => cases.disown(tx, caseId)),
    solved: (token: string, person: Person | null) =>
      press(token, async (tx, caseId) => {
        await meet(tx, caseId, person);
        return cases.solve(tx, { kind: "person" }, caseId);
      }),
    rate: (token: string, satisfaction: 1 | 2 | 3) =>
      press(token, async (tx, caseId) => {
        await meet(tx, caseId, null);
        return cases.rate(tx, caseId, satisfaction);
      }),
  };
}
