import type { Readable } from "node:stream";
import type { Budgets } from "../../access/budgets/budgets.ts";
import type { Account } from "../../accounts/accounts.ts";
import type { StaffAct } from "../../config/acts.ts";
import type { Kind, Preset } from "../../config/preset.ts";
import type { Journal } from "../../journal/journal.ts";
import type { Caller, Staff } from "../../kernel/caller.ts";
import { type Clock, day } from "../../kernel/clock.ts";
import type { Ids } from "../../kernel/ids.ts";
import type { Keys } from "../../kernel/keys.ts";
import type { Random } from "../../kernel/random.ts";
import type { Db, Store, Tx } from "../../store/store.ts";
import type { Letter, LetterSender } from "./letter.ts";
import { drawLetterCode, readLetterCode } from "./letter-code.ts";
import * as rows from "./letters.store.ts";

export type { Pending } from "./letters.store.ts";

/**
 * Letters: a printed page with an identifier and a code that activates the account once (promise 4: 12 characters of
 * Crockford's alphabet, three months). The plain code is drawn while its page is, and stands nowhere else: not in the
 * database, the journal or a page of the desk (promise 7). Printing again replaces the earlier code. It opens nothing
 * without the identifier, and nothing of an account that is active.
 *
 * Tables: letter_codes; reads accounts, identifiers, memberships, school_people, guardianships, establishments.
 * Settings: limit "staff-act.per-staff". Act: letters.print. Refusals: letters.unknown, .nobody, .beyond, .too-many.
 * Events: letters.printed of the person, desk.letters-printed of whoever printed.
 */
export const letterAct = "letters.print" satisfies StaffAct;

/** One person, or all of a group who have not activated their account. */
export type PrintTarget = { accountId: string } | { group: rows.LetterGroup };

export type PrintOutcome =
  | { ok: true; pdf: Readable; filename: string }
  /** Nobody and nothing that this member of staff may print for: answered like what does not exist. */
  | { ok: false; refusal: "letters.unknown" }
  /** Everybody has activated their account, lacks an identifier, or has a letter that is not to be replaced. */
  | { ok: false; refusal: "letters.nobody" }
  /** More than are printed at once. */
  | { ok: false; refusal: "letters.beyond"; people: number }
  | { ok: false; refusal: "letters.too-many"; until: number };

/** A school that a member of staff may print for, as the page of letters shows it. */
export interface LetterSchool {
  id: string;
  name: string;
  classes: { id: string; name: string }[];
}

/** The same in a list. */
export type ListedSchool = Pick<LetterSchool, "id" | "name"> & { code: string };

type LetterCondition = rows.LetterStatus | "expired";

/** What a code leads to, for whoever has it right. */
export interface JudgedCode {
  letterId: string;
  condition: LetterCondition;
}

/** A letter that was printed, as staff see it. */
export interface PrintedBefore {
  condition: LetterCondition;
  at: number;
  /** A moment of the last day on which its code serves. */
  lastDay: number;
}

/** Whom letters are written to, by which school, and what is said of it. */
interface Meant {
  accountIds: string[];
  /** Null: who belongs to no school. */
  schoolId: string | null;
  classId: string | null;
  /** Whether a letter that still serves is replaced. */
  isForAll: boolean;
  place: string;
}

/** Longer than any three months. The letter names the day before the last, so that the whole day named serves. */
const servesForDays = 93;
/** Letters whose codes are made in one transaction: few, so that a reader who stops has replaced few. */
const atOnce = 20;
/** Letters of one file: what a printer has done within the hour. */
export const lettersAtMost = 2000;
const schoolsAtOnce = 50;

export type Letters = ReturnType<typeof createLetters>;

