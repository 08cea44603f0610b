import { afterAll, beforeAll, expect, test } from "vitest";
import { anAccount } from "../support/an-account.ts";
import { type ClicksendPeer, startClicksendPeer } from "../support/clicksend-peer.ts";
import { journey } from "../support/journey.ts";
import { findFreePort } from "../support/postgres-server.ts";
import { type SmtpPeer, startSmtpPeer } from "../support/smtp-peer.ts";

const [mailPort, smsPort] = [await findFreePort(), await findFreePort()];
let mailServer: SmtpPeer;
let smsProvider: ClicksendPeer;

beforeAll(async () => {
  mailServer = await startSmtpPeer({ port: mailPort });
  smsProvider = await startClicksendPeer({ port: smsPort });
});
afterAll(async () => {
  await mailServer?.stop();
  await smsProvider?.stop();
});

const linkIn = (text: string) => /https?:\/\/\S+token=\S+/.exec(text)?.[0] ?? "";
const codeIn = (text: string) => (/\b\d{8}\b/.exec(text.replaceAll(/https?:\/\/\S+/g, "")) ?? [""])[0];

/** The worker runs by itself, and real servers receive what it sends. */
journey(
  "real messages",
  {
    preset: "service",
    worker: true,
    environment: {
      SMTP_URL: `smtp://127.0.0.1:${mailPort}`,
      LOQUET_MAIL_FROM: "Accès <no-reply@acces.example.org>",
      LOQUET_SMS_URL: `clicksend+http://loquet:peer-key@127.0.0.1:${smsPort}`,
    },
  },
  (scene) => {
    test("a person signs up, confirms by the mail that an SMTP server received, and gets back in by SMS", async () => {
      const email = "mila@example.org";
      const mila = await scene.visitor();
      await mila.open("/sign-up");
      await mila.submit({ email, name: "Mila Leroy", "new-password": "huit-ponts-verts-27" });
      const activate = await mailServer.waitForMessageTo(email);
      expect(activate.parsed.subject).toBe("Veuillez activer votre compte");
      await mila.open(linkIn(activate.parsed.text ?? ""));
      await mila.submit();
      expect(mila.path).toBe("/account");
      const opened = await mailServer.waitForMessageTo(email, { count: 2 });
      expect(opened.header("auto-submitted")).toBe("auto-generated");

      const mobile = "+33639980090";
      await anAccount(scene.portal, "Omar Sy")
        .username("osy")
        .email("omar@example.org")
        .mobile(mobile)
        .made();
      const omar = await scene.visitor({ width: 320 });
      await omar.open("/forgot-password");
      await omar.choose("channel", "sms");
      await omar.submit({ username: "osy" });
      const sms = await smsProvider.waitForMessageTo(mobile);
      await omar.submit({ "one-time-code": codeIn(sms.text) });
      await omar.submit({ "new-password": "trois-cerfs-volants-8" });
      expect(omar.path).toBe("/sign-in");
      await mailServer.waitForMessageTo("omar@example.org");
    });

    test("a mail server that is away for a while loses nothing", async () => {
      await mailServer.stop();
      const email = "nils@example.org";
      const nils = await scene.visitor();
      await nils.open("/sign-up");
      await nils.submit({ email, name: "Nils Roy", "new-password": "huit-ponts-verts-27" });
      expect(nils.path).toBe("/sign-up/sent");
      await expect
        .poll(
          async () => {
            const db = scene.portal.portal.store.tables<Record<string, Record<string, unknown>>>();
            return (await db.selectFrom("message_attempts").select("outcome").execute()).map(
              (row) => row.outcome,
            );
          },
          { timeout: 20_000 },
        )
        .toContain("temporary");
      await mailServer.start();
      scene.portal.clock.advance(60_000);
      const mail = await mailServer.waitForMessageTo(email);
      await nils.submit({ "one-time-code": codeIn(mail.parsed.text ?? "") });
      expect(nils.path).toBe("/account");
    });
  },
);
