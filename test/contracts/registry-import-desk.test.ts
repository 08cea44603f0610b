import { afterAll, beforeAll, expect, test } from "vitest";
import * as accountRows from "../../src/accounts/accounts.store.ts";
import { PlainBrowser } from "../support/browser.ts";
import { onEachEngine } from "../support/engines.ts";
import { tokenOf } from "../support/member.ts";
import { startPortal, type TestPortal } from "../support/portal.ts";
import { aSchool } from "../support/registry.ts";
import { inLatin9, siecleGuardians, sieclePupils } from "../support/registry-files.ts";
import { aStaffMember, atTheDesk, type MadeStaff } from "../support/staff.ts";
import { fold, words } from "../support/words.ts";
import { zipOf } from "../support/zip.ts";

const path = "/desk/imports";

onEachEngine("registries on the desk", (engine) => {
  let portal: TestPortal;
  let desk: PlainBrowser;
  let headMember: MadeStaff;
  beforeAll(async () => {
    portal = await startPortal({ engine, preset: "school" });
    const school = await aSchool(portal.portal.store, "0990001A", portal.clock);
    headMember = await aStaffMember(portal, "head", { establishmentId: school, name: "Odile Roche" });
    desk = await atTheDesk(portal, await aStaffMember(portal, "operator"));
  });
  afterAll(() => portal.close());

  function upload(
    files: { name: string; bytes: Buffer }[],
    school = "",
    by = desk,
  ): Promise<Awaited<ReturnType<PlainBrowser["get"]>>> {
    const form = new FormData();
    form.set("school", school);
    for (const { name, bytes } of files) form.append("files", new Blob([new Uint8Array(bytes)]), name);
    return by.post(path, form);
  }

  const pupils = () =>
    inLatin9(
      sieclePupils([
        { id: "1", firstName: "Noé" },
        { id: "2", firstName: "Zoé" },
      ]),
    );
  const guardians = () =>
    inLatin9(siecleGuardians([{ id: "7", firstName: "Ève", mobile: "01 40 00 00 00", pupils: ["1", "3"] }]));

  test("are read, shown as what they would change, applied at a press, and reported", async () => {
    const shown = await upload([
      { name: "ExportXML_ElevesSansAdresses.zip", bytes: zipOf([{ name: "eleves.xml", bytes: pupils() }]) },
      { name: "ResponsablesAvecAdresses.xml", bytes: guardians() },
    ]);
    expect(shown.status).toBe(200);
    expect(fold(shown.text)).toContain(words("registry-import.preview.what"));
    expect(fold(shown.text)).toContain("Collège 0990001A");
    const people = await desk.get(`${shown.path}/people?action=new`);
    expect(fold(people.text)).toContain("Noé MARTIN");
    const unmatched = await desk.get(`${shown.path}/unmatched`);
    expect(fold(unmatched.text)).toContain(
      words("registry-import.unmatched.one", { guardian: "Ève MARTIN (7)", pupil: "3" }),
    );
    const faults = await desk.get(`${shown.path}/faults`);
    expect(fold(faults.text)).toContain(words("registry-import.fault.mobile-landline"));
    const begun = await desk.post(`${shown.path}/apply`, { gone: "1" });
    expect(fold(begun.text)).toContain(words("registry-import.applying"));
    await portal.settle();
    const done = await desk.get(shown.path);
    expect(fold(done.text)).toContain(words("registry-import.status.applied"));
    const list = await desk.get(path);
    expect(fold(list.text)).toContain("ExportXML_ElevesSansAdresses.zip, ResponsablesAvecAdresses.xml");
    // What was pressed twice is done once.
    const again = await desk.post(`${shown.path}/apply`, { gone: "1" });
    expect(fold(again.text)).toContain(words("registry-import.not-ready"));
    // Wherever a list is asked to go on, it goes on or begins.
    for (const after of [`?after=${encodeURIComponent('["\\u0000","",""]')}`, "?after=1e300", "?after=-1"]) {
      for (const list of ["people", "unmatched", "faults"]) {
        expect((await desk.get(`${shown.path}/${list}${after}`)).status).toBe(200);
      }
    }
  });

  test("are applied in the name of whoever pressed, whom the head sees, and lead on to letters and figures", async () => {
    const head = await atTheDesk(portal, headMember);
    const csv = "type;identifiant;nom;prenom\neleve;50;ROUX;Luc\neleve;51;ROUX;Zoé\n";
    const shown = await upload([{ name: "liste.csv", bytes: Buffer.from(csv) }], "0990001A", head);
    await desk.post(`${shown.path}/apply`, {});
    await portal.settle();
    const report = await head.get(shown.path);
    expect(report.html).toMatch(/href="\/desk\/letters\/schools\/[^"]+"/);
    expect(report.html).toMatch(/href="\/desk\/statistics\/[^"]+"/);
    const account = await accountRows.findByIdentifier(portal.portal.store, "l.roux");
    const [line] = await portal.portal.store.ask<{ actor_id: string; event: string }>(
      "select actor_id, event from journal where account_id = ?",
      [account?.id],
    );
    expect(line?.event).toBe("registry-import.created");
    expect(line?.actor_id).not.toBe(headMember.account.id);
    const school = "Collège 0990001A (0990001A)";
    const act = words("journal.desk.registry-applied", { school, added: 2, changed: 0, gone: 0 });
    const acts = fold((await head.get("/desk/acts")).text);
    expect(acts).toContain(act);
    expect(acts.slice(acts.indexOf(act)).slice(0, act.length + 60)).not.toContain(words("staff.acts.gone"));
    expect(fold((await head.get("/desk/acts.csv")).html)).toContain(act);
  });

  test("that stopped say how far they came and under which reference, wait on the first page, and are given up", async () => {
    const csv = "type;identifiant;nom;prenom\neleve;60;ROUX;Ina\n";
    const shown = await upload([{ name: "liste.csv", bytes: Buffer.from(csv) }], "0990001A");
    const { store } = portal.portal;
    const fault = JSON.stringify({ incident: "ABCD-1234", phase: "people" });
    await store.transact((tx) =>
      tx.ask("update imports set status = 'failed', done = 3, total = 9, turn = 99, fault = ? where id = ?", [
        fault,
        shown.path.split("/")[3],
      ]),
    );
    expect(fold((await desk.get("/desk")).text)).toContain(words("registry-import.news", { count: 1 }));
    const stopped = await desk.get(shown.path);
    expect(fold(stopped.text)).toContain(words("registry-import.stopped", { done: 3, total: 9 }));
    expect(fold(stopped.text)).toContain(words("registry-import.fault-reference", { incident: "ABCD-1234" }));
    expect(stopped.html).toContain(`action="${shown.path}/resume"`);
    const given = await desk.post(`${shown.path}/abandon`, {});
    expect(fold(given.text)).toContain(words("registry-import.abandoned", { done: 3, total: 9 }));
    expect(fold((await desk.post(`${shown.path}/resume`, {})).text)).toContain(
      words("registry-import.not-ready"),
    );
  });

  test("say another number of somebody who proved none: whoever had the old one hears it, and its links end", async () => {
    const line = (email: string) =>
      `type;identifiant;nom;prenom;courriel\nresponsable;70;GAY;Rose;${email}\n`;
    const load = async (csv: string) => {
      const shown = await upload([{ name: "liste.csv", bytes: Buffer.from(csv) }], "0990001A");
      await desk.post(`${shown.path}/apply`, {});
      await portal.settle();
    };
    await load(line("rose@example.fr"));
    const { store } = portal.portal;
    const rose = (await accountRows.findByIdentifier(store, "r.gay"))?.id as string;
    await store.transact((tx) =>
      accountRows.updateAccount(tx, rose, { status: "active", password_hash: "x", activated_at: 1 }),
    );
    await new PlainBrowser(portal.url).post("/forgot-password", { identifier: "r.gay", channel: "email" });
    const token = tokenOf(await portal.messageTo("rose@example.fr"), "/reset");
    expect((await new PlainBrowser(portal.url).get(`/reset?token=${token}`)).status).toBe(200);
    await load(line("autre@example.fr"));
    expect((await new PlainBrowser(portal.url).get(`/reset?token=${token}`)).status).toBe(410);
    expect(
      await store.ask("select status from challenges where account_id = ? and purpose = 'reset'", [rose]),
    ).toEqual([{ status: "ended" }]);
    const warning = await portal.messageTo("rose@example.fr");
    expect(tokenOf(warning, "/account/not-me")).not.toBe("");
    expect(await portal.messages("autre@example.fr")).toEqual([]);
  });

  test("that are refused say which file, which line and why, and change nothing", async () => {
    const cut = pupils().subarray(0, -30);
    const page = await upload([{ name: "eleves.xml", bytes: cut }]);
    expect(fold(page.text)).toContain(words("registry-import.refusal.xml-truncated"));
    expect(fold(page.text)).toContain(
      words("registry-import.refused.where", { file: "eleves.xml", line: 15 }),
    );
    expect(fold(page.text)).toContain(words("registry-import.refused.nothing"));
    const table = await upload([{ name: "a.csv", bytes: Buffer.from("nom;prenom\nROUX;Luc\n") }], "0990001A");
    expect(fold(table.text)).toContain(words("registry-import.next.columns"));
    expect(fold((await upload([])).text)).toContain(words("registry-import.missing"));
  });

  test("give the lines that are refused as a file that no spreadsheet runs", async () => {
    const csv =
      'type;identifiant;nom;prenom\nprof;=HYPERLINK("x");=1+1;Léa\n=cmd;2;Roux;Léa\néleve;3;Roux;Léa\n';
    const page = await upload([{ name: "=liste.csv", bytes: Buffer.from(csv) }], "0990001A");
    const file = await desk.get(`${page.path}/faults.csv`);
    expect(file.headers.get("content-disposition")).toMatch(/^attachment/);
    const lines = file.html.trimEnd().split("\r\n").slice(1);
    expect(lines).toHaveLength(2);
    for (const line of lines) expect(line).toMatch(/^'=liste\.csv,\d,/);
    expect(lines[1]).toContain(",'=cmd");
  });

  test("of somebody else's school, or of none, are told apart from nothing", async () => {
    const nobodys = inLatin9(sieclePupils([{ id: "1" }], { uai: "0990009Z" }));
    const page = await upload([{ name: "eleves.xml", bytes: nobodys }]);
    expect(fold(page.text)).toContain(words("registry-import.refusal.school-unknown", { what: "0990009Z" }));
    expect((await desk.get(`${path}/01890000-0000-7000-8000-000000000000`)).status).toBe(404);
  });
});
