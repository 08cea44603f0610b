import { afterEach, describe, expect, test } from "vitest";
import { aCase, caseNow, eventsOf } from "../support/a-case.ts";
import { anAccount, contactPointsNow } from "../support/an-account.ts";
import type { PlainBrowser } from "../support/browser.ts";
import { has } from "../support/needs.ts";
import { startPortal, type TestPortal } from "../support/portal.ts";
import { aStaffMember, atTheDesk, type MadeStaff } from "../support/staff.ts";
import { fold, words } from "../support/words.ts";

const minute = 60_000;
const hour = 60 * minute;
const numberIn = /href="\/desk\/cases\/([0-9A-Z]{4}-[0-9A-Z]{4})"/g;

for (const engine of ["sqlite", "postgres"] as const) {
  describe.skipIf(engine === "postgres" && !has("postgres"))(`the inbox on ${engine}`, () => {
    let portal: TestPortal;
    let support: MadeStaff;
    let desk: PlainBrowser;
    afterEach(() => portal.close());

    async function begin(role = "support") {
      portal = await startPortal({ engine, change: withLongSessions });
      support = await aStaffMember(portal, role, { name: "Anne Moreau" });
      desk = await atTheDesk(portal, support);
    }

    const listed = async (query: string) => {
      const page = await desk.get(`/desk/cases?${query}`);
      expect(page.status).toBe(200);
      return [...page.html.matchAll(numberIn)].map((match) => match[1]);
    };
    const seenIn = (html: string) => /name="seen" value="([^"]*)"/.exec(html)?.[1] ?? "";

    test("lists what my team has to do, the most urgent first, and counts each view", async () => {
      await begin();
      const first = await aCase(portal, { name: "Zoé Blanc" });
      portal.clock.advance(minute);
      const second = await aCase(portal, { name: "Noé Petit" });
      const page = await desk.get("/desk/cases");
      expect([...page.html.matchAll(numberIn)].map((match) => match[1])).toEqual([
        first.number,
        second.number,
      ]);
      for (const said of ["Zoé Blanc", "Réponse due dans 3 heures", words("inbox.waits-for.staff")]) {
        expect(page.text).toContain(said);
      }
      expect(page.text).toContain(words("inbox.unread"));
      await desk.post(`/desk/cases/${first.number}/take`, {});
      expect(await listed("view=mine")).toEqual([first.number]);
      expect(await listed("view=unassigned")).toEqual([second.number]);
      expect(await listed("view=late")).toEqual([]);
      portal.clock.advance(5 * hour);
      expect(await listed("view=late")).toEqual([first.number, second.number]);
      expect((await desk.get("/desk/cases?view=late")).text).toMatch(/En retard de \d heures?/);
    });

    test("goes from page to page without missing or repeating a case, in both orders", async () => {
      await begin();
      const numbers: string[] = [];
      for (let turn = 0; turn < 65; turn++) {
        // Some come at the same moment: their order must hold all the same.
        if (turn % 3 === 0) portal.clock.advance(minute);
        numbers.push((await aCase(portal, { name: `Personne ${turn}`, email: null })).number);
      }
      for (const view of ["team", "all"]) {
        const found: (string | undefined)[] = [];
        let next = `/desk/cases?view=${view}`;
        for (let pages = 0; next !== "" && pages < 5; pages++) {
          const page = await desk.get(next);
          const lines = [...page.html.matchAll(numberIn)].map((match) => match[1]);
          expect(lines.length).toBe(pages < 2 ? 30 : 5);
          found.push(...lines);
          next =
            /href="(\/desk\/cases\?[^"]*after=[^"]*)"/.exec(page.html)?.[1]?.replaceAll("&amp;", "&") ?? "";
        }
        expect(new Set(found)).toEqual(new Set(numbers));
        expect(found).toHaveLength(65);
      }
      expect((await desk.get("/desk/cases?after=zzz")).status).toBe(200);
    });

    test("narrows by symptom, kind, state and assignee, and keeps that under a name", async () => {
      await begin();
      const locked = await aCase(portal, { symptom: "locked" });
      const other = await aCase(portal, { symptom: "other", kind: "staff" });
      expect(await listed("view=team&symptom=locked")).toEqual([locked.number]);
      expect(await listed("view=team&kind=staff")).toEqual([other.number]);
      expect(await listed("view=team&state=solved")).toEqual([]);
      await desk.post(`/desk/cases/${locked.number}/solve`, {});
      expect(await listed("view=all&state=solved")).toEqual([locked.number]);
      await desk.post(`/desk/cases/${other.number}/take`, {});
      expect(await listed(`view=team&assignee=${support.account.id}`)).toEqual([other.number]);

      const nameless = await desk.post("/desk/cases/filters", { query: "view=team", "filter-name": " " });
      expect(nameless.status).toBe(422);
      expect(nameless.text).toContain(words("inbox.filter.name-missing"));
      await desk.post("/desk/cases/filters", { query: "view=all&state=solved", "filter-name": "Réglées" });
      const page = await desk.get("/desk/cases");
      expect(page.html).toContain('href="/desk/cases?view=all&amp;state=solved"');
      const colleague = await atTheDesk(portal, await aStaffMember(portal, "support"));
      expect((await colleague.get("/desk/cases")).text).not.toContain("Réglées Supprimer");
      const remove = /action="(\/desk\/cases\/filters\/[^"]+\/remove)"/.exec(page.html)?.[1] ?? "";
      expect((await colleague.post(remove, {})).status).toBe(404);
      expect((await desk.post(remove, {})).text).toContain(words("inbox.saved.removed"));
    });

    test("finds by words in any order and by their beginning, by number, reference and address", async () => {
      await begin();
      const lea = await aCase(portal, {
        body: "Mon téléphone est tombé dans l’Œuvre d’art, école Zola.",
        email: { address: "lea@example.fr", key: "lea@example.fr" },
        evidence: { at: portal.clock.now(), incident: "AAAA-BBBB" },
      });
      const noe = await aCase(portal, {
        name: "Noé Petit",
        subject: "Code expiré",
        body: "Le code du téléphone ne marche plus.",
        email: { address: "noe@example.fr", key: "noe@example.fr" },
        evidence: { at: portal.clock.now() },
      });
      expect(await listed("q=TELEPHONE")).toEqual([noe.number, lea.number]);
      expect(await listed("q=zol+oeuv")).toEqual([lea.number]);
      expect(await listed("q=petit+expire")).toEqual([noe.number]);
      expect(await listed("q=petit+zola")).toEqual([]);
      expect(await listed(`q=${lea.number.replace("-", "").toLowerCase()}`)).toEqual([lea.number]);
      expect(await listed("q=aaaa-bbbb")).toEqual([lea.number]);
      expect(await listed("q=NOE%40example.fr")).toEqual([noe.number]);
      expect(await listed("q=%25_%27%22%3B--")).toEqual([]);
    });

    test("shows nobody a case of another relay, nor their own", async () => {
      await begin();
      const elsewhere = await aCase(portal, { symptom: "loop", name: "Ailleurs" });
      expect(elsewhere.relay).toBe("operator");
      const own = await aCase(portal, { accountId: support.account.id, name: "Moi-même" });
      expect(await listed("view=all")).toEqual([]);
      expect(await listed(`q=${elsewhere.number}`)).toEqual([]);
      for (const { number, id } of [elsewhere, own]) {
        for (const name of [number, id]) {
          expect((await desk.get(`/desk/cases/${name}`)).status).toBe(404);
        }
        for (const act of ["answer", "note", "take", "solve", "merge", "tie", "apply", "viewing"]) {
          const page = await desk.post(`/desk/cases/${number}/${act}`, { answer: "Bonjour", note: "n" });
          expect(page.status).toBe(404);
        }
      }
      const operator = await atTheDesk(portal, await aStaffMember(portal, "operator"));
      expect((await operator.get(`/desk/cases/${elsewhere.number}`)).status).toBe(200);
    });

    test("an answer leaves by mail, and what it asks of nobody else stays inside", async () => {
      await begin();
      const opened = await aCase(portal);
      const page = await desk.get(`/desk/cases/${opened.number}`);
      expect(page.text).toContain(words("inbox.identity.not-proved"));
      expect(page.text).toContain("Firefox (Linux)");
      await desk.post(`/desk/cases/${opened.number}/note`, { note: "Vu avec Paul : secret de bureau." });
      await desk.post(`/desk/cases/${opened.number}/answer`, {
        answer: "Regardez dans les indésirables.\r\nMerci.",
        seen: seenIn(page.html),
        act: "send",
      });
      const mail = await portal.messageTo("lea@example.fr");
      expect(mail.text).toContain("Regardez dans les indésirables.");
      expect(mail.text).not.toContain("secret de bureau");
      const now = await caseNow(portal, opened);
      expect([now.status, now.waits_for, now.assignee_id]).toEqual(["waiting", "person", support.account.id]);
      const empty = await desk.post(`/desk/cases/${opened.number}/answer`, { answer: "  ", act: "send" });
      expect(empty.status).toBe(422);
      expect(empty.text).toContain(words("cases.empty"));
    });

    test("two who answer at once: one answer leaves, the other is kept beside what came", async () => {
      await begin();
      const opened = await aCase(portal);
      const colleague = await atTheDesk(portal, await aStaffMember(portal, "support", { name: "Paul Roux" }));
      const [mine, theirs] = [
        await desk.get(`/desk/cases/${opened.number}`),
        await colleague.get(`/desk/cases/${opened.number}`),
      ];
      expect(theirs.text).toContain(words("inbox.viewing", { names: "Anne Moreau" }));
      const pages = await Promise.all([
        desk.post(`/desk/cases/${opened.number}/answer`, {
          answer: "La réponse d’Anne.",
          seen: seenIn(mine.html),
          act: "send",
        }),
        colleague.post(`/desk/cases/${opened.number}/answer`, {
          answer: "La réponse de Paul.",
          seen: seenIn(theirs.html),
          act: "send",
        }),
      ]);
      const kept = pages.filter(({ status }) => status === 409);
      expect(kept).toHaveLength(1);
      expect(kept[0]?.text).toContain(words("inbox.newer.title"));
      // Both texts stand on it: the one that left, and the one that is still to be sent.
      for (const text of ["La réponse d’Anne.", "La réponse de Paul."]) expect(kept[0]?.text).toContain(text);
      await portal.settle();
      const subjects = (await portal.messages("lea@example.fr")).map(({ subject }) => subject);
      const answer = words("cases.answer.subject", { number: opened.number });
      expect(subjects.filter((subject) => subject === answer)).toHaveLength(1);
    });

    test("says who else has it open, for a minute, and that somebody wrote", async () => {
      await begin();
      const opened = await aCase(portal);
      const colleague = await atTheDesk(portal, await aStaffMember(portal, "support", { name: "Paul Roux" }));
      await desk.get(`/desk/cases/${opened.number}`);
      const ping = async () =>
        JSON.parse((await colleague.post(`/desk/cases/${opened.number}/viewing`, {})).html) as object;
      const seen = seenIn((await colleague.get(`/desk/cases/${opened.number}`)).html);
      expect(await ping()).toEqual({ names: ["Anne Moreau"], newest: seen });
      portal.clock.advance(61_000);
      expect(await ping()).toEqual({ names: [], newest: seen });
      await portal.portal.store.transact((tx) =>
        portal.portal.cases.addPersonMessage(tx, opened.id, { body: "Encore moi.", channel: "form" }),
      );
      expect(await ping()).not.toEqual({ names: [], newest: seen });
    });

    test("is handed to a colleague or a team with a reason, and told in words", async () => {
      await begin();
      const paul = await aStaffMember(portal, "support", { name: "Paul Roux" });
      const opened = await aCase(portal);
      const path = `/desk/cases/${opened.number}`;
      const silent = await desk.post(`${path}/hand-over`, { to: `staff:${paul.account.id}`, reason: " " });
      expect(silent.status).toBe(422);
      expect(silent.text).toContain(words("inbox.hand-over.reason-missing"));
      const nobody = await desk.post(`${path}/hand-over`, { to: "staff:x", reason: "Parce que" });
      expect(nobody.text).toContain(words("inbox.hand-over.nobody"));
      const handed = await desk.post(`${path}/hand-over`, {
        to: `staff:${paul.account.id}`,
        reason: "Il connaît",
      });
      expect(handed.text).toContain(
        words("cases.event.handed-to-colleague", { name: "Paul Roux", reason: "Il connaît" }),
      );
      expect((await caseNow(portal, opened)).assignee_id).toBe(paul.account.id);
      const gone = await desk.post(`${path}/hand-over`, { to: "relay:operator", reason: "Panne" });
      // It is another team's now: the list is what is left to see.
      expect(gone.path).toBe("/desk/cases");
      expect(gone.text).toContain(words("inbox.hand-over.done", { number: opened.number }));
      const now = await caseNow(portal, opened);
      expect([now.relay, now.assignee_id]).toEqual(["operator", null]);
    });

    test("two cases of one person become one, and both histories stay readable", async () => {
      await begin();
      const first = await aCase(portal, { body: "Le premier message." });
      const second = await aCase(portal, { body: "Le second message." });
      const stranger = await aCase(portal, { email: { address: "x@example.fr", key: "x@example.fr" } });
      const path = `/desk/cases/${second.number}/merge`;
      for (const { id } of [first, second]) {
        await portal.portal.store.transact((tx) => portal.portal.cases.confirmEmail(tx, id, "link"));
      }
      expect((await desk.post(path, { merge: "ZZZZ-ZZZZ" })).text).toContain(words("inbox.merge.unknown"));
      expect((await desk.post(path, { merge: stranger.number })).text).toContain(words("cases.other-person"));
      const merged = await desk.post(path, { merge: first.number.toLowerCase() });
      expect(merged.path).toBe(`/desk/cases/${first.number}`);
      for (const text of ["Le premier message.", "Le second message.", second.number]) {
        expect(merged.text).toContain(text);
      }
      const old = await desk.get(`/desk/cases/${second.number}`);
      expect(old.text).toContain(words("inbox.merged.link", { number: first.number }));
      expect(old.text).toContain("Le second message.");
      expect(old.html).not.toContain(`action="/desk/cases/${second.number}/answer"`);
      expect(await listed("view=all")).not.toContain(second.number);
      expect(await listed(`q=${second.number}`)).toEqual([second.number]);
    });

    test("is solved, closed and opened again, each only once", async () => {
      await begin();
      const opened = await aCase(portal);
      const path = `/desk/cases/${opened.number}`;
      expect((await desk.post(`${path}/solve`, {})).text).toContain(
        words("inbox.acts.solved", { number: opened.number }),
      );
      expect((await desk.post(`${path}/solve`, {})).text).toContain(words("cases.already"));
      await desk.post(`${path}/close`, {});
      await desk.post(`${path}/reopen`, {});
      expect((await caseNow(portal, opened)).status).toBe("open");
      expect(await eventsOf(portal, opened)).toEqual([
        "cases.event.solved",
        "cases.event.closed",
        "cases.event.reopened",
      ]);
      await desk.post(`${path}/symptom`, { symptom: "locked" });
      expect((await caseNow(portal, opened)).symptom).toBe("locked");
      expect((await desk.post(`${path}/symptom`, { symptom: "<b>" })).status).toBe(422);
    });

    test("offers nothing on an account before the proof, and the rule refuses it too", async () => {
      await begin();
      const made = await anAccount(portal, "Léa Martin").email("lea@example.fr").made();
      const opened = await aCase(portal, {
        email: { address: "autre@example.fr", key: "autre@example.fr" },
        newContact: { email: "neuve@example.fr" },
      });
      const path = `/desk/cases/${opened.number}`;
      const search = await desk.get(`${path}?person=lea%40example.fr`);
      expect(search.text).toContain("Léa Martin");
      expect(search.html).toContain(`value="${made.account.id}"`);
      const tied = await desk.post(`${path}/tie`, { account: made.account.id });
      expect(tied.text).toContain(words("inbox.details.shut"));
      expect(tied.html).not.toContain(`action="${path}/apply"`);
      expect(tied.html).not.toContain(`?case=${opened.number}`);
      const forced = await desk.post(`${path}/apply`, {});
      expect(forced.text).toContain(words("cases.identity-not-proved"));
      const asked = await desk.post(`${path}/identity`, { contact: made.contacts[0]?.id ?? "" });
      expect(asked.text).toContain(words("inbox.identity.asked"));
      const mail = await portal.messageTo("lea@example.fr");
      expect(fold(mail.subject)).toBe(
        words("cases.identity.subject", { brand: portal.config.preset.brandName }),
      );
      await portal.portal.store.transact((tx) =>
        portal.portal.cases.proveIdentity(tx, opened.id, "identity-link"),
      );
      const proved = await desk.get(path);
      expect(proved.text).toContain(words("inbox.identity.proved"));
      expect(proved.html).toContain(`action="${path}/apply"`);
      expect(proved.html).toContain(`/desk/people/${made.account.id}?case=${opened.number}`);
      const applied = await desk.post(`${path}/apply`, {});
      expect(applied.text).toContain(words("inbox.details.done"));
      expect(applied.text).toContain("neuve@example.fr");
      expect((await contactPointsNow(portal, made)).map(({ address }) => address)).toContain(
        "neuve@example.fr",
      );
      expect((await desk.post(`${path}/apply`, {})).text).toContain(words("cases.nothing-to-apply"));
    });

    test("a case about somebody with a role shows no card of theirs, and is tied to them by nobody", async () => {
      await begin();
      const boss = await aStaffMember(portal, "operator", { name: "Le Chef" });
      const opened = await aCase(portal);
      const path = `/desk/cases/${opened.number}`;
      expect((await desk.get(`${path}?person=${encodeURIComponent(boss.email)}`)).text).toContain(
        words("inbox.tie.none"),
      );
      expect((await desk.post(`${path}/tie`, { account: boss.account.id })).status).toBe(404);
    });

    test("prepared answers are filled in for the person, in the person's language", async () => {
      await begin();
      const opened = await aCase(portal, { locale: "en" });
      const path = `/desk/canned-answers/new`;
      const form = {
        title: "Hello",
        relay: "support",
        locale: "en",
        body: "Dear {name}, {number}: {relay}",
      };
      const wrong = await desk.post(path, { ...form, body: "{password} {name}" });
      expect(wrong.status).toBe(422);
      expect(wrong.text).toContain("{password}");
      const far = await desk.post(path, { ...form, relay: "operator" });
      expect(far.text).toContain(words("canned-answers.relay-unknown"));
      await desk.post(path, form);
      const page = await desk.get(`/desk/cases/${opened.number}`);
      const id = /<option value="([0-9a-f-]{36})"[^>]*>Hello<\/option>/.exec(page.html)?.[1] ?? "";
      const inserted = await desk.post(`/desk/cases/${opened.number}/answer`, {
        answer: "My own words.",
        canned: id,
        seen: seenIn(page.html),
        act: "insert",
      });
      expect(inserted.status).toBe(200);
      expect(inserted.text).toContain(
        // Nobody knows yet whose address it is: what its writer is called is not mailed there (promise 2).
        `My own words. Dear, ${opened.number}: The support team`,
      );
      await portal.portal.store.transact((tx) => portal.portal.cases.confirmEmail(tx, opened.id, "link"));
      const known = await desk.get(`/desk/cases/${opened.number}`);
      expect(known.html).toContain(`Dear Léa Martin, ${opened.number}: The support team`);
      // Nothing was sent: only the form came back.
      expect((await caseNow(portal, opened)).status).toBe("open");
      const own = await desk.get("/desk/canned-answers");
      const remove = /action="(\/desk\/canned-answers\/[^"]+\/remove)"/.exec(own.html)?.[1] ?? "";
      expect((await desk.post(remove, {})).text).toContain(words("canned-answers.removed"));
      expect((await desk.post(remove, {})).status).toBe(404);
    });

    test("the link of a case is the person’s alone: staff neither see nor send it", async () => {
      await begin();
      const opened = await aCase(portal);
      const form = { title: "Suivi", relay: "", locale: "fr" };
      const refused = await desk.post("/desk/canned-answers/new", { ...form, body: "Suivez : {link}" });
      expect(refused.status).toBe(422);
      // One that was saved when a link could be filled in.
      await portal.portal.store.transact((tx) =>
        tx.ask(
          "insert into canned_answers (id, relay, locale, title, body, changed_at, changed_by) values (?, null, 'fr', 'Suivi', 'Suivez : {link}', 1, 'x')",
          ["01900000-0000-7000-8000-000000000001"],
        ),
      );
      const page = await desk.get(`/desk/cases/${opened.number}`);
      expect(page.html).toContain(`Suivez : ${words("canned-answers.link-in-mail")}`);
      expect(page.html).not.toContain(portal.portal.cases.caseLinkToken(opened.id));
      expect(page.html).not.toMatch(/token=/);
    });

    test("an address of the desk that names no case leads nowhere, whatever stands in it", async () => {
      await begin();
      for (const name of ["%00", "a%00b", "7KQ2-M9TD", "x".repeat(90), "%25"]) {
        expect((await desk.get(`/desk/cases/${name}`)).status).toBe(404);
      }
    });

    test("shows what people wrote as text, whatever they wrote", async () => {
      await begin();
      const nasty = "<script>alert(1)</script> <img src=x onerror=alert(1)>\u202E";
      const opened = await aCase(portal, { name: nasty, subject: nasty, body: nasty });
      for (const path of [`/desk/cases/${opened.number}`, "/desk/cases"]) {
        const page = await desk.get(path);
        expect(page.status).toBe(200);
        expect(page.html).not.toContain("<script>alert");
        expect(page.html).not.toContain("<img src=x");
      }
    });
  });
}

/** So that the clock can go on while somebody is at the desk. */
function withLongSessions(config: TestPortal["config"]): TestPortal["config"] {
  const sessions = {
    ...config.preset.sessions,
    idleForSeconds: 30 * 86_400,
    absoluteForSeconds: 30 * 86_400,
  };
  return { ...config, preset: { ...config.preset, sessions } };
}
