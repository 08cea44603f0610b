import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as pause } from "node:timers/promises";

export interface ClicksendPeerOptions {
  /** 0, the default, takes a free one. */
  port?: number;
  user?: string;
  key?: string;
  /** Stands before `/v3`; empty by default. */
  base?: string;
}

export interface ReceivedSms {
  to: string;
  text: string;
  /** Our own id of the message, which ClickSend repeats in its receipts. */
  customString: string;
  source: string;
  messageId: string;
  /** What the peer answered for this message: "SUCCESS" when it took it. */
  status: string;
  at: number;
}

/** What it answers instead of its usual answer. `body` as it is given: broken JSON, if need be. */
export interface HttpAnswer {
  status: number;
  headers?: Record<string, string>;
  body?: string;
}

/** A real HTTP server on loopback that speaks ClickSend's REST v3 for SMS, and misbehaves on request. */
export interface ClicksendPeer extends AsyncDisposable {
  readonly port: number;
  /** What `LOQUET_SMS_URL` must be to reach it. */
  readonly url: string;
  /** The SMS that were taken, in order; kept over `stop` and `start`. */
  readonly messages: ReceivedSms[];
  /** Everything posted with the right key, refused messages included. */
  readonly posted: ReceivedSms[];
  /** Every request as it came, whatever was answered. */
  readonly requests: { method: string; path: string; headers: IncomingMessage["headers"]; body: string }[];
  to(number: string): ReceivedSms[];
  waitFor(count: number, timeoutMs?: number): Promise<ReceivedSms[]>;
  /** Waits for the newest SMS to `number`, or for the `count`th. */
  waitForMessageTo(number: string, options?: { count?: number; timeoutMs?: number }): Promise<ReceivedSms>;
  forgetMessages(): void;
  /** Refuses this number (or every number) with a status such as "INVALID_RECIPIENT", in an answer 200. */
  refuseNumber(number: string | "every", status: string): void;
  /** Answers every request so, until `behave`. */
  answerWith(answer: HttpAnswer): void;
  /** Takes the message, then answers so: the sender cannot know. */
  takeButAnswer(answer: HttpAnswer | "drop"): void;
  /** Drops each connection before reading. */
  dropConnections(): void;
  answerAfter(ms: number): void;
  /** Ends all misbehaviour. */
  behave(): void;
  stop(): Promise<void>;
  start(): Promise<void>;
}

interface SendBody {
  messages: { to: string; body: string; source?: string; custom_string?: string }[];
}

function answerJson(
  response: ServerResponse,
  status: number,
  word: string,
  message: string,
  data: unknown,
): void {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify({ http_code: status, response_code: word, response_msg: message, data }));
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
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
    if (Date.now() > end) throw new Error(`The ClickSend peer waited ${timeoutMs} ms for ${what()}.`);
    await pause(10);
  }
}

