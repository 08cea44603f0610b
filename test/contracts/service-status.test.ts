import pg from "pg";
import { afterEach, describe, expect, test } from "vitest";
import { day, hour, minute } from "../../src/kernel/clock.ts";
import { anAccount } from "../support/an-account.ts";
import { PlainBrowser } from "../support/browser.ts";
import { type ClicksendPeer, startClicksendPeer } from "../support/clicksend-peer.ts";
import { onEachEngine } from "../support/engines.ts";
import { startPortal, type TestPortal, type TestPortalOptions } from "../support/portal.ts";
import { type SmtpPeer, startSmtpPeer } from "../support/smtp-peer.ts";
import { aStaffMember, atTheDesk } from "../support/staff.ts";
import { words } from "../support/words.ts";

const fromTest = { LOQUET_MAIL_FROM: "Portail <no-reply@example.org>" };

interface Status {
  state: string;
  measuredAt: number | null;
  isFresh: boolean;
  parts: { part: string; state: string; since: number | null; delaySeconds: number | null }[];
  incidents: { id: string; title: string; isOver: boolean; updates: { text: string }[] }[];
}

onEachEngine("service status", (engine) => {
  let portal: TestPortal;
  let smtp: SmtpPeer | undefined;
  let sms: ClicksendPeer | undefined;
  afterEach(async () => {
    await portal.close();
    await smtp?.stop();
    await sms?.stop();
    smtp = undefined;
    sms = undefined;
  });

  const start = async (options: TestPortalOptions = {}) => {
    portal = await startPortal({ preset: "school", engine, ...options });
  };
  const open = (path: string, headers: Record<string, string> = {}) =>
    new PlainBrowser(portal.url).get(path, { headers });
  const status = async (): Promise<Status> => {
    const answer = await open("/help/status", { accept: "application/json" });
    return JSON.parse(answer.html);
  };
  const part = async (name: string) => (await status()).parts.find((one) => one.part === name);
  /** Minute by minute, with everything that is due in each. */
  const pass = async (minutes: number) => {
    for (let n = 0; n < minutes; n++) {
      portal.clock.advance(minute);
      await portal.settle();
    }
  };
  const ask = async (identifier: string, channel = "email") => {
    const browser = new PlainBrowser(portal.url);
    await browser.post("/forgot-password", { identifier, channel });
    return browser;
  };

  describe("measures", () => {
    test("nothing is said before the first, and then that nothing was sent lately", async () => {
      await start();
      expect((await open("/help/status")).text).toContain(words("service-status.whole.unknown"));
      await portal.settle();
      const page = await open("/help/status");
      expect(page.status).toBe(200);
      expect(page.text).toContain(words("service-status.whole.quiet"));
      expect(page.text).toContain(words("service-status.email.quiet"));
      expect(page.text).not.toContain(words("service-status.whole.well"));
      expect((await status()).parts.map((one) => one.part)).toEqual([
        "sign-in",
        "email",
        "sms",
        "database",
        "worker",
      ]);
    });

    test("mail that leaves at once is well, and quiet again when none was sent for a while", async () => {
      await start();
      await anAccount(portal, "Claire Martin").username("c.martin").email("claire@example.fr").made();
      await ask("c.martin");
      await pass(2);
      expect(await part("email")).toMatchObject({ state: "well", delaySeconds: null });
      await pass(17);
      expect((await part("email"))?.state).toBe("quiet");
    });

    test("a server that puts mails off: how late they are, since when, said where it matters, and when it is over", async () => {
      smtp = await startSmtpPeer();
      await start({ environment: { SMTP_URL: smtp.url, ...fromTest } });
      await anAccount(portal, "Claire Martin").username("c.martin").email("claire@example.fr").made();
      await portal.settle();
      smtp.refuseAt("sender", "451 4.3.0 try again later");
      const waiting = await ask("c.martin");
      await pass(2);
      expect((await part("email"))?.state).toBe("quiet");
      await pass(3);
      const late = await part("email");
      expect(late).toMatchObject({ state: "late" });
      expect(late?.delaySeconds).toBeGreaterThanOrEqual(180);
      const minutes = Math.round((late?.delaySeconds ?? 0) / 60);
      const sentence = words("service-status.email.late", { minutes });
      const page = await open("/help/status");
      expect(page.text).toContain(sentence);
      expect(page.text).toContain(words("service-status.email.meanwhile-sms"));
      for (const path of ["/sign-in", "/help", "/help/diagnosis", "/contact", "/contact?symptom=other"]) {
        expect((await open(path)).text, path).toContain(sentence);
      }
      expect((await waiting.get("/forgot-password/sent")).text).toContain(sentence);
      // To who asks with nothing behind it, alike.
      expect((await (await ask("nobody")).get("/forgot-password/sent")).text).toContain(sentence);

      smtp.behave();
      await pass(20);
      expect((await part("email"))?.state).not.toBe("late");
      expect((await open("/sign-in")).text).not.toContain(sentence);
      const table = (await open("/help/status")).text;
      expect(table).toContain(words("service-status.state.late"));
    });

    test("a mail server that is gone is down after two measures, though nothing was sent", async () => {
      smtp = await startSmtpPeer();
      await start({ environment: { SMTP_URL: smtp.url, ...fromTest } });
      await portal.settle();
      expect((await part("email"))?.state).toBe("quiet");
      await smtp.stop();
      await pass(1);
      expect((await part("email"))?.state).toBe("quiet");
      const since = portal.clock.now();
      await pass(1);
      expect(await part("email")).toMatchObject({ state: "down", since });
      await smtp.start();
      await pass(2);
      expect((await part("email"))?.state).toBe("down");
      await pass(1);
      expect((await part("email"))?.state).toBe("quiet");
    });

    test("an SMS route that refuses is down, and says to ask for an e-mail", async () => {
      sms = await startClicksendPeer();
      await start({ environment: { LOQUET_SMS_URL: sms.url } });
      for (const n of [1, 2, 3]) {
        await anAccount(portal, `Parent ${n}`).username(`p${n}`).mobile(`+3363998000${n}`).made();
      }
      await portal.settle();
      sms.refuseNumber("every", "INSUFFICIENT_CREDIT");
      for (const n of [1, 2, 3]) await ask(`p${n}`, "sms");
      await pass(3);
      expect((await part("sms"))?.state).toBe("down");
      const page = await open("/help/status");
      expect(page.text).toContain(words("service-status.sms.meanwhile"));
      expect(page.text).toContain("L’envoi de SMS est en panne depuis");
      sms.behave();
      await pass(20);
      expect((await part("sms"))?.state).not.toBe("down");
    });

    test("what is not offered is not measured", async () => {
      await start({ preset: "community", environment: { LOQUET_SMS_URL: "off" } });
      await portal.settle();
      expect(await part("sms")).toBeUndefined();
    });

    test("measures that stop coming are told, and what was last known with them", async () => {
      await start();
      await portal.settle();
      portal.clock.advance(10 * minute);
      expect(await part("worker")).toMatchObject({ state: "late" });
      expect((await open("/help/status")).text).toContain("Les tâches automatiques sont arrêtées depuis");
    });

    test("says nothing of persons", async () => {
      await start();
      await anAccount(portal, "Claire Martin").username("c.martin").email("claire@example.fr").made();
      await ask("c.martin");
      await pass(2);
      const { html } = await open("/help/status");
      expect(html).not.toMatch(/claire|martin/i);
      expect(JSON.stringify(await status())).not.toMatch(/claire|martin/i);
    });
  });

  describe("incidents", () => {
    const form = (change: Record<string, string> = {}) => ({
      "title-fr": "Travaux sur les e-mails",
      "body-fr": "Les e-mails partiront plus tard.\n\nUtilisez le SMS.",
      "title-en": "Work on the e-mails",
      "part-email": "1",
      everybody: "1",
      starts: "2027-03-02T08:30",
      ends: "",
      ...change,
    });
    const write = async (desk: PlainBrowser, change: Record<string, string> = {}) => {
      const page = await desk.post("/desk/status/new", form(change));
      return page.path;
    };
    /** Presses what stands on the page of an incident, with what is typed there. */
    const press = async (
      desk: PlainBrowser,
      path: string,
      typed: Record<string, string>,
      act: Record<string, string> = {},
    ) => {
      const seen = /name="seen" value="(\d+)"/.exec((await desk.get(path)).html)?.[1] ?? "";
      return desk.post(path, { ...typed, seen, ...act });
    };
    const publish = (desk: PlainBrowser, path: string, change: Record<string, string> = {}) =>
      press(desk, path, form(change), { act: "published" });

    test("a draft is read by staff only; once public it stands on every page that it concerns, until it is over", async () => {
      await start();
      const desk = await atTheDesk(portal, await aStaffMember(portal, "operator"));
      const path = await write(desk);
      expect((await desk.get("/desk/status")).text).toContain("Travaux sur les e-mails");
      expect((await desk.get(path)).text).toContain(words("service-status.phase.draft"));
      for (const page of ["/help/status", "/sign-in", "/help"]) {
        expect((await open(page)).text, page).not.toContain("Travaux");
      }
      await publish(desk, path);
      for (const page of ["/help/status", "/sign-in", "/help"]) {
        expect((await open(page)).text, page).toContain("Travaux sur les e-mails");
      }
      const english = await new PlainBrowser(portal.url, { "accept-language": "en" }).get("/help/status");
      expect(english.text).toContain("Work on the e-mails");
      // Not translated: told in the language that it was written in, and marked so.
      expect(english.html).toMatch(/<p lang="fr"[^>]*>Les e-mails partiront/);

      await desk.post(`${path}/update`, { "news-fr": "C’est presque fini." });
      expect((await open("/help/status")).text).toContain("C’est presque fini.");
      const empty = await desk.post(`${path}/update`, { "news-fr": " " });
      expect(empty.text).toContain(words("service-status.desk.news.empty"));
      await desk.post(`${path}/update`, { "news-fr": "", resolved: "1" });
      expect((await open("/sign-in")).text).not.toContain("Travaux");
      const [incident] = (await status()).incidents;
      expect(incident).toMatchObject({ isOver: true, updates: [{ text: "C’est presque fini." }] });
      await desk.post(`${path}/reopen`, {});
      expect((await open("/sign-in")).text).toContain("Travaux");
      const lines = (await desk.get("/account/journal")).text;
      expect(lines).toContain(words("journal.service-status.published"));
    });

    test("what does not concern everybody stands on its own page only; planned work not before it begins", async () => {
      await start();
      const desk = await atTheDesk(portal, await aStaffMember(portal, "operator"));
      const some = await write(desk, { everybody: "", "title-fr": "Un seul établissement" });
      const planned = await write(desk, {
        starts: "2027-03-02T23:00",
        ends: "2027-03-03T01:00",
        "title-fr": "Cette nuit",
      });
      await publish(desk, some, { everybody: "", "title-fr": "Un seul établissement" });
      await publish(desk, planned, {
        starts: "2027-03-02T23:00",
        ends: "2027-03-03T01:00",
        "title-fr": "Cette nuit",
      });
      const signIn = (await open("/sign-in")).text;
      expect(signIn).not.toContain("Un seul établissement");
      expect(signIn).not.toContain("Cette nuit");
      const page = (await open("/help/status")).text;
      expect(page).toContain("Un seul établissement");
      expect(page).toContain(words("service-status.planned"));
      portal.clock.advance(15 * hour);
      expect((await open("/sign-in")).text).toContain("Cette nuit");
      portal.clock.advance(3 * hour);
      expect((await open("/sign-in")).text).not.toContain("Cette nuit");
    });

    test("mistakes are told at their fields, and what was typed stays", async () => {
      await start();
      const desk = await atTheDesk(portal, await aStaffMember(portal, "operator"));
      const change = { "title-fr": "", "body-fr": "Gardé", starts: "demain", ends: "2027-02-30T10:00" };
      const page = await desk.post("/desk/status/new", form(change));
      expect(page.status).toBe(422);
      for (const key of ["title-missing", "starts-missing", "ends-unreadable"] as const) {
        expect(page.text).toContain(words(`service-status.${key}`));
      }
      expect(page.html).toContain("Gardé");
      expect((await desk.post("/desk/status/new", form({ ends: "2027-03-01T10:00" }))).text).toContain(
        words("service-status.ends-before-start"),
      );
    });

    test("a draft can be thrown away, what was public cannot; what does not exist is a page of its own", async () => {
      await start();
      const desk = await atTheDesk(portal, await aStaffMember(portal, "operator"));
      const path = await write(desk);
      await desk.post(`${path}/discard`, {});
      expect((await desk.get(path)).status).toBe(404);
      const kept = await write(desk);
      await publish(desk, kept);
      expect((await desk.post(`${kept}/discard`, {})).status).toBe(404);
      expect((await desk.get(kept)).status).toBe(200);
      expect((await desk.post("/desk/status/none", form())).status).toBe(404);
    });

    test("what is published is what stands in the fields, and nobody writes over what they have not seen", async () => {
      await start();
      const desk = await atTheDesk(portal, await aStaffMember(portal, "operator"));
      const other = await atTheDesk(portal, await aStaffMember(portal, "operator"));
      const path = await write(desk);
      const seen = /name="seen" value="(\d+)"/.exec((await other.get(path)).html)?.[1] ?? "";
      await publish(desk, path, { "title-fr": "Relu et corrigé" });
      expect((await open("/sign-in")).text).toContain("Relu et corrigé");

      const late = form({ "title-fr": "Sans l’avoir lu", seen });
      const refused = await other.post(path, late, { headers: { accept: "text/html" } });
      expect(refused.status).toBe(409);
      expect(refused.text).toContain(words("service-status.conflict"));
      expect(refused.text).toContain("Relu et corrigé");
      expect(refused.html).toContain("Sans l’avoir lu");
      expect((await open("/sign-in")).text).not.toContain("Sans l’avoir lu");
      // Once they have seen it, the next save is their decision.
      const now = /name="seen" value="(\d+)"/.exec(refused.html)?.[1] ?? "";
      await other.post(path, { ...late, seen: now });
      expect((await open("/sign-in")).text).toContain("Sans l’avoir lu");
    });

    test("of two who save at once, one does", async () => {
      await start();
      const desk = await atTheDesk(portal, await aStaffMember(portal, "operator"));
      const path = await write(desk);
      const seen = /name="seen" value="(\d+)"/.exec((await desk.get(path)).html)?.[1] ?? "";
      const both = await Promise.all(
        ["Un", "Deux"].map((title) => desk.post(path, form({ "title-fr": title, seen }), { follow: false })),
      );
      expect(both.map(({ status: told }) => told).sort()).toEqual([303, 409]);
    });

    test("one that ended by its own time leaves the page and is forgotten like any other", async () => {
      await start();
      const desk = await atTheDesk(portal, await aStaffMember(portal, "operator"));
      const ends = { ends: "2027-03-02T12:00" };
      await publish(desk, await write(desk, ends), ends);
      expect((await status()).incidents).toHaveLength(1);
      portal.clock.advance(91 * day);
      expect((await status()).incidents).toHaveLength(0);
      portal.clock.advance((portal.config.preset.retention.journalDays + 1) * day);
      await portal.settle();
      expect(await portal.portal.store.ask("select id from status_incidents", [])).toEqual([]);
    });

    test("markup in a text stays text", async () => {
      await start();
      const desk = await atTheDesk(portal, await aStaffMember(portal, "operator"));
      const change = { "title-fr": "<script>alert(1)</script>", "body-fr": "<b>x</b>" };
      await publish(desk, await write(desk, change), change);
      for (const page of ["/help/status", "/sign-in"]) {
        expect((await open(page)).html).not.toMatch(/<script>alert|<b>x/);
      }
    });
  });

  // SQLite answers in this very process: there is nobody who would not.
  if (engine === "postgres")
    test("while the database does not answer, the page says what was last known", async () => {
      await start();
      await portal.settle();
      const client = new pg.Client({ connectionString: portal.config.databaseUrl?.reveal() });
      await client.connect();
      try {
        await client.query("begin");
        await client.query("lock table status_parts in access exclusive mode");
        const startedAt = performance.now();
        const page = await open("/help/status");
        expect(performance.now() - startedAt).toBeLessThan(5000);
        expect(page.status).toBe(200);
        expect(page.text).toContain("La base de données répond mal.");
        expect(page.text).toContain(words("service-status.email.quiet"));
        portal.clock.advance(minute);
        expect((await open("/sign-in")).status).toBe(200);
      } finally {
        await client.query("rollback");
        await client.end();
      }
      expect((await open("/help/status")).text).not.toContain("La base de données répond mal.");
    });
});
