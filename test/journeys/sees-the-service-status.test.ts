import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { minute } from "../../src/kernel/clock.ts";
import { anAccount } from "../support/an-account.ts";
import { visitorAtDesk } from "../support/at-desk.ts";
import { type ClicksendPeer, startClicksendPeer } from "../support/clicksend-peer.ts";
import { journey, scriptModes } from "../support/journey.ts";
import { findFreePort } from "../support/postgres-server.ts";
import { type SmtpPeer, startSmtpPeer } from "../support/smtp-peer.ts";
import { aStaffMember } from "../support/staff.ts";
import { words } from "../support/words.ts";

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
beforeEach(() => {
  mailServer.behave();
  smsProvider.behave();
});

const environment = {
  SMTP_URL: `smtp://127.0.0.1:${mailPort}`,
  LOQUET_MAIL_FROM: "Portail scolaire <no-reply@ecole.example.org>",
  LOQUET_SMS_URL: `clicksend+http://loquet:peer-key@127.0.0.1:${smsPort}`,
};

journey("the service status", { preset: "school", environment }, (scene) => {
  const minutes = async (count: number) => {
    for (let n = 0; n < count; n++) await scene.wait(minute);
  };
  /** Until nothing of what an earlier story did is measured any more. */
  const calm = () => minutes(25);

  test.each(scriptModes)(
    "$mode: mails that leave late are told at the door, on the waiting page and in plain words",
    async ({ script }) => {
      await calm();
      const [username, email] = [scene.unused("c.martin"), scene.unused("claire@example.fr")];
      await anAccount(scene.portal, "Claire Martin").username(username).email(email).made();
      mailServer.refuseAt("sender", "451 4.3.0 try again later");
      const claire = await scene.visitor({ script, width: script ? 1440 : 320 });
      await claire.open("/forgot-password");
      await claire.choose("channel", "email");
      await claire.submit({ username });
      await minutes(6);
      await claire.open("/forgot-password/sent");
      const late = /Les e-mails partent avec \d+ minutes de retard\./;
      expect(await claire.text()).toMatch(late);
      await claire.follow(words("service-status.more"));
      expect(claire.path).toBe("/help/status");
      expect(await claire.text()).toMatch(late);
      expect(await claire.text()).toContain(words("service-status.email.meanwhile-sms"));
      await claire.unfold(words("service-status.part.email"));
      const table = claire.main.locator(".status-table:visible");
      expect((await table.innerText()).replaceAll(/\s+/g, " ")).toContain(words("service-status.state.late"));
      const stranger = await scene.visitor({ script, colorScheme: "dark" });
      await stranger.open("/sign-in");
      expect(await stranger.text()).toMatch(late);
      // The diagnosis takes another way than usual.
      await stranger.open("/help/diagnosis/mail-not-received");
      expect(await stranger.heading()).toBe("Les e-mails partent avec du retard");

      mailServer.behave();
      await minutes(20);
      await stranger.open("/sign-in");
      expect(await stranger.text()).not.toMatch(late);
      expect(mailServer.to(email)).toHaveLength(1);
    },
  );

  test("an SMS route that is down is told since when, with what to do meanwhile", async () => {
    await calm();
    smsProvider.refuseNumber("every", "INSUFFICIENT_CREDIT");
    for (const n of [1, 2, 3]) {
      const username = scene.unused(`parent${n}`);
      await anAccount(scene.portal, `Parent ${n}`).username(username).mobile(`+3363998007${n}`).made();
      const visitor = await scene.visitor({ width: 320 });
      await visitor.page.goto("/forgot-password");
      await visitor.choose("channel", "sms");
      await visitor.fill({ username });
      await visitor.mainForm.locator("button[type=submit]").click();
      await visitor.page.waitForURL("**/sent");
    }
    await minutes(3);
    const visitor = await scene.visitor({ width: 320, locale: "ar" });
    await visitor.open("/help/status");
    expect(await visitor.text()).toContain(words("service-status.sms.meanwhile", {}, "ar"));
    await visitor.open("/help/diagnosis/sms-not-received");
    expect(await visitor.heading()).toBe("إرسال رسائل SMS معطّل");
  });

  test("staff announce planned work, add to it and end it; everybody reads it at the door", async () => {
    const staff = await aStaffMember(scene.portal, "operator", { name: "Olivier Blanc" });
    const olivier = await visitorAtDesk(scene, staff);
    await olivier.open("/desk/status");
    await olivier.follow(words("service-status.desk.new"));
    await olivier.submit();
    expect(await olivier.focused()).toBe("#errors");
    await olivier.page.fill("#title-fr", "Le portail sera lent ce soir");
    await olivier.page.fill(
      "#body-fr",
      "Nous agrandissons la base de données.\n\nVos demandes sont gardées.",
    );
    await olivier.page.fill("#title-en", "The portal will be slow tonight");
    await olivier.page.locator("#part-sign-in").check();
    await olivier.submit();
    const reader = await scene.visitor({ locale: "en-GB" });
    await reader.open("/sign-in");
    expect(await reader.text()).not.toContain("slow tonight");
    await olivier.press(words("service-status.desk.publish"));
    await reader.reload();
    expect(await reader.text()).toContain("The portal will be slow tonight");
    await reader.page.locator('main a[href^="/help/status#incident-"]').click();
    await reader.look();
    expect(await reader.text()).toContain("Nous agrandissons la base de données.");
    await olivier.page.fill("#news-fr", "C’est terminé plus tôt que prévu.");
    await olivier.press(words("service-status.desk.resolve"));
    await reader.open("/sign-in");
    expect(await reader.text()).not.toContain("slow tonight");
    await reader.open("/help/status");
    await reader.unfold("Read what happened");
    expect(await reader.text()).toContain("C’est terminé plus tôt que prévu.");
    await olivier.open("/desk/status");
    expect(await olivier.text()).toContain(words("service-status.phase.over"));
  });
});
