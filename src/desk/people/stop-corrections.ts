import type { Account, Accounts, ContactPoint, Identifier } from "../../accounts/accounts.ts";
import type { Clock } from "../../kernel/clock.ts";
import type { Db, Tx } from "../../store/store.ts";
import * as rows from "./people.store.ts";

/**
 * What « Ce n'est pas moi » does to contact points that staff or a registry put in (promise 7): what waits will not
 * serve, and what has served lately serves no more. Otherwise the freeze would keep it in its place.
 *
 * Tables: contact_corrections.
 */
export interface Stopped {
  /** Corrections that came to serve from here on are taken back. */
  since: number;
  /** When the freeze ends. */
  until: number;
  /** The contact point that the answered message was about, where it was put in by staff. */
  contactPointId: string | null;
}

export function createStopCorrections(deps: {
  clock: Clock;
  accounts: Pick<Accounts, "retireContactPoint" | "emailIdentifies"> & {
    contactPointsOf(db: Db, accountId: string): Promise<ContactPoint[]>;
    findContactPoint(db: Db, id: string): Promise<ContactPoint | null>;
    updateContactPoint(tx: Tx, id: string, change: Partial<ContactPoint>): Promise<void>;
    insertIdentifier(tx: Tx, row: Identifier): Promise<boolean>;
  };
}) {
  const { clock, accounts } = deps;

  /**
   * Takes back what waits, what was corrected lately and nobody proved, and what the answered message was about, proved
   * or not. What was replaced by something that nobody proved comes back, and serves once the freeze is over; else the
   * staff who know the person put in what is right. The answer gives access to nobody.
   */
  return async function stopCorrections(tx: Tx, account: Account, stopped: Stopped): Promise<void> {
    const now = clock.now();
    const lately = await rows.correctionsSince(tx, account.id, stopped.since);
    const undone = new Set<string>();
    const gone = new Set<string>();
    const back: ContactPoint[] = [];
    // The newest first: of three in each other's place the first one comes back.
    for (const correction of lately.toReversed()) {
      if (correction.status === "cancelled") continue;
      const point = await accounts.findContactPoint(tx, correction.contact_point_id);
      if (!isTakenBack(correction, point, undone, stopped)) continue;
      await rows.cancelCorrection(tx, correction.id, now);
      if (point) gone.add(point.id);
      if (point && point.state !== "obsolete") await accounts.retireContactPoint(tx, point);
      const { replaces_id: replacedId } = correction;
      // Where somebody proved the new one, two people say that the account is theirs: no press decides between them.
      const isContested = point !== null && point.verified_at !== null;
      if (replacedId === null || correction.status === "waiting" || isContested) continue;
      const replaced = await accounts.findContactPoint(tx, replacedId);
      if (!replaced || !wentWith(correction, replaced)) continue;
      undone.add(replaced.id);
      back.push(replaced);
    }
    for (const point of back) if (!gone.has(point.id)) await bringBack(tx, point, stopped.until);
    // A registry's own wait without a correction; what came back once already waits for the end of a freeze.
    const cameBack = new Set([...lately.flatMap(({ replaces_id: id }) => id ?? []), ...undone]);
    for (const point of await accounts.contactPointsOf(tx, account.id)) {
      const waits = point.usable_from !== null && point.usable_from > now;
      if (waits && !cameBack.has(point.id)) await accounts.retireContactPoint(tx, point);
    }
  };

  async function bringBack(tx: Tx, point: ContactPoint, until: number): Promise<void> {
    const { account_id: accountId, channel, address_key: key, address: shown } = point;
    const live = await accounts.contactPointsOf(tx, accountId);
    if (live.some((one) => one.channel === channel && one.address_key === key)) return;
    const isNamed = channel === "email" && accounts.emailIdentifies;
    // Somebody else's by now: there it stays.
    const identifier: Identifier = { key, account_id: accountId, kind: "email", shown };
    if (isNamed && !(await accounts.insertIdentifier(tx, identifier))) return;
    await accounts.updateContactPoint(tx, point.id, {
      state: point.verified_at === null ? "declared" : "verified",
      obsolete_at: null,
      usable_from: until,
    });
  }
}

function isTakenBack(
  correction: rows.CorrectionRow,
  point: ContactPoint | null,
  undone: ReadonlySet<string>,
  { contactPointId }: Stopped,
): boolean {
  if (correction.status === "waiting") return true;
  if (!point) return false;
  if (point.id === contactPointId && point.state !== "obsolete") return true;
  return point.verified_at === null && (point.state === "declared" || undone.has(point.id));
}

/** Whether it was this correction that took the other's place, and not something before it. */
const wentWith = ({ status_at: at }: rows.CorrectionRow, { state, obsolete_at: wentAt }: ContactPoint) =>
  state === "obsolete" && wentAt !== null && wentAt >= at;
