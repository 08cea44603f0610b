import { connect, type Socket } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import MailComposer from "nodemailer/lib/mail-composer";
import SMTPConnection from "nodemailer/lib/smtp-connection";

/** What the server answered in the end. */
export interface SmtpAnswer {
  code: number;
  text: string;
}

export interface SentMail {
  /** MAIL FROM; empty for `<>`. */
  from: string;
  to: string | string[];
  raw: string | Buffer;
}

/** Sends one mail over a connection of its own, as a mail server does. Never throws for what the server answers. */
export async function sendMail(port: number, mail: SentMail): Promise<SmtpAnswer> {
  const connection = new SMTPConnection({
    host: "127.0.0.1",
    port,
    tls: { rejectUnauthorized: false },
    connectionTimeout: 10_000,
    greetingTimeout: 10_000,
    socketTimeout: 30_000,
  });
  const answerOf = (error: Error): SmtpAnswer => {
    const { responseCode, response } = error as Error & { responseCode?: number; response?: string };
    return { code: responseCode ?? 0, text: response ?? error.message };
  };
  return new Promise((resolve) => {
    const end = (answer: SmtpAnswer) => {
      connection.close();
      resolve(answer);
    };
    connection.once("error", (error: Error) => end(answerOf(error)));
    connection.connect((error) => {
      if (error) return end(answerOf(error));
      connection.send({ from: mail.from, to: [mail.to].flat() }, mail.raw, (refused, info) => {
        if (refused) return end(answerOf(refused));
        const response = info?.response ?? "";
        // Done once the connection is over: a listener takes only so many at once from one address.
        connection.once("end", () => resolve({ code: Number(response.slice(0, 3)), text: response }));
        connection.quit();
      });
    });
  });
}

export interface MailParts {
  from: string;
  to: string;
  subject?: string;
  text?: string;
  html?: string;
  messageId?: string;
  inReplyTo?: string;
  references?: string;
  headers?: Record<string, string>;
  attachments?: { filename: string; content: Buffer | string; contentType?: string; cid?: string }[];
}

/** A mail as a mail program writes it. */
export async function composeMail(parts: MailParts): Promise<Buffer> {
  return new MailComposer(parts).compile().build();
}

/** Lines joined as SMTP wants them: for mails that no program would write. */
export const lines = (...all: string[]) => all.join("\r\n");

/** A conversation word by word, for clients that misbehave. */
export class SmtpTalk implements AsyncDisposable {
  #heard = "";
  #isOver = false;
  readonly socket: Socket;

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.setEncoding("latin1");
    socket.on("data", (text) => {
      this.#heard += text;
    });
    socket.on("error", () => {});
    socket.on("close", () => {
      this.#isOver = true;
    });
  }

  static async open(port: number): Promise<SmtpTalk> {
    const socket = connect(port, "127.0.0.1");
    await new Promise((resolve, reject) => socket.once("connect", resolve).once("error", reject));
    return new SmtpTalk(socket);
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** The next whole answer; what was heard when the connection ended before. */
  async hear(forMs = 5000): Promise<string> {
    for (const end = Date.now() + forMs; Date.now() < end; await pause(5)) {
      const whole = /^(?:\d{3}-.*\r\n)*\d{3}(?: .*)?\r\n/.exec(this.#heard);
      if (whole) {
        this.#heard = this.#heard.slice(whole[0].length);
        return whole[0].trimEnd();
      }
      if (this.#isOver) break;
    }
    return this.#heard;
  }

  /** Says a line and hears the answer. */
  async say(line: string): Promise<string> {
    this.socket.write(`${line}\r\n`);
    return this.hear();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.socket.destroy();
  }
}
