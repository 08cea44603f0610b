import { expect, test } from "vitest";
import { compare, digestOf, type Known, type PersonData } from "./compare.ts";
import type { KnownContact } from "./registry.store.ts";

const lea: PersonData = {
  surname: "MARTIN",
  firstName: "Léa",
  birthDate: "2012-05-31",
  classCode: "6A",
  className: "6A",
  email: "lea@example.fr",
  emailKey: "lea@example.fr",
  mobile: "+33639980001",
  acceptsSms: true,
  postal: ["1 rue des Lilas", "75000 Paris"],
};

const point = (made: Partial<KnownContact>): KnownContact => ({
  id: made.address ?? "p",
  account_id: "a",
  channel: "email",
  address: "lea@example.fr",
  address_key: made.address ?? "lea@example.fr",
  state: "declared",
  origin: "registry",
  created_at: 1,
  retired_by: null,
  ...made,
});
const email = point({});
const mobile = point({ channel: "sms", address: "+33639980001" });

const known: Known = {
  name: "Léa MARTIN",
  surname: "MARTIN",
  firstName: "Léa",
  birthDate: "2012-05-31",
  classCode: "6A",
  className: "6A",
  postal: '["1 rue des Lilas","75000 Paris"]',
  acceptsSms: true,
  contacts: [email, mobile],
  isFrozen: false,
  isStaff: false,
};

test("what says the same changes nothing", () => {
  expect(compare(lea, known)).toEqual({ changes: [], contacts: [] });
});

test("what a file says nothing of stays as it is", () => {
  const { surname, firstName } = lea;
  const bare = { surname, firstName, birthDate: null };
  expect(compare(bare, known).changes).toEqual([]);
});

test("a new address takes the place of the one that the registry said before", () => {
  const said = { ...lea, email: "lea.martin@example.fr", emailKey: "lea.martin@example.fr" };
  expect(compare(said, known)).toMatchObject({
    changes: ["email"],
    contacts: [{ add: { key: "lea.martin@example.fr" }, retire: [email], isConflict: false }],
  });
});

test("beside an address that the person proved, it is kept, and is a conflict", () => {
  const said = { ...lea, email: "other@example.fr", emailKey: "other@example.fr" };
  const proved = point({ state: "verified" });
  expect(compare(said, { ...known, contacts: [proved] })).toMatchObject({
    changes: ["email-conflict", "mobile"],
    contacts: [{ add: { key: "other@example.fr" }, retire: [] }, { channel: "sms" }],
  });
});

test("what staff or the person put right is not undone by a registry that still says the old", () => {
  const corrected = point({ address: "right@example.fr", origin: "staff", created_at: 2 });
  const old = point({ state: "obsolete", address: "lea@example.fr" });
  expect(compare(lea, { ...known, contacts: [corrected, old, mobile] }).changes).toEqual([]);
});

test("a registry that says at last what the person proved takes back what it said before", () => {
  const wrong = point({ address: "faux@example.fr" });
  const own = point({ address: "nouvelle@example.fr", state: "verified", origin: "person" });
  const said = { ...lea, email: own.address, emailKey: own.address };
  expect(compare(said, { ...known, contacts: [own, wrong, mobile] }).contacts).toEqual([
    { channel: "email", add: null, retire: [wrong], isConflict: false },
  ]);
});

test("whether a person agrees to SMS is said, changed, and otherwise left as it was", () => {
  expect(compare({ ...lea, acceptsSms: false }, known).changes).toEqual(["accepts-sms"]);
  expect(compare({ ...lea, acceptsSms: undefined }, known).changes).toEqual([]);
  expect(compare(lea, { ...known, acceptsSms: null }).changes).toEqual(["accepts-sms"]);
  const digests = [true, false, undefined].map((acceptsSms) => digestOf({ ...lea, acceptsSms }));
  expect(new Set(digests).size).toBe(3);
});

test("of somebody who works on the desk no contact point is changed", () => {
  const said = { ...lea, mobile: "+33639980002" };
  expect(compare(said, { ...known, isStaff: true })).toEqual({ changes: ["staff"], contacts: [] });
});

test("an address that comes back after another is added anew", () => {
  const between = point({ address: "between@example.fr", created_at: 2 });
  const before = point({ state: "obsolete" });
  expect(compare(lea, { ...known, contacts: [between, before, mobile] })).toMatchObject({
    changes: ["email"],
    contacts: [{ add: { key: "lea@example.fr" }, retire: [between] }],
  });
});

test("what the registry took back and says again is added; what staff or the person took back is not", () => {
  const before = point({ state: "obsolete" });
  expect(compare(lea, { ...known, contacts: [before, mobile] }).changes).toEqual([]);
  const takenBack = point({ state: "obsolete", retired_by: "registry" });
  expect(compare(lea, { ...known, contacts: [takenBack, mobile] })).toMatchObject({
    changes: ["email"],
    contacts: [{ add: { key: "lea@example.fr" }, retire: [], isConflict: false }],
  });
  // What it said in between does not hide what staff took back.
  const between = point({ state: "obsolete", address: "between@example.fr", retired_by: "registry" });
  expect(compare(lea, { ...known, contacts: [between, before, mobile] }).changes).toEqual([]);
});

test("a class that is called otherwise is news, but not where the file has its code alone", () => {
  expect(compare({ ...lea, className: "Sixième A" }, known).changes).toEqual(["class-name"]);
  expect(compare(lea, { ...known, className: "Sixième A" }).changes).toEqual([]);
});

test("a number that the registry has no more is retired, unless it was proved", () => {
  const said = { ...lea, mobile: null };
  expect(compare(said, known).contacts).toMatchObject([{ channel: "sms", add: null, retire: [mobile] }]);
  const proved = point({ channel: "sms", address: "+33639980001", state: "verified" });
  expect(compare(said, { ...known, contacts: [email, proved] }).changes).toEqual([]);
});

test("while contact changes are frozen, none is made", () => {
  const said = { ...lea, mobile: "+33639980002", classCode: "5A" };
  expect(compare(said, { ...known, isFrozen: true })).toEqual({ changes: ["class", "frozen"], contacts: [] });
});

test("a digest tells apart what a file does not say from what it says there is none of", () => {
  const { mobile: _, ...without } = lea;
  expect(new Set([lea, without, { ...lea, mobile: null }].map(digestOf)).size).toBe(3);
  expect(digestOf({ ...lea })).toBe(digestOf(lea));
});
