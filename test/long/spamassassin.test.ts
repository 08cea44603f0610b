import { spawn } from "node:child_process";
import { expect } from "vitest";
import { needs } from "../support/needs.ts";
import { sendSamples } from "../support/sent-samples.ts";
import { startSmtpPeer } from "../support/smtp-peer.ts";

/** The score that SpamAssassin's local rules give, and the rules that gave it. */
function judge(raw: string): Promise<{ score: number; rules: string }> {
  return new Promise((resolve, reject) => {
    const program = spawn("spamassassin", ["-L", "-t"], { stdio: ["pipe", "pipe", "ignore"] });
    let report = "";
    program.stdout.setEncoding("utf8").on("data", (piece: string) => {
      report += piece;
    });
    program.on("error", reject);
    program.on("close", () => {
      const unfolded = report.replaceAll(/\r?\n[ \t]+/g, " ");
      const status = /^X-Spam-Status: \w+, score=(-?[\d.]+).*$/m.exec(unfolded);
      if (!status) reject(new Error(`SpamAssassin gave no score: ${report.slice(0, 400)}`));
      else resolve({ score: Number(status[1]), rules: status[0] });
    });
    program.stdin.end(Buffer.from(raw, "latin1"));
  });
}

for (const locale of ["fr", "en", "ar"]) {
  needs("spamassassin")(
    `every mail in ${locale} scores less than 1.0 by SpamAssassin's local rules`,
    async () => {
      await using peer = await startSmtpPeer();
      const suspected: string[] = [];
      for (const { template, mail } of await sendSamples(peer, locale)) {
        const { score, rules } = await judge(mail.raw);
        if (score >= 1) suspected.push(`${template}: ${rules}`);
      }
      expect(suspected).toEqual([]);
    },
  );
}
