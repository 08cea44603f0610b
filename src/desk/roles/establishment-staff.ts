import type { Account } from "../../accounts/accounts.ts";
import { createDayOf, formatDay } from "../../i18n/moment.ts";
import type { Caller, Staff } from "../../kernel/caller.ts";
import { type Clock, day } from "../../kernel/clock.ts";
import { done } from "../../kernel/outcome.ts";
import type { Db, Store, Tx } from "../../store/store.ts";
import { endOfDay } from "./days.ts";
import * as rows from "./establishment-staff.store.ts";
import { choosePlace, type Place, type PlaceForm, type Places } from "./places.ts";
import type { Given, Lendable, Roles } from "./roles.ts";
import type { StaffOutcome, TellContacts } from "./staff.ts";
import { invalid, readReason, type StaffActs, type StaffFieldRefusal, unknown } from "./staff-acts.ts";
import type { InvitedForm, StaffInvitations } from "./staff-invitations.ts";

/**
 * The staff of an establishment, whom its head gives roles there for a time. A role can be lent that ends at walls,
 * stands below the lender's own and allows nothing that theirs does not; never to oneself, never for longer than one
 * has one's own. It ends by itself with the last day, in the establishment's time zone, or is taken back at once by
 * whoever could lend it. What was lent stays until its day when the lender's own role ends: it is the establishment's.
 *
 * Tables: staff_grants, by roles.ts; reads memberships, accounts. Limits: "staff-act.per-staff". Act: staff.lend.
 * Messages: staff.lent, staff.taken, staff.changed, and activation.invite of its room. Journal: staff.lent, .role-taken.
 */
export type EstablishmentStaff = ReturnType<typeof createEstablishmentStaff>;

/** A role that somebody holds at the establishment. */
export interface WorkerRole extends Given {
  /** In which its last day is told (IANA). */
  timezone: string;
  /** Whether the viewer may take it back: one that was lent, and that they could lend. */
  mayTakeBack: boolean;
}

export interface Worker extends rows.WorkerRow {
  roles: WorkerRole[];
  isYou: boolean;
  /** Whether a role can be lent to them: an open account of their own, and not the viewer's. */
  mayBeLent: boolean;
  /** Whether their invitation can be sent again: nobody followed it, and no role of theirs is beyond the viewer. */
  mayInviteAgain: boolean;
  /** Whether it can be taken back: the role that they were invited with has ended. */
  mayWithdraw: boolean;
}

export interface LoanForm extends PlaceForm {
  role: string;
  /** The last day, such as 2026-11-29. */
  until: string;
  reason: string;
}

/** A school year. */
const longestDays = 366;
const usualDays = 7;
const listedAtOnce = 50;
const placesAtOnce = 50;

