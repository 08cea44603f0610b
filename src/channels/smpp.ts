import { readSmppUrl } from "../config/smpp-url.ts";
import { Fault } from "../kernel/fault.ts";
import type { Secret } from "../kernel/secret.ts";
import type { ChannelLog, OutgoingSms, SendResult, SmsChannel } from "./channel.ts";
import { createSmppLink, type SmppPatience, type Submitted, usualPatience } from "./smpp-link.ts";
import { loadSmpp } from "./smpp-package.ts";
import { type DeliveryReceipt, idOfAnswer } from "./smpp-receipt.ts";
import { isOperatorsTask, readSmppStatus } from "./smpp-status.ts";
import { partsAtMost, referenceOf, type SmsPart, toParts, toPayload } from "./smpp-text.ts";

export interface SmppSettings {
  /** `smpp://system:password@host:port`, `smpps://` for TLS; `?from=&type=…` as in config/smpp-url.ts. */
  url: Secret;
  log: ChannelLog;
  /** Keeps a receipt. Where it fails, the provider is asked to send it again. */
  onReceipt: (receipt: DeliveryReceipt) => Promise<void>;
  /** Certificate of the authority that signed the provider's, in PEM, where it is not a public one. */
  ca?: string;
  patience?: Partial<SmppPatience>;
}

const international = { ton: 1, npi: 1 };
const alphanumeric = { ton: 5, npi: 0 };
const asProviderLikes = { ton: 0, npi: 0 };

/** Letters stand for themselves; a full number is an international one; a short one only the provider can place. */
function senderOf(sender: string): { source_addr: string; source_addr_ton: number; source_addr_npi: number } {
  const digits = sender.replace(/^\+/, "");
  const isNumber = /^\d+$/.test(digits);
  const kind =
    !isNumber && sender !== "" ? alphanumeric : digits.length > 8 ? international : asProviderLikes;
  return { source_addr: digits, source_addr_ton: kind.ton, source_addr_npi: kind.npi };
}

const udhIndicator = 0x40;
/** A receipt for the end of it, delivered or not (SMPP 3.4 §5.2.17). */
const receiptWanted = 1;
/** What is of use for longer is left to the provider, whose own time is about as long. */
const validityAtMostSeconds = 2 * 86_400;
/** Parts that were taken, kept for the next try of their message. */
const partsKept = 10_000;

/** A time from now, as `YYMMDDhhmmss000R` (SMPP 3.4 §7.1.1.2); empty: as long as the provider likes. */
function validityOf(seconds: number | null): string {
  if (seconds === null || seconds > validityAtMostSeconds) return "";
  const parts = [seconds / 86_400, (seconds / 3600) % 24, (seconds / 60) % 60, seconds % 60];
  return `0000${parts.map((part) => String(Math.floor(part)).padStart(2, "0")).join("")}000R`;
}

/**
 * Sends SMS as an SMPP 3.4 transceiver (`submit_sm`), and reads the receipts that come back on the same link.
 *
 * Each part of a long text is a message of its own to the provider: `providerId` holds their ids in order, with a
 * space between them, and each gets its own receipt.
 *
 * What it cannot promise: SMPP has no key by which a provider would know a message again. Where the process is killed,
 * or the link lost, between `submit_sm` and its answer, nobody knows whether it was taken. It may be tried again, a few
 * times, so that the person may get it twice; a code twice is better than none. A part whose answer came, though too
 * late or beside another's refusal, is not sent again by this process.
 */
