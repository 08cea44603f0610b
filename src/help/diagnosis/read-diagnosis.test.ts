import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { symptoms } from "../../config/symptoms.ts";
import { findProjectRoot } from "../../kernel/root.ts";
import { type DiagnosisNode, textsOf } from "./diagnosis-data.ts";
import { renderDrawing } from "./draw-diagnosis.ts";
import { missingPages, readDiagnosis, requireDiagnosis } from "./read-diagnosis.ts";

const root = findProjectRoot();
const languages = { default: "fr", offered: ["fr", "en", "ar"] };
const common = readFileSync(join(root, "help/diagnosis/common.yaml"), "utf8");

const made: string[] = [];
afterAll(() => {
  for (const folder of made) rmSync(folder, { recursive: true });
});

/** A copy of the shipped files in which `change` was made to the common one, and `school` stands for the school's. */
function altered(change: (text: string) => string, school?: string): string {
  const folder = mkdtempSync(join(tmpdir(), "loquet-diagnosis-"));
  made.push(folder);
  mkdirSync(join(folder, "help"));
  cpSync(join(root, "help/diagnosis"), join(folder, "help/diagnosis"), { recursive: true });
  writeFileSync(join(folder, "help/diagnosis/common.yaml"), change(common));
  if (school !== undefined) writeFileSync(join(folder, "help/diagnosis/school.yaml"), school);
  return folder;
}

const faultsOf = (
  folder: string,
  name: "school" | "community" = "community",
  offered = languages.offered,
) => {
  const read = readDiagnosis(folder, { name, languages: { ...languages, offered } });
  return read.ok ? [] : read.faults;
};
const lineOf = (text: string, found: string) => text.slice(0, text.indexOf(found)).split("\n").length;

