import fc from "fast-check";
import { expect, test } from "vitest";
import { createRangeCheck } from "../../http/source.ts";
import { createWideRangeCheck } from "./networks.ts";

test("says of every address what looking at each range would say", () => {
  const octet = fc.integer({ min: 0, max: 255 });
  const address = fc
    .tuple(fc.integer({ min: 9, max: 10 }), octet, octet, octet)
    .map((parts) => parts.join("."));
  const range = fc.tuple(address, fc.integer({ min: 1, max: 32 })).map(([from, bits]) => `${from}/${bits}`);
  fc.assert(
    fc.property(fc.array(range, { maxLength: 8 }), address, (ranges, asked) => {
      expect(createWideRangeCheck(ranges)(asked)).toBe(createRangeCheck(ranges)(asked));
    }),
  );
});

test("knows IPv6, IPv4 written as IPv6, and what is no address", () => {
  const isAmong = createWideRangeCheck(["2001:db8:12::/47", "192.0.2.0/24"]);
  expect(isAmong("2001:db8:13:ffff::1")).toBe(true);
  expect(isAmong("2001:db8:14::1")).toBe(false);
  expect(isAmong("::ffff:192.0.2.77")).toBe(true);
  expect(isAmong("192.0.3.1")).toBe(false);
  expect(isAmong("nobody")).toBe(false);
  expect(createWideRangeCheck([])("192.0.2.1")).toBe(false);
});