export function createEstablishmentStaff(deps: {
  store: Store;
  clock: Clock;
  roles: Roles;
  places: Places;
  acts: StaffActs;
  invitations: StaffInvitations;
  /** Ends one role of an account that is held, on both sides of the journal; its person is told. */
  take: (
    tx: Tx,
    caller: Caller,
    staff: Staff,
    about: { account: Account; given: Given; reason: string },
  ) => Promise<boolean>;
  tellContacts: TellContacts;
}) {
  const { store, clock, roles, places, acts, invitations } = deps;

  const wallsOf = (staff: Staff) => roles.wallsFor(staff, "staff.lend");

  /** An academy or school inside the viewer's walls; null for any other. */
  async function placeInside(db: Db, staff: Staff, id: string): Promise<Place | null> {
    const place = (await places.named(db, [id])).get(id) ?? null;
    const walls = wallsOf(staff);
    if (!place || walls === null) return place;
    const line = await places.lineOf(db, id);
    return walls.some((wall) => line.has(wall)) ? place : null;
  }

  /** The establishments to choose from: what was searched, else those at the top of the viewer's walls. */
  async function choices(staff: Staff, typed: string): Promise<{ found: Place[]; hasMore: boolean }> {
    const walls = wallsOf(staff);
    if (typed !== "") return places.find(store, typed, walls);
    if (walls === null) return { found: [], hasMore: false };
    const found = [...(await places.named(store, await places.tops(store, walls))).values()].sort((a, b) =>
      a.name.localeCompare(b.name),
    );
    return { found: found.slice(0, placesAtOnce), hasMore: found.length > placesAtOnce };
  }

  /** The only establishment that the viewer may look at; null where there are several. */
  async function onlyPlace(staff: Staff): Promise<Place | null> {
    const { found } = await choices(staff, "");
    const [first] = found;
    return first && found.length === 1 && !(await places.isAbove(store, first.id)) ? first : null;
  }

  async function describe(db: Db, staff: Staff, place: Place, found: rows.WorkerRow[]): Promise<Worker[]> {
    const [given, lendable, timezone] = await Promise.all([
      roles.givenAt(db, place.id),
      lendableAt(db, staff, place.id),
      places.timezoneOf(db, place.id),
    ]);
    const pending = found.filter(({ status }) => status === "pending").map(({ id }) => id);
    const asked = new Map<string, Given[]>();
    for (const id of pending) asked.set(id, await roles.givenTo(db, id));
    return found.map((row) => {
      const isYou = row.id === staff.accountId;
      const waitsWith = lendable.length > 0 ? asked.get(row.id) : undefined;
      return {
        ...row,
        isYou,
        mayBeLent: !isYou && row.status === "active" && lendable.length > 0,
        mayInviteAgain: waitsWith?.every((one) => isLent(one, place, lendable)) ?? false,
        mayWithdraw: waitsWith?.length === 0,
        roles: given
          .filter(({ accountId }) => accountId === row.id)
          .map((one) => ({
            ...one,
            timezone,
            mayTakeBack: !isYou && isLent(one, place, lendable),
          })),
      };
    });
  }

  /** Whether a role was lent here, and the viewer could lend it. */
  const isLent = ({ role, establishmentId, expiresAt }: Given, place: Place, lendable: Lendable[]) =>
    expiresAt !== null && establishmentId === place.id && lendable.some((one) => one.role.id === role.id);

  async function lendableAt(db: Db, { accountId }: Pick<Staff, "accountId">, placeId: string) {
    return roles.lendable(db, accountId, await places.lineOf(db, placeId));
  }

  /** One page of who works there, the first is 1. */
  async function list(
    staff: Staff,
    place: Place,
    page: number,
  ): Promise<{ workers: Worker[]; hasMore: boolean }> {
    const found = await rows.listWorkers(store, place.id, clock.now(), {
      limit: listedAtOnce + 1,
      offset: (page - 1) * listedAtOnce,
    });
    return {
      workers: await describe(store, staff, place, found.slice(0, listedAtOnce)),
      hasMore: found.length > listedAtOnce,
    };
  }

  async function see(staff: Staff, place: Place, accountId: string): Promise<Worker | null> {
    const row = await rows.findWorker(store, place.id, accountId, clock.now());
    const [worker] = row ? await describe(store, staff, place, [row]) : [];
    return worker ?? null;
  }

  interface Loan {
    place: Place;
    lent: Lendable["role"];
    expiresAt: number;
    timezone: string;
    reason: string;
  }

  /** What a form lends, from the place of the page or another inside the walls; or what is wrong with each field. */
  async function readLoan(
    staff: Staff,
    here: Place,
    form: LoanForm,
  ): Promise<{ loan: Loan | null; fields: StaffFieldRefusal[]; among: Place[] }> {
    const fields: StaffFieldRefusal[] = [];
    const isElsewhere = form.establishment.trim() !== "";
    const chosen = isElsewhere ? await choosePlace(places, store, form, wallsOf(staff)) : null;
    if (chosen && !chosen.ok) fields.push({ field: chosen.field, refusal: chosen.refusal });
    const place = chosen?.ok ? chosen.place : here;
    const offered = await lendableAt(store, staff, place.id);
    const lent = offered.find(({ role }) => role.id === form.role);
    if (!lent) fields.unshift({ field: "role", refusal: "staff.role.missing" });
    const timezone = await places.timezoneOf(store, place.id);
    const expiresAt = endOfDay(form.until, timezone);
    const refusal = judgeEnd(expiresAt, lent?.until ?? null, timezone);
    if (refusal) fields.push({ field: "until", refusal });
    const { reason, fields: ofReason } = readReason(form.reason);
    fields.push(...ofReason);
    const among = chosen && !chosen.ok ? chosen.among : [];
    if (fields.length > 0 || !lent || expiresAt === null) return { loan: null, fields, among };
    return { loan: { place, lent: lent.role, expiresAt, timezone, reason }, fields, among };
  }

  function judgeEnd(expiresAt: number | null, ownUntil: number | null, timezone: string): string | null {
    const now = clock.now();
    if (expiresAt === null) return "staff.until.missing";
    if (expiresAt <= now) return "staff.until.past";
    const last = endOfDay(createDayOf(timezone)(now + longestDays * day), timezone);
    if (last !== null && expiresAt > last) return "staff.until.too-far";
    return ownUntil !== null && expiresAt > ownUntil ? "staff.until.beyond-own" : null;
  }

  /** Whether whoever acts, held, may still lend this there and until then. */
  async function mayLend(tx: Tx, staff: Staff, { place, lent, expiresAt }: Loan): Promise<boolean> {
    const now = clock.now();
    const found = (await lendableAt(tx, staff, place.id)).find(({ role }) => role.id === lent.id);
    const isOpen = (await places.named(tx, [place.id])).get(place.id)?.isOpen === true;
    const isWithinOwn = found !== undefined && (found.until === null || expiresAt <= found.until);
    return isOpen && isWithinOwn && expiresAt > now;
  }

  const wordsOf =
    ({ lent, place, expiresAt, timezone }: Loan) =>
    (locale: string) => ({
      role: acts.titleOf(lent, place, locale),
      until: formatDay(locale, timezone, expiresAt - 1),
    });

  const grantOf = ({ lent, place, expiresAt }: Loan, accountId: string, staff: Staff) => ({
    accountId,
    role: lent.id,
    grantedBy: staff.accountId,
    establishmentId: place.id,
    expiresAt,
  });

  /** Lends a role to somebody who works at an establishment inside the walls. */
  async function lend(
    caller: Caller,
    staff: Staff,
    asked: { here: Place; accountId: string },
    form: LoanForm,
  ): Promise<StaffOutcome> {
    const { here, accountId } = asked;
    const { loan, fields, among } = await readLoan(staff, here, form);
    if (!loan) return invalid(fields, among);
    return store.transact(async (tx): Promise<StaffOutcome> => {
      const account = await acts.holdBoth(tx, staff, accountId);
      const isTheirs = accountId === staff.accountId;
      if (!account || isTheirs || account.kind !== "staff" || account.status !== "active") return unknown;
      const isHere = (await rows.findWorker(tx, here.id, accountId, clock.now())) !== null;
      const mayHere = (await lendableAt(tx, staff, here.id)).length > 0;
      if (!isHere || !mayHere || !(await mayLend(tx, staff, loan))) return unknown;
      const spent = await acts.spend(tx, staff);
      if (spent) return spent;
      if (!(await roles.give(tx, grantOf(loan, accountId, staff)))) {
        return invalid([{ field: "role", refusal: "staff.role.longer" }]);
      }
      const { reason, place } = loan;
      await places.addWorker(tx, accountId, place.id, clock.now());
      const words = wordsOf(loan);
      await acts.bothSides(tx, caller, staff, { account, what: "lent", words, reason, placeId: place.id });
      await deps.tellContacts(tx, account, {
        template: "staff.lent",
        params: { ...words(account.locale), by: staff.name },
      });
      return done;
    });
  }

  /** Makes an account for somebody new of the establishment, with a role for a time; its person is invited. */
  async function invite(
    caller: Caller,
    staff: Staff,
    here: Place,
    form: InvitedForm & LoanForm,
  ): Promise<StaffOutcome> {
    const { invited, fields } = invitations.read(form);
    const { loan, fields: ofLoan } = await readLoan(staff, here, { ...form, establishment: "", place: "" });
    const refused = [...fields, ...ofLoan];
    if (refused.length > 0 || !invited || !loan) return invalid(refused);
    return store.transact(async (tx): Promise<StaffOutcome> => {
      if (!(await acts.holdDoer(tx, staff)) || !(await mayLend(tx, staff, loan))) return unknown;
      const spent = await acts.spend(tx, staff);
      if (spent) return spent;
      const made = await invitations.make(tx, invited, true);
      if (!made.ok) return invalid([{ field: made.field, refusal: made.refusal }]);
      const { account, contact } = made;
      await roles.grant(tx, grantOf(loan, account.id, staff));
      await places.addWorker(tx, account.id, here.id, clock.now());
      const { reason } = loan;
      const about = { account, what: "lent", words: wordsOf(loan), reason, placeId: here.id } as const;
      await acts.bothSides(tx, caller, staff, about);
      await invitations.send(tx, account.id, contact.id, caller);
      return done;
    });
  }

  /** Somebody whose invitation nobody followed, held; null unless the viewer may do this about it now. */
  async function holdWaiting(
    tx: Tx,
    staff: Staff,
    asked: { here: Place; accountId: string },
    may: "mayInviteAgain" | "mayWithdraw",
  ): Promise<Account | null> {
    const { here, accountId } = asked;
    const account = await acts.holdBoth(tx, staff, accountId);
    const row = account && (await rows.findWorker(tx, here.id, accountId, clock.now()));
    const [worker] = row ? await describe(tx, staff, here, [row]) : [];
    return worker?.[may] ? account : null;
  }

  /** The invitation once more, also when the role that it came with has ended meanwhile. */
  function inviteAgain(
    caller: Caller,
    staff: Staff,
    asked: { here: Place; accountId: string },
  ): Promise<StaffOutcome> {
    return store.transact(async (tx): Promise<StaffOutcome> => {
      const account = await holdWaiting(tx, staff, asked, "mayInviteAgain");
      if (!account) return unknown;
      const spent = await acts.spend(tx, staff);
      if (spent) return spent;
      if (!(await invitations.sendAgain(tx, account, caller))) return unknown;
      const placeId = asked.here.id;
      await acts.bothSides(tx, caller, staff, { account, what: "invited-again", reason: null, placeId });
      return done;
    });
  }

  /** Takes back an invitation whose role has ended: the address is free again. */
  function withdraw(
    caller: Caller,
    staff: Staff,
    asked: { here: Place; accountId: string; reason: string },
  ): Promise<StaffOutcome> {
    const { reason, fields } = readReason(asked.reason);
    if (fields.length > 0) return Promise.resolve(invalid(fields));
    return store.transact(async (tx): Promise<StaffOutcome> => {
      const account = await holdWaiting(tx, staff, asked, "mayWithdraw");
      if (!account) return unknown;
      const spent = await acts.spend(tx, staff);
      if (spent) return spent;
      const placeId = asked.here.id;
      await acts.bothSides(tx, caller, staff, { account, what: "invitation-withdrawn", reason, placeId });
      await invitations.withdraw(tx, account.id);
      return done;
    });
  }

  /** Ends at once a role that was lent, by whoever could lend it. */
  async function takeBack(
    caller: Caller,
    staff: Staff,
    here: Place,
    asked: { grantId: string; reason: string },
  ): Promise<StaffOutcome> {
    const { reason, fields } = readReason(asked.reason);
    if (fields.length > 0) return invalid(fields);
    const found = await roles.findGiven(store, asked.grantId);
    if (!found) return unknown;
    return store.transact(async (tx): Promise<StaffOutcome> => {
      const account = await acts.holdBoth(tx, staff, found.accountId);
      const given = await roles.findGiven(tx, asked.grantId);
      const isLent = given?.expiresAt != null && given.establishmentId === here.id;
      if (!account || !given || !isLent || account.id === staff.accountId) return unknown;
      const lendable = await lendableAt(tx, staff, here.id);
      if (!lendable.some(({ role }) => role.id === given.role.id)) return unknown;
      const spent = await acts.spend(tx, staff);
      if (spent) return spent;
      await deps.take(tx, caller, staff, { account, given, reason });
      return done;
    });
  }

  return {
    choices,
    onlyPlace,
    placeInside: (staff: Staff, id: string) => placeInside(store, staff, id),
    /** Whether a form must ask where: the viewer's walls hold more than this one. */
    hasOthers: async (staff: Staff) => (await onlyPlace(staff)) === null,
    list,
    see,
    lendableAt: async (staff: Staff, place: Place) =>
      (await lendableAt(store, staff, place.id)).map(({ role }) => role),
    /** The day that a form proposes as the last. */
    async usualDay(place: Place): Promise<string> {
      return createDayOf(await places.timezoneOf(store, place.id))(clock.now() + usualDays * day);
    },
    /** A role that the viewer may take back here, with whose it is. */
    async findLent(staff: Staff, here: Place, grantId: string) {
      const given = await roles.findGiven(store, grantId);
      const worker = given && (await see(staff, here, given.accountId));
      const role = worker?.roles.find((one) => one.grantId === grantId);
      return worker && role?.mayTakeBack ? { worker, role } : null;
    },
    makesUsername: invitations.makesUsername,
    lend,
    invite,
    inviteAgain,
    withdraw,
    takeBack,
  };
}
