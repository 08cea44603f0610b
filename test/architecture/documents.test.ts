import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { listSettings } from "../../src/config/settings.ts";
import { findProjectRoot } from "../../src/kernel/root.ts";

const root = findProjectRoot();
const read = (file: string) => readFileSync(join(root, file), "utf8");

/** The table of settings as docs/operating.md shows it. */
function renderSettings(): string {
  const lines = listSettings().map(
    ({ name, meaning, default: fallback, isSecret }) =>
      `| \`${name}\`${isSecret ? " (secret)" : ""} | ${meaning} | ${fallback.replaceAll("<", "&lt;")} |`,
  );
  return ["| Setting | Meaning | When unset |", "|---|---|---|", ...lines].join("\n");
}

test("docs/operating.md shows the settings as they are", () => {
  const shown = /<!-- settings:begin -->\n([\s\S]*?)\n?<!-- settings:end -->/.exec(
    read("docs/operating.md"),
  )?.[1];
  expect(shown).toBe(renderSettings());
});

test.each([
  "README.md",
  "docs/map.md",
  "docs/operating.md",
  "docs/interfaces.md",
  "docs/decisions/README.md",
])("the links of %s lead somewhere", (file) => {
  const links = [...read(file).matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map((match) => match[1] as string);
  const missing = links.filter((link) => !existsSync(join(root, dirname(file), link)));
  expect(missing).toEqual([]);
});
