import { dirname } from "node:path";
import { describe, expect, test } from "vitest";
import * as habits from "./habits.ts";
import * as layers from "./layers.ts";
import { readSource, readSources, type Source } from "./sources.ts";

const root = dirname(dirname(import.meta.dirname));
const sources = readSources(root);

/** Each rule, with a small house that keeps it and one that breaks it at a place we know. */
const rules: {
  says: string;
  rule: layers.Rule;
  kept: Record<string, string>;
  broken: Record<string, string>;
  at: string;
}[] = [
  {
    says: "nothing imports itself in a circle, not even for a type",
    rule: layers.noCycles,
    kept: { "a.ts": 'import { b } from "./b.ts";', "b.ts": "" },
    broken: {
      "a.ts": 'import { b } from "./b.ts";',
      "b.ts": 'import "./c.ts";',
      "c.ts": '\nimport type {\n  A,\n} from "./a.ts";',
    },
    at: "src/c.ts:4 ",
  },
  {
    says: "the kernel imports nothing of ours",
    rule: layers.kernelStandsAlone,
    kept: { "kernel/a.ts": 'import "./b.ts";\nimport "node:fs";' },
    broken: { "kernel/a.ts": '// why\nimport type { C } from "../config/config.ts";' },
    at: "src/kernel/a.ts:2 ",
  },
  {
    says: "http knows no capability",
    rule: layers.httpKnowsNoRoom,
    kept: { "http/a.tsx": 'import { Page } from "../ui/page.tsx";\nimport "../kernel/clock.ts";' },
    broken: { "http/a.tsx": 'const it = await import("../access/sign-in/sign-in.ts");' },
    at: "src/http/a.tsx:1 ",
  },
  {
    says: "what rooms stand on knows no room",
    rule: layers.groundKnowsNoRoom,
    kept: { "outbox/a.ts": 'import "../journal/journal.ts";', "compose.ts": 'import "./accounts/a.ts";' },
    broken: { "outbox/a.ts": 'export { b } from "../accounts/b.ts";' },
    at: "src/outbox/a.ts:1 ",
  },
  {
    says: "rules never import another capability's room",
    rule: layers.rulesKeepToTheirRoom,
    kept: {
      "access/recovery/recovery.ts": 'import "./recovery.store.ts";\nimport "../../accounts/accounts.ts";',
      "access/unlock/unlock.ts": 'import type { Challenges } from "../challenges/challenges.ts";',
      "access/recovery/recovery.test.ts": 'import "../lockout/lockout.ts";',
    },
    broken: { "access/recovery/recovery.ts": 'import type { L } from "../lockout/lockout.ts";' },
    at: "src/access/recovery/recovery.ts:1 ",
  },
  {
    says: "only routes show pages",
    rule: layers.onlyRoutesShowPages,
    kept: { "access/a/a.routes.tsx": 'import { P } from "./a.pages.tsx";' },
    broken: { "access/a/a.ts": 'import { P } from "./a.pages.tsx";' },
    at: "src/access/a/a.ts:1 ",
  },
  {
    says: "a store never imports rules, routes or pages",
    rule: layers.storesLookDown,
    kept: { "access/a/a.store.ts": 'import "../../store/store.ts";\nimport "./a-rows.ts";' },
    broken: { "access/a/a.store.ts": 'import type { A } from "./a.ts";' },
    at: "src/access/a/a.store.ts:1 ",
  },
  {
    says: "routes and pages ask the rules, never a store",
    rule: layers.routesAskTheRules,
    kept: { "access/a/a.routes.tsx": 'import "./a.ts";' },
    broken: { "access/a/a.routes.tsx": 'import "./a.store.ts";' },
    at: "src/access/a/a.routes.tsx:1 ",
  },
  {
    says: "a table is read and written by its owner's store only",
    rule: habits.tablesHaveOneOwner,
    kept: { "access/a/a.store.ts": "db.tables<T>()", "outbox/a.ts": "db.tables<T>()" },
    broken: { "access/a/a.ts": "const all = db\n  .tables<T>()" },
    at: "src/access/a/a.ts:2 ",
  },
  {
    says: "the environment is read in main.ts and config/ only",
    rule: habits.environmentIsReadOnce,
    kept: { "main.ts": "process.env", "config/a.ts": "process.env", "ui/a.ts": "// process.env" },
    broken: { "ui/a.ts": "const port = process.env.PORT;" },
    at: "src/ui/a.ts:1 ",
  },
  {
    says: "time and chance come from the kernel",
    rule: habits.timeAndChanceComeFromTheKernel,
    kept: { "kernel/clock.ts": "Date.now()", "ui/a.ts": 'new Date(ms); "Date.now()"; f(/randomUUID"/);' },
    broken: { "ui/a.ts": "\n\nconst id = randomUUID();" },
    at: "src/ui/a.ts:3 ",
  },
  {
    says: "only main.ts exits",
    rule: habits.onlyMainExits,
    kept: { "main.ts": "process.exit(1)", "ui/a.ts": "process.exitCode" },
    broken: { "ui/a.ts": "process.exit(1)" },
    at: "src/ui/a.ts:1 ",
  },
  {
    says: "every export has a name",
    rule: habits.exportsHaveNames,
    kept: { "a.ts": "export const a = 1;" },
    broken: { "a.ts": "const a = 1;\nexport { a as default };" },
    at: "src/a.ts:2 ",
  },
  {
    says: "there are no barrels",
    rule: habits.noBarrels,
    kept: { "a.ts": 'export { b } from "./b.ts";' },
    broken: { "ui/index.ts": "" },
    at: "src/ui/index.ts:1 ",
  },
  {
    says: "there are no enums",
    rule: habits.noEnums,
    kept: { "a.ts": 'type Enum = "a" | "b";' },
    broken: { "a.ts": "\nexport const enum Colour { Red }" },
    at: "src/a.ts:2 ",
  },
  {
    says: "file names are in kebab-case",
    rule: habits.namesAreKebabCase,
    kept: { "access/sign-in/sign-in.routes.tsx": "" },
    broken: { "access/signIn.ts": "" },
    at: "src/access/signIn.ts:1 ",
  },
];

const house = (files: Record<string, string>): Source[] =>
  Object.entries(files).map(([path, text]) => readSource(path, text));

describe.each(rules)("$says", ({ rule, kept, broken, at }) => {
  test("in this house", () => {
    expect(rule(sources)).toEqual([]);
  });

  test("and a house that breaks it is told where", () => {
    expect(rule(house(kept))).toEqual([]);
    expect(rule(house(broken))).toEqual([expect.stringContaining(at)]);
  });
});

test("every form of import is seen, and none in comments or strings", () => {
  const text = [
    'import a, { type B } from "./a.ts";',
    'import "./b.ts"; // import "./no.ts";',
    'export * from "./c.ts";',
    'type D = import("./d.ts").D;',
    '/* import "./no.ts"; */ const e = await import("./e.ts");',
    `const s = \`\${f("}")} from "./no.ts"\` + 'export x from';`,
  ].join("\n");
  const seen = readSource("x.ts", text).imports.map(({ specifier, line }) => `${specifier}:${line}`);
  expect(seen).toEqual(["./a.ts:1", "./b.ts:2", "./c.ts:3", "./d.ts:4", "./e.ts:5"]);
});
