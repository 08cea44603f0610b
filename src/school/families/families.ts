import type { Budgets } from "../../access/budgets/budgets.ts";
import type { Account } from "../../accounts/accounts.ts";
import type { Journal } from "../../journal/journal.ts";
import type { Caller, Person, Staff } from "../../kernel/caller.ts";
import type { Clock } from "../../kernel/clock.ts";
import type { Ids } from "../../kernel/ids.ts";
import { done, type Outcome, refused } from "../../kernel/outcome.ts";
import type { NewMessage } from "../../outbox/outbox.ts";
import { oneAtATime } from "../../store/abilities.ts";
import type { Asked, Db, Store, Tx } from "../../store/store.ts";
import * as rows from "./families.store.ts";

/**
 * Families: guardians see the pupils whom they answer for, as the registries of schools say. « Je ne suis pas le
 * représentant légal de cet élève », or, of whoever is none, « Je ne m’occupe pas de cet élève », tells the school; from
 * then on the guardian is shown no more of that pupil, and
 * nothing is proved by the link, until staff of the school end it or say that it is right. How several accounts of one
 * guardian become one: `joins.ts`.
 *
 * Tables: family_reports; guardianships.denied_at and .refused_at. Refusals: families.*. Messages: families.reported,
 * families.decided. Journal: families.reported, .link-removed, .link-kept; desk.family-link-removed, .family-link-kept.
 */
export interface FamiliesDeps {
  store: Store;
  clock: Clock;
  ids: Ids;
  journal: Journal;
  budgets: Budgets;
  /** The account of a session that still lives, held until the transaction ends. */
  holdSignedIn(tx: Tx, person: Person): Promise<Account | null>;
  findAccount(db: Db, accountId: string): Promise<Account | null>;
  isStaff(db: Db, accountId: string): Promise<boolean>;
  /** The e-mail address of an establishment; null where none is known. */
  schoolEmail(db: Db, establishmentId: string): Promise<string | null>;
  enqueue(tx: Tx, message: NewMessage): Promise<unknown>;
  /** Of mails to a school. */
  locale: string;
  noticeUsefulForSeconds: number;
  tellContacts(
    tx: Tx,
    account: Account,
    message: { template: string; params: Record<string, string | number | null> },
  ): Promise<void>;
  /** Inside which establishments this member of staff may do this; null: everywhere. */
  wallsFor(staff: Staff, act: "families.see" | "people.see"): string[] | null;
  mayHelp(db: Db, staff: Staff, accountId: string, act?: "families.see" | "people.see"): Promise<boolean>;
  /** Which of these establishments are one of `walls` or lie within one. */
  within(db: Asked, establishmentIds: string[], walls: string[]): Promise<ReadonlySet<string>>;
  readReason(typed: string): { reason: string; fields: { field: string; refusal: string }[] };
}

/** A pupil of a guardian, with each of their schools. */
export interface PupilSeen {
  id: string;
  /** Null from the report on that they are not this guardian's, until staff have answered. */
  name: string | null;
  places: { school: string; className: string | null }[];
  /** 1: legal representative; 2: in charge of the pupil; 3: somebody to reach. */
  level: number;
  reportedAt: number | null;
}

/** A guardian or pupil, as a member of staff may see them beside the other one. */
export interface Relative {
  id: string;
  name: string;
  /** Whether their page may be opened. */
  isOpen: boolean;
  places: { school: string; className: string | null }[];
  level: number;
  reportedAt: number | null;
}

export type { ShownReport } from "./families.store.ts";

export type DecideOutcome =
  | { ok: true; decision: "removed" | "kept" }
  | { ok: false; refusal: "families.invalid"; fields: { field: string; refusal: string }[] }
  | { ok: false; refusal: "families.unknown" }
  | { ok: false; refusal: "families.too-many"; until: number };

export const longestWords = 300;
/** What imports name while they write: whoever moves what registries said comes before or after them, never between. */
export const linksLock = "registry-import";
/** Of a list of the desk. */
export const rowsAtOnce = 50;

export type Families = ReturnType<typeof createFamilies>;

