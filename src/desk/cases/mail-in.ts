import { type Budgets, everybody } from "../../access/budgets/budgets.ts";
import { type EmailAddress, parseEmailAddress } from "../../accounts/addresses/email-address.ts";
import { guessLanguage } from "../../channels/inbound/guess-language.ts";
import type {
  InboundEnd,
  InboundLater,
  InboundMail,
  InboundRecipient,
} from "../../channels/inbound/inbound-mail.ts";
import type { MailContext, ParsedMail } from "../../channels/inbound/parsed-mail.ts";
import { readMessageIds } from "../../channels/smtp-headers.ts";
import type { Preset } from "../../config/preset.ts";
import { stranger } from "../../journal/journal.ts";
import type { Db, Tx } from "../../store/store.ts";
import { longestBody } from "./case-input.ts";
import type { CaseRow } from "./cases.store.ts";
import type { Cases } from "./cases.ts";

/** Pictures of cases, as the room that keeps them does it. */
export interface MailPictures<Kept, Row> {
  /** Draws a picture anew, and lets it wait. */
  receive(bytes: Buffer, name: string): Promise<{ ok: true; kept: Kept } | { ok: false }>;
  /** Puts waiting pictures where those of the case lie. */
  place(caseId: string, kept: Kept[]): Promise<{ rows: Row[]; takeBack(): Promise<void> }>;
  insert(tx: Tx, row: Row & { case_id: string; message_id: string | null }): Promise<void>;
}

export interface MailInDeps<Kept, Row> {
  preset: Pick<Preset, "support" | "languages">;
  /** The address that our mails come from. */
  senderAddress: string;
  budgets: Pick<Budgets, "spend">;
  cases: Pick<
    Cases,
    | "openCase"
    | "addPersonMessage"
    | "addEvent"
    | "confirmEmail"
    | "readReplyNumber"
    | "readReplyAddress"
    | "find"
    | "findMessageByMail"
    | "newestOpenOfEmail"
  >;
  pictures: MailPictures<Kept, Row>;
  readMail: (raw: Uint8Array, context: MailContext) => Promise<ParsedMail>;
  /** What the words of our own messages were given, as JSON. */
  messageParams: (db: Db, ids: string[]) => Promise<{ id: string; params: string }[]>;
  isSuppressed: (db: Db, emailKey: string) => Promise<boolean>;
  /** Stands where a mail has no words of its own. */
  withoutWords: (locale: string) => string;
}

const mostPictures = 5;
const mostQuoted = 20_000;
const mostEventText = 300;
/** So many cases above the one that a merged case goes on in. */
const mostMerges = 10;

/**
 * Mail to the support address. A reply to the signed address of a case joins it; a mail that names one of our mails
 * joins its case when it comes from that case's address; any other opens a case, which acknowledges it once. What
 * robots send is never answered, and never opens anything. `From` proves nothing: it only says where to answer.
 *
 * Settings: support.address, limits "case-mail.per-address", "case-mail.service-wide", "case-message.per-case": beyond
 * them mails join the newest case, or wait; none is lost, and the contact form stays open.
 */
