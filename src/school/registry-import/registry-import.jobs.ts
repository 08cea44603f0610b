import { hold, moveStatus } from "../../accounts/accounts.store.ts";
import { type Journal, system } from "../../journal/journal.ts";
import { type Clock, day, minute } from "../../kernel/clock.ts";
import { Fault } from "../../kernel/fault.ts";
import { oneAtATime } from "../../store/abilities.ts";
import type { Db, Store, Tx } from "../../store/store.ts";
import { clearRows, deleteImportsBefore, importsLock, listOld, moveImport } from "./imports.store.ts";
import { listToClose } from "./registry.store.ts";

export interface RegistryJobsDeps {
  store: Store;
  clock: Clock;
  journal: Journal;
  /** Days after which an account is closed that left every school. */
  closesAfterDays: number;
  /** Whoever works on the desk is closed by staff, never by a registry. */
  isStaff(db: Db, accountId: string): Promise<boolean>;
  /** Ends sessions, challenges and known browsers. */
  endAccess(tx: Tx, accountId: string): Promise<void>;
  /** Tells the person by e-mail that their account is closed, and who can open it again. */
  tellClosed(tx: Tx, accountId: string): Promise<void>;
}

const accountsAtOnce = 100;
const importsAtOnce = 20;
/** Longer than any file takes to read: whoever read it was killed. */
const readingAtMost = day;
const rowsKeptFor = 30 * day;
const importsKeptFor = 365 * day;
/** Well within the lease of a job. */
const runsFor = 5 * minute;

/** What the registry does by itself: it closes accounts of those who left a while ago, and forgets what files said. */
export function createRegistryJobs(deps: RegistryJobsDeps) {
  const { store, clock } = deps;

  /**
   * Closes the accounts of people who left every school. Never at once: an export that forgot a class, or a pupil who
   * comes back after the summer, closes nobody. Closed, they come back as they were when a registry has them again.
   */
  async function closeGone(): Promise<void> {
    const until = clock.now() + runsFor;
    const before = clock.now() - deps.closesAfterDays * day;
    const passed = new Set<string>();
    const faults: unknown[] = [];
    while (clock.now() <= until) {
      const due = await listToClose(store, { before, limit: accountsAtOnce + passed.size });
      const next = due.filter((id) => !passed.has(id));
      if (next.length === 0) break;
      for (const accountId of next) {
        passed.add(accountId);
        try {
          await store.transact((tx) => close(tx, accountId, before));
        } catch (cause) {
          // One that throws every time does not keep the others open.
          faults.push(cause);
        }
      }
    }
    if (faults.length > 0) {
      throw new Fault(`${faults.length} accounts of people who left were not closed.`, { cause: faults[0] });
    }
  }

  /** Judged anew once no import can bring the person back meanwhile. */
  async function close(tx: Tx, accountId: string, before: number): Promise<void> {
    await oneAtATime(tx, importsLock);
    const account = await hold(tx, accountId);
    const isDue = (await listToClose(tx, { before, limit: 1, accountId })).length > 0;
    if (!account || !isDue || (await deps.isStaff(tx, accountId))) return;
    const { status } = account;
    const closed = { status: "closed", closed_at: clock.now() } as const;
    if (!(await moveStatus(tx, accountId, status, closed))) return;
    await deps.endAccess(tx, accountId);
    // What it was stands there for the day on which the person comes back.
    const params = { status };
    await deps.journal.record(tx, { event: "registry-import.closed", accountId, actor: system, params });
    // Who never opened it loses nothing that they had.
    if (status !== "pending") await deps.tellClosed(tx, accountId);
  }

  /** What files said of people is kept no longer than the report on it is of use. */
  async function forget(): Promise<void> {
    const now = clock.now();
    const until = now + runsFor;
    const before = { reading: now - readingAtMost, finished: now - rowsKeptFor };
    for (const { id, status } of await listOld(store, before, importsAtOnce)) {
      if (status === "reading" || status === "ready" || status === "failed") {
        const given = { status: status === "failed" ? "abandoned" : "cancelled", status_at: now } as const;
        // Applied, or read to its end, at this very moment: its rows are needed.
        if (!(await store.transact((tx) => moveImport(tx, id, status, given)))) continue;
      }
      while (clock.now() <= until && (await store.transact((tx) => clearRows(tx, id)))) {
        // The next some thousand.
      }
    }
    await store.transact((tx) => deleteImportsBefore(tx, now - importsKeptFor));
  }

  return [
    { name: "registry-import.close-gone", everySeconds: 3600, run: closeGone },
    { name: "registry-import.forget", everySeconds: 3600, run: forget },
  ];
}
