import { type AddressInfo, isIP, type Socket } from "node:net";
import { SMTPServer, type SMTPServerOptions, type SMTPServerSession } from "smtp-server";
import { type InboundMailSettings, readCertificate } from "../../config/inbound-mail.ts";
import { minute, second } from "../../kernel/clock.ts";
import { Fault } from "../../kernel/fault.ts";
import type { ChannelLog } from "../channel.ts";
import { collect, createRoom } from "./collect.ts";
import type { Intake } from "./intake.ts";

/** Where mail arrives. It relays nothing, asks nobody's password, and decides nothing about what it takes. */
export interface InboundListener {
  /** Throws a `Fault` of one sentence when the address cannot be listened on. */
  listen(): Promise<void>;
  /** Where it listens; null while it does not. */
  address(): { host: string; port: number } | null;
  /** Null when all is well, else one clear sentence. */
  fault(): string | null;
  /** Takes a renewed certificate from its files; the one in use stays where the new one is no good. */
  renewCertificate(): void;
  /** Takes no new mail, finishes what is under way, and hangs up. */
  close(): Promise<void>;
}

const mebibyte = 1024 * 1024;
const defaultLimits = {
  /** Bytes of one mail; announced by SIZE (RFC 1870). */
  mailBytes: 10 * mebibyte,
  /** Bytes of all mails that are being received. */
  heldBytes: 64 * mebibyte,
  clients: 50,
  /** A sender's own mail server has a few dozens at most; and one sender does not keep the others out. */
  clientsPerAddress: 20,
  recipients: 20,
  idleMs: minute,
  /** A connection ends after this whatever it does: who sends a byte a minute would keep its place for ever. */
  connectionMs: 15 * minute,
  finishMs: 15 * second,
};

export type InboundLimits = typeof defaultLimits;

/** An answer of SMTP (RFC 5321 §4.2), as the library wants it. */
function reply(code: number, text: string): Error {
  return Object.assign(new Error(text), { responseCode: code });
}

const later = reply(451, "Please try again later");
/** RFC 5321 §4.2.3: insufficient system storage; the sender keeps it and tries again. */
const full = reply(452, "Too much mail is waiting, please try again later");
const tooLarge = (most: number) => reply(552, `The message is larger than ${most} bytes`);
const leaving = reply(421, "We are closing, please try again in a few minutes");

