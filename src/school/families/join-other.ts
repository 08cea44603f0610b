import type { Account, Identifier } from "../../accounts/accounts.ts";
import type { Journal } from "../../journal/journal.ts";
import type { Caller, Person } from "../../kernel/caller.ts";
import { type Clock, minute } from "../../kernel/clock.ts";
import { equalInConstantTime, type Keys } from "../../kernel/keys.ts";
import { oneAtATime } from "../../store/abilities.ts";
import type { Db, Store, Tx } from "../../store/store.ts";
import { type Families, linksLock, type PupilSeen } from "./families.ts";
import type { JoinRefusal, Joins } from "./joins.ts";

/**
 * A guardian joins another account of theirs with the one they are signed in to, by its identifier and password: judged
 * as a sign-in there would be, by the same counters and with the same refusals (promises 2 and 6). What will become one
 * is named before it is done, and only to who has just given the right password.
 */
export interface JudgedOther {
  ok: true;
  accountId: string;
  passwordHash: string;
}

/** What the proof says, sealed into the page that asks for the last press. It opens nothing by itself. */
interface Proof {
  keptId: string;
  sessionId: string;
  joinedId: string;
  /** Of the password that was right: one that was changed since proves nothing. */
  hashDigest: string;
  until: number;
}

/** One of the two accounts, as its owner knows it. */
export interface SideSeen {
  name: string;
  identifier: string;
  pupils: PupilSeen[];
}

export type ProveOutcome<Refused> =
  | { ok: true; proof: string; kept: SideSeen; joined: SideSeen }
  | { ok: false; refusal: JoinRefusal }
  | Refused;

/** How a sign-in is refused. */
interface Refusal {
  ok: false;
  refusal: string;
}

const proofFor = 10 * minute;

export type JoinOther<Refused extends Refusal> = ReturnType<typeof createJoinOther<Refused>>;

export function createJoinOther<Refused extends Refusal>(deps: {
  store: Store;
  clock: Clock;
  keys: Keys;
  journal: Journal;
  /** Judges as a sign-in does, and opens nothing; `noteRight` is written with it where the password was right. */
  judge(
    caller: Caller,
    typed: { identifier: string; password: string },
    noteRight: (tx: Tx, accountId: string) => Promise<void>,
  ): Promise<JudgedOther | Refused>;
  /** The account of a session that still lives, held until the transaction ends. */
  holdSignedIn(tx: Tx, person: Person): Promise<Account | null>;
  findAccount(db: Db, accountId: string): Promise<Account | null>;
  identifiersOf(db: Db, accountId: string): Promise<Identifier[]>;
  isStaff(db: Db, accountId: string): Promise<boolean>;
  pupils: Families["pupils"];
  join: Joins["join"];
}) {
  const { store, clock, keys } = deps;

  async function side(account: Account): Promise<SideSeen> {
    return {
      name: account.name,
      identifier: (await deps.identifiersOf(store, account.id))[0]?.shown ?? "",
      pupils: await deps.pupils(account.id),
    };
  }

  /** Why an account has nothing to join as things stand; null where it may. */
  async function notJoinable(account: Account | null): Promise<JoinRefusal | null> {
    if (!account) return "families.join.over";
    if (account.kind !== "guardian" || (await deps.isStaff(store, account.id)))
      return "families.join.not-guardian";
    const { contacts_frozen_until: until } = account;
    return until !== null && until > clock.now() ? "families.join.frozen" : null;
  }

  /** Judges the other account, and says what would become one. Nothing is joined yet. */
  async function prove(
    caller: Caller,
    person: Person,
    typed: { identifier: string; password: string },
  ): Promise<ProveOutcome<Refused>> {
    // Whoever can join nothing judges no password here.
    const kept = await deps.findAccount(store, person.accountId);
    const why = await notJoinable(kept);
    if (why !== null || !kept) return { ok: false, refusal: why ?? "families.join.over" };
    // Its owner reads that its password was right here, whoever it is and whether or not the last press follows.
    const judged = await deps.judge(caller, typed, (tx, accountId) =>
      deps.journal.record(tx, {
        event: "families.join-asked",
        accountId,
        actor: { kind: "person", id: kept.id },
        caller,
      }),
    );
    if (!judged.ok) return judged;
    if (judged.accountId === kept.id) return { ok: false, refusal: "families.join.same" };
    const joined = await deps.findAccount(store, judged.accountId);
    const whyNot = await notJoinable(joined);
    if (whyNot !== null || !joined) return { ok: false, refusal: whyNot ?? "families.join.over" };
    const proof: Proof = {
      keptId: kept.id,
      sessionId: person.sessionId,
      joinedId: joined.id,
      hashDigest: keys.digest("families.join", judged.passwordHash),
      until: clock.now() + proofFor,
    };
    const sealed = keys.seal("families.join", JSON.stringify(proof));
    return { ok: true, proof: sealed, kept: await side(kept), joined: await side(joined) };
  }

  function readProof(person: Person, sealed: string): Proof | null {
    const opened = sealed.length > 2000 ? null : keys.open("families.join", sealed);
    if (opened === null) return null;
    const proof = JSON.parse(opened) as Proof;
    const isTheirs = proof.keptId === person.accountId && proof.sessionId === person.sessionId;
    return isTheirs && proof.until > clock.now() ? proof : null;
  }

  /** The last press: joins what was proved a moment ago, unless something changed since. */
  async function confirm(
    caller: Caller,
    person: Person,
    sealed: string,
  ): Promise<
    { ok: true } | { ok: false; refusal: JoinRefusal | "families.join.expired" | "account.signed-out" }
  > {
    const proof = readProof(person, sealed);
    if (!proof) return { ok: false, refusal: "families.join.expired" };
    return store.transact(async (tx) => {
      await oneAtATime(tx, linksLock);
      if (!(await deps.holdSignedIn(tx, person))) return { ok: false, refusal: "account.signed-out" };
      return deps.join(tx, {
        keptId: person.accountId,
        joinedId: proof.joinedId,
        how: "guardian",
        actor: { kind: "person", id: person.accountId },
        caller,
        // A password that was changed since is not the one that was proved.
        isStill: ({ password_hash }) =>
          keys
            .digests("families.join", password_hash ?? "")
            .some((digest) => equalInConstantTime(digest, proof.hashDigest)),
      });
    });
  }

  return { prove, confirm };
}