export function createFamilies(deps: FamiliesDeps) {
  const { store, clock, ids, journal } = deps;

  /** The pupils of a guardian, each once. */
  async function pupils(db: Db, guardianId: string): Promise<PupilSeen[]> {
    return byPerson(await rows.pupilsOf(db, guardianId), ({ pupil_id: id }) => id).map(([id, ties]) => {
      const reportedAt = reportOf(ties);
      return {
        id,
        name: reportedAt === null ? (ties[0]?.pupil_name ?? null) : null,
        // Whoever is not their guardian is not told more of the child, only which school was told.
        places: ties.map(({ school, class_name }) => ({
          school,
          className: reportedAt === null ? class_name : null,
        })),
        level: levelOf(ties),
        reportedAt,
      };
    });
  }

  /** One pupil of theirs, to be reported; null where the pupil is not theirs. */
  async function pupil(person: Person, pupilId: string): Promise<PupilSeen | null> {
    return (await pupils(store, person.accountId)).find(({ id }) => id === pupilId) ?? null;
  }

  /**
   * « Je ne suis pas le représentant légal de cet élève »: each school that says so is told. A second report of what is
   * reported already changes nothing.
   */
  async function report(
    caller: Caller,
    person: Person,
    asked: { pupilId: string; words: string },
  ): Promise<Outcome<object, "families.words.too-long" | "families.unknown" | "account.signed-out">> {
    const words = asked.words.normalize("NFC").replaceAll(/\s+/gu, " ").trim();
    if ([...words].length > longestWords) return refused("families.words.too-long");
    return store.transact(async (tx) => {
      const account = await deps.holdSignedIn(tx, person);
      if (!account) return refused("account.signed-out");
      const ties = (await rows.pupilsOf(tx, account.id)).filter((tie) => tie.pupil_id === asked.pupilId);
      if (ties.length === 0) return refused("families.unknown");
      const now = clock.now();
      for (const tie of ties) {
        const { guardian_id, pupil_id, establishment_id } = tie;
        const row: rows.ReportRow = {
          id: ids.uuid(),
          guardian_id,
          pupil_id,
          establishment_id,
          words,
          reported_at: now,
          decision: null,
          decided_at: null,
          decided_by: null,
          reason: null,
        };
        if (!(await rows.insertReport(tx, row))) continue;
        await rows.markDenied(tx, tie, now);
        await journal.record(tx, {
          event: "families.reported",
          accountId: account.id,
          actor: { kind: "person", id: account.id },
          params: { school: tie.school },
          caller,
        });
        await tellSchool(tx, tie);
      }
      return done;
    });
  }

  /** Names nobody: it goes to a mailbox that many may read, and the desk is one press away. */
  async function tellSchool(tx: Tx, { establishment_id, school }: rows.TieRow): Promise<void> {
    const email = await deps.schoolEmail(tx, establishment_id);
    if (email === null) return;
    await deps.enqueue(tx, {
      template: "families.reported",
      channel: "email",
      to: email,
      toKey: email.toLowerCase(),
      accountId: null,
      contactPointId: null,
      challengeId: null,
      locale: deps.locale,
      params: { school, at: clock.now() },
      secrets: null,
      usefulForSeconds: deps.noticeUsefulForSeconds,
      priority: "usual",
    });
  }

  // ── Staff ────────────────────────────────────────────────────────────────────────────────────────────────────

  const seeing = (staff: Staff): rows.Seeing => ({
    accountId: staff.accountId,
    walls: deps.wallsFor(staff, "families.see"),
  });

  /** Nobody decides about themselves or about staff; the act may have been withdrawn since the request came. */
  async function mayDecide(db: Db, staff: Staff, report: rows.ShownReport): Promise<boolean> {
    const sides = [report.guardian_id, report.pupil_id];
    let helps = false;
    for (const id of sides) {
      if (id === staff.accountId || (await deps.isStaff(db, id))) return false;
      helps ||= await deps.mayHelp(db, staff, id, "families.see");
    }
    return helps;
  }

  /** A report that waits, inside their walls; null where there is none for them. */
  async function openReport(db: Db, staff: Staff, reportId: string): Promise<rows.ShownReport | null> {
    const [found] = await rows.openReports(db, seeing(staff), { id: reportId, limit: 1 });
    return found && (await mayDecide(db, staff, found)) ? found : null;
  }

  /** Reports that wait inside their walls, the oldest first; `next`: after which the next ones stand. */
  async function openReports(
    staff: Staff,
    after: string,
  ): Promise<{ reports: rows.ShownReport[]; next: string | null }> {
    const found = await rows.openReports(store, seeing(staff), { after, limit: rowsAtOnce + 1 });
    const here = found.slice(0, rowsAtOnce);
    const reports: rows.ShownReport[] = [];
    for (const one of here) if (await mayDecide(store, staff, one)) reports.push(one);
    return { reports, next: found.length > rowsAtOnce ? (here.at(-1)?.id ?? null) : null };
  }

  /** « Retirer le lien » or « Le lien est juste »: with a reason, once, on both sides of the journal. */
  async function decide(
    caller: Caller,
    staff: Staff,
    asked: { reportId: string; decision: string; reason: string },
  ): Promise<DecideOutcome> {
    const { reason, fields } = deps.readReason(asked.reason);
    const decision = asked.decision === "removed" || asked.decision === "kept" ? asked.decision : null;
    const wrong = [
      ...(decision === null ? [{ field: "decision", refusal: "families.decision.missing" }] : []),
      ...fields,
    ];
    if (wrong.length > 0 || decision === null) {
      const isKnown = (await openReport(store, staff, asked.reportId)) !== null;
      return isKnown
        ? { ok: false, refusal: "families.invalid", fields: wrong }
        : { ok: false, refusal: "families.unknown" };
    }
    return store.transact(async (tx): Promise<DecideOutcome> => {
      // Neither an import nor a join moves the link while it is decided about.
      await oneAtATime(tx, linksLock);
      const spent = await deps.budgets.spend(tx, "staff-act.per-staff", staff.accountId);
      if (!spent.ok) return { ok: false, refusal: "families.too-many", until: spent.until };
      const found = await openReport(tx, staff, asked.reportId);
      const now = clock.now();
      const decided = { decision, at: now, by: staff.accountId, reason } as const;
      if (!found || !(await rows.decideReport(tx, found.id, decided))) {
        return { ok: false, refusal: "families.unknown" };
      }
      if (decision === "removed") await rows.refuseTie(tx, found, now);
      else await rows.markDenied(tx, found, null);
      await recordDecision(tx, caller, staff, { ...found, decision, reason });
      const guardian = await deps.findAccount(tx, found.guardian_id);
      if (guardian?.status === "active") {
        await deps.tellContacts(tx, guardian, {
          template: "families.decided",
          params: { decision, school: found.school, why: reason },
        });
      }
      return { ok: true, decision };
    });
  }

  async function recordDecision(
    tx: Tx,
    caller: Caller,
    staff: Staff,
    report: rows.ShownReport & { decision: "removed" | "kept"; reason: string },
  ): Promise<void> {
    const line = { actor: { kind: "staff", id: staff.accountId } as const, reason: report.reason, caller };
    const isRemoved = report.decision === "removed";
    const event = isRemoved ? "families.link-removed" : "families.link-kept";
    for (const accountId of [report.guardian_id, report.pupil_id]) {
      await journal.record(tx, { ...line, event, accountId, params: { school: report.school } });
    }
    await journal.record(tx, {
      ...line,
      event: isRemoved ? "desk.family-link-removed" : "desk.family-link-kept",
      accountId: staff.accountId,
      params: { name: report.guardian_name, pupil: report.pupil_name },
    });
  }

  /**
   * The guardians of a pupil, or the pupils of a guardian, inside the walls of a member of staff: a child in a school that
   * they do not see is not named, nor counted.
   */
  async function relatives(
    db: Db,
    staff: Staff,
    of: { accountId: string; kind: "guardian" | "pupil" },
  ): Promise<Relative[]> {
    const isPupil = of.kind === "pupil";
    const all = await (isPupil ? rows.guardiansOf : rows.pupilsOf)(db, of.accountId);
    const walls = deps.wallsFor(staff, "people.see");
    const places = new Set(all.map((tie) => tie.establishment_id));
    const seen = walls === null ? places : await deps.within(db, [...places], walls);
    const ties = all.filter((tie) => seen.has(tie.establishment_id));
    return Promise.all(
      byPerson(ties, (tie) => (isPupil ? tie.guardian_id : tie.pupil_id)).map(async ([id, own]) => ({
        id,
        name: (isPupil ? own[0]?.guardian_name : own[0]?.pupil_name) ?? "",
        isOpen: await deps.mayHelp(db, staff, id, "people.see"),
        places: own.map(({ school, class_name }) => ({ school, className: class_name })),
        level: levelOf(own),
        reportedAt: reportOf(own),
      })),
    );
  }

  return {
    pupils: (guardianId: string) => pupils(store, guardianId),
    pupil,
    report,
    openReports,
    countOpenReports: (staff: Staff) => rows.countOpenReports(store, seeing(staff)),
    openReport: (staff: Staff, reportId: string) => openReport(store, staff, reportId),
    decide,
    relatives: (staff: Staff, of: Parameters<typeof relatives>[2]) => relatives(store, staff, of),
    /** Whether the page of a person may be opened by them. */
    mayOpen: (staff: Staff, accountId: string) => deps.mayHelp(store, staff, accountId, "people.see"),
    forget: rows.forgetReports,
  };
}

/** The earliest of what is reported and waits; null where nothing is. */
function reportOf(ties: rows.TieRow[]): number | null {
  const times = ties.flatMap(({ reported_at }) => reported_at ?? []);
  return times.length === 0 ? null : Math.min(...times);
}

/** What somebody is to a pupil, of what several schools say: the nearest. */
const levelOf = (ties: rows.TieRow[]): number => Math.min(...ties.map(({ level }) => level));

function byPerson(ties: rows.TieRow[], idOf: (tie: rows.TieRow) => string): [string, rows.TieRow[]][] {
  const found = new Map<string, rows.TieRow[]>();
  for (const tie of ties) found.set(idOf(tie), [...(found.get(idOf(tie)) ?? []), tie]);
  return [...found];
}
