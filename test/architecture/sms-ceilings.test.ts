import { globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";

const folder = join(dirname(dirname(import.meta.dirname)), "src");

/** Files that hand over a message that may be an SMS, without asking the ceilings against toll fraud. */
function unasked(files: { path: string; text: string }[]): string[] {
  return files
    .filter(({ path }) => !/\.test\.tsx?$/.test(path) && !path.startsWith("outbox/"))
    .filter(({ text }) =>
      [...text.matchAll(/\benqueue\(\s*tx,\s*\{(.*?)\bto:/gs)].some(
        ([, head]) => !/\bchannel: "email"/.test(head ?? ""),
      ),
    )
    .filter(({ text }) => !text.includes("spendSms("))
    .map(({ path }) => path);
}

test("whoever sends an SMS asks its ceilings first", () => {
  const files = globSync("**/*.{ts,tsx}", { cwd: folder }).map((path) => ({
    path: path.replaceAll("\\", "/"),
    text: readFileSync(join(folder, path), "utf8"),
  }));
  expect(unasked(files)).toEqual([]);
  const text = "await outbox.enqueue(tx, { template, channel: point.channel, to: point.address });";
  expect(unasked([{ path: "a.ts", text }])).toEqual(["a.ts"]);
  expect(unasked([{ path: "a.ts", text: `await budgets.spendSms(tx, asked);\n${text}` }])).toEqual([]);
  expect(unasked([{ path: "a.ts", text: text.replace("point.channel", '"email"') }])).toEqual([]);
});
