import { afterEach, describe, expect, test } from "vitest";
import { day, hour, minute } from "../../src/kernel/clock.ts";
import * as outboxRows from "../../src/outbox/outbox.store.ts";
import { anAccount, contactPointsNow } from "../support/an-account.ts";
import { PlainBrowser } from "../support/browser.ts";
import { onEachEngine } from "../support/engines.ts";
import { tokenOf } from "../support/member.ts";
import { startPortal, type TestPortal } from "../support/portal.ts";
import { anEstablishment } from "../support/schools.ts";
import { type SmppPeer, startSmppPeer } from "../support/smpp-peer.ts";
import { aStaffMember, atTheDesk } from "../support/staff.ts";
import { words } from "../support/words.ts";

type LimitsGiven = Record<string, { max: number; perSeconds: number }>;

onEachEngine("the ceilings of SMS", (engine) => {
  let portal: TestPortal;
  let peer: SmppPeer | undefined;
  afterEach(async () => {
    await portal.close();
    await peer?.stop();
    peer = undefined;
  });

  /** Wide where the test is not about it. */
  const wide = { max: 1000, perSeconds: 3600 };
  const start = async (
    limits: LimitsGiven = {},
    more: { smsCountries?: string[]; slowedAddresses?: string[]; environment?: Record<string, string> } = {},
  ) => {
    const { environment, ...settings } = more;
    portal = await startPortal({
      preset: "school",
      engine,
      ...(environment ? { environment } : {}),
      change: (config) => ({
        ...config,
        preset: {
          ...config.preset,
          ...settings,
          limits: {
            ...config.preset.limits,
            "request.per-source": wide,
            "request.per-account": wide,
            "sms.per-number": wide,
            "sms.per-number-day": wide,
            "sms.per-source": wide,
            "sms.per-country-day": wide,
            "sms.service-wide": wide,
            ...limits,
          },
        },
      }),
    });
  };
  const aGuardian = (name: string, number: string) =>
    anAccount(portal, name).kind("guardian").username(name.toLowerCase()).mobile(number).made();
  const ask = async (identifier: string) => {
    await new PlainBrowser(portal.url).post("/forgot-password", { identifier, channel: "sms" });
    await portal.settle();
  };
  const sent = async (to?: string) =>
    (await portal.messages(to)).filter(({ channel }) => channel === "sms").length;
  const metrics = async () => (await new PlainBrowser(portal.url).get("/metrics")).html;

  test("a number gets no more than its own, and another still gets its", async () => {
    await start({ "sms.per-number": { max: 2, perSeconds: 3600 } });
    await aGuardian("one", "+33612345671");
    await aGuardian("two", "+33612345672");
    for (let n = 0; n < 4; n++) await ask("one");
    await ask("two");
    expect(await sent("+33612345671")).toBe(2);
    expect(await sent("+33612345672")).toBe(1);
    portal.clock.advance(hour);
    await ask("one");
    expect(await sent("+33612345671")).toBe(3);
    expect(await metrics()).toMatch(/loquet_sms_total\{country="FR",outcome="number"\} 2/);
  });

  test("strangers cause no more a day to a number than its own, and staff still help who has it", async () => {
    await start({ "sms.per-number-day": { max: 2, perSeconds: 86_400 } });
    const { account, contacts } = await aGuardian("one", "+33612345671");
    for (let n = 0; n < 3; n++) {
      await ask("one");
      portal.clock.advance(hour);
    }
    expect(await sent()).toBe(2);
    expect(await metrics()).toMatch(/loquet_sms_total\{country="FR",outcome="number"\} 1/);
    const desk = await atTheDesk(portal, await aStaffMember(portal, "operator"));
    expect((await desk.get("/desk/sms")).text).toContain(words("desk-sms.ceiling.number-day"));
    const reason = "appel au standard";
    await desk.post(`/desk/people/${account.id}/recovery`, { contact: contacts[0]?.id ?? "", reason });
    await portal.settle();
    expect(await sent()).toBe(3);
    portal.clock.advance(day);
    await ask("one");
    expect(await sent()).toBe(4);
  });

  test("what strangers have used up of a number's silences no warning", async () => {
    await start({ "sms.per-number": { max: 2, perSeconds: 3600 } });
    const number = "+33612345671";
    const guardian = anAccount(portal, "Eve Roy").kind("guardian").username("one").mobile(number);
    await guardian.email("eve@example.fr").made();
    for (let n = 0; n < 5; n++) await ask("one");
    expect(await sent(number)).toBe(2);
    await new PlainBrowser(portal.url).post("/forgot-password", { identifier: "one", channel: "email" });
    const token = tokenOf(await portal.messageTo("eve@example.fr"));
    portal.clock.advance(minute);
    await new PlainBrowser(portal.url).post("/reset", { token, password: "un-mot-de-passe-neuf-7" });
    await portal.settle();
    expect(await sent(number)).toBe(3);
  });

  test("a source causes no more than its own, whatever the numbers; an establishment's is not counted", async () => {
    await start({ "sms.per-source": { max: 2, perSeconds: 3600 } });
    for (const n of [1, 2, 3]) await aGuardian(`p${n}`, `+3361234567${n}`);
    for (const n of [1, 2, 3]) await ask(`p${n}`);
    expect(await sent()).toBe(2);
    await portal.close();
    await start(
      { "sms.per-source": { max: 2, perSeconds: 3600 } },
      { slowedAddresses: ["127.0.0.0/8", "::1/128"] },
    );
    for (const n of [1, 2, 3]) await aGuardian(`p${n}`, `+3361234567${n}`);
    for (const n of [1, 2, 3]) await ask(`p${n}`);
    expect(await sent()).toBe(3);
  });

  test("a country gets no more a day than its own, with an alarm, and another still gets its", async () => {
    await start({ "sms.per-country-day": { max: 2, perSeconds: 86_400 } });
    for (const n of [1, 2, 3]) await aGuardian(`p${n}`, `+3361234567${n}`);
    await aGuardian("reunion", "+262692123456");
    for (const n of [1, 2, 3]) await ask(`p${n}`);
    await ask("reunion");
    expect(await sent()).toBe(3);
    const counted = await metrics();
    expect(counted).toMatch(/loquet_sms_total\{country="FR",outcome="country"\} 1/);
    expect(counted).toMatch(/loquet_sms_total\{country="RE",outcome="passed"\} 1/);
    expect(counted).toMatch(/loquet_limit_alarms_total\{limit="sms.per-country-day"\} 1/);
    expect(counted).toMatch(/loquet_sms_ceiling_used_ratio\{limit="sms.per-country-day",country="FR"\} 1/);
    expect(counted).toMatch(/loquet_sms_ceiling_used_ratio\{limit="sms.per-country-day",country="RE"\} 0.5/);
    portal.clock.advance(day);
    await ask("p3");
    expect(await sent("+33612345673")).toBe(1);
  });

  test("nothing goes to a country that is not served, and nothing is spent for it", async () => {
    await start({ "sms.service-wide": { max: 1, perSeconds: 3600 } });
    await aGuardian("abroad", "+447400123456");
    await aGuardian("satellite", "+882161234567");
    await aGuardian("here", "+33612345671");
    await ask("abroad");
    await ask("satellite");
    expect(await sent()).toBe(0);
    await ask("here");
    expect(await sent()).toBe(1);
    expect(await metrics()).toMatch(/loquet_sms_total\{country="GB",outcome="not-served"\} 1/);
  });

  test("the countries are the operator's to say", async () => {
    await start({}, { smsCountries: ["GB"] });
    await aGuardian("abroad", "+447400123456");
    await aGuardian("here", "+33612345671");
    await ask("abroad");
    await ask("here");
    expect(await sent("+447400123456")).toBe(1);
    expect(await sent()).toBe(1);
  });

  test("a refused SMS leaves the e-mail to go", async () => {
    await start({}, { smsCountries: ["GB"] });
    await anAccount(portal, "both")
      .kind("guardian")
      .username("both")
      .mobile("+33612345671")
      .email("both@example.fr")
      .made();
    await ask("both");
    expect(await sent()).toBe(0);
    expect(await portal.messages("both@example.fr")).toHaveLength(1);
  });

  describe("on the desk", () => {
    test("the operator sees how many went where, why some did not, and the ceilings", async () => {
      await start({ "sms.per-number": { max: 1, perSeconds: 3600 } });
      await aGuardian("one", "+33612345671");
      await aGuardian("abroad", "+447400123456");
      await ask("one");
      await ask("one");
      await ask("abroad");
      const desk = await atTheDesk(portal, await aStaffMember(portal, "operator"));
      const page = await desk.get("/desk/sms");
      expect(page.status).toBe(200);
      expect(page.text).toContain(words("desk-sms.title"));
      expect(page.text).toContain("France");
      expect(page.text).toContain(words("desk-sms.not-served", { country: "Royaume-Uni" }));
      expect(page.text).toContain(words("desk-sms.refusal.number"));
      expect(page.text).toContain(words("desk-sms.refusal.not-served"));
      expect(page.text).not.toContain(words("desk-sms.refusal.source"));
      expect(page.text).not.toContain("12345671");
    });

    test("nobody else does", async () => {
      await start();
      const establishmentId = await anEstablishment(portal, "academy", "Académie du Nord");
      const desk = await atTheDesk(
        portal,
        await aStaffMember(portal, "academic-support", { establishmentId }),
      );
      expect((await desk.get("/desk/sms")).status).toBe(403);
    });
  });

  test("by SMPP: from the form to the telephone, and the timeline says that it was delivered, or why not", async () => {
    peer = await startSmppPeer();
    await start({}, { environment: { LOQUET_SMS_URL: peer.url("?from=LOQUET") } });
    const { account } = await aGuardian("one", "+33612345671");
    await ask("one");
    const [first] = await peer.waitFor(1);
    expect(first?.to).toBe("33612345671");
    expect(peer.textTo("+33612345671")).toMatch(/#\d{8}$/);
    await peer.receipt({ id: first?.id ?? "", stat: "DELIVRD" });
    await ask("one");
    const again = peer.submitted.at(-1);
    await peer.receipt({ id: again?.id ?? "", stat: "EXPIRED", err: "069" });
    const desk = await atTheDesk(portal, await aStaffMember(portal, "operator"));
    const page = await desk.get(`/desk/people/${account.id}`);
    expect(page.text).toContain(words("people.receipt-word.delivered"));
    expect(page.text).toContain(words("people.receipt-word.not-delivered"));
    expect(page.text).toContain(words("people.receipt.code", { code: "069" }));
  });

  test("by SMPP: it says for how long the code serves; a number that cannot be reached counts as dead until it can", async () => {
    peer = await startSmppPeer();
    await start({}, { environment: { LOQUET_SMS_URL: peer.url() } });
    const made = await aGuardian("one", "+33612345671");
    const hears = async (stat: string) => {
      portal.clock.advance(minute);
      await ask("one");
      await peer?.receipt({ id: peer.submitted.at(-1)?.id ?? "", stat, err: "027" });
      return (await contactPointsNow(portal, made))[0]?.dead_reason;
    };
    expect(await hears("UNDELIV")).toBeNull();
    expect(peer.submitted[0]?.validForSeconds).toBe(portal.config.preset.messages.codeValidForSeconds);
    expect(await hears("UNDELIV")).toBe("receipt 027");
    expect(await hears("DELIVRD")).toBeNull();
    expect(await metrics()).toMatch(
      /loquet_sms_receipts_total\{outcome="not-delivered",reason="undeliverable"\} 2/,
    );
  });

  test("by SMPP: a provider that answers nothing holds back no e-mail", async () => {
    peer = await startSmppPeer();
    peer.beSilent("hold");
    await start({}, { environment: { LOQUET_SMS_URL: peer.url() } });
    const now = portal.clock.now();
    const aNotice = (id: string, channel: "email" | "sms", to: string): outboxRows.MessageRow => ({
      id,
      correlation_id: id,
      account_id: null,
      contact_point_id: null,
      challenge_id: null,
      channel,
      route: channel,
      recipient: to,
      recipient_key: to,
      template: "recovery.done",
      locale: "fr",
      params: JSON.stringify({ name: "Eve", identifier: "eve", changedAt: now, browser: null }),
      secrets: null,
      priority: channel === "sms" ? 0 : 1,
      status: "queued",
      status_at: now,
      queued_at: now,
      due_at: now,
      useful_until: now + day,
      lease_until: null,
      lease_owner: null,
      tries: 0,
      left_at: null,
      provider_id: null,
    });
    await portal.portal.store.transact(async (tx) => {
      for (let n = 10; n < 30; n++) {
        await outboxRows.insert(tx, aNotice(`sms-${n}`, "sms", `+336123456${n}`));
      }
      await outboxRows.insert(tx, aNotice("email", "email", "eve@example.fr"));
    });
    portal.portal.worker.start();
    await expect.poll(() => portal.messages("eve@example.fr"), { timeout: 5000 }).toHaveLength(1);
    await peer.stop();
  });
});
