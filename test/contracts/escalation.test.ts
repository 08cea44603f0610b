import { afterEach, describe, expect, test } from "vitest";
import { aCase, caseNow, eventsOf } from "../support/a-case.ts";
import { anAccount } from "../support/an-account.ts";
import { has } from "../support/needs.ts";
import { startPortal, type TestPortal, type TestPortalOptions } from "../support/portal.ts";
import { findFreePort } from "../support/postgres-server.ts";
import { anEstablishment } from "../support/schools.ts";
import { aStaffMember, atTheDesk } from "../support/staff.ts";
import { fold, words } from "../support/words.ts";

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

for (const engine of ["sqlite", "postgres"] as const) {
  describe.skipIf(engine === "postgres" && !has("postgres"))(`escalation on ${engine}`, () => {
    let portal: TestPortal;
    afterEach(() => portal.close());

    async function begin(options: TestPortalOptions = {}) {
      portal = await startPortal({ engine, ...options });
    }
    async function wait(ms: number) {
      portal.clock.advance(ms);
      await portal.settle();
    }
    const digests = async (to: string) =>
      (await portal.messages(to)).filter(({ subject }) => /attend(?:ent)? votre équipe/.test(fold(subject)));

    test("a case that nobody answers in time goes on, with new times, and its new team is told", async () => {
      await begin();
      const support = await aStaffMember(portal, "support");
      const operator = await aStaffMember(portal, "operator");
      const opened = await aCase(portal);
      await wait(4 * hour - minute);
      expect((await caseNow(portal, opened)).relay).toBe("support");
      await wait(2 * minute);
      const now = await caseNow(portal, opened);
      expect([now.relay, now.escalation_step, now.assignee_id]).toEqual(["operator", 1, null]);
      // The operator's relay has four working hours of its own, and nobody above it.
      expect(now.first_answer_due_at).toBe(portal.clock.now() + 4 * hour);
      expect(now.escalate_at).toBeNull();
      expect(await eventsOf(portal, opened)).toEqual(["cases.event.escalated.time"]);
      const mail = await portal.messageTo(operator.email);
      expect(mail.text).toContain(opened.number);
      expect(mail.text).not.toContain("Léa");
      expect(mail.text).not.toContain("Je ne reçois rien");
      expect(await digests(support.email)).toEqual([]);
    });

    test("one mail an hour tells all that came, and none comes when there is no news", async () => {
      await begin();
      const operator = await aStaffMember(portal, "operator");
      await aCase(portal);
      await wait(30 * minute);
      const second = await aCase(portal, { name: "Noé" });
      await wait(3 * hour + 31 * minute);
      expect(await digests(operator.email)).toHaveLength(1);
      await wait(31 * minute);
      expect((await caseNow(portal, second)).relay).toBe("operator");
      expect(await digests(operator.email)).toHaveLength(1);
      await wait(30 * minute);
      const told = await digests(operator.email);
      expect(told).toHaveLength(2);
      expect(told[0]?.text).toContain(second.number);
      await wait(2 * hour);
      expect(await digests(operator.email)).toHaveLength(2);
    });

    test("only working hours count: nothing is late in the night", async () => {
      await begin();
      await wait(8 * hour);
      const opened = await aCase(portal);
      await wait(15 * hour);
      expect((await caseNow(portal, opened)).relay).toBe("support");
      await wait(5 * hour);
      expect((await caseNow(portal, opened)).relay).toBe("operator");
    });

    test("an answered, solved or closed case stays where it is", async () => {
      await begin();
      const support = await aStaffMember(portal, "support");
      const desk = await atTheDesk(portal, support);
      const [answered, solved] = [await aCase(portal), await aCase(portal)];
      await desk.post(`/desk/cases/${answered.number}/note`, { note: "Une note ne répond à personne." });
      const page = await desk.get(`/desk/cases/${answered.number}`);
      const seen = /name="seen" value="([^"]*)"/.exec(page.html)?.[1] ?? "";
      await desk.post(`/desk/cases/${answered.number}/answer`, { answer: "Voilà.", seen, act: "send" });
      await desk.post(`/desk/cases/${solved.number}/solve`, {});
      await wait(2 * day);
      for (const one of [answered, solved]) expect((await caseNow(portal, one)).relay).toBe("support");
    });

    test("takes three steps at most, each in its own time", async () => {
      await begin({ preset: "school" });
      const opened = await aCase(portal, {
        kind: "pupil",
        establishmentId: await aSchoolOfAnAcademy(portal),
      });
      const relays: string[] = [opened.relay];
      for (let turn = 0; turn < 28; turn++) {
        await wait(12 * hour);
        const { relay } = await caseNow(portal, opened);
        if (relay !== relays.at(-1)) relays.push(relay);
      }
      expect(relays).toEqual(["pupil-life-office", "head", "academic-support", "operator"]);
      expect(await eventsOf(portal, opened)).toHaveLength(3);
    });

    test("by hand, with a reason that the next team reads", async () => {
      await begin();
      const desk = await atTheDesk(portal, await aStaffMember(portal, "support", { name: "Anne Moreau" }));
      const opened = await aCase(portal);
      const path = `/desk/cases/${opened.number}/escalate`;
      expect((await desk.post(path, { "escalate-reason": " " })).text).toContain(
        words("escalation.reason-missing"),
      );
      const gone = await desk.post(path, { "escalate-reason": "La route des SMS est coupée." });
      expect(gone.path).toBe("/desk/cases");
      expect((await desk.get(`/desk/cases/${opened.number}`)).status).toBe(404);
      const operator = await atTheDesk(portal, await aStaffMember(portal, "operator"));
      const page = await operator.get(`/desk/cases/${opened.number}`);
      expect(page.text).toContain("La route des SMS est coupée.");
      expect(page.text).toContain("Anne Moreau");
      expect(page.html).not.toContain(`action="${path}"`);
      const end = await operator.post(path, { "escalate-reason": "Encore plus haut." });
      expect(end.text).toContain(words("escalation.nobody"));
    });

    test("two nodes that find the same case late take it one step, not two", async () => {
      await begin({ preset: "school" });
      const opened = await aCase(portal, {
        kind: "pupil",
        establishmentId: await aSchoolOfAnAcademy(portal),
      });
      portal.clock.advance(day);
      await Promise.all([portal.settle(), portal.settle()]);
      expect(await eventsOf(portal, opened)).toHaveLength(1);
    });

    test("an answer that cannot be sent although its address is right goes to who runs the portal, once", async () => {
      const closed = await findFreePort();
      await begin({
        environment: {
          SMTP_URL: `smtp://127.0.0.1:${closed}`,
          LOQUET_MAIL_FROM: "Portail <ne-pas-repondre@ecole.example>",
        },
      });
      const desk = await atTheDesk(portal, await aStaffMember(portal, "support"));
      const opened = await aCase(portal);
      const page = await desk.get(`/desk/cases/${opened.number}`);
      const seen = /name="seen" value="([^"]*)"/.exec(page.html)?.[1] ?? "";
      await desk.post(`/desk/cases/${opened.number}/answer`, { answer: "Voilà.", seen, act: "send" });
      await portal.settle();
      expect((await caseNow(portal, opened)).status).toBe("waiting");
      await wait(3 * day + minute);
      // The turn of the jobs comes before that of the messages: what failed is found a minute later.
      await wait(minute);
      const now = await caseNow(portal, opened);
      expect([now.relay, now.status, now.waits_for]).toEqual(["operator", "open", "staff"]);
      await wait(hour);
      await wait(minute);
      const events = await eventsOf(portal, opened);
      expect(events.filter((event) => event === "cases.event.escalated.sends")).toHaveLength(1);
    });

    test("an account whose last three messages failed, all to proved addresses, escalates its case", async () => {
      await begin();
      const made = await anAccount(portal, "Léa Martin").email("lea@example.fr").made();
      const point = made.contacts[0]?.id ?? "";
      const opened = await aCase(portal, { accountId: made.account.id, isIdentityProved: true });
      await portal.settle();
      const fail = (failed: number) =>
        portal.portal.store.transact(async (tx) => {
          await tx.ask("delete from messages where account_id = ?", [made.account.id]);
          for (let turn = 0; turn < 3; turn++) {
            const at = portal.clock.now() + turn;
            await tx.ask(
              `insert into messages (id, correlation_id, account_id, contact_point_id, channel, route, recipient,
                recipient_key, template, locale, params, priority, status, status_at, queued_at, due_at,
                useful_until, tries) values (?, ?, ?, ?, 'email', 'smtp', ?, ?, 'recovery.reset', 'fr', '{}', 1, ?, ?, ?, ?, ?, 3)`,
              [
                `m${turn}`,
                `m${turn}`,
                made.account.id,
                point,
                "lea@example.fr",
                "lea@example.fr",
                turn < failed ? "failed" : "sent",
                at,
                at,
                at,
                at,
              ],
            );
          }
        });
      await fail(2);
      await wait(minute);
      expect((await caseNow(portal, opened)).relay).toBe("support");
      await fail(3);
      await wait(minute);
      expect((await caseNow(portal, opened)).relay).toBe("operator");
    });

    test("an address that refused for good is no fault of ours, and late cases are counted for the operator", async () => {
      await begin();
      const opened = await aCase(portal);
      const another = await aCase(portal, { symptom: "loop" });
      await portal.settle();
      await portal.portal.store.transact(async (tx) => {
        await tx.ask(
          `update messages set status = 'failed', status_at = ?, template = 'cases.answer' where recipient_key = ?`,
          [portal.clock.now(), "lea@example.fr"],
        );
        await tx.ask("insert into suppressions values (?, 'email', '550', ?)", ["lea@example.fr", 1]);
      });
      await wait(minute);
      expect((await caseNow(portal, opened)).relay).toBe("support");
      await wait(5 * hour);
      expect((await caseNow(portal, another)).relay).toBe("operator");
      const metrics = await fetch(`${portal.url}/metrics`);
      expect(await metrics.text()).toMatch(/loquet_cases_late\{relay="operator"\} 1/);
    });
  });
}

async function aSchoolOfAnAcademy(portal: TestPortal): Promise<string> {
  const academy = await anEstablishment(portal, "academy", "Académie du Nord");
  return anEstablishment(portal, "school", "Collège des Lilas", academy);
}
