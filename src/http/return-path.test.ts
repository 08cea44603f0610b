import fc from "fast-check";
import { expect, test } from "vitest";
import { safeReturnPath } from "./return-path.ts";

test.each(["/", "/account", "/account/devices?page=2", "/a%20b", "/account#top"])("goes on to %s", (path) => {
  expect(safeReturnPath(path, "/account")).toBe(path.split("#")[0]);
});

test.each([
  "",
  "account",
  "//evil.example",
  "/\\evil.example",
  "/\t/evil.example",
  "\\\\evil.example",
  "https://evil.example",
  "javascript:alert(1)",
  "/a\\b",
  "/a b",
  "/é",
  "/../..//evil.example",
  "/.//evil.example",
  `/${"a".repeat(3000)}`,
])("stays at home rather than go to %s", (path) => {
  expect(safeReturnPath(path, "/account")).toBe("/account");
});

test("never leads to another site, whatever is typed", () => {
  const pieces = fc.constantFrom(
    "/",
    "\\",
    "//",
    "evil.example",
    "https:",
    ":",
    "@",
    "..",
    "%2f",
    "%5c",
    "\t",
    "\n",
    "?",
    "#",
  );
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 8 }), (parts) => {
      const path = safeReturnPath(parts.join(""), "/account");
      const url = new URL(path, "https://acces.example.org");
      expect(url.origin).toBe("https://acces.example.org");
      expect(path.startsWith("//")).toBe(false);
    }),
  );
});
