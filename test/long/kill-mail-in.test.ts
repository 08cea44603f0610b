import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import Database from "better-sqlite3";
import { expect, test } from "vitest";
import { findFreePort } from "../support/postgres-server.ts";
import { startProgram } from "../support/program.ts";
import { composeMail, sendMail } from "../support/smtp-client.ts";
import { startSmtpPeer } from "../support/smtp-peer.ts";
import { seededRandom } from "../support/world.ts";

const kills = 10;
const mailsEachTime = 12;

test("kill -9 between accepting a mail and reading it, ten times: every mail that was taken is one case", async () => {
  const folder = mkdtempSync(join(tmpdir(), "loquet-kill-mail-"));
  await using peer = await startSmtpPeer();
  const [port, mailPort] = [await findFreePort(), await findFreePort()];
  const overrides = join(folder, "own.json");
  writeFileSync(overrides, JSON.stringify({ support: { address: "aide@ecole.example" } }));
  const settings = {
    PORT: String(port),
    LOQUET_DATA: join(folder, "data"),
    LOQUET_PRESET: "service",
    LOQUET_CONFIG: overrides,
    LOQUET_DEMO: "0",
    LOQUET_SECRET: "a-secret-of-the-kill-test-0123456789-0123456789",
    LOQUET_LOG_LEVEL: "error",
    LOQUET_SMS_URL: "off",
    LOQUET_MAIL_FROM: "no-reply@ecole.example",
    SMTP_URL: peer.url,
    LOQUET_INBOUND_MAIL: `127.0.0.1:${mailPort}`,
  };
  const random = seededRandom(3);
  const taken = new Set<string>();

  /** As a mail server does: what was not answered 250 is sent again. */
  async function send(name: string): Promise<void> {
    const from = `${name}@example.org`;
    const raw = await composeMail({
      from,
      to: "aide@ecole.example",
      text: name,
      messageId: `<${name}@example.org>`,
    });
    const { code } = await sendMail(mailPort, { from, to: "aide@ecole.example", raw });
    if (code === 250) taken.add(name);
  }

  function read<Row>(statement: string): Row[] {
    const database = new Database(join(folder, "data", "loquet.sqlite"), { readonly: true });
    try {
      return database.prepare(statement).all() as Row[];
    } finally {
      database.close();
    }
  }

  const asked: string[] = [];
  try {
    for (let round = 0; round < kills; round++) {
      const program = await startProgram(settings);
      const names = Array.from({ length: mailsEachTime }, (_, at) => `p${round}-${at}`);
      asked.push(...names);
      const sending = Promise.all(names.map(send));
      await pause(150 + random.below(600));
      await program.kill();
      await sending;
    }
    const program = await startProgram(settings);
    for (const name of asked.filter((one) => !taken.has(one))) await send(name);
    expect(taken.size).toBe(asked.length);
    // Those that were taken and whose sender did not hear so are sent again, too.
    for (const name of asked.slice(0, 20)) await send(name);
    const waiting = "select count(*) as count from inbound_mails where status = 'waiting'";
    for (let waited = 0; waited < 60 && read<{ count: number }>(waiting)[0]?.count !== 0; waited++)
      await pause(500);
    const bodies = read<{ body: string }>("select body from case_messages where kind = 'person'").map(
      ({ body }) => body,
    );
    expect(bodies.sort()).toEqual([...asked].sort());
    expect(read<{ count: number }>("select count(*) as count from cases")[0]?.count).toBe(asked.length);
    expect(await program.stop()).toBe(0);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}, 300_000);
