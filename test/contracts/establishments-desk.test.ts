import { afterAll, beforeAll, expect, test } from "vitest";
import * as rows from "../../src/school/establishments/establishments.store.ts";
import { anAccount, type MadeAccount } from "../support/an-account.ts";
import { PlainBrowser } from "../support/browser.ts";
import { onEachEngine } from "../support/engines.ts";
import { startPortal, type TestPortal } from "../support/portal.ts";
import { aStaffMember, atTheDesk } from "../support/staff.ts";
import { fold, words } from "../support/words.ts";

const path = "/desk/establishments";

onEachEngine("establishments on the desk", (engine) => {
  let portal: TestPortal;
  let operator: PlainBrowser;
  beforeAll(async () => {
    portal = await startPortal({ preset: "school", engine, wideSources: true });
    operator = await atTheDesk(portal, await aStaffMember(portal, "operator"));
  });
  afterAll(() => portal?.close());

  const idOf = async (code: string) => (await rows.findByCode(portal.portal.store, code))?.id ?? "";

  test("an operator adds an academy, a school in it and a class, and finds the school by its name", async () => {
    const empty = await operator.get(path);
    expect(empty.text).toContain(words("establishments.none"));
    await operator.post(`${path}/new`, { code: "ac-paris", name: "Académie de Paris" });
    const school = await operator.post(`${path}/new`, {
      in: await idOf("AC-PARIS"),
      code: "0752387M",
      name: "Collège Hélène-Boucher",
      postal: "1 rue du Port\r\n75001 PARIS",
      phone: "01 00 00 00 00",
      email: "college@ecole.example",
      addresses: "192.0.2.0/24",
    });
    expect(school.text).toContain("75001 PARIS");
    expect(school.text).toContain("Académie de Paris");
    const schoolId = await idOf("0752387M");
    await operator.post(`${path}/new`, { in: schoolId, code: "6A", name: "Sixième A" });
    const found = await operator.get(`${path}?q=helene`);
    expect(found.text).toContain("Collège Hélène-Boucher");
    expect(found.text).toContain(words("establishments.search.count", { count: 1 }));
    expect((await operator.get(`${path}/${schoolId}`)).text).toContain("Sixième A");
  });

  test("mistakes are said at their fields, and what was typed stays", async () => {
    const page = await operator.post(`${path}/new`, {
      in: await idOf("AC-PARIS"),
      code: "0752387A",
      name: "Lycée",
      addresses: "::/0",
    });
    expect(page.status).toBe(422);
    expect(page.text).toContain(words("establishments.code.uai-letter"));
    expect(page.text).toContain(words("establishments.addresses.too-wide"));
    expect(page.html).toContain('value="0752387A"');
  });

  test("the hours of a relay are changed, shown as people read them, and become usual again", async () => {
    const id = await idOf("0752387M");
    const relay = `${path}/${id}/relays/school-office`;
    const wrong = await operator.post(relay, { hours: "own", "hours-mon": "le matin" });
    expect(wrong.status).toBe(422);
    expect(wrong.text).toContain(words("establishments.relay.hours.malformed"));
    const page = await operator.post(relay, {
      hours: "own",
      "hours-mon": "8h-11h30",
      "hours-tue": "8h-11h30",
      "own-closings": "1",
      "closed-on": "14/07/2027",
      "lines-fr": "Bâtiment B, porte 3.",
    });
    expect(page.text).toContain("lundi et mardi");
    expect(page.text).toContain("14 juillet 2027");
    expect(page.text).toContain("Bâtiment B, porte 3.");
    expect((await operator.get(relay)).html).toContain('value="08:00-11:30"');
    const school = await operator.get(`${path}/${id}`);
    for (const way of [`letters/schools/${id}`, `statistics/${id}`, `staff/lent/${id}`]) {
      expect(school.html).toContain(`href="/desk/${way}"`);
      expect((await operator.get(`/desk/${way}`)).status).toBe(200);
    }
    const usual = await operator.post(relay, { hours: "usual" });
    expect(usual.text).not.toContain("Bâtiment B");
  });

  test("its pupils and guardians read on their own page whom to ask there, and when; nobody else does", async () => {
    const id = await idOf("0752387M");
    await operator.post(`${path}/${id}/relays/school-office`, {
      hours: "own",
      "hours-mon": "8h-11h30",
      "lines-fr": "Bâtiment C, porte bleue.",
    });
    const guardian = await anAccount(portal, "Paul Martin").kind("guardian").username("p.martin").made();
    const pupil = await anAccount(portal, "Léa Martin").kind("pupil").username("l.martin").made();
    const { store, clock } = { store: portal.portal.store, clock: portal.clock };
    for (const { account } of [guardian, pupil]) {
      await store.transact((tx) =>
        rows.putMembership(tx, {
          account_id: account.id,
          establishment_id: id,
          kind: account.kind,
          class_id: null,
          since: clock.now(),
        }),
      );
    }
    const own = async (made: MadeAccount, identifier: string) => {
      const browser = new PlainBrowser(portal.url);
      await browser.post("/sign-in", { identifier, password: made.password ?? "" });
      return browser.get("/account");
    };
    const seen = await own(guardian, "p.martin");
    expect(seen.text).toContain(words("establishments.own", { count: 1 }));
    expect(seen.text).toContain("Bâtiment C, porte bleue.");
    expect(seen.text).toContain("08:00 – 11:30");
    // The school office is not whom pupils ask.
    const hers = await own(pupil, "l.martin");
    expect(hers.text).toContain("Collège Hélène-Boucher");
    expect(hers.text).not.toContain("Bâtiment C, porte bleue.");
    expect((await operator.get("/account")).text).not.toContain(words("establishments.own", { count: 1 }));
    for (const { account } of [guardian, pupil]) {
      await store.transact((tx) => rows.leaveMembership(tx, account.id, id, clock.now()));
    }
    expect((await own(guardian, "p.martin")).text).not.toContain("Bâtiment C, porte bleue.");
  });

  test("a file is checked, shown, and applied at a press; its mistakes name their lines", async () => {
    const send = (text: string) => {
      const form = new FormData();
      form.set("file", new File([text], "arbre.csv", { type: "text/csv" }));
      return operator.post(`${path}/file`, form);
    };
    const refused = await send("type;code;name;parent\nschool;0752387B;X;AC-PARIS\n");
    expect(refused.status).toBe(422);
    expect(refused.text).toContain(words("establishments.file.line", { line: 2 }));
    expect(refused.text).toContain(words("establishments.code.uai-letter"));
    expect((await send("type;code;name;parent\nconstructor;X;Y;\n")).status).toBe(422);
    const stale = await send(
      "type;code;name;parent;phone\nschool;0752387M;Collège;AC-PARIS;01 02 03 04 05\n",
    );
    const meanwhile = JSON.stringify({ phone: "01 99 99 99 99" });
    await portal.portal.store.transact((tx) =>
      tx.ask("update establishments set details = ? where code = '0752387M'", [meanwhile]),
    );
    const shown = /name="digest" value="([^"]+)"/.exec(stale.html)?.[1] ?? "";
    expect((await operator.post(`${stale.path}/apply`, { digest: shown })).status).toBe(409);
    const preview = await send("type;code;name;parent\nclass;5B;Cinquième B;0752387M\n");
    expect(preview.text).toContain("Cinquième B");
    expect(preview.text).toContain(words("establishments.file.nothing-yet"));
    const digest = /name="digest" value="([^"]+)"/.exec(preview.html)?.[1] ?? "";
    const other = await operator.post(`${preview.path}/apply`, { digest: "another" });
    expect(other.status).toBe(409);
    const applied = await operator.post(`${preview.path}/apply`, { digest });
    expect(fold(applied.html)).toContain(words("establishments.file.applied", { count: 1 }));
    expect(await rows.findClass(portal.portal.store, await idOf("0752387M"), "5B")).not.toBeNull();
  });

  test("an empty school is closed and opened again; one with classes is not closed", async () => {
    const id = await idOf("0752387M");
    expect((await operator.post(`${path}/${id}/close`, {})).text).toContain(
      words("establishments.close.not-empty"),
    );
    const sixth = await rows.findClass(portal.portal.store, id, "6A");
    const closed = await operator.post(`${path}/${sixth?.id}/close`, {});
    expect(closed.text).toContain(words("establishments.closed.done"));
    expect((await operator.post(`${path}/${sixth?.id}/reopen`, {})).text).toContain(
      words("establishments.reopened"),
    );
  });

  test("the school office sees its school, and changes nothing", async () => {
    const id = await idOf("0752387M");
    const staff = await aStaffMember(portal, "school-office", { establishmentId: id });
    const office = await atTheDesk(portal, staff);
    const page = await office.get(`${path}/${id}`);
    expect(page.status).toBe(200);
    expect(page.html).not.toContain(`${path}/${id}/edit`);
    expect((await office.get(`${path}/${id}/edit`)).status).toBe(403);
    expect((await office.post(`${path}/${id}/close`, {})).status).toBe(403);
    expect((await office.get(`${path}/nobody`)).status).toBe(404);
  });
});