export function createLetters(deps: {
  store: Store;
  clock: Clock;
  random: Random;
  ids: Ids;
  keys: Keys;
  preset: Pick<Preset, "languages">;
  journal: Journal;
  budgets: Budgets;
  /** Where an account is activated. */
  activationUrl: string;
  hold: (tx: Tx, accountId: string) => Promise<Account | null>;
  mayHelp: (db: Db, staff: Staff, accountId: string, act: StaffAct) => Promise<boolean>;
  /** The first schools inside the walls of this member of staff, or the first that a search finds there. */
  listSchools: (db: Db, staff: Staff, asked: { typed: string; limit: number }) => Promise<ListedSchool[]>;
  /** The schools in which they print for this kind of person; null: in every one. */
  schoolsWithin: (db: Db, staff: Staff, kind: Kind) => Promise<string[] | null>;
  /** A school inside these walls, with its classes; null for any other. */
  findSchool: (db: Db, staff: Staff, schoolId: string) => Promise<LetterSchool | null>;
  /** A school as letters name it, with its time zone; null: none that is known. */
  senderOf: (db: Db, schoolId: string) => Promise<{ sender: LetterSender; timezone: string } | null>;
  /** Who writes where a person belongs to no school. */
  portal: { sender: LetterSender; timezone: string };
  writePdf: (
    letters: AsyncIterable<Letter>,
    about: { title: string; locale: string; at: number },
  ) => Readable;
}) {
  const { store, clock, random, ids, keys, journal } = deps;

  const conditionOf = ({ status, expires_at }: Pick<rows.LetterCodeRow, "status" | "expires_at">) =>
    status === "live" && expires_at <= clock.now() ? "expired" : status;

  const digestsOf = (accountId: string, code: string) => keys.digests("letter.code", `${accountId} ${code}`);

  /** Draws the code of one letter and puts it in the place of the earlier one. Answers it in plain, this once. */
  async function drawCode(tx: Tx, accountId: string, staff: Staff): Promise<string> {
    const codePlain = drawLetterCode(random);
    const now = clock.now();
    const [code_digest = ""] = digestsOf(accountId, readLetterCode(codePlain) as string);
    await rows.replaceCode(tx, {
      id: ids.uuid(),
      account_id: accountId,
      code_digest,
      status: "live",
      status_at: now,
      printed_at: now,
      printed_by: staff.accountId,
      expires_at: now + servesForDays * day,
    });
    return codePlain;
  }

  const mayWriteTo = (account: Account | null) =>
    account?.status === "pending" && account.password_hash === null;

  /** Makes the codes of a few people and answers their letters; who may not be written to is left out. */
  async function prepare(
    caller: Caller,
    staff: Staff,
    accountIds: string[],
    { schoolId, classId, isForAll }: Meant,
  ): Promise<Letter[]> {
    const found = await rows.listRecipients(store, accountIds);
    const byId = new Map(
      found.filter((row) => row.school_id === schoolId).map((row) => [row.account_id, row]),
    );
    const from = (schoolId && (await deps.senderOf(store, schoolId))) || deps.portal;
    const guardianIds = accountIds.filter((id) => byId.get(id)?.kind === "guardian");
    const pupils = schoolId === null ? [] : await rows.listPupilsOf(store, guardianIds, schoolId);
    // Of several, whoever is in the class that is printed says in which pile the letter lies.
    const [first, others] = [true, false].map((isFirst) =>
      pupils.filter((pupil) => (classId !== null && pupil.class_id === classId) === isFirst),
    ) as [rows.PupilRow[], rows.PupilRow[]];
    return store.transact(async (tx) => {
      const letters: Letter[] = [];
      // Always in the same order, so that two who print the same people at once do not wait for each other in turn.
      const held = new Set<string>();
      for (const id of accountIds.toSorted()) {
        if (!byId.has(id)) continue;
        if (mayWriteTo(await deps.hold(tx, id)) && (await deps.mayHelp(tx, staff, id, letterAct)))
          held.add(id);
      }
      // Somebody else may have printed since they were listed.
      const lettered = isForAll ? new Set<string>() : await rows.listLettered(tx, [...held], clock.now());
      for (const id of accountIds) {
        const recipient = byId.get(id);
        if (!recipient || !held.has(id) || lettered.has(id)) continue;
        const codePlain = await drawCode(tx, id, staff);
        await journal.record(tx, {
          event: "letters.printed",
          accountId: id,
          actor: { kind: "staff", id: staff.accountId },
          caller,
        });
        const theirs = [...first, ...others].filter((pupil) => pupil.guardian_id === id);
        letters.push(letterTo(recipient, theirs, from, codePlain));
      }
      return letters;
    });
  }

  function letterTo(
    recipient: rows.RecipientRow,
    pupils: rows.PupilRow[],
    { sender, timezone }: { sender: LetterSender; timezone: string },
    codePlain: string,
  ): Letter {
    const { languages } = deps.preset;
    const now = clock.now();
    return {
      locale: languages.offered.includes(recipient.locale) ? recipient.locale : languages.default,
      timezone,
      sender,
      name: recipient.name,
      postal: readLines(recipient.postal),
      className: recipient.kind === "pupil" ? recipient.class_name : null,
      isForGuardian: recipient.kind === "guardian",
      pupils: pupils.map((pupil) => ({ name: shortName(pupil), className: pupil.class_name })),
      identifier: recipient.identifier,
      codePlain,
      printedAt: now,
      lastDay: now + (servesForDays - 1) * day,
      url: deps.activationUrl,
    };
  }

  /** Letters as they are asked for: the codes of the next few are made only once the pages before have left. */
  async function* letters(caller: Caller, staff: Staff, meant: Meant): AsyncGenerator<Letter> {
    const { accountIds } = meant;
    for (let at = 0; at < accountIds.length; at += atOnce) {
      yield* await prepare(caller, staff, accountIds.slice(at, at + atOnce), meant);
    }
  }

  /** Who is meant, inside the walls; null where there is nobody and nothing of that name. */
  async function resolveTarget(staff: Staff, target: PrintTarget): Promise<Meant | null> {
    if ("accountId" in target) {
      const recipient = await findRecipient(staff, target.accountId);
      return (
        recipient && {
          accountIds: [target.accountId],
          schoolId: recipient.school_id,
          classId: null,
          isForAll: true,
          place: recipient.name,
        }
      );
    }
    const { group } = target;
    const school = await deps.findSchool(store, staff, group.schoolId);
    const inClass = school?.classes.find(({ id }) => id === group.classId);
    if (!school || (group.classId !== null && !inClass)) return null;
    return {
      accountIds: await rows.listPending(store, group, clock.now()),
      schoolId: school.id,
      classId: group.classId,
      isForAll: group.isForAll,
      place: [school.name, ...(inClass ? [inClass.name] : [])].join(", "),
    };
  }

  /** One person, in the school in which they are helped: of several the one that they have belonged to longest. */
  async function findRecipient(staff: Staff, accountId: string): Promise<rows.RecipientRow | null> {
    if (!(await deps.mayHelp(store, staff, accountId, letterAct))) return null;
    const found = await rows.listRecipients(store, [accountId]);
    const [longest] = found;
    if (!longest) return null;
    const within = await deps.schoolsWithin(store, staff, longest.kind);
    return found.find(({ school_id: id }) => id !== null && within?.includes(id)) ?? longest;
  }

  /**
   * Prints letters: each has a new code, and the earlier one of its person serves no more. Whom this member of staff
   * may not help is left out. The pages come as they are read; who stops reading stops the making of codes.
   */
  async function printLetters(
    caller: Caller,
    staff: Staff,
    target: PrintTarget,
    words: { title: string; filename: string },
  ): Promise<PrintOutcome> {
    const meant = await resolveTarget(staff, target);
    if (!meant) return { ok: false, refusal: "letters.unknown" };
    const people = meant.accountIds.length;
    if (people > lettersAtMost) return { ok: false, refusal: "letters.beyond", people };
    const budget = await store.transact((tx) =>
      deps.budgets.spend(tx, "staff-act.per-staff", staff.accountId),
    );
    if (!budget.ok) return { ok: false, refusal: "letters.too-many", until: budget.until };
    const printed = letters(caller, staff, meant);
    const first = await printed.next();
    if (first.done) return { ok: false, refusal: "letters.nobody" };
    await store.transact((tx) =>
      journal.record(tx, {
        event: "desk.letters-printed",
        accountId: staff.accountId,
        actor: { kind: "staff", id: staff.accountId },
        params: { place: meant.place },
        caller,
      }),
    );
    const pdf = deps.writePdf(withFirst(first.value, printed), {
      title: words.title,
      locale: caller.locale,
      at: clock.now(),
    });
    return { ok: true, pdf, filename: words.filename };
  }

  /**
   * Judges a code typed for an account. The same work without an account, and for what cannot be a code (promise 2).
   * Null: wrong.
   */
  async function judgeCode(db: Db, accountId: string | null, typed: string): Promise<JudgedCode | null> {
    const code = readLetterCode(typed);
    const row = await rows.findCode(db, accountId ?? "", digestsOf(accountId ?? "", code ?? ""));
    if (!row || code === null || accountId === null) return null;
    return { letterId: row.id, condition: conditionOf(row) };
  }

  return {
    printLetters,
    judgeCode,
    /** What became of a code that was right. */
    async conditionOf(db: Db, letterId: string): Promise<LetterCondition> {
      const row = await rows.findById(db, letterId);
      return row ? conditionOf(row) : "expired";
    },
    /** Spends a code that was right; false for all but one of those who try at once. */
    spendCode: (tx: Tx, letterId: string) => rows.spendCode(tx, letterId, clock.now()),
    /** The account was opened: its letters serve no more. */
    endOfAccount: (tx: Tx, accountId: string) => rows.endOfAccount(tx, accountId, clock.now()),
    /** The schools to choose among, or those that a search finds. */
    async listSchools(staff: Staff, typed: string): Promise<{ found: ListedSchool[]; hasMore: boolean }> {
      const found = await deps.listSchools(store, staff, { typed, limit: schoolsAtOnce + 1 });
      return { found: found.slice(0, schoolsAtOnce), hasMore: found.length > schoolsAtOnce };
    },
    findSchool: (staff: Staff, schoolId: string) => deps.findSchool(store, staff, schoolId),
    countPending: (schoolId: string) => rows.countPending(store, schoolId, clock.now()),
    countPendingOfClasses: (schoolId: string) => rows.countPendingOfClasses(store, schoolId, clock.now()),
    /** For the page on which one letter is printed; null for whom this member of staff may not help. */
    async personFor(
      staff: Staff,
      accountId: string,
    ): Promise<{ name: string; isPending: boolean; newest: PrintedBefore | null } | null> {
      const recipient = await findRecipient(staff, accountId);
      if (!recipient) return null;
      const newest = await rows.findNewest(store, accountId);
      return {
        name: recipient.name,
        isPending: recipient.status === "pending",
        newest: newest && {
          condition: conditionOf(newest),
          at: newest.printed_at,
          lastDay: newest.expires_at - day,
        },
      };
    },
    forget: (tx: Tx, expiredBefore: number) => rows.forget(tx, expiredBefore),
  };
}

async function* withFirst(first: Letter, rest: AsyncGenerator<Letter>): AsyncGenerator<Letter> {
  yield first;
  yield* rest;
}

/** `Hugo P.`: whoever hands letters out knows the class, and needs no more. */
function shortName({ first_name, surname }: rows.PupilRow): string {
  const [initial] = surname;
  return initial === undefined ? first_name : `${first_name} ${initial}.`;
}

function readLines(postal: string | null): string[] {
  if (postal === null) return [];
  const lines: unknown = JSON.parse(postal);
  return Array.isArray(lines) ? lines.filter((line) => typeof line === "string" && line.trim() !== "") : [];
}
