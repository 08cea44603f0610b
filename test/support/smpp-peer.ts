import { createRequire } from "node:module";
import type { AddressInfo, Server } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import type { SmppPdu, SmppSession } from "../../src/channels/smpp-package.ts";

export interface SmppPeerOptions {
  systemId?: string;
  password?: string;
  /** With both, it speaks TLS. */
  key?: string;
  cert?: string;
}

/** One `submit_sm` as it came. */
export interface SubmittedSms {
  /** What the peer answered that it is called. */
  id: string;
  to: string;
  from: string;
  coding: number;
  /** The part's place in a long text; null for a whole one. */
  part: { reference: number; of: number; index: number } | null;
  isPayload: boolean;
  registeredDelivery: number;
  /** For how long the provider is to try; null where nothing is said. */
  validForSeconds: number | null;
  text: string;
}

export interface ReceiptGiven {
  id: string;
  stat: string;
  err?: string;
  /** Which of the two forms; default both. */
  form?: "text" | "fields" | "both";
  coding?: number;
}

/** A real SMPP server on loopback, made of the package's own server side, that misbehaves on request. */
export interface SmppPeer {
  readonly port: number;
  /** What `LOQUET_SMS_URL` must be to reach it. */
  url(options?: string): string;
  readonly submitted: SubmittedSms[];
  /** How many sessions have bound, and which version and type they named. */
  readonly binds: { version: number; systemType: string }[];
  /** The most messages that were without answer at once. */
  mostUnanswered(): number;
  enquiries(): number;
  /** Statuses that our side answered to what the peer delivered. */
  readonly delivered: number[];
  unbinds(): number;
  /** What was sent to a number, its parts joined in their order. */
  textTo(number: string): string;
  answerAfter(ms: number): void;
  /** Binds are answered with this status; 0 lets in. */
  refuseBind(status: number): void;
  /** Every `submit_sm`, or only the next `times`, is answered with this status. */
  refuse(status: number, times?: number): void;
  /** Takes messages and answers nothing; "drop": and cuts the link. */
  beSilent(how: "hold" | "drop"): void;
  /** Also leaves enquiries without answer. */
  playDead(): void;
  /** Sends the receipt before it answers the message. */
  receiptBeforeAnswer(stat: string): void;
  receipt(given: ReceiptGiven): Promise<number>;
  /** Something that a telephone sent. */
  mobileOriginated(text: string, esmClass?: number): Promise<number>;
  sendBytes(bytes: Buffer): void;
  unbindAll(): void;
  dropAll(): void;
  behave(): void;
  waitFor(count: number): Promise<SubmittedSms[]>;
  until(isSo: () => boolean): Promise<void>;
  stop(): Promise<void>;
  start(): Promise<void>;
}

interface ServerSide {
  createServer(options: object, listener: (session: SmppSession) => void): Server;
}

const basic =
  "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\u001bÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";
const afterEscape: Record<number, string> = { 20: "^", 61: "~", 101: "€", 60: "[", 62: "]" };

function readGsm(bytes: Buffer): string {
  let text = "";
  for (let place = 0; place < bytes.length; place += 1) {
    const code = bytes[place] as number;
    text += code === 0x1b ? (afterEscape[bytes[++place] as number] ?? " ") : ([...basic][code] ?? " ");
  }
  return text;
}

/** The package has decoded it already: what it took for Latin-1 still holds every byte. */
function readText(message: string | Buffer | undefined, coding: number): string {
  if (message === undefined) return "";
  if (coding === 8) return typeof message === "string" ? message : message.swap16().toString("utf16le");
  return readGsm(typeof message === "string" ? Buffer.from(message, "latin1") : message);
}

