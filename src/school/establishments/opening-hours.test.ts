import { expect, test } from "vitest";
import { daysAlike, parseDayHours } from "./opening-hours.ts";

test.each([
  ["", []],
  ["9h-12h, 14h-17h30", ["09:00-12:00", "14:00-17:30"]],
  ["14:00–17:00 et 8h30 à 12h", ["08:30-12:00", "14:00-17:00"]],
  ["9 - 12 / 13.30 - 16.45", ["09:00-12:00", "13:30-16:45"]],
  ["9h-12h 14h-17h", ["09:00-12:00", "14:00-17:00"]],
  ["9 h 30 - 12 h 15 14h-17h", ["09:30-12:15", "14:00-17:00"]],
  ["9h-12h 14-17", ["09:00-12:00", "14:00-17:00"]],
  ["0h-24h", ["00:00-24:00"]],
])("%j is read as people mean it", (typed, read) => {
  expect(parseDayHours(typed)).toEqual(read);
});

test.each(["fermé", "12h-9h", "9h-9h", "9h-25h", "9h75-12h", "9h-12h, 11h-14h", "9h", "9h-12h-14h", "-"])(
  "%j is refused",
  (typed) => {
    expect(parseDayHours(typed)).toBeNull();
  },
);

test("days alike stand together, in the order of the week", () => {
  const usual = ["09:00-12:00"];
  expect(daysAlike({ mon: usual, tue: usual, wed: [], thu: usual, fri: usual, sat: [], sun: [] })).toEqual([
    { days: ["mon", "tue", "thu", "fri"], stretches: usual },
    { days: ["wed", "sat", "sun"], stretches: [] },
  ]);
});
