import { expect, test } from "vitest";
import { dayBeginsAt } from "./day-begins.ts";

test.each([
  ["Europe/Paris", "2027-03-02T08:00:00.000Z", "2027-03-01T23:00:00.000Z"],
  ["Europe/Paris", "2027-03-01T23:00:00.000Z", "2027-03-01T23:00:00.000Z"],
  ["Europe/Paris", "2027-03-01T22:59:59.999Z", "2027-02-28T23:00:00.000Z"],
  // The clocks go forward, and back.
  ["Europe/Paris", "2027-03-28T20:00:00.000Z", "2027-03-27T23:00:00.000Z"],
  ["Europe/Paris", "2027-10-31T22:30:00.000Z", "2027-10-30T22:00:00.000Z"],
  ["Indian/Reunion", "2027-03-02T08:00:00.000Z", "2027-03-01T20:00:00.000Z"],
  ["Pacific/Tahiti", "2027-03-02T08:00:00.000Z", "2027-03-01T10:00:00.000Z"],
])("in %s the day of %s began at %s", (timezone, now, began) => {
  expect(new Date(dayBeginsAt(timezone, Date.parse(now))).toISOString()).toBe(began);
});
