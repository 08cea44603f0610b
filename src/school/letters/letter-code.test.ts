import { expect, test } from "vitest";
import { seededRandom } from "../../../test/support/world.ts";
import { drawLetterCode, readLetterCode } from "./letter-code.ts";

test("a code is twelve characters of Crockford's alphabet in groups of four", () => {
  for (let seed = 0; seed < 200; seed++) {
    const code = drawLetterCode(seededRandom(seed));
    expect(code).toMatch(/^[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}$/);
    expect(readLetterCode(code)).toBe(code.replaceAll("-", ""));
  }
});

test.each([
  "7K2M-0QXR-14ZD",
  "7k2m 0qxr 14zd",
  " 7K2MOQXRI4ZD ",
  "7k2m.oqxr.l4zd",
  "７Ｋ２Ｍ－０ＱＸＲ－１４ＺＤ",
  "7K2M–0QXR—14ZD",
])("%s is the same code", (typed) => {
  expect(readLetterCode(typed)).toBe("7K2M0QXR14ZD");
});

test.each(["", "7K2M-0QXR-14Z", "7K2M-0QXR-14ZDD", "7K2M-0QXR-14ZU", "é".repeat(12), "x".repeat(100_000)])(
  "%s cannot be a code",
  (typed) => {
    expect(readLetterCode(typed)).toBeNull();
  },
);
