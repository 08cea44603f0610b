import type { Kind } from "../../config/preset.ts";
import type { Symptom } from "../../config/symptoms.ts";
import type { Actor } from "../../journal/journal.ts";
import type { Caller, Staff } from "../../kernel/caller.ts";
import type { CaseMessageRow, CaseOrigin, CaseRow } from "./cases.store.ts";

/**
 * What comes with a case by itself. All of it is what a browser or a page said at the time: it helps whoever
 * answers, and proves nothing.
 */
export interface Evidence {
  /** When it happened, or when the form was opened. */
  at: number;
  /** The page that the person came from. */
  path?: string;
  messageShown?: string;
  /** Reference of the refusal that was shown. */
  incident?: string;
  browser?: string;
  device?: string;
  /** By what a message was expected: `email` or `sms`. */
  channel?: string;
  /** As they were asked and answered, in the person's language. */
  diagnosis?: { question: string; answer: string }[];
  /** Slugs. */
  articlesRead?: string[];
  tried?: string;
  recentChange?: string;
}

export interface OpenCase {
  origin: CaseOrigin;
  /** The person's language: every message goes out in it. */
  locale: string;
  /** One line; empty: the beginning of `body`. */
  subject: string;
  body: string;
  quoted?: string | null;
  /** A conversation that has become a case: all that was said in it, with its times, instead of `body` alone. */
  said?: SaidBefore[];
  /** When that conversation began. */
  openedAt?: number;
  symptom: Symptom;
  kind: Kind | null;
  /** As typed: what the person says the account is named. */
  identifier?: string | null;
  name: string;
  email: { address: string; key: string } | null;
  phone: string | null;
  /** As typed. */
  establishment?: string | null;
  /** Where it stands, null: nobody knows. Left out: the one school of the account that it is tied to. */
  establishmentId?: string | null;
  pupil?: string | null;
  pupilClass?: string | null;
  relation?: string | null;
  /** Details that the person says are up to date; staff apply them once it is proved who asks. */
  newContact?: { email?: string | null; phone?: string | null };
  evidence: Evidence;
  /** The account that the writer is signed in to, or that staff say it is about. */
  accountId?: string | null;
  /** True only when the writer was signed in to `accountId`. */
  isIdentityProved?: boolean;
  /** Message-ID of the mail that opened it, with angle brackets. */
  mailId?: string | null;
  /** The case that this one goes on from. */
  follows?: string | null;
  /** False where something else tells the person: a chat that is still open. Default true. */
  isAcknowledged?: boolean;
  /** Another relay than the one that the routing chooses. */
  relay?: string;
  /** The staff member who opens it for a caller takes it. */
  assigneeId?: string | null;
  /** Where its files were put before it was opened. */
  id?: string;
  caller: Caller | null;
  actor: Actor;
}

/** Something that was said before there was a case. */
export interface SaidBefore {
  by: "person" | "staff";
  staffId: string | null;
  name: string | null;
  body: string;
  at: number;
}

/** Who acts on a case. A person acts by the case's own link, which says nothing about who they are. */
export type By = { kind: "staff"; staff: Staff } | { kind: "person" } | { kind: "system" };

/** What a person reads: the case, and what was said both ways, without notes. */
export interface CaseSeen {
  row: CaseRow;
  /** Whether the owner of the mailbox that the link was sent to is still asked if they wrote it. */
  isAsked: boolean;
  /** Of `row`, and of those that go on in it. */
  caseIds: string[];
  messages: CaseMessageRow[];
}

/**
 * Whether it is still asked if the owner of the address wrote the case. A reply says that they have the mailbox; that
 * the case is theirs, only a press or a session.
 */
export function isAskedWhether(
  row: Pick<CaseRow, "email"> & { email_confirmed_by: CaseRow["email_confirmed_by"] },
): boolean {
  return row.email !== null && row.email_confirmed_by !== "link" && row.email_confirmed_by !== "session";
}

export const longestSubject = 150;
export const longestBody = 20_000;

/** One line of a text, cut at a word; what is cut off is said by an ellipsis. */
export function oneLine(text: string, longest: number): string {
  const line = text.replaceAll(/[\s\p{Cc}]+/gu, " ").trim();
  if (line.length <= longest) return line;
  const cut = line.slice(0, longest - 1);
  const space = cut.lastIndexOf(" ");
  return `${(space > longest / 2 ? cut.slice(0, space) : cut).trimEnd()}…`;
}

/** At most `longest` characters, no half of a pair. */
export function cutAt(text: string, longest: number): string {
  return text.length <= longest
    ? text
    : text
        .slice(0, longest)
        .toWellFormed()
        .replace(/\uFFFD$/, "");
}
