import type { Kind } from "../../config/preset.ts";
import type { Symptom } from "../../config/symptoms.ts";
import type { Actor } from "../../journal/journal.ts";
import type { Caller, Person } from "../../kernel/caller.ts";
import type { Db, Tx } from "../../store/store.ts";
import type { AttachmentRow } from "./attachments.ts";
import type { Evidence } from "./evidence.ts";

/** What this room knows of a case, and what it needs of the room of cases: handed over in wiring. */
export interface ContactCase {
  id: string;
  number: string;
  status: "open" | "waiting" | "solved" | "closed" | "merged";
  relay: string;
  symptom: Symptom;
  kind: Kind | null;
  locale: string;
  subject: string;
  identifier: string | null;
  name: string;
  email: string | null;
  email_confirmed_at: number | null;
  phone: string | null;
  establishment: string | null;
  establishment_id: string | null;
  pupil: string | null;
  pupil_class: string | null;
  relation: string | null;
  new_email: string | null;
  new_phone: string | null;
  details_applied_at: number | null;
  account_id: string | null;
  identity_proved_at: number | null;
  opened_at: number;
  expected_at: number | null;
  first_answered_at: number | null;
  solved_at: number | null;
  closed_at: number | null;
  satisfaction: number | null;
  evidence: string;
}

export interface ContactMessage {
  id: string;
  case_id: string;
  kind: "person" | "staff" | "note" | "event";
  author_name: string | null;
  body: string;
  at: number;
}

/** Who wrote a message that is not from staff, where it is not the writer of the case; null where it is. */
export const otherAuthor = ({ author_name }: ContactMessage, writer: string): string | null =>
  author_name === writer || author_name === "" ? null : author_name;

/** What this room needs of the room of cases. */
export interface ContactCases {
  openCase(
    tx: Tx,
    asked: {
      id: string;
      origin: "form";
      locale: string;
      subject: string;
      body: string;
      symptom: Symptom;
      kind: Kind | null;
      identifier: string;
      name: string;
      email: { address: string; key: string } | null;
      phone: string;
      establishment: string;
      establishmentId?: string | null;
      pupil: string;
      pupilClass: string;
      relation: string;
      newContact: { email: string; phone: string };
      evidence: Evidence;
      isAcknowledged: boolean;
      accountId: string | null;
      isIdentityProved: boolean;
      caller: Caller;
      actor: Actor;
    },
  ): Promise<ContactCase>;
  addPersonMessage(
    tx: Tx,
    caseId: string,
    said: { body: string; channel: "form" },
  ): Promise<{ row: ContactCase; messageId: string } | null>;
  find(db: Db, caseId: string): Promise<ContactCase | null>;
  readForPerson(
    db: Db,
    caseId: string,
  ): Promise<{ row: ContactCase; isAsked: boolean; caseIds: string[]; messages: ContactMessage[] } | null>;
  /** The case that a press by a link is about, held: what its page asks about. */
  holdAsked(tx: Tx, linkedId: string): Promise<ContactCase | null>;
  /** Whether it once had an address that was taken from it. */
  hasLostAddress(db: Db, caseId: string): Promise<boolean>;
  readCaseLink(token: string): string | null;
  confirmEmail(tx: Tx, caseId: string, by: "link"): Promise<void>;
  claim(tx: Tx, caseId: string, person: Person): Promise<boolean>;
  disown(tx: Tx, caseId: string): Promise<{ ok: boolean }>;
  replaceBy(tx: Tx, caseId: string, by: { number: string }): Promise<void>;
  solve(tx: Tx, by: { kind: "person" }, caseId: string): Promise<{ ok: boolean }>;
  rate(tx: Tx, caseId: string, satisfaction: 1 | 2 | 3): Promise<{ ok: boolean }>;
}

/** A case as its writer reads it. */
export interface SeenCase {
  row: ContactCase;
  /** Whether the owner of the mailbox is still asked if they wrote it. */
  isAsked: boolean;
  /** Of `row`, and of those that go on in it: whose pictures may be read. */
  caseIds: string[];
  messages: ContactMessage[];
  pictures: AttachmentRow[];
}
