import { afterEach, describe, expect, test } from "vitest";
import { day, hour } from "../../src/kernel/clock.ts";
import { anAccount } from "../support/an-account.ts";
import { PlainBrowser } from "../support/browser.ts";
import { onEachEngine } from "../support/engines.ts";
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
});
