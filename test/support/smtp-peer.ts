import type { AddressInfo, Socket } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import PostalMime, { type Email } from "postal-mime";
import { SMTPServer, type SMTPServerSession } from "smtp-server";

export interface SmtpPeerOptions {
  /** 0, the default, takes a free one. */
  port?: number;
  /** Offers DSN (RFC 3461); true by default. */
  offersDsn?: boolean;
  /** Offers STARTTLS with a self-signed certificate; false by default. */
  offersStartTls?: boolean;
  /** Speaks TLS from the first byte (smtps); false by default. */
  isEncrypted?: boolean;
  /** Wants this name and password before anything else. */
  credentials?: { user: string; password: string };
}

export interface ReceivedEmail {
  /** The envelope, as MAIL FROM and RCPT TO named it. */
  from: string;
  to: string[];
  /** DSN parameters as they came, such as `{ RET: "HDRS", ENVID: "…", NOTIFY: "FAILURE,DELAY" }`. */
  dsn: Record<string, string>;
  /** Every byte of the message as latin1 text, CRLF kept: what a signature is computed over. */
  raw: string;
  parsed: Email;
  wasEncrypted: boolean;
  /** The name that the client gave itself (EHLO). */
  greetedAs: string;
  at: number;
  /** A header's value, unfolded; null if it does not stand there. */
  header(name: string): string | null;
}

type Stage = "connection" | "sign-in" | "sender" | "message";
type BreakingPoint = "greeting" | "message" | "answer";

/** A real SMTP server on loopback that keeps what it receives and misbehaves on request. */
export interface SmtpPeer extends AsyncDisposable {
  readonly port: number;
  /** What `SMTP_URL` must be to reach it, credentials included. */
  readonly url: string;
  /** In the order of their last byte; kept over `stop` and `start`. */
  readonly messages: ReceivedEmail[];
  /** How many connections were opened, and how many sign-ins succeeded. */
  readonly counted: { connections: number; signIns: number };
  to(address: string): ReceivedEmail[];
  /** Waits until `count` messages in all have come; throws after `timeoutMs` (10 s). */
  waitFor(count: number, timeoutMs?: number): Promise<ReceivedEmail[]>;
  /** Waits for the newest message to `address`, or for the `count`th. */
  waitForMessageTo(address: string, options?: { count?: number; timeoutMs?: number }): Promise<ReceivedEmail>;
  forgetMessages(): void;
  /** Answers RCPT TO for this address with `reply`, such as "550 5.1.1 No such user". */
  refuseRecipient(address: string, reply: string): void;
  refuseAt(stage: Stage, reply: string): void;
  /** Drops the connection, or never answers, at this point. "answer": when the message has been received whole. */
  breakAt(point: BreakingPoint, how: "drop" | "hang"): void;
  /** Waits so long before it takes each message. */
  answerAfter(ms: number): void;
  /** The text of the final 250. */
  acceptWith(text: string): void;
  /** Ends all misbehaviour. */
  behave(): void;
  /** Goes away at once, connections included; `start` comes back on the same port. */
  stop(): Promise<void>;
  start(): Promise<void>;
}

function replyError(reply: string): Error {
  const [, code, text] = /^(\d{3})\s*(.*)$/.exec(reply) ?? [];
  if (!code) throw new Error(`Not an SMTP reply: ${reply}`);
  return Object.assign(new Error(text), { responseCode: Number(code) });
}

function dsnOf(session: SMTPServerSession): Record<string, string> {
  const { mailFrom, rcptTo } = session.envelope;
  const args = { ...(mailFrom ? mailFrom.args : {}), ...rcptTo[0]?.args } as Record<string, string | true>;
  const wanted = ["RET", "ENVID", "NOTIFY", "ORCPT"].filter((name) => name in args);
  return Object.fromEntries(wanted.map((name) => [name, String(args[name])]));
}

async function readMessage(session: SMTPServerSession, bytes: Buffer): Promise<ReceivedEmail> {
  const { mailFrom, rcptTo } = session.envelope;
  const parsed = await PostalMime.parse(bytes);
  return {
    from: mailFrom ? mailFrom.address : "",
    to: rcptTo.map((recipient) => recipient.address),
    dsn: dsnOf(session),
    raw: bytes.toString("latin1"),
    parsed,
    wasEncrypted: session.secure,
    greetedAs: session.hostNameAppearsAs,
    at: Date.now(),
    header: (name) => parsed.headers.find((header) => header.key === name.toLowerCase())?.value ?? null,
  };
}

async function until<Found>(
  find: () => Found | undefined,
  what: () => string,
  timeoutMs: number,
): Promise<Found> {
  const end = Date.now() + timeoutMs;
  for (;;) {
    const found = find();
    if (found !== undefined) return found;
    if (Date.now() > end) throw new Error(`The SMTP peer waited ${timeoutMs} ms for ${what()}.`);
    await pause(10);
  }
}

