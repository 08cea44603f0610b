import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { countryOfNumber, maskPhoneNumber, parseMobileNumber, showPhoneNumber } from "./phone-number.ts";

describe("a mobile number", () => {
  test.each([
    ["06 12 34 56 78", "FR", "+33612345678", "06 12 34 56 78"],
    ["06.12.34.56.78", "FR", "+33612345678", "06 12 34 56 78"],
    ["+33 (0)6 12 34 56 78", "FR", "+33612345678", "06 12 34 56 78"],
    ["0033612345678", "FR", "+33612345678", "06 12 34 56 78"],
    [" \u202a0612345678\u202c ", "FR", "+33612345678", "06 12 34 56 78"],
    ["٠٦١٢٣٤٥٦٧٨", "FR", "+33612345678", "06 12 34 56 78"],
    ["0692 12 34 56", "RE", "+262692123456", "0692 12 34 56"],
    ["0692 12 34 56", "FR", "+262692123456", "0692 12 34 56"],
    ["0690 30 12 34", "FR", "+590690301234", "0690 30 12 34"],
    ["06 12 34 56 78", "RE", "+33612345678", "06 12 34 56 78"],
    ["06 39 98 00 01", "FR", "+33639980001", "06 39 98 00 01"],
    ["+44 7400 123456", "FR", "+447400123456", "+44 7400 123456"],
    ["(202) 555-0123", "US", "+12025550123", "(202) 555-0123"],
    ["+1 202 555 0123", "FR", "+12025550123", "+1 202 555 0123"],
  ])("%j typed in %s is %s", (typed, country, e164, shown) => {
    expect(parseMobileNumber(typed, country)).toEqual({ ok: true, e164, shown });
    expect(showPhoneNumber(e164, country)).toBe(shown);
  });

  test.each([
    ["", "phone.missing"],
    [" \u200b", "phone.missing"],
    ["01 23 45 67 89", "phone.not-mobile"],
    ["0800 00 00 00", "phone.not-mobile"],
    ["06 12 34 56", "phone.malformed"],
    ["06 12 34 56 78 9", "phone.malformed"],
    ["appelez le 06 12 34 56 78", "phone.malformed"],
    ["0612345678 ext 5", "phone.malformed"],
    ["0612345678\r\n0612345679", "phone.malformed"],
    ["06\x0012345678", "phone.malformed"],
    ["lucie@example.org", "phone.malformed"],
    ["0".repeat(10_000), "phone.malformed"],
  ])("%j is refused as %s", (typed, refusal) => {
    expect(parseMobileNumber(typed, "FR")).toEqual({ ok: false, refusal });
  });

  test("is read the same again, whatever is typed", () => {
    const digits = fc.stringMatching(/^(\+|00?)?[0-9 .()-]{6,16}$/);
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: "binary" }), digits), (typed) => {
        const read = parseMobileNumber(typed, "FR");
        if (!read.ok) return;
        expect(read.e164).toMatch(/^\+[1-9]\d{5,14}$/);
        expect(parseMobileNumber(read.e164, "FR")).toEqual(read);
      }),
    );
  });

  test("is known to its owner by its last two digits", () => {
    expect(maskPhoneNumber("+33612345678")).toBe("•• •• •• •• 78");
  });
});

test("a number of a country that no SMS is sent to is refused where that counts", () => {
  expect(parseMobileNumber("+44 7400 123456", "FR", ["FR", "RE"])).toEqual({
    ok: false,
    refusal: "phone.country",
  });
  expect(parseMobileNumber("+44 7400 123456", "FR")).toMatchObject({ ok: true });
  expect(parseMobileNumber("0692 12 34 56", "FR", ["FR", "RE"])).toMatchObject({ e164: "+262692123456" });
  // Of fiction: no plan gives it out, and yet it is French.
  expect(parseMobileNumber("06 39 98 00 01", "FR", ["FR"])).toMatchObject({ ok: true });
});

test.each([
  ["+33612345678", "FR"],
  ["+33639980001", "FR"],
  ["+262692123456", "RE"],
  ["+590690123456", "GP"],
  ["+689871234", "PF"],
  ["+447400123456", "GB"],
  ["+447781123456", "GG"],
  ["+14155550100", "US"],
  ["+882161234567", null],
  ["nonsense", null],
])("%s belongs to %s", (e164, country) => {
  expect(countryOfNumber(e164)).toBe(country);
});
