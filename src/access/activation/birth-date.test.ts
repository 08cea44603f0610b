import { expect, test } from "vitest";
import { readBirthDate } from "./birth-date.ts";

test.each([
  ["31/05/2012", "2012-05-31"],
  ["31.5.2012", "2012-05-31"],
  [" 31 - 05 - 2012 ", "2012-05-31"],
  ["31 05 2012", "2012-05-31"],
  ["31   5  /  2012", "2012-05-31"],
  ["31052012", "2012-05-31"],
  ["2012-05-31", "2012-05-31"],
  ["29/02/2012", "2012-02-29"],
  ["٣١/٠٥/٢٠١٢", "2012-05-31"],
])("%s is read as %s", (typed, read) => {
  expect(readBirthDate(typed)).toBe(read);
});

test.each([
  "",
  "hier",
  "31/02/2012",
  "29/02/2013",
  "00/05/2012",
  "31/05/12",
  "31/13/2012",
  "05/31/2012",
  "1/1/0001",
])("%s is no birth date", (typed) => {
  expect(readBirthDate(typed)).toBeNull();
});

test("what is far too long to be a date is refused at once, however it is spaced", () => {
  const began = performance.now();
  expect(readBirthDate(`1${" ".repeat(1500)}1${" ".repeat(1500)}x`)).toBeNull();
  expect(readBirthDate(`31/05/2012${" ".repeat(1500)}`)).toBeNull();
  expect(performance.now() - began).toBeLessThan(1000);
});