export async function startSmppPeer(options: SmppPeerOptions = {}): Promise<SmppPeer> {
  const { systemId = "loquet", password = "p:w/1", key, cert } = options;
  const smpp = createRequire(import.meta.url)("smpp") as ServerSide;
  const submitted: SubmittedSms[] = [];
  const binds: SmppPeer["binds"] = [];
  const delivered: number[] = [];
  const sessions = new Set<SmppSession>();
  let server: Server | null = null;
  let port = 0;
  let drawn = 0;
  let unanswered = 0;
  let most = 0;
  let enquiries = 0;
  let unbinds = 0;
  let delayMs = 0;
  let bindStatus = 0;
  let refusal: { status: number; times: number } | null = null;
  let silence: "hold" | "drop" | null = null;
  let isDead = false;
  let early: string | null = null;

  function keep(pdu: SmppPdu): SubmittedSms {
    drawn += 1;
    const coding = pdu.data_coding ?? 0;
    const isPayload = pdu.message_payload !== undefined;
    const { message, udh } = { udh: undefined, ...(isPayload ? pdu.message_payload : pdu.short_message) };
    const header = (udh as Buffer[] | undefined)?.find((one) => one[0] === 0);
    const sms: SubmittedSms = {
      id: `m-${String(drawn).padStart(4, "0")}_x`,
      to: pdu.destination_addr ?? "",
      from: pdu.source_addr ?? "",
      coding,
      part: header
        ? { reference: header[2] as number, of: header[3] as number, index: header[4] as number }
        : null,
      isPayload,
      registeredDelivery: pdu.registered_delivery ?? 0,
      validForSeconds:
        pdu.validity_period instanceof Date
          ? Math.round((pdu.validity_period.getTime() - Date.now()) / 1000)
          : null,
      text: readText(message, coding),
    };
    submitted.push(sms);
    return sms;
  }

  function takeRefusal(): number {
    if (!refusal) return 0;
    const { status } = refusal;
    refusal.times -= 1;
    if (refusal.times <= 0) refusal = null;
    return status;
  }

  async function answerSubmit(session: SmppSession, pdu: SmppPdu): Promise<void> {
    unanswered += 1;
    most = Math.max(most, unanswered);
    const status = takeRefusal();
    const sms = status === 0 ? keep(pdu) : null;
    if (silence === "drop") session.socket.destroy();
    if (silence !== null) return;
    if (sms && early !== null) void deliverReceipt(session, { id: sms.id, stat: early });
    if (delayMs > 0) await pause(delayMs);
    unanswered -= 1;
    session.send(pdu.response(sms ? { message_id: sms.id } : { command_status: status }));
  }

  function deliver(session: SmppSession, fields: Record<string, unknown>): Promise<number> {
    return new Promise((resolve) => {
      session.deliver_sm(fields, ({ command_status: status }) => {
        delivered.push(status);
        resolve(status);
      });
    });
  }

  function deliverReceipt(session: SmppSession, { id, stat, err, form = "both", coding = 0 }: ReceiptGiven) {
    const states: Record<string, number> = { ENROUTE: 1, DELIVRD: 2, EXPIRED: 3, UNDELIV: 5, REJECTD: 8 };
    const text = `id:${id} sub:001 dlvrd:001 submit date:2611221000 done date:2611221001 stat:${stat} err:${err ?? "000"} text:`;
    return deliver(session, {
      source_addr: "33612345678",
      destination_addr: "LOQUET",
      esm_class: 4,
      data_coding: coding,
      short_message: form === "fields" ? Buffer.alloc(0) : Buffer.from(text, "ascii"),
      ...(form === "text" ? {} : { receipted_message_id: id, message_state: states[stat] ?? 7 }),
    });
  }

  function meet(session: SmppSession): void {
    sessions.add(session);
    session.socket.setNoDelay(true);
    session.on("error", () => {});
    session.on("close", () => {
      sessions.delete(session);
      if (sessions.size === 0) unanswered = 0;
    });
    session.on("bind_transceiver", (pdu) => {
      if (isDead) return;
      const isRight = pdu.system_id === systemId && pdu.password === password;
      const status = bindStatus || (isRight ? 0 : 14);
      if (status === 0)
        binds.push({ version: pdu.interface_version ?? 0, systemType: pdu.system_type ?? "" });
      session.send(pdu.response(status === 0 ? { system_id: "peer" } : { command_status: status }));
    });
    session.on("submit_sm", (pdu) => void answerSubmit(session, pdu));
    session.on("enquire_link", (pdu) => {
      enquiries += 1;
      if (!isDead) session.send(pdu.response());
    });
    session.on("unbind", (pdu) => {
      unbinds += 1;
      session.send(pdu.response());
    });
  }

  const anySession = () => {
    const [session] = sessions;
    if (!session) throw new Error("Nobody is connected to the SMPP peer.");
    return session;
  };

  async function until(isSo: () => boolean): Promise<void> {
    const end = Date.now() + 5000;
    while (!isSo()) {
      if (Date.now() > end) throw new Error("The SMPP peer waited 5 seconds in vain.");
      await pause(5);
    }
  }

  async function start(): Promise<void> {
    const made = smpp.createServer(key && cert ? { key, cert } : {}, meet);
    server = made;
    await new Promise<void>((resolve) => made.listen(port, "127.0.0.1", resolve));
    port = (made.address() as AddressInfo).port;
  }

  async function stop(): Promise<void> {
    const stopping = server;
    if (!stopping) return;
    server = null;
    for (const { socket } of sessions) socket.destroy();
    await new Promise<void>((resolve) => stopping.close(() => resolve()));
  }

  await start();
  return {
    get port() {
      return port;
    },
    url: (more = "") =>
      `${key ? "smpps" : "smpp"}://${systemId}:${encodeURIComponent(password)}@127.0.0.1:${port}${more}`,
    submitted,
    binds,
    mostUnanswered: () => most,
    enquiries: () => enquiries,
    delivered,
    unbinds: () => unbinds,
    textTo: (number) =>
      submitted
        .filter(({ to }) => `+${to}` === number)
        .sort((a, b) => (a.part?.index ?? 0) - (b.part?.index ?? 0))
        .map(({ text }) => text)
        .join(""),
    answerAfter(ms) {
      delayMs = ms;
    },
    refuseBind(status) {
      bindStatus = status;
    },
    refuse(status, times = Number.POSITIVE_INFINITY) {
      refusal = { status, times };
    },
    beSilent(how) {
      silence = how;
    },
    playDead() {
      silence = "hold";
      isDead = true;
    },
    receiptBeforeAnswer(stat) {
      early = stat;
    },
    receipt: (given) => deliverReceipt(anySession(), given),
    mobileOriginated: (text, esmClass = 0) =>
      deliver(anySession(), {
        source_addr: "33612345678",
        destination_addr: "38000",
        esm_class: esmClass,
        data_coding: 0,
        short_message: Buffer.from(text, "ascii"),
      }),
    sendBytes: (bytes) => void anySession().socket.write(bytes),
    unbindAll() {
      for (const session of sessions) session.unbind({}, () => session.socket.end());
    },
    dropAll() {
      for (const { socket } of sessions) socket.destroy();
    },
    behave() {
      delayMs = 0;
      bindStatus = 0;
      refusal = null;
      silence = null;
      isDead = false;
      early = null;
    },
    waitFor: async (count) => {
      await until(() => submitted.length >= count);
      return submitted;
    },
    until,
    start,
    stop,
  };
}
