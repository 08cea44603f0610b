import type { Preset } from "../../config/preset.ts";
import type { Outbox } from "../../outbox/outbox.ts";
import type { Db, Tx } from "../../store/store.ts";
import type { CaseLinks } from "./case-links.ts";
import { type CaseRow, mailIdsOf, mergedInto } from "./cases.store.ts";
import { type Routing, relayName } from "./routing.ts";

/** What every mail of a case needs. */
export interface CaseMailParams {
  caseId: string;
  number: string;
  /** The writer's name, only once the address is known to be theirs: until then no word of theirs is mailed. */
  name: string | null;
  relay: string;
  replyTo: string | null;
  /** Message-IDs of the writer's own mails, for the thread. */
  mailIds: string[];
}

type CaseTemplate =
  | "cases.acknowledgement"
  | "cases.answer"
  | "cases.solved"
  | "cases.reopened"
  | "cases.closed"
  | "cases.signed-in";

/**
 * The mails of a case. They go to the address that the case was written from, and nowhere else; where that is not
 * confirmed, nothing that its writer typed stands in them (promise 2).
 *
 * Messages: cases.*. Settings: messages.noticeUsefulForSeconds, support.address.
 */
export function createCaseMails(deps: {
  preset: Preset;
  outbox: Outbox;
  links: CaseLinks;
  routing: Routing;
}) {
  const { links, routing } = deps;

  async function paramsFor(db: Db, row: CaseRow): Promise<CaseMailParams> {
    return {
      caseId: row.id,
      number: row.number,
      name: row.email_confirmed_at === null || row.name === "" ? null : row.name,
      relay: relayName(routing.relayOf(row.relay), row.locale),
      replyTo: links.replyAddress(row.number),
      mailIds: await mailIdsOf(db, row.id, 5),
    };
  }

  /** Commits one mail to the writer of a case; false where there is no address. */
  async function send(
    tx: Tx,
    row: CaseRow,
    template: CaseTemplate,
    more: Record<string, string | number | boolean | null> = {},
    priority: "urgent" | "usual" = "usual",
  ): Promise<string | null> {
    if (row.email === null || row.email_key === null) return null;
    const params = await paramsFor(tx, row);
    return deps.outbox.enqueue(tx, {
      template,
      channel: "email",
      to: row.email,
      toKey: row.email_key,
      // What stands in these messages is the case's, not the account's.
      accountId: row.identity_proved_at === null ? null : row.account_id,
      contactPointId: null,
      challengeId: null,
      locale: row.locale,
      params: { ...params, ...more },
      secrets: { codePlain: null, linkPlain: links.caseLinkToken(row.id) },
      usefulForSeconds: deps.preset.messages.noticeUsefulForSeconds,
      priority,
    });
  }

  /** The same to everybody whose case goes on in this one, each address once, with its own case's link. */
  async function sendToAll(
    tx: Tx,
    row: CaseRow,
    template: CaseTemplate,
    more: Record<string, string | number | boolean | null> = {},
  ): Promise<string | null> {
    const told = new Set([row.email_key]);
    const sent = await send(tx, row, template, more);
    for (const merged of await mergedInto(tx, row.id)) {
      if (told.has(merged.email_key)) continue;
      told.add(merged.email_key);
      await send(tx, { ...merged, relay: row.relay }, template, more);
    }
    return sent;
  }

  return { send, sendToAll };
}

export type CaseMails = ReturnType<typeof createCaseMails>;