export function createSmppChannel(settings: SmppSettings): SmsChannel {
  const read = readSmppUrl(settings.url.reveal());
  if (!read.ok) throw new Fault(`LOQUET_SMS_URL ${read.fault}.`);
  const { address } = read;
  const { log } = settings;
  const link = createSmppLink({
    smpp: loadSmpp(),
    connection: {
      host: address.host,
      port: address.port,
      isTls: address.isTls,
      ...(settings.ca === undefined ? {} : { ca: settings.ca }),
    },
    bind: {
      system_id: address.systemId,
      password: address.password,
      system_type: address.systemType,
    },
    window: address.window,
    patience: { ...usualPatience, ...settings.patience },
    log,
    receiptIds: address.receiptIds,
    onReceipt: settings.onReceipt,
  });
  /** By message and part: the provider's id, or null where it gave none. */
  const taken = new Map<string, string | null>();

  function keep(part: string, id: string | null): void {
    taken.set(part, id);
    const [oldest] = taken.keys();
    if (taken.size > partsKept && oldest !== undefined) taken.delete(oldest);
  }

  function split(sms: OutgoingSms): SmsPart[] {
    const parts = toParts(sms.text, referenceOf(sms.messageId));
    return address.longTexts === "payload" && parts.length > 1 ? [toPayload(sms.text)] : parts;
  }

  function submit(sms: OutgoingSms, key: string, { coding, header, body }: SmsPart): Promise<Submitted> {
    const bytes = header === null ? body : Buffer.concat([header, body]);
    const isLong = header === null && body.length > 160;
    const fields = {
      ...senderOf(address.sender),
      destination_addr: sms.to.slice(1),
      dest_addr_ton: international.ton,
      dest_addr_npi: international.npi,
      esm_class: header === null ? 0 : udhIndicator,
      data_coding: coding,
      registered_delivery: receiptWanted,
      validity_period: address.hasValidity ? validityOf(sms.validForSeconds) : "",
      ...(isLong ? { short_message: Buffer.alloc(0), message_payload: bytes } : { short_message: bytes }),
    };
    return link.submit(fields, (id) => keep(key, idOfAnswer(id, address.receiptIds)));
  }

  /** Of several parts, what hinders one hinders all; what can never work goes before what may work later. */
  function settle(answers: Submitted[], parts: string[]): SendResult {
    const failures = answers.flatMap((answer) => (isTaken(answer) ? [] : [readFailure(answer)]));
    const failure = failures.find(({ outcome }) => outcome === "permanent") ?? failures[0];
    if (failure?.outcome === "temporary" && answers.some(mayHaveTaken)) {
      return { ...failure, mayHaveArrived: true };
    }
    if (failure) return failure;
    const ids = parts.flatMap((part) => taken.get(part) ?? []);
    return {
      outcome: "accepted",
      providerId: ids.length === 0 ? null : ids.join(" "),
      detail: `The SMPP provider took the message${parts.length === 1 ? "" : ` in ${parts.length} parts`}`,
    };
  }

  const isTaken = (answer: Submitted) => answer.isAnswered && answer.status === 0;
  const mayHaveTaken = (answer: Submitted) => isTaken(answer) || (!answer.isAnswered && answer.wasSent);

  function readFailure(answer: Submitted): Exclude<SendResult, { outcome: "accepted" }> {
    if (answer.isAnswered) {
      const refused = readSmppStatus(answer.status);
      if (isOperatorsTask(answer.status)) log.warn({ route: "smpp", code: refused.code }, refused.detail);
      return refused;
    }
    const { code, wasSent } = answer;
    const detail = wasSent ? `${answer.detail}: it may have taken the message all the same` : answer.detail;
    return { outcome: "temporary", code, detail };
  }

  return {
    route: "smpp",
    async send(sms) {
      const refused = (detail: string, reason: "address" | "content"): SendResult => ({
        outcome: "permanent",
        code: null,
        detail,
        reason,
      });
      if (!/^\+[1-9]\d{6,14}$/.test(sms.to)) {
        return refused("The number is not written as +33612345678", "address");
      }
      const parts = split(sms);
      if (sms.text === "" || parts.length > partsAtMost) {
        return refused(sms.text === "" ? "The message is empty" : "The message is too long", "content");
      }
      const all = parts.map((part, index) => ({
        part,
        key: `${sms.messageId}/${index + 1} of ${parts.length}`,
      }));
      const missing = all.filter(({ key }) => !taken.has(key));
      const answers = await Promise.all(missing.map(({ key, part }) => submit(sms, key, part)));
      return settle(
        answers,
        all.map(({ key }) => key),
      );
    },
    async check() {
      const fault = await link.fault();
      return fault && `${fault.detail} (${fault.code}).`;
    },
    close: link.close,
  };
}
