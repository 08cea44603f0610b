import { createPrivateKey } from "node:crypto";
import { isIP } from "node:net";
import { createTransport, type NodemailerError, type SMTPPoolOptions } from "nodemailer";
import type { Clock } from "../kernel/clock.ts";
import { Fault } from "../kernel/fault.ts";
import type { Secret } from "../kernel/secret.ts";
import type { ChannelLog, EmailChannel, OutgoingEmail, SendResult } from "./channel.ts";
import { tidyDetail } from "./detail.ts";
import { headersOf, messageIdOf, readSender, refuseInjection, type Sender } from "./smtp-headers.ts";
import { readFailure, readQueueId } from "./smtp-reply.ts";

export interface SmtpSettings {
  /** `smtp(s)://user:password@host:port`; 587, or 465 for smtps, when no port stands there. */
  url: Secret;
  from: Sender;
  dkim: { domain: string; selector: string; privateKey: Secret } | null;
  /** The portal's own address; its host is the name we give to the mail server (EHLO). */
  publicUrl: string;
  clock: Clock;
  log: ChannelLog;
  timeouts?: Partial<typeof defaultTimeouts>;
}

/** `wholeMs` ends a server that trickles its replies so that no other limit is ever reached. */
const defaultTimeouts = { connectMs: 10_000, greetingMs: 10_000, socketMs: 30_000, wholeMs: 90_000 };

function readUrl(url: Secret) {
  let read: URL;
  let user: string;
  let pass: string;
  try {
    read = new URL(url.reveal());
    user = decodeURIComponent(read.username);
    pass = decodeURIComponent(read.password);
  } catch {
    throw new Fault("SMTP_URL is not an address such as smtps://user:password@mail.example.org.");
  }
  const isEncrypted = read.protocol === "smtps:";
  if (read.hostname === "" || !(isEncrypted || read.protocol === "smtp:")) {
    throw new Fault("SMTP_URL must begin with smtp:// or smtps:// and name a host.");
  }
  const host = read.hostname.replace(/^\[(.*)\]$/, "$1");
  return {
    host,
    port: read.port === "" ? (isEncrypted ? 465 : 587) : Number(read.port),
    isEncrypted,
    isLoopback: host === "localhost" || host === "::1" || /^127\./.test(host),
    auth: user === "" ? undefined : { user, pass },
  };
}

/** The name for EHLO: a domain, or an address literal (RFC 5321 §4.1.3). */
function greetingName(publicUrl: string): string {
  const host = new URL(publicUrl).hostname.replace(/^\[(.*)\]$/, "$1");
  if (host === "localhost") return "[127.0.0.1]";
  return isIP(host) === 6 ? `[IPv6:${host}]` : isIP(host) === 4 ? `[${host}]` : host;
}

/** nodemailer sends unsigned, silently, when it cannot use the key: so the key is tried here. */
function readDkim(dkim: SmtpSettings["dkim"]) {
  if (!dkim) return undefined;
  const privateKey = dkim.privateKey.reveal();
  let type: string | undefined;
  try {
    type = createPrivateKey(privateKey).asymmetricKeyType;
  } catch {
    throw new Fault("The DKIM private key cannot be read: it must be an RSA key in PEM.");
  }
  if (type !== "rsa") throw new Fault(`The DKIM private key is of the kind ${type}: it must be RSA.`);
  return { domainName: dkim.domain, keySelector: dkim.selector, privateKey };
}

function poolOptions(
  settings: SmtpSettings,
  server: ReturnType<typeof readUrl>,
): SMTPPoolOptions & { pool: true } {
  const timeouts = { ...defaultTimeouts, ...settings.timeouts };
  const { host, port, isEncrypted, isLoopback, auth } = server;
  return {
    pool: true,
    host,
    port,
    auth,
    name: greetingName(settings.publicUrl),
    secure: isEncrypted,
    // A password never crosses a network in the clear, even if somebody on the way hides STARTTLS (RFC 8314 §3).
    requireTLS: auth !== undefined && !isEncrypted && !isLoopback,
    // Where plain text would be allowed, an unverifiable certificate is still better than plain text (RFC 7435).
    tls: { rejectUnauthorized: !isLoopback && (isEncrypted || auth !== undefined) },
    connectionTimeout: timeouts.connectMs,
    greetingTimeout: timeouts.greetingMs,
    socketTimeout: timeouts.socketMs,
    dnsTimeout: timeouts.connectMs,
    // Only a message of which nothing was sent is tried on a second connection; the outbox does all other retries.
    maxRequeues: 2,
    dkim: readDkim(settings.dkim),
    disableFileAccess: true,
    disableUrlAccess: true,
  };
}

function compose(email: OutgoingEmail, sender: Sender, now: number) {
  return {
    envelope: { from: sender.address, to: [email.to] },
    // A copy: nodemailer writes the encoded address back into it, and the configuration is frozen.
    from: { ...sender },
    to: { name: "", address: email.to },
    ...(email.replyTo ? { replyTo: { name: sender.name, address: email.replyTo } } : {}),
    subject: email.subject,
    text: email.text,
    html: email.html,
    date: new Date(now),
    messageId: messageIdOf(email.messageId, sender.address),
    xMailer: false as const,
    headers: headersOf(email, sender),
    // RFC 3461; nodemailer leaves it out when the server does not offer DSN.
    dsn: { id: email.envelopeId, return: "headers", notify: ["FAILURE", "DELAY"] },
  };
}

/**
 * Sends e-mail through one SMTP server, over a few kept connections (RFC 5321). STARTTLS is used when offered, and
 * required off loopback when the URL carries a password. DSNs are asked for when offered (failure and delay,
 * headers only). Throws a `Fault` for a URL or a DKIM key that cannot be used; never for trouble with the server.
 */
export function createSmtpChannel(settings: SmtpSettings): EmailChannel {
  const server = readUrl(settings.url);
  const transport = createTransport(poolOptions(settings, server));
  const { wholeMs } = { ...defaultTimeouts, ...settings.timeouts };

  async function send(email: OutgoingEmail): Promise<SendResult> {
    const refused = refuseInjection(email);
    if (refused) return refused;
    const message = compose(email, readSender(email.from, settings.from), settings.clock.now());
    const sent = `${email.subject} ${email.text}`;
    try {
      const info = await transport.sendMail({ ...message, signal: AbortSignal.timeout(wholeMs) });
      return {
        outcome: "accepted",
        providerId: readQueueId(info.response),
        detail: tidyDetail(info.response, sent),
      };
    } catch (cause) {
      const { isOurFault, ...failure } = readFailure(cause as NodemailerError, sent);
      if (isOurFault) settings.log.warn({ route: "smtp", code: failure.code }, failure.detail);
      return failure;
    }
  }

  async function check(): Promise<string | null> {
    try {
      await transport.verify();
      return null;
    } catch (cause) {
      const { detail } = readFailure(cause as NodemailerError, "");
      return `${server.host}:${server.port}: ${detail.replace(/[.\s]+$/, "")}.`;
    }
  }

  return {
    route: "smtp",
    send,
    check,
    async close() {
      transport.close();
    },
  };
}