export function createInboundListener(deps: {
  settings: InboundMailSettings;
  /** The portal's own address: its host is the name that we greet with. */
  publicUrl: string;
  intake: Pick<Intake, "accepts" | "accept">;
  log: ChannelLog;
  onFault: (cause: unknown, what: string) => void;
  limits?: Partial<InboundLimits>;
}): InboundListener {
  const { settings, intake, log } = deps;
  const limits = { ...defaultLimits, ...deps.limits };
  const room = createRoom(limits.heldBytes);
  const open = new Set<Socket>();
  const underWay = new Set<Promise<void>>();
  let trouble: string | null = null;
  let wasAsked = false;
  let isClosing = false;
  let certificate = settings.tls ? readCertificate(settings.tls) : null;
  if (certificate && "fault" in certificate) throw new Fault(certificate.fault);

  const server = new SMTPServer({
    name: greetingName(deps.publicUrl),
    banner: "Loquet",
    logger: false,
    disableReverseLookup: true,
    authOptional: true,
    disabledCommands: ["AUTH", "VRFY", "EXPN", "HELP", ...(certificate ? [] : ["STARTTLS"])],
    // We could not answer an address beyond ASCII: better that its own server says so at once (RFC 6531 §3.4).
    hideSMTPUTF8: true,
    hideENHANCEDSTATUSCODES: false,
    size: limits.mailBytes,
    maxClients: limits.clients,
    maxRecipients: limits.recipients,
    socketTimeout: limits.idleMs,
    closeTimeout: 1,
    ...(certificate && !("fault" in certificate) ? certificate : {}),
    onConnect(session, answer) {
      const own = [...server.connections].filter(
        ({ remoteAddress }) => remoteAddress === session.remoteAddress,
      );
      if (isClosing) return answer(leaving);
      if (own.length > limits.clientsPerAddress) return answer(reply(421, "Too many connections from you"));
      answer();
    },
    onMailFrom(_address, _session, answer) {
      answer(isClosing ? leaving : null);
    },
    onRcptTo({ address }, _session, answer) {
      answer(intake.accepts(address) ? null : reply(550, "We take no mail for this address"));
    },
    onData(stream, session, answer) {
      const work = take(stream, session).then(
        (id) => answer(null, `Taken as ${id}`),
        (refused) => answer(refused as Error),
      );
      underWay.add(work);
      void work.finally(() => underWay.delete(work));
    },
  } satisfies SMTPServerOptions & { maxRecipients: number });

  // A client that goes away in the middle is an ordinary event.
  server.on("error", () => {});
  server.server.on("connection", (socket: Socket) => {
    open.add(socket);
    const { remotePort } = socket;
    const timer = setTimeout(
      () => hangUp((connection) => connection.remotePort === remotePort),
      limits.connectionMs,
    );
    timer.unref();
    socket.on("error", () => {});
    socket.on("close", () => {
      clearTimeout(timer);
      open.delete(socket);
    });
  });

  function hangUp(isMeant: (connection: { id: string; remotePort: number }) => boolean): void {
    for (const connection of server.connections)
      if (isMeant(connection)) connection.send(421, "That took too long");
  }

  /** Resolves once the mail is committed; rejects with what the sender is told. */
  async function take(stream: Parameters<typeof collect>[0], session: SMTPServerSession): Promise<string> {
    const collected = await collect(stream, {
      most: limits.mailBytes,
      room,
      hangUp: () => hangUp(({ id }) => id === session.id),
    });
    if (!collected.ok) throw collected.why === "too-large" ? tooLarge(limits.mailBytes) : later;
    const { mailFrom, rcptTo } = session.envelope;
    const envelope = {
      from: mailFrom ? mailFrom.address : "",
      to: rcptTo.map(({ address }) => address),
      source: session.remoteAddress,
    };
    let id: string | null;
    try {
      id = await intake.accept(envelope, collected.raw);
    } catch (cause) {
      deps.onFault(cause, "taking a mail");
      throw later;
    } finally {
      room.giveBack(collected.raw.length);
    }
    if (id === null) throw full;
    return id;
  }

  return {
    listen() {
      wasAsked = true;
      return new Promise((resolve, reject) => {
        const fail = (cause: Error) => reject(explain(cause, settings));
        server.server.once("error", fail);
        server.listen(settings.port, settings.host, () => {
          server.server.off("error", fail);
          server.server.on("error", (cause: NodeJS.ErrnoException) => {
            trouble = `The mail listener is in trouble (${cause.code ?? "unknown"}).`;
            log.warn({ code: cause.code }, trouble);
          });
          resolve();
        });
      });
    },
    address() {
      const at = server.server.address() as AddressInfo | null;
      return at && { host: at.address, port: at.port };
    },
    fault() {
      if (!wasAsked || isClosing) return null;
      return trouble ?? (server.server.listening ? null : "The mail listener does not listen.");
    },
    renewCertificate() {
      if (!settings.tls || !certificate || "fault" in certificate) return;
      const read = readCertificate(settings.tls);
      if ("fault" in read) return log.warn(read.fault);
      if (read.cert === certificate.cert && read.key === certificate.key) return;
      server.updateSecureContext(read);
      certificate = read;
    },
    async close() {
      isClosing = true;
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, limits.finishMs);
      });
      await Promise.race([Promise.all(underWay), late]);
      clearTimeout(timer);
      if (!server.server.listening && open.size === 0) return;
      await new Promise<void>((resolve) => server.close(() => resolve()));
      for (const socket of open) socket.destroy();
    },
  };
}

/** A domain, or an address literal (RFC 5321 §4.1.3). */
function greetingName(publicUrl: string): string {
  const host = new URL(publicUrl).hostname.replace(/^\[(.*)\]$/, "$1");
  if (host === "localhost") return "[127.0.0.1]";
  return isIP(host) === 6 ? `[IPv6:${host}]` : isIP(host) === 4 ? `[${host}]` : host;
}

function explain(cause: NodeJS.ErrnoException, { host, port }: InboundMailSettings): Error {
  const sentences: Record<string, string> = {
    EADDRINUSE: `LOQUET_INBOUND_MAIL: ${port} on ${host} is used by another program; name a free port.`,
    EACCES: `LOQUET_INBOUND_MAIL: ${port} may not be opened by this user; name a port above 1023.`,
    EADDRNOTAVAIL: `LOQUET_INBOUND_MAIL: ${host} is not an address of this machine.`,
    ENOTFOUND: `LOQUET_INBOUND_MAIL: the host ${host} is not known.`,
  };
  const sentence = sentences[cause.code ?? ""];
  return sentence ? new Fault(sentence, { cause }) : cause;
}
