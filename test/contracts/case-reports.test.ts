import { afterEach, describe, expect, test } from "vitest";
import { aCase } from "../support/a-case.ts";
import type { PlainBrowser } from "../support/browser.ts";
import { has } from "../support/needs.ts";
import { startPortal, type TestPortal } from "../support/portal.ts";
import { aStaffMember, atTheDesk } from "../support/staff.ts";
import { fold, words } from "../support/words.ts";

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

for (const engine of ["sqlite", "postgres"] as const) {
  describe.skipIf(engine === "postgres" && !has("postgres"))(`the reports on ${engine}`, () => {
    let portal: TestPortal;
    let desk: PlainBrowser;
    afterEach(() => portal.close());

    async function begin() {
      portal = await startPortal({ engine, change: withLongSessions });
      desk = await atTheDesk(portal, await aStaffMember(portal, "operator"));
    }
    async function wait(ms: number) {
      portal.clock.advance(ms);
      await portal.settle();
    }
    async function answer(number: string, act = "send") {
      const page = await desk.get(`/desk/cases/${number}`);
      const seen = /name="seen" value="([^"]*)"/.exec(page.html)?.[1] ?? "";
      await desk.post(`/desk/cases/${number}/answer`, { answer: "Voilà.", seen, act });
    }
    /** The rows of the file, by the first two cells. */
    async function file(query = "days=30"): Promise<Map<string, string[]>> {
      const answered = await desk.get(`/desk/reports.csv?${query}`);
      expect(answered.headers.get("content-type")).toBe("text/csv; charset=utf-8");
      expect(answered.headers.get("content-disposition")).toMatch(/^attachment; filename="?loquet-\d+-2027/);
      expect(answered.headers.get("x-content-type-options")).toBe("nosniff");
      const lines = answered.html
        .replace(/^\uFEFF/, "")
        .trimEnd()
        .split("\r\n");
      return new Map(lines.map((line) => line.split(",")).map(([a, b, ...rest]) => [`${a}/${b}`, rest]));
    }

    test("count what came, how soon it was answered in working time, and what became of it", async () => {
      await begin();
      // Tuesday 9 h. Answered after one hour, and after two.
      const quick = await aCase(portal, { symptom: "locked" });
      const slow = await aCase(portal, { symptom: "locked" });
      const never = await aCase(portal, { symptom: "other" });
      portal.clock.advance(hour);
      await answer(quick.number, "solve");
      portal.clock.advance(hour);
      await answer(slow.number);
      await portal.portal.store.transact((tx) => portal.portal.cases.rate(tx, quick.id, 3));
      await wait(3 * hour);
      const locked = (await file()).get(`${words("inbox.filter.symptom")}/${words("symptom.locked")}`);
      const [opened, median, ninetieth, solved, resolution] = (locked ?? []).map(Number);
      expect([opened, median, ninetieth, solved, resolution]).toEqual([2, 3600, 7200, 1, 3600]);
      const other = (await file()).get(`${words("inbox.filter.symptom")}/${words("symptom.other")}`);
      // Nobody answered: it went on to the next relay.
      expect(other?.slice(0, 4)).toEqual(["1", "", "", "0"]);
      expect(other?.[7]).toBe("1");
      expect(locked?.at(-1)).toBe("1");
      const page = await desk.get("/desk/reports");
      for (const said of [
        words("case-reports.title", { days: 30 }),
        words("symptom.locked"),
        words("case-reports.median-and-ninetieth", { median: "1h", ninetieth: "2h" }),
        "1 (100 %)",
      ]) {
        expect(fold(page.text)).toContain(said);
      }
      expect(page.html).toContain("<svg");
      expect(never.relay).toBe("support");
    });

    test("count a day anew when something happens to its cases later", async () => {
      await begin();
      const opened = await aCase(portal);
      await wait(hour + minute);
      const all = () => file().then((rows) => rows.get(`${words("case-reports.all")}/`) ?? []);
      expect((await all())[3]).toBe("0");
      await wait(5 * day);
      await desk.post(`/desk/cases/${opened.number}/solve`, {});
      await wait(hour + minute);
      expect((await all()).slice(0, 4)).toEqual(["1", "", "", "1"]);
      // Opened six days ago: among the last seven, and counted once.
      expect((await file("days=7")).get(`${words("case-reports.all")}/`)?.[0]).toBe("1");
      await wait(3 * day);
      expect((await file("days=7")).get(`${words("case-reports.all")}/`)?.[0]).toBe("0");
    });

    test("are of one's own relays only, and open to those who may", async () => {
      await begin();
      await aCase(portal, { symptom: "loop" });
      await aCase(portal);
      await wait(hour + minute);
      expect((await file()).get(`${words("case-reports.all")}/`)?.[0]).toBe("2");
      expect((await file("relay=operator")).get(`${words("case-reports.all")}/`)?.[0]).toBe("1");
      const support = await atTheDesk(portal, await aStaffMember(portal, "support"));
      for (const query of ["", "relay=operator"]) {
        const page = await support.get(`/desk/reports.csv?days=30&${query}`);
        expect(page.html.trimEnd().split("\r\n").at(-1)).toMatch(/,,1,/);
      }
    });

    test("are empty in words before there is anything, printable, and never stumble over an address", async () => {
      await begin();
      const page = await desk.get("/desk/reports?days=abc&relay=%00");
      expect(page.status).toBe(200);
      expect(page.text).toContain(words("case-reports.none"));
      await aCase(portal);
      await wait(hour + minute);
      const print = await desk.get("/desk/reports?days=90&print=1");
      expect(print.html).toContain('<details class="details" open');
      expect(print.html).not.toContain('name="relay"');
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
