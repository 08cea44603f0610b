import { expect, test } from "vitest";
import { parseCode } from "./establishment-codes.ts";
import {
  emptyDetails,
  parseAddresses,
  parsePhone,
  parsePostal,
  parseTimezone,
  readDetails,
  writeDetails,
} from "./establishment-details.ts";

test("a UAI is seven digits and the letter that proves them", () => {
  expect(parseCode("school", " 075 2387m ")).toEqual({ ok: true, code: "0752387M" });
  expect(parseCode("school", "0752387N")).toEqual({ ok: false, refusal: "establishments.code.uai-letter" });
  expect(parseCode("school", "0752378M")).toEqual({ ok: false, refusal: "establishments.code.uai-letter" });
  expect(parseCode("school", "752387M")).toEqual({ ok: false, refusal: "establishments.code.not-uai" });
  expect(parseCode("school", "")).toEqual({ ok: false, refusal: "establishments.code.missing" });
});

test("the codes of academies and classes are kept as people write them", () => {
  expect(parseCode("academy", "ac-paris")).toEqual({ ok: true, code: "AC-PARIS" });
  expect(parseCode("academy", "ac paris").ok).toBe(false);
  expect(parseCode("class", "6ème  A")).toEqual({ ok: true, code: "6ème A" });
  expect(parseCode("class", "=1+1").ok).toBe(false);
});

test("addresses become ranges, each once; what would free half the network is refused", () => {
  expect(parseAddresses(["192.0.2.7", "192.0.2.9/24", "192.0.2.0/24", "2001:db8::1/48", ""])).toEqual({
    ok: true,
    value: ["192.0.2.0/24", "192.0.2.7/32", "2001:db8::/48"],
  });
  // Within a network of IPv6 nothing is told apart.
  expect(parseAddresses(["2001:db8::25/128", "2001:db8::26"])).toEqual({
    ok: true,
    value: ["2001:db8::/64"],
  });
  for (const wide of ["0.0.0.0/0", "192.0.0.0/21", "::/0", "2001:db8::/47"]) {
    expect(parseAddresses([wide])).toEqual({ ok: false, refusal: "establishments.addresses.too-wide" });
  }
  for (const wrong of ["school", "0x7f.1", "192.0.2.0/33", "192.0.2.0/24/8", "::ffff:192.0.2.0/120"]) {
    expect(parseAddresses([wrong])).toEqual({ ok: false, refusal: "establishments.addresses.malformed" });
  }
});

test("a time zone is an IANA name, never an offset", () => {
  expect(parseTimezone("indian/reunion")).toEqual({ ok: true, value: "Indian/Reunion" });
  expect(parseTimezone("")).toEqual({ ok: true, value: null });
  expect(parseTimezone("+04:00").ok).toBe(false);
  expect(parseTimezone("Europe/Nowhere").ok).toBe(false);
});

test("telephones and postal lines are what letters and people can use", () => {
  expect(parsePhone("01 23 45 67 89")).toEqual({ ok: true, value: "01 23 45 67 89" });
  expect(parsePhone("=HYPERLINK()").ok).toBe(false);
  expect(parsePostal(["1 rue du Port", "", "75001  PARIS"])).toEqual({
    ok: true,
    value: ["1 rue du Port", "75001 PARIS"],
  });
  expect(parsePostal(Array(7).fill("a")).ok).toBe(false);
  expect(parsePostal(["a".repeat(39)]).ok).toBe(false);
});

test("the same details are the same text, and nothing said is nothing kept", () => {
  expect(writeDetails({ ...emptyDetails, relays: { head: {} } })).toBe("{}");
  const one = {
    ...emptyDetails,
    relays: { b: { closedOn: [] }, a: { hours: null } },
    addresses: ["192.0.2.0/24"],
  };
  const other = { ...one, relays: { a: { hours: null }, b: { closedOn: [] } } };
  expect(writeDetails(one)).toBe(writeDetails(other));
  expect(readDetails(writeDetails(one))).toEqual(one);
});
