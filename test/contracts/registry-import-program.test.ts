import { setTimeout as pause } from "node:timers/promises";
import { afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { build, isStale } from "../../scripts/build.js";
import { onEachEngine } from "../support/engines.ts";
import { startProgram } from "../support/program.ts";
import { inLatin9, sieclePupils } from "../support/registry-files.ts";
import {
  aProgramFolder,
  manyPeople,
  type ProgramFolder,
  tree,
  whatIsThere,
} from "../support/registry-program.ts";

const header = "type;identifiant;nom;prenom;date_naissance;classe;courriel;portable;eleves";
const csv = (...lines: string[]) => `${[header, ...lines].join("\n")}\n`;
const school = ["--school", "0752387M"];

beforeAll(async () => {
  if (isStale()) await build();
});

onEachEngine("the command line of a school", (engine) => {
  let folder: ProgramFolder;
  beforeEach(async () => {
    folder = await aProgramFolder(engine);
  });
  afterEach(() => folder.close());

  const count = (table: string) => folder.count(table);

  test("shows what a registry would change, applies it when told so, and names each faulty line", async () => {
    const bad = await folder.command(
      "establishments",
      folder.write("bad.csv", `${tree}class;6A;A;0690002C\n`),
    );
    expect(bad.code).toBe(1);
    expect(bad.err).toMatch(/^line 4: .+ \(0690002C\)$/m);
    expect(await count("establishments")).toBe(0);
    const path = folder.write("tree.csv", tree);
    expect(await folder.command("establishments", path)).toMatchObject({ code: 0, err: "" });
    expect((await folder.command("establishments", path)).out).toContain("Changed: 0. As they were: 2.");

    const file = folder.write(
      "registre.csv",
      csv(
        "eleve;1;PETIT;Noé;31/05/2012;6A;;;",
        "eleve;2;PETIT;Léa;31/02/2012;6A;;;",
        "prof;3;\u001b[31mROUX;Luc;;;;;",
        "responsable;9;PETIT;Ève;;;eve@example.fr;0639980001;1 2 4",
      ),
    );
    const shown = await folder.command("import", file, ...school);
    expect(shown.code).toBe(0);
    expect(shown.out).toMatch(/^new +2 +1 +2$/m);
    expect(shown.out).toMatch(/^unmatched +- +- +1$/m);
    expect(shown.out).toMatch(/registre\.csv, line 4, refused: /);
    expect(shown.out).toMatch(/registre\.csv, line 3: .*\(31\/02\/2012\)/);
    expect(shown.out).not.toContain("\u001b");
    expect(shown.out).toContain("Nothing was changed.");
    expect((await folder.answering("n").command("import", file, ...school)).out).toContain(
      "Nothing was changed.",
    );
    expect(await count("accounts")).toBe(0);
    const applied = await folder.answering("y").command("import", file, ...school);
    expect(applied).toMatchObject({ code: 0 });
    expect(applied.err).toMatch(/Applied \d+ of \d+\./);
    expect(await count("accounts")).toBe(3);
    expect(await count("guardianships")).toBe(2);
    const again = await folder.command("import", file, ...school, "--apply");
    expect(again.out).toMatch(/^same +2 +1 +2$/m);
    expect(await count("journal where event like 'registry-import.%'")).toBe(3);

    const cut = inLatin9(sieclePupils([{ id: "1" }], { uai: "0752387M" })).subarray(0, -30);
    const refused = await folder.command("import", folder.write("eleves.xml", cut), "--apply");
    expect(refused.code).toBe(1);
    expect(refused.err).toMatch(/^eleves\.xml, line \d+: /m);
    expect(refused.err).toContain("Nothing was changed.");
    expect(await count("accounts")).toBe(3);
  });

  test("killed while it applies, goes on when it is run again, and leaves what an undisturbed one leaves", async () => {
    const people = manyPeople(1000);
    const undisturbed = await aProgramFolder(engine);
    try {
      await undisturbed.command("establishments", undisturbed.write("tree.csv", tree));
      const whole = undisturbed.write("all.csv", people);
      expect(await undisturbed.command("import", whole, ...school, "--apply")).toMatchObject({ code: 0 });
      expect(await folder.run("establishments", folder.write("tree.csv", tree))).toMatchObject({ code: 0 });
      const path = folder.write("all.csv", people);
      const program = folder.start("import", path, ...school, "--apply");
      while ((await count("accounts")) === 0) await pause(5);
      await program.kill();
      expect(await count("imports where status = 'applying'")).toBe(1);
      expect(await count("accounts")).toBeLessThan(2000);
      const again = await folder.run("import", path, ...school, "--apply");
      expect(again, again.err).toMatchObject({ code: 0 });
      expect(again.out).toContain("Finished first");
      expect(await count("imports where status = 'applying'")).toBe(0);
      expect(await whatIsThere(folder)).toEqual(await whatIsThere(undisturbed));
    } finally {
      await undisturbed.close();
    }
  });
});

describe("the command line of a school", () => {
  let folder: ProgramFolder;
  beforeEach(async () => {
    folder = await aProgramFolder("sqlite");
    await folder.command("establishments", folder.write("tree.csv", tree));
  });
  afterEach(() => folder.close());

  test("lets nobody go by a file that is rather not whole, and says what it cannot read", async () => {
    const all = Array.from({ length: 60 }, (_, n) => `eleve;${n};PETIT;Noé;31/05/2012;6A;;;`);
    await folder.command("import", folder.write("all.csv", csv(...all)), ...school, "--apply");
    const few = folder.write("few.csv", csv(...all.slice(0, 20)));
    const gone = () => folder.count("registry_records where gone_at is not null");
    expect((await folder.command("import", few, ...school, "--apply")).code).toBe(1);
    // Nor by a « yes » that was meant for something else.
    await folder.answering("y").command("import", few, ...school);
    expect((await folder.command("import", few, ...school, "--apply", "--keep-gone")).code).toBe(0);
    expect(await gone()).toBe(0);
    expect((await folder.command("import", few, ...school, "--apply", "--many-gone")).code).toBe(0);
    expect(await gone()).toBe(40);
    expect(await folder.count("accounts")).toBe(60);

    expect((await folder.command("import")).code).toBe(2);
    expect((await folder.command("import", few, "--force")).code).toBe(2);
    expect((await folder.command("import", few, "--keep-gone", "--many-gone")).code).toBe(2);
    const missing = await folder.command("import", "nowhere.csv");
    expect(missing).toMatchObject({ code: 1 });
    expect(missing.err).toContain("nowhere.csv cannot be read");
    const elsewhere = folder.write("autre.xml", inLatin9(sieclePupils([{ id: "1" }], { uai: "0990009Z" })));
    expect((await folder.command("import", elsewhere, "--apply")).err).toContain("0990009Z");
  });

  test("goes on past an import that throws, says which, and resumes it by its id", async () => {
    await folder.command(
      "establishments",
      folder.write("more.csv", `${tree}school;0690002C;Lycée;ac-test\n`),
    );
    const one = folder.write("one.csv", csv("eleve;1;PETIT;Noé;31/05/2012;6A;;;"));
    await folder.command("import", one, ...school);
    const [row] = await folder.look((store) =>
      store.ask<{ id: string; data: string }>("select import_id as id, data from import_people", []),
    );
    const change = (statement: string, values: unknown[]) =>
      folder.look((store) => store.transact((tx) => tx.ask(statement, values)));
    await change("update imports set status = 'applying', total = 2", []);
    await change("update import_people set data = ?", ["{"]);
    const two = folder.write("two.csv", csv("eleve;2;PETIT;Léa;01/02/2014;5B;;;"));
    const passed = await folder.command("import", two, "--school", "0690002C", "--apply");
    expect(passed.code).toBe(1);
    expect(passed.err).toContain(`loquet import --resume ${row?.id}`);
    expect(passed.out).toContain("Applied:");
    await change("update imports set status = 'failed' where id = ?", [row?.id]);
    expect(await folder.command("import", "--resume", row?.id ?? "")).toMatchObject({ code: 1 });
    await change("update imports set status = 'failed' where id = ?", [row?.id]);
    await change("update import_people set data = ? where import_id = ?", [row?.data, row?.id]);
    expect(await folder.command("import", "--resume", row?.id ?? "")).toMatchObject({ code: 0 });
    expect(await folder.count("accounts")).toBe(2);
    expect(await folder.command("import", "--resume", row?.id ?? "")).toMatchObject({ code: 1 });
    expect((await folder.command("import", "--resume", "x", "--apply")).code).toBe(2);
  });

  test("works while a server has the same file: the server applies, and the command looks on", async () => {
    const server = await startProgram(folder.environment);
    try {
      const path = folder.write("all.csv", manyPeople(40));
      const applied = await folder.command("import", path, ...school, "--apply");
      expect(applied, applied.err).toMatchObject({ code: 0 });
      expect(await folder.count("accounts")).toBe(80);
      expect((await fetch(`http://127.0.0.1:${folder.environment.PORT}/healthz`)).status).toBe(200);
    } finally {
      await server.stop();
    }
  });
});
