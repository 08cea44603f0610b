import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { expect, test } from "vitest";
import { PlainBrowser } from "../support/browser.ts";
import { findFreePort } from "../support/postgres-server.ts";
import { startProgram } from "../support/program.ts";
import { type ReceivedEmail, startSmtpPeer } from "../support/smtp-peer.ts";
import { seededRandom } from "../support/world.ts";

const kills = 20;
const signUpsEachTime = 30;
/** Messages that the outbox sends at once: what a kill can leave received but not recorded. */
const inFlightAtMost = 10;
/** After a kill, what was claimed comes back when its lease ends: three minutes for messages. */
const leaseMs = 3 * 60_000;

test("kill -9 during sending, twenty times: nothing promised is lost, nothing sent twice but what was in flight", async () => {
  const folder = mkdtempSync(join(tmpdir(), "loquet-kill-"));
  await using peer = await startSmtpPeer();
  // Slow enough for a kill to find messages that the server has and the portal has not heard about.
  peer.answerAfter(40);
  const overrides = join(folder, "roomy.json");
  writeFileSync(
    overrides,
    JSON.stringify({ limits: { "sign-up.per-source": { max: 100_000, perSeconds: 60 } } }),
  );
  const port = await findFreePort();
  const settings = {
    PORT: String(port),
    LOQUET_DATA: join(folder, "data"),
    LOQUET_PRESET: "service",
    LOQUET_CONFIG: overrides,
    LOQUET_DEMO: "0",
    LOQUET_SECRET: "a-secret-of-the-kill-test-0123456789-0123456789",
    LOQUET_LOG_LEVEL: "error",
    LOQUET_SMS_URL: "off",
    LOQUET_MAIL_FROM: "no-reply@acces.example.org",
    SMTP_URL: peer.url,
  };
  const url = `http://127.0.0.1:${port}`;
  const random = seededRandom(9);
  const promised = new Set<string>();
  const killedAt: number[] = [];

  /** Promised: the person saw « Consultez votre boîte e-mail ». */
  async function signUp(email: string): Promise<void> {
    const form = { email, name: "Une Personne", password: "sept-lampes-bleues-19" };
    const answer = await new PlainBrowser(url).post("/sign-up", form, { follow: false }).catch(() => null);
    if (answer?.location === "/sign-up/sent") promised.add(email);
  }

  try {
    for (let round = 0; round < kills; round++) {
      const program = await startProgram(settings);
      const asking = Array.from({ length: signUpsEachTime }, (_, n) => signUp(`p${round}-${n}@example.org`));
      await pause(500 + random.below(2500));
      killedAt.push(Date.now());
      await program.kill();
      await Promise.all(asking);
    }
    const sentBefore = peer.messages.length;
    const program = await startProgram(settings);
    const end = Date.now() + leaseMs + 120_000;
    const missing = () => [...promised].filter((email) => peer.to(email).length === 0);
    while (missing().length > 0 && Date.now() < end) await pause(500);
    // Until every lease has ended: what was received but not recorded comes once more.
    await pause(Math.max(0, (killedAt.at(-1) ?? 0) + leaseMs + 15_000 - Date.now()));
    expect(await program.stop(), program.out + program.err).toBe(0);

    expect(promised.size).toBeGreaterThan(kills);
    expect(sentBefore).toBeGreaterThan(kills);
    expect(missing()).toEqual([]);
    const again = new Map<number, number>();
    for (const email of new Set(peer.messages.flatMap(({ to }) => to))) {
      const copies = peer.to(email);
      // One message, however often it is sent: receivers tell a copy by its id.
      expect(new Set(copies.map((copy) => copy.header("message-id"))).size, email).toBe(1);
      for (const copy of copies.slice(0, -1)) countForItsKill(copy, again);
    }
    for (const [kill, count] of again)
      expect(count, `after kill ${kill}`).toBeLessThanOrEqual(inFlightAtMost);
    console.log(
      `${promised.size} promised, ${peer.messages.length} sent, ${[...again.values()].reduce((a, b) => a + b, 0)} of them again`,
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }

  /** A copy that was followed by another must have been in flight when the next kill came. */
  function countForItsKill(copy: ReceivedEmail, again: Map<number, number>): void {
    const kill = killedAt.findIndex((at) => at >= copy.at - 50);
    expect(kill, `${copy.to} was sent again though nothing was killed after it`).toBeGreaterThanOrEqual(0);
    expect((killedAt[kill] as number) - copy.at, `${copy.to} was no longer in flight`).toBeLessThan(5_000);
    again.set(kill, (again.get(kill) ?? 0) + 1);
  }
});