export async function startSmtpPeer(options: SmtpPeerOptions = {}): Promise<SmtpPeer> {
  const messages: ReceivedEmail[] = [];
  const counted = { connections: 0, signIns: 0 };
  const sockets = new Map<number, Socket>();
  const refusedRecipients = new Map<string, string>();
  const refusedStages = new Map<Stage, string>();
  const broken = new Map<BreakingPoint, "drop" | "hang">();
  let delayMs = 0;
  let acceptance = "2.0.0 Ok: queued as 4XPEER0001";
  let port = options.port ?? 0;
  let server: SMTPServer | null = null;

  type Answer = (error?: Error | null) => void;
  function answerAt(stage: Stage, answer: Answer): void {
    const reply = refusedStages.get(stage);
    answer(reply ? replyError(reply) : null);
  }
  /** True when the conversation ends here. */
  function breaks(point: BreakingPoint, session: SMTPServerSession): boolean {
    if (broken.get(point) === "drop") sockets.get(session.remotePort)?.destroy();
    return broken.has(point);
  }

  function createServer(): SMTPServer {
    const { credentials } = options;
    const made = new SMTPServer({
      logger: false,
      disableReverseLookup: true,
      secure: options.isEncrypted ?? false,
      hideDSN: !(options.offersDsn ?? true),
      // Replies carry exactly the enhanced codes that a test writes.
      hideENHANCEDSTATUSCODES: true,
      allowInsecureAuth: true,
      authOptional: !credentials,
      disabledCommands: [...(options.offersStartTls ? [] : ["STARTTLS"]), ...(credentials ? [] : ["AUTH"])],
      closeTimeout: 100,
      onConnect(session, answer) {
        counted.connections += 1;
        if (!breaks("greeting", session)) answerAt("connection", answer);
      },
      onAuth(given, _session, answer) {
        const reply = refusedStages.get("sign-in");
        if (reply) return answer(replyError(reply));
        if (given.username !== credentials?.user || given.password !== credentials?.password) {
          return answer(replyError("535 5.7.8 Authentication credentials invalid"));
        }
        counted.signIns += 1;
        answer(null, { user: given.username });
      },
      onMailFrom(_address, _session, answer) {
        answerAt("sender", answer);
      },
      onRcptTo(address, _session, answer) {
        const reply = refusedRecipients.get(address.address.toLowerCase());
        answer(reply ? replyError(reply) : null);
      },
      async onData(stream, session, answer) {
        if (breaks("message", session)) return void stream.resume();
        const chunks: Buffer[] = [];
        try {
          for await (const chunk of stream) chunks.push(chunk as Buffer);
        } catch {
          // The client went away in the middle: there is no message, and nobody to answer.
          return;
        }
        const reply = refusedStages.get("message");
        if (reply) return answer(replyError(reply));
        messages.push(await readMessage(session, Buffer.concat(chunks)));
        if (breaks("answer", session)) return;
        if (delayMs > 0) await pause(delayMs);
        answer(null, acceptance);
      },
    });
    // A client that goes away in the middle is an ordinary event here.
    made.on("error", () => {});
    made.server.on("connection", (socket: Socket) => {
      const from = socket.remotePort as number;
      sockets.set(from, socket);
      socket.on("error", () => {});
      socket.on("close", () => sockets.delete(from));
    });
    return made;
  }

  async function start(): Promise<void> {
    if (server) return;
    const made = createServer();
    server = made;
    await new Promise<void>((resolve, reject) => {
      made.server.once("error", reject);
      made.listen(port, "127.0.0.1", resolve);
    });
    port = (made.server.address() as AddressInfo).port;
  }

  async function stop(): Promise<void> {
    const stopping = server;
    if (!stopping) return;
    server = null;
    const closed = new Promise<void>((resolve) => stopping.close(resolve));
    for (const socket of sockets.values()) socket.destroy();
    await closed;
  }

  const sentTo = (address: string) => messages.filter((message) => message.to.includes(address));
  const describe = () => messages.map((message) => message.to.join(",")).join(" ") || "none";

  await start();
  return {
    get port() {
      return port;
    },
    get url() {
      const { credentials, isEncrypted } = options;
      const who = credentials
        ? `${encodeURIComponent(credentials.user)}:${encodeURIComponent(credentials.password)}@`
        : "";
      return `${isEncrypted ? "smtps" : "smtp"}://${who}127.0.0.1:${port}`;
    },
    messages,
    counted,
    to: sentTo,
    waitFor: (count, timeoutMs = 10_000) =>
      until(
        () => (messages.length >= count ? messages : undefined),
        () => `${count} messages; it has ${messages.length}`,
        timeoutMs,
      ),
    waitForMessageTo: (address, { count, timeoutMs = 10_000 } = {}) =>
      until(
        () => (count === undefined ? sentTo(address).at(-1) : sentTo(address)[count - 1]),
        () => `message ${count ?? ""} to ${address}; it has messages to: ${describe()}`,
        timeoutMs,
      ),
    forgetMessages() {
      messages.length = 0;
    },
    refuseRecipient(address, reply) {
      refusedRecipients.set(address.toLowerCase(), reply);
    },
    refuseAt(stage, reply) {
      refusedStages.set(stage, reply);
    },
    breakAt(point, how) {
      broken.set(point, how);
    },
    answerAfter(ms) {
      delayMs = ms;
    },
    acceptWith(text) {
      acceptance = text;
    },
    behave() {
      refusedRecipients.clear();
      refusedStages.clear();
      broken.clear();
      delayMs = 0;
    },
    start,
    stop,
    [Symbol.asyncDispose]: stop,
  };
}
