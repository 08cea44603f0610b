import { expect, test } from "vitest";
import { addressOfSource, createRangeCheck, isLoopbackAddress, sourceKeyOf } from "./source.ts";

test.each([
  ["192.0.2.7", "192.0.2.7"],
  ["::ffff:192.0.2.7", "192.0.2.7"],
  ["2001:db8:1:2:aaaa::1", "2001:db8:1:2::/64"],
  ["2001:db8:1:2:bbbb::2", "2001:db8:1:2::/64"],
  ["2001:db8:1:3::1", "2001:db8:1:3::/64"],
  ["nonsense", "unknown"],
])("%s counts as %s", (address, key) => {
  expect(sourceKeyOf(address)).toBe(key);
});

test("knows the addresses of an establishment, also when they come as IPv6", () => {
  const isOurs = createRangeCheck(["192.0.2.0/24", "2001:db8::/32"]);
  expect(isOurs("192.0.2.200")).toBe(true);
  expect(isOurs("::ffff:192.0.2.200")).toBe(true);
  expect(isOurs("2001:db8:5::1")).toBe(true);
  expect(isOurs("198.51.100.1")).toBe(false);
  expect(isOurs("nonsense")).toBe(false);
});

test("knows them by what they count as, too", () => {
  const isWithin = createRangeCheck(["192.0.2.0/24", "2001:db8::/32"]);
  const isOurs = (sourceKey: string) => isWithin(addressOfSource(sourceKey));
  expect(isOurs(sourceKeyOf("192.0.2.200"))).toBe(true);
  expect(isOurs(sourceKeyOf("2001:db8:5:6:7::1"))).toBe(true);
  expect(isOurs(sourceKeyOf("198.51.100.1"))).toBe(false);
  expect(isOurs(sourceKeyOf("nonsense"))).toBe(false);
});

test("knows loopback", () => {
  expect(["127.0.0.1", "127.8.8.8", "::1", "::ffff:127.0.0.1"].every(isLoopbackAddress)).toBe(true);
  expect(["10.0.0.1", "localhost", ""].some(isLoopbackAddress)).toBe(false);
});