export async function startClicksendPeer(options: ClicksendPeerOptions = {}): Promise<ClicksendPeer> {
  const { user = "loquet", key = "peer-key", base = "" } = options;
  const posted: ReceivedSms[] = [];
  const messages: ReceivedSms[] = [];
  const requests: ClicksendPeer["requests"] = [];
  const refused = new Map<string, string>();
  let wanted: { answer: HttpAnswer | "drop"; takes: boolean } | null = null;
  let delayMs = 0;
  let port = options.port ?? 0;
  let server: Server | null = null;
  let drawn = 0;

  const isRightKey = (request: IncomingMessage) =>
    request.headers.authorization === `Basic ${Buffer.from(`${user}:${key}`).toString("base64")}`;

  function take(sent: SendBody["messages"][number]): ReceivedSms {
    drawn += 1;
    const received: ReceivedSms = {
      to: sent.to,
      text: sent.body,
      customString: sent.custom_string ?? "",
      source: sent.source ?? "",
      messageId: `1ECE0000-0000-6000-A000-${String(drawn).padStart(12, "0")}`,
      status: refused.get(sent.to) ?? refused.get("every") ?? "SUCCESS",
      at: Date.now(),
    };
    posted.push(received);
    if (received.status === "SUCCESS") messages.push(received);
    return received;
  }

  function answerSend(response: ServerResponse, body: string): void {
    const taken = (JSON.parse(body) as SendBody).messages.map(take);
    if (wanted?.takes) {
      answerAsWanted(response);
      return;
    }
    const queued = taken.filter((message) => message.status === "SUCCESS").length;
    const data = {
      total_count: taken.length,
      queued_count: queued,
      messages: taken.map((message) => ({
        direction: "out",
        to: message.to,
        body: message.text,
        message_id: message.messageId,
        custom_string: message.customString,
        message_parts: 1,
        status: message.status,
      })),
    };
    answerJson(response, 200, "SUCCESS", "Messages queued for delivery.", data);
  }

  function answerAsWanted(response: ServerResponse): void {
    if (!wanted || wanted.answer === "drop") {
      response.socket?.destroy();
      return;
    }
    response.writeHead(wanted.answer.status, wanted.answer.headers);
    response.end(wanted.answer.body ?? "");
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await readBody(request);
    const method = request.method ?? "";
    const path = request.url ?? "";
    requests.push({ method, path, headers: request.headers, body });
    if (delayMs > 0) await pause(delayMs);
    if (wanted && !wanted.takes) return answerAsWanted(response);
    if (!isRightKey(request)) return answerJson(response, 401, "UNAUTHORIZED", "Authorization failed.", null);
    if (method === "GET" && path === `${base}/v3/account`) {
      return answerJson(response, 200, "SUCCESS", "Here's your account", {
        username: user,
        balance: "12.000000",
      });
    }
    if (method === "POST" && path === `${base}/v3/sms/send`) return answerSend(response, body);
    answerJson(response, 404, "NOT_FOUND", "The requested resource does not exist.", null);
  }

  async function start(): Promise<void> {
    if (server) return;
    const made = createServer((request, response) => {
      answer(request, response).catch(() => response.socket?.destroy());
    });
    server = made;
    await new Promise<void>((resolve, reject) => {
      made.once("error", reject);
      made.listen(port, "127.0.0.1", resolve);
    });
    port = (made.address() as AddressInfo).port;
  }

  async function stop(): Promise<void> {
    const stopping = server;
    if (!stopping) return;
    server = null;
    const closed = new Promise<void>((resolve) => stopping.close(() => resolve()));
    stopping.closeAllConnections();
    await closed;
  }

  const sentTo = (number: string) => messages.filter((message) => message.to === number);

  await start();
  return {
    get port() {
      return port;
    },
    get url() {
      return `clicksend+http://${encodeURIComponent(user)}:${encodeURIComponent(key)}@127.0.0.1:${port}${base}`;
    },
    messages,
    posted,
    requests,
    to: sentTo,
    waitFor: (count, timeoutMs = 10_000) =>
      until(
        () => (messages.length >= count ? messages : undefined),
        () => `${count} SMS; it has ${messages.length}`,
        timeoutMs,
      ),
    waitForMessageTo: (number, { count, timeoutMs = 10_000 } = {}) =>
      until(
        () => (count === undefined ? sentTo(number).at(-1) : sentTo(number)[count - 1]),
        () =>
          `SMS ${count ?? ""} to ${number}; it has SMS to: ${messages.map((sms) => sms.to).join(" ") || "none"}`,
        timeoutMs,
      ),
    forgetMessages() {
      messages.length = 0;
      posted.length = 0;
      requests.length = 0;
    },
    refuseNumber(number, status) {
      refused.set(number, status);
    },
    answerWith(given) {
      wanted = { answer: given, takes: false };
    },
    takeButAnswer(given) {
      wanted = { answer: given, takes: true };
    },
    dropConnections() {
      wanted = { answer: "drop", takes: false };
    },
    answerAfter(ms) {
      delayMs = ms;
    },
    behave() {
      refused.clear();
      wanted = null;
      delayMs = 0;
    },
    start,
    stop,
    [Symbol.asyncDispose]: stop,
  };
}
