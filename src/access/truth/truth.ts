import type { Preset } from "../../config/preset.ts";
import type { NewMessage } from "../../outbox/outbox.ts";
import type { Db, Tx } from "../../store/store.ts";
import { type Budgets, everybody } from "../budgets/budgets.ts";

/**
 * The truth goes to the mailbox (promise 2): an address without account is told so, so that a mistyped address or
 * the wrong one of two does not end in silence. Last in the queue, once a day per address, five a day per source,
 * under a ceiling of the whole service, never to an address that refused for good, never by SMS.
 *
 * Settings: messages.truthToUnknownAddresses, limits "truth.*". Messages: truth.no-account.
 */
export interface Truth {
  /** Answers a private word: what became of it. */
  tellUnknown(tx: Tx, asked: TruthAsked): Promise<string>;
}

export interface TruthAsked {
  email: string;
  emailKey: string;
  locale: string;
  sourceKey: string;
  askedAt: number;
  browser: string | null;
  /** What was asked for: only chooses words. */
  about: "confirm" | "reset" | "recall" | "unlock" | "see-state";
}

export function createTruth(deps: {
  preset: Preset;
  budgets: Budgets;
  enqueue: (tx: Tx, message: NewMessage) => Promise<string>;
  isSuppressed: (db: Db, emailKey: string) => Promise<boolean>;
  /** When and why an account at this address was removed unfinished; null if there was none. */
  findRemoved: (db: Db, emailKey: string) => Promise<{ reason: string; removed_at: number } | null>;
}): Truth {
  const { preset, budgets } = deps;
  return {
    async tellUnknown(tx, asked) {
      if (!preset.messages.truthToUnknownAddresses) return "no-account, truth is off";
      if (await deps.isSuppressed(tx, asked.emailKey)) return "no-account, address suppressed";
      // The narrowest first: what one address or source has used up must not eat into everybody's share.
      if (!(await budgets.spend(tx, "truth.per-address", asked.emailKey)).ok) return "no-account, told today";
      if (!(await budgets.spend(tx, "truth.per-source", asked.sourceKey)).ok)
        return "no-account, source over";
      if (!(await budgets.spend(tx, "truth.service-wide", everybody)).ok) return "no-account, service over";
      const removed = await deps.findRemoved(tx, asked.emailKey);
      await deps.enqueue(tx, {
        template: "truth.no-account",
        channel: "email",
        to: asked.email,
        toKey: asked.emailKey,
        accountId: null,
        contactPointId: null,
        challengeId: null,
        locale: asked.locale,
        // No text chosen by the requester stands in a mail to an unproved address.
        params: {
          about: asked.about,
          askedAt: asked.askedAt,
          browser: asked.browser,
          removedAt: removed?.removed_at ?? null,
          canSignUp: preset.registration.isOpen,
        },
        secrets: null,
        usefulForSeconds: preset.messages.noticeUsefulForSeconds,
        priority: "last",
      });
      return "no-account, told";
    },
  };
}