export function createMailIn<Kept, Row>(deps: MailInDeps<Kept, Row>): InboundRecipient {
  const { cases, budgets, preset } = deps;
  const support = splitAddress(preset.support.address ?? "");
  const ownAddresses = [deps.senderAddress, preset.support.address ?? ""].filter((address) => address !== "");

  function accepts(address: string): boolean {
    const { local, domain } = splitAddress(address);
    return support.domain !== "" && domain === support.domain && local.replace(/\+.*$/, "") === support.local;
  }

  /** Signed addresses of cases; else one. */
  function choose(addresses: string[]): string[] {
    const signed = addresses.filter((address) => cases.readReplyNumber(address) !== null);
    return signed.length > 0 ? signed : addresses.slice(0, 1);
  }

  async function receive(mail: InboundMail): Promise<(tx: Tx) => Promise<InboundEnd | InboundLater>> {
    const parsed = await deps.readMail(mail.raw, { envelopeFrom: mail.envelopeFrom, ownAddresses });
    if (parsed.automatic !== null) return (tx) => takeAutomatic(tx, mail, parsed);
    const writer = writerOf(mail, parsed);
    if (writer === null) return async () => ({ status: "ignored", reason: "no-sender" });
    const { kept, names } = await receivePictures(parsed);
    return (tx) =>
      takeWritten(tx, { mail, parsed, writer, kept, notKept: [...parsed.otherAttachments, ...names] });
  }

  /** Drawn anew before anything is decided: drawing takes long, and a transaction must not. */
  async function receivePictures({ pictures }: ParsedMail): Promise<{ kept: Kept[]; names: string[] }> {
    const kept: Kept[] = [];
    const names: string[] = [];
    for (const { name, bytes } of pictures) {
      const received =
        kept.length < mostPictures ? await deps.pictures.receive(Buffer.from(bytes), name) : null;
      if (received?.ok) kept.push(received.kept);
      else names.push(name);
    }
    return { kept, names };
  }

  interface Written {
    mail: InboundMail;
    parsed: ParsedMail;
    writer: Writer;
    kept: Kept[];
    /** Names of what is not kept. */
    notKept: string[];
  }

  async function takeWritten(tx: Tx, written: Written): Promise<InboundEnd | InboundLater> {
    const { mail, parsed, writer } = written;
    const earlier = parsed.messageId === null ? null : await cases.findMessageByMail(tx, parsed.messageId);
    const signed = await liveCase(tx, await cases.readReplyAddress(tx, mail.recipient));
    if (earlier && (signed === null || (await liveCase(tx, earlier.case_id))?.id === signed.id)) {
      return { status: "done", reason: "twice" };
    }
    if (signed) return join(tx, written, signed, "signed");

    const named = await namedCase(tx, parsed.repliesTo);
    if (named && named.email_key === writer.email.key) return join(tx, written, named, "named");

    const mayOpen = await budgets.spend(tx, "case-mail.per-address", writer.email.key);
    if (!mayOpen.ok) {
      const newest = await cases.newestOpenOfEmail(tx, writer.email.key);
      // Whoever forges `From` must not speak in a case whose writer proved who they are.
      if (newest && newest.origin === "mail" && newest.account_id === null)
        return join(tx, written, newest, "flood");
    }
    return open(tx, written, { mayAcknowledge: mayOpen.ok, named });
  }

  async function join(
    tx: Tx,
    written: Written,
    row: CaseRow,
    how: "signed" | "named" | "flood",
  ): Promise<InboundEnd | InboundLater> {
    const { parsed, writer } = written;
    // Counted apart: a flood from a forged address does not silence who answers from the right one.
    const spent = await budgets.spend(
      tx,
      "case-message.per-case",
      how === "signed" ? row.id : `${row.id} ${how}`,
    );
    if (!spent.ok) return { status: "later", until: spent.until };
    const isOwn = row.email_key === writer.email.key;
    const { address } = writer.email;
    const joined = await cases.addPersonMessage(tx, row.id, {
      ...bodyOf(parsed, row.locale),
      channel: "mail",
      mailId: parsed.messageId,
      // Whoever was sent a copy has the signed address: what they say must not pass for the writer's own words.
      ...(isOwn ? {} : { author: `${writer.name} <${address}>` }),
    });
    if (!joined) return open(tx, written, { mayAcknowledge: true, named: null });
    // The signed address was sent to that of the case: who answers from there has it.
    if (how === "signed" && isOwn) await cases.confirmEmail(tx, row.id, "reply");
    if (!isOwn) await say(tx, joined.row.id, "cases.event.other-address", { address });
    await keepRest(tx, written, joined.row.id, joined.messageId);
    return { status: "done", reason: `joined-${how}` };
  }

  async function open(
    tx: Tx,
    written: Written,
    how: { mayAcknowledge: boolean; named: CaseRow | null },
  ): Promise<InboundEnd | InboundLater> {
    const { mail, parsed, writer } = written;
    const inAll = await budgets.spend(tx, "case-mail.service-wide", everybody);
    if (!inAll.ok) return { status: "later", until: inAll.until };
    const { default: usual, offered } = preset.languages;
    const locale = guessLanguage(`${parsed.subject}\n${parsed.text}`, parsed.language, offered) ?? usual;
    const row = await cases.openCase(tx, {
      origin: "mail",
      locale,
      subject: parsed.subject,
      ...bodyOf(parsed, locale),
      symptom: "other",
      kind: null,
      name: writer.name,
      email: writer.email,
      phone: null,
      evidence: { at: mail.receivedAt, channel: "email" },
      mailId: parsed.messageId,
      isAcknowledged: how.mayAcknowledge && !(await deps.isSuppressed(tx, writer.email.key)),
      caller: null,
      actor: stranger,
    });
    if (how.named) await say(tx, row.id, "cases.event.seems-to-belong", { number: how.named.number });
    await keepRest(tx, written, row.id, null);
    return { status: "done", reason: how.mayAcknowledge ? "opened" : "opened-unanswered" };
  }

  async function keepRest(tx: Tx, written: Written, caseId: string, messageId: string | null): Promise<void> {
    const { kept, notKept, parsed } = written;
    if (parsed.isCut) await say(tx, caseId, "cases.event.mail-cut", {});
    if (notKept.length > 0) {
      const names = notKept.join(", ").slice(0, 1000);
      await say(tx, caseId, "cases.event.not-kept", { count: notKept.length, names });
    }
    if (kept.length === 0) return;
    const placed = await deps.pictures.place(caseId, kept);
    try {
      for (const row of placed.rows) {
        await deps.pictures.insert(tx, { ...row, case_id: caseId, message_id: messageId });
      }
    } catch (cause) {
      // The transaction may run again, and looks for them where they were.
      await placed.takeBack();
      throw cause;
    }
  }

  /** What a robot sent belongs to a case, or to nobody; it changes nothing and is answered by nobody. */
  async function takeAutomatic(tx: Tx, mail: InboundMail, parsed: ParsedMail): Promise<InboundEnd> {
    const reason = parsed.automatic ?? "robot-sender";
    // Reports of what became of our mails are for another part of the portal; ours come back for nobody.
    if (reason === "report" || reason === "loop" || reason === "our-own")
      return { status: "ignored", reason };
    const from = parseEmailAddress(parsed.from?.address ?? "");
    const signed = await liveCase(tx, await cases.readReplyAddress(tx, mail.recipient));
    const named = signed ?? (await namedCase(tx, parsed.repliesTo));
    const isOfCase = signed !== null || (named !== null && from.ok && named.email_key === from.key);
    if (!named || !isOfCase) return { status: "ignored", reason };
    const spent = await budgets.spend(tx, "case-message.per-case", `${named.id} automatic`);
    if (!spent.ok) return { status: "ignored", reason };
    const text = (parsed.text || parsed.subject)
      .replaceAll(/\s+/g, " ")
      .slice(0, mostEventText)
      .toWellFormed();
    await say(tx, named.id, "cases.event.automatic-mail", { text });
    return { status: "done", reason: `event-${reason}` };
  }

  /** The case that a mail names by one of ours: by the id of the thread, or that of a message. */
  async function namedCase(tx: Tx, repliesTo: string): Promise<CaseRow | null> {
    const ids = readMessageIds(repliesTo, deps.senderAddress).slice(-20);
    for (const id of ids) {
      const row = await liveCase(tx, id);
      if (row) return row;
    }
    for (const { params } of await deps.messageParams(tx, ids)) {
      const { caseId } = JSON.parse(params) as { caseId?: unknown };
      const row = typeof caseId === "string" ? await liveCase(tx, caseId) : null;
      if (row) return row;
    }
    return null;
  }

  async function liveCase(tx: Tx, caseId: string | null): Promise<CaseRow | null> {
    let row = caseId === null ? null : await cases.find(tx, caseId);
    for (let steps = 0; row?.merged_into && steps < mostMerges; steps++)
      row = await cases.find(tx, row.merged_into);
    return row;
  }

  function bodyOf(
    { text, quoted, subject }: ParsedMail,
    locale: string,
  ): { body: string; quoted: string | null } {
    const body = text || subject || deps.withoutWords(locale);
    if (body.length <= longestBody) return { body, quoted };
    // What is longer than a message may be stays readable below it.
    const rest = `${body.slice(longestBody)}\n\n${quoted ?? ""}`.toWellFormed().trim();
    return {
      body: body.slice(0, longestBody).toWellFormed(),
      quoted: rest.slice(0, longestBody + mostQuoted),
    };
  }

  const say = (tx: Tx, caseId: string, event: string, params: Record<string, string | number>) =>
    cases.addEvent(tx, caseId, event, { kind: "system" }, params);

  return { name: "cases", accepts, choose, receive };
}

interface Writer {
  name: string;
  email: Pick<EmailAddress, "address" | "key">;
}

/** Who is to be answered: `From`, else where the mail was sent from; null where nobody can be. */
function writerOf(mail: InboundMail, parsed: ParsedMail): Writer | null {
  for (const given of [parsed.from?.address ?? "", mail.envelopeFrom]) {
    const email = parseEmailAddress(given);
    if (!email.ok) continue;
    const { address, key } = email;
    return { name: parsed.from?.name || address.slice(0, address.lastIndexOf("@")), email: { address, key } };
  }
  return null;
}

function splitAddress(address: string): { local: string; domain: string } {
  const at = address.lastIndexOf("@");
  return {
    local: address.slice(0, Math.max(0, at)).toLowerCase(),
    domain: address.slice(at + 1).toLowerCase(),
  };
}
