import { afterAll, beforeAll, expect, test } from "vitest";
import type { PlainBrowser } from "../support/browser.ts";
import { onEachEngine } from "../support/engines.ts";
import { startPortal, type TestPortal } from "../support/portal.ts";
import { aSchool } from "../support/registry.ts";
import { inLatin9, siecleGuardians, sieclePupils } from "../support/registry-files.ts";
import { aStaffMember, atTheDesk } from "../support/staff.ts";
import { fold, words } from "../support/words.ts";
import { zipOf } from "../support/zip.ts";

const path = "/desk/imports";

onEachEngine("registries on the desk", (engine) => {
  let portal: TestPortal;
  let desk: PlainBrowser;
  beforeAll(async () => {
    portal = await startPortal({ engine, preset: "school" });
    await aSchool(portal.portal.store, "0990001A", portal.clock);
    desk = await atTheDesk(portal, await aStaffMember(portal, "operator"));
  });
  afterAll(() => portal.close());

  function upload(
    files: { name: string; bytes: Buffer }[],
    school = "",
  ): Promise<Awaited<ReturnType<PlainBrowser["get"]>>> {
    const form = new FormData();
    form.set("school", school);
    for (const { name, bytes } of files) form.append("files", new Blob([new Uint8Array(bytes)]), name);
    return desk.post(path, form);
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
      words("registry-import.unmatched.one", { guardian: "7", pupil: "3" }),
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
  });

  test("that are refused say which file, which line and why, and change nothing", async () => {
    const cut = pupils().subarray(0, -30);
    const page = await upload([{ name: "eleves.xml", bytes: cut }]);
    expect(fold(page.text)).toContain(words("registry-import.refusal.xml-truncated"));
    expect(fold(page.text)).toContain(
      words("registry-import.refused.where", { file: "eleves.xml", line: 15 }),
    );
    expect(fold(page.text)).toContain(words("registry-import.refused.nothing"));
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
