import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fillIn } from "./canned-answers.ts";
import { isNarrowed, readFilter, writeFilter } from "./inbox-filter.ts";
import { readName } from "./inbox-search.ts";

const read = (query: string) => {
  const params = new URLSearchParams(query);
  return readFilter((name) => params.get(name) ?? "");
};

describe("what the inbox is asked for", () => {
  test("stands in the address line, and reads back as it was", () => {
    const after = { key: 1_800_000_000_000, id: "0198c0de-0000-7000-8000-000000000000" };
    const filter = {
      ...read(
        "view=all&state=solved&symptom=locked&kind=member&relay=support&q=mot+de&establishment=0198c0de-0000-7000-8000-000000000001",
      ),
      after,
    };
    expect(read(writeFilter(filter, { after }))).toEqual(filter);
    // The next page is of this list; another list begins at its beginning.
    expect(read(writeFilter(filter)).after).toBeNull();
  });

  test("is my team's live cases when nothing is said, and everything when words are", () => {
    expect(read("")).toMatchObject({ view: "team", state: "live", words: "" });
    expect(read("q=martin")).toMatchObject({ view: "all", state: "any" });
    expect(read("view=mine&q=martin")).toMatchObject({ view: "mine", state: "any" });
    expect(isNarrowed(read(""))).toBe(false);
    expect(isNarrowed(read("symptom=locked"))).toBe(true);
  });

  test("is never late and over at once, nor anything that does not exist", () => {
    expect(read("view=late&state=solved").state).toBe("live");
    expect(
      read("view=nothing&state=x&symptom=y&kind=z&assignee=1&establishment=2&relay=../..&after=1.2"),
    ).toEqual(read(""));
  });

  test("whatever is written there by hand", () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.string(), (view, after, words) => {
        const filter = readFilter((name) => ({ view, after, q: words })[name] ?? "");
        expect(read(writeFilter(filter))).toEqual({ ...filter, after: null });
      }),
    );
  });
});

test("a case is named by its number or a reference, with or without hyphen, or by an address", () => {
  expect(readName(" 7kq2m9td ")).toEqual({ reference: "7KQ2-M9TD", emailKey: null });
  expect(readName("Lea@Example.FR")).toEqual({ reference: null, emailKey: "lea@example.fr" });
  expect(readName("le code")).toEqual({ reference: null, emailKey: null });
});

test("a prepared answer is filled in once: what it is filled with is text", () => {
  const values = {
    name: "{link} $& {name}",
    number: "7KQ2-M9TD",
    link: "https://example.org",
    relay: "Aide",
  };
  expect(fillIn("{name}, {number}, {other} {relay}", values)).toBe(
    "{link} $& {name}, 7KQ2-M9TD, {other} Aide",
  );
});
