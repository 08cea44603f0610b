import { readSmppUrl } from "../config/smpp-url.ts";
import { Fault } from "../kernel/fault.ts";
import type { Secret } from "../kernel/secret.ts";
import type { ChannelLog, OutgoingSms, SendResult, SmsChannel } from "./channel.ts";
import { createSmppLink, type SmppPatience, type Submitted, usualPatience } from "./smpp-link.ts";
import { loadSmpp } from "./smpp-package.ts";
import type { DeliveryReceipt } from "./smpp-receipt.ts";
import { isOperatorsTask, readSmppStatus } from "./smpp-status.ts";
import { partsAtMost, referenceOf, type SmsPart, toParts, toPayload } from "./smpp-text.ts";

export interface SmppSettings {
  /** `smpp://system:password@host:port`, `smpps://` for TLS; `?from=&type=&window=&long=` as in config/smpp-url.ts. */
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

/**
 * Sends SMS as an SMPP 3.4 transceiver (`submit_sm`), and reads the receipts that come back on the same link.
 *
 * Each part of a long text is a message of its own to the provider: `providerId` holds their ids in order, with a
 * space between them, and each gets its own receipt.
 *
 * What it cannot promise: SMPP has no key by which a provider would know a message again. Where the process is killed,
 * or the link lost, between `submit_sm` and its answer, nobody knows whether it was taken. It counts as not taken and
 * is tried again, so that the person may get it twice; a code twice is better than none. The same where an answer comes
 * later than `answerMs`, and for the parts of a long text that were taken while another was not.
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
    onReceipt: settings.onReceipt,
  });

  function split(sms: OutgoingSms): SmsPart[] {
    const parts = toParts(sms.text, referenceOf(sms.messageId));
    return address.longTexts === "payload" && parts.length > 1 ? [toPayload(sms.text)] : parts;
  }

  function submit(to: string, { coding, header, body }: SmsPart): Promise<Submitted> {
    const bytes = header === null ? body : Buffer.concat([header, body]);
    const isLong = header === null && body.length > 160;
    return link.submit({
      ...senderOf(address.sender),
      destination_addr: to.slice(1),
      dest_addr_ton: international.ton,
      dest_addr_npi: international.npi,
      esm_class: header === null ? 0 : udhIndicator,
      data_coding: coding,
      registered_delivery: receiptWanted,
      ...(isLong ? { short_message: Buffer.alloc(0), message_payload: bytes } : { short_message: bytes }),
    });
  }

  /** Of several parts, what hinders one hinders all; what can never work goes before what may work later. */
  function settle(answers: Submitted[]): SendResult {
    const failures = answers.flatMap((answer) => (isTaken(answer) ? [] : [readFailure(answer)]));
    const failure = failures.find(({ outcome }) => outcome === "permanent") ?? failures[0];
    if (failure) return failure;
    const ids = answers.flatMap((answer) => (answer.isAnswered ? (answer.providerId ?? []) : []));
    const parts = answers.length === 1 ? "" : ` in ${answers.length} parts`;
    return {
      outcome: "accepted",
      providerId: ids.length === 0 ? null : ids.join(" "),
      detail: `The SMPP provider took the message${parts}`,
    };
  }

  const isTaken = (answer: Submitted) => answer.isAnswered && answer.status === 0;

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
      return settle(await Promise.all(parts.map((part) => submit(sms.to, part))));
    },
    async check() {
      const fault = await link.fault();
      return fault && `${fault.detail} (${fault.code}).`;
    },
    close: link.close,
  };
}