describe.each(["school", "community", "service"] as const)("the diagnosis of %s", (name) => {
  const read = readDiagnosis(root, { name, languages });
  const nodes = (): [string, DiagnosisNode][] => (read.ok ? [...read.data.nodes] : []);

  test("has no mistakes", () => {
    expect(read.ok ? [] : read.faults).toEqual([]);
    expect(read.ok && Object.keys(read.data.starts).sort()).toEqual([...symptoms].sort());
  });

  test("ends in an action everywhere, with a way on for those whom it does not help", () => {
    const ends = nodes().filter(([, node]) => node.kind === "action" || node.kind === "contact");
    expect(ends.length).toBeGreaterThan(40);
    for (const [, node] of ends) {
      if (node.kind === "action") expect(node.otherwise).toBeTruthy();
    }
  });

  test("is written in French as French is written", () => {
    const french = nodes().flatMap(([, node]) =>
      textsOf(node).flatMap(({ words }) => (Array.isArray(words.fr) ? words.fr : [words.fr as string])),
    );
    expect(
      french.filter((text) => /[^\u00a0\u202f][;:!?](?=$|\s)|'|«[^\u00a0]|[^\u00a0]»/.test(text)),
    ).toEqual([]);
  });
});

test("docs/diagnosis.md draws it as it is (otherwise run: npx node scripts/write-diagnosis-drawing.ts)", () => {
  expect(readFileSync(join(root, "docs/diagnosis.md"), "utf8")).toBe(renderDrawing(root));
});

describe("a mistake is named with its file and line:", () => {
  const replaced = (from: string, to: string) => (text: string) => {
    expect(text).toContain(from);
    return text.replace(from, to);
  };
  const one = (change: (text: string) => string, sentence: RegExp | string, place?: string) => {
    const faults = faultsOf(altered(change));
    const text = change(common);
    const line = place === undefined ? "" : `help/diagnosis/common.yaml:${lineOf(text, place)}: `;
    expect(faults.filter((fault) => fault.startsWith(line)).join("\n")).toMatch(sentence);
  };

  test("an answer that leads nowhere, with the name that was meant", () => {
    const change = replaced("go: mail-reset", "go: mail-reste");
    one(
      change,
      /nodes\.mail-which\.answers\.reset\.go names mail-reste.*did you mean mail-reset\?/,
      "go: mail-reste",
    );
  });

  test("a circle", () => {
    one(
      replaced(
        "to: /account#contacts\n    otherwise: contact-new",
        "to: /account#contacts\n    otherwise: reset",
      ),
      /nodes\.contacts-edit\.otherwise goes round in a circle: reset → .* → contacts-edit → reset\./,
    );
  });

  test("a node that nothing leads to", () => {
    const lonely = "  lonely:\n    check: mail-late\n    yes: contact\n    no: contact\n";
    one((text) => text + lonely, /nodes\.lonely is never reached/, "  lonely:");
  });

  test("a symptom that begins nowhere, and one that stands in no group", () => {
    one(replaced("  loop: loop-start\n", ""), /symptoms must say where loop begins/);
    one(replaced("      - loop\n", ""), /groups must list loop once; it stands there 0 times/);
  });

  test("a language that is missing", () => {
    one(
      replaced("      en: Choose a new password\n", ""),
      /nodes\.reset\.do is not said in the language en/,
      "    do:\n      fr: Choisissez un nouveau mot de passe\n",
    );
    expect(faultsOf(root, "community", ["fr", "de"]).length).toBeGreaterThan(100);
  });

  test("more questions than five", () => {
    const more = Array.from(
      { length: 5 },
      (_, n) =>
        `  deep-${n}:\n    ask: { fr: a, en: a, ar: a }\n    text: { go: ${n === 4 ? "account-what" : `deep-${n + 1}`} }\n`,
    ).join("");
    one(
      (text) => text.replace("account-not-working: account-what", "account-not-working: deep-0") + more,
      /symptoms\.account-not-working needs up to 8 questions .* 5 are the most/,
    );
  });

  test("a fact that the portal cannot know, a page that is none, a node of no kind, a setting too many", () => {
    one(
      replaced("check: mail-down", "check: mail-broken"),
      /nodes\.mail-start\.check must be one of address-blocked/,
    );
    one(
      replaced("to: /unlock", "to: https://elsewhere.example"),
      /nodes\.unlock-again\.to must be a page of the portal/,
    );
    one(replaced("    check: mail-down\n", ""), /nodes\.mail-start is of no kind/);
    one(
      replaced("    otherwise: unlock-else", "    otherwise: unlock-else\n    colour: red"),
      /colour is not a setting/,
    );
  });

  test("what is no YAML, and what stands there twice", () => {
    one((text) => `${text}\n  broken: [`, /common\.yaml:\d+: /);
    one(
      (text) => `${text}  contact:\n    check: mail-late\n    yes: reset\n    no: reset\n`,
      /keys must be unique/i,
    );
  });

  test("in the preset's own file", () => {
    const own = "nodes:\n  contact-new:\n    check: mail-late\n    yes: contacts\n    no: contact\n";
    expect(
      faultsOf(
        altered((text) => text, own),
        "school",
      ),
    ).toEqual([
      "help/diagnosis/school.yaml:4: nodes.contact-new.yes names contacts, which is no node; did you mean contact?.",
    ]);
  });

  test("a page that the server does not have", () => {
    const data = requireDiagnosis(root, { name: "school", languages });
    expect(missingPages(data, () => true)).toEqual([]);
    const missing = missingPages(data, (path) => path !== "/unlock");
    expect(missing).toEqual(["nodes.unlock-again.to names /unlock, which is no page of this portal."]);
  });
});

test("a start with mistakes is refused with all of them", () => {
  const folder = altered((text) =>
    text.replace("go: mail-reset", "go: nowhere").replace("go: mail-recall", "go: nobody"),
  );
  expect(() => requireDiagnosis(folder, { name: "school", languages })).toThrow(/nowhere[\s\S]*nobody/);
});
