import { expect, test } from "vitest";
import { countableQuery } from "./help-searches.ts";

test.each([
  ["Mail pas REÇU !", "mail pas recu"],
  ["code 123", "code 123"],
  ["  ", null],
  ["lea.martin@example.fr", null],
  ["06 39 98 00 01", null],
  ["1234", null],
  ["l.martin1234", null],
  ["1-2-3-4", null],
  ["١٢٣٤", null],
  ["x ".repeat(60), null],
])("%j is counted as %j", (typed, query) => {
  expect(countableQuery(typed)).toBe(query);
});
