import type { ChannelLog } from "./channel.ts";
import type { SmppPackage, SmppPdu } from "./smpp-package.ts";
import { type DeliveryReceipt, type ReceiptIds, readReceipt } from "./smpp-receipt.ts";
import { readSmppStatus, statusName, tryAgain } from "./smpp-status.ts";

/** What hindered the link: a word for machines and a sentence, without full stop, for the operator. */
export interface LinkFault {
  code: string;
  detail: string;
}

export const faults = {
  closing: { code: "ECLOSED", detail: "The portal is stopping" },
  lost: { code: "ECONNRESET", detail: "The link to the SMPP provider was lost" },
  silent: { code: "ETIMEDOUT", detail: "The SMPP provider did not answer in time" },
  unreadable: { code: "EPROTO", detail: "The SMPP provider sent something unreadable" },
} as const satisfies Record<string, LinkFault>;

export interface SessionDeps {
  smpp: SmppPackage;
  connection: { host: string; port: number; isTls: boolean; ca?: string };
  bind: { system_id: string; password: string; system_type: string };
  /** Milliseconds: see `SmppPatience`. */
  patience: { bindMs: number; enquireMs: number };
  log: ChannelLog;
  receiptIds: ReceiptIds;
  onReceipt: (receipt: DeliveryReceipt) => Promise<void>;
  /** The provider has let us in. */
  onBound: () => void;
  /** It wants no more messages, though the link still stands. */
  onUnbound: () => void;
  /** It is over, for this reason; called once. */
  onLost: (fault: LinkFault) => void;
  /** An enquiry was answered: it works. */
  onAlive: () => void;
  /** Whether messages wait for answers in a way that no working link lets them. */
  isStuck: () => boolean;
  /** What it took from the provider is dealt with. */
  onTaken: () => void;
}

export interface BoundSession {
  /** Where no answer comes any more, `onLost` says so instead. */
  submit(fields: Record<string, unknown>, answered: (pdu: SmppPdu) => void): void;
  unbind(done: () => void): void;
  lose(fault: LinkFault): void;
  /** Receipts that are being kept. */
  takingNow(): number;
}

/** Version 3.4; unasked, the package would say 5.0. */
const version34 = 0x34;
/** What is written last still leaves before we hang up. */
const hangUpAfterMs = 1000;

/**
 * One connection to the provider: bound as transceiver, asked from time to time whether it still lives, and
 * everything that the provider asks on it answered. Nothing in here throws, also where the provider sends rubbish.
 */
export function openSession(deps: SessionDeps): BoundSession {
  const { patience, log } = deps;
  const { host, port, isTls, ca } = deps.connection;
  const session = deps.smpp.connect({ host, port, tls: isTls, ...(ca === undefined ? {} : { ca }) });
  // Messages are small and each is waited for: gathering them into larger packets costs 40 ms apiece.
  session.socket.setNoDelay(true);
  let isOver = false;
  let isAsked = false;
  let enquiries: NodeJS.Timeout | undefined;
  let taking = 0;
  const bindTimer = setTimeout(() => lose(faults.silent), patience.bindMs);

  function lose(fault: LinkFault): void {
    if (isOver) return;
    isOver = true;
    clearTimeout(bindTimer);
    clearInterval(enquiries);
    session.destroy();
    deps.onLost(fault);
  }

  /** Writes; where nothing can be written any more, the package only answers false, and no answer ever comes. */
  function write(work: () => boolean): void {
    if (isOver) return;
    try {
      if (!work()) lose(faults.lost);
    } catch {
      lose(faults.unreadable);
    }
  }

  function bind(): void {
    write(() =>
      session.bind_transceiver(
        { ...deps.bind, interface_version: version34 },
        ({ command_status: status }) => {
          if (isOver) return;
          if (status !== 0) return lose({ code: statusName(status), detail: readSmppStatus(status).detail });
          clearTimeout(bindTimer);
          enquiries = setInterval(enquire, patience.enquireMs);
          deps.onBound();
        },
      ),
    );
  }

  function enquire(): void {
    if (isAsked || deps.isStuck()) {
      lose(faults.silent);
      return;
    }
    isAsked = true;
    write(() =>
      session.enquire_link({}, () => {
        isAsked = false;
        deps.onAlive();
      }),
    );
  }

  const answer = (pdu: SmppPdu, status = 0) =>
    write(() => session.send(pdu.response(status === 0 ? {} : { command_status: status })));

  /** Answered only once it is kept: what is not answered, the provider sends again. */
  async function take(pdu: SmppPdu): Promise<void> {
    taking += 1;
    let status = 0;
    try {
      const receipt = readReceipt(pdu, deps.receiptIds);
      if (receipt) await deps.onReceipt(receipt);
    } catch {
      log.warn({ route: "smpp" }, "A delivery receipt could not be kept; the provider will send it again");
      status = tryAgain;
    }
    answer(pdu, status);
    taking -= 1;
    deps.onTaken();
  }

  // Heard for as long as the session exists: an error that nobody hears would end the process. After one of its own,
  // the package reads no further, so that the connection is of no more use.
  session.on("error", ({ code }) =>
    lose(code === undefined ? faults.unreadable : { code, detail: "The SMPP provider cannot be reached" }),
  );
  session.on("close", () => lose(faults.lost));
  session.on(isTls ? "secureConnect" : "connect", bind);
  session.on("enquire_link", (pdu) => answer(pdu));
  session.on("unknown", (pdu) => answer(pdu));
  session.on("deliver_sm", (pdu) => void take(pdu));
  session.on("data_sm", (pdu) => void take(pdu));
  session.on("unbind", (pdu) => {
    answer(pdu);
    deps.onUnbound();
    setTimeout(() => lose(faults.lost), hangUpAfterMs).unref();
  });

  return {
    submit: (fields, answered) => write(() => session.submit_sm(fields, answered)),
    unbind: (done) => write(() => session.unbind({}, done)),
    lose,
    takingNow: () => taking,
  };
}
