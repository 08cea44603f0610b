import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createDayOf } from "../../i18n/moment.ts";
import { daysFromTo } from "./case-reports.ts";
import { addDuration, type Durations, percentile, roundDuration } from "./report-figures.ts";

describe("durations of a report", () => {
  test("are rounded to minutes at first, and never by more than a fortieth beyond an hour", () => {
    expect(roundDuration(95)).toBe(120);
    expect(roundDuration(-5)).toBe(0);
    fc.assert(
      fc.property(fc.integer({ min: 3600, max: 30 * 86_400 }), (seconds) => {
        expect(Math.abs(roundDuration(seconds) - seconds) / seconds).toBeLessThanOrEqual(1 / 40);
      }),
    );
  });

  test("have the median and the ninetieth of a hundred that one would count by hand", () => {
    const durations: Durations = {};
    for (let minutes = 1; minutes <= 100; minutes++) addDuration(durations, minutes * 60);
    expect(percentile(durations, 0.5)).toBe(50 * 60);
    expect(percentile(durations, 0.9)).toBe(90 * 60);
    expect(percentile(durations, 1)).toBe(100 * 60);
    expect(percentile({}, 0.5)).toBeNull();
  });
});

test("days have their names one after the other, also where clocks change", () => {
  expect(daysFromTo("2027-03-26", "2027-03-30")).toEqual([
    "2027-03-26",
    "2027-03-27",
    "2027-03-28",
    "2027-03-29",
    "2027-03-30",
  ]);
  expect(daysFromTo("2027-01-01", "2027-12-31")).toHaveLength(365);
  expect(daysFromTo("2027-03-02", "2027-03-01")).toEqual([]);
  const dayOf = createDayOf("Europe/Paris");
  expect(dayOf(Date.UTC(2027, 2, 27, 22, 59))).toBe("2027-03-27");
  expect(dayOf(Date.UTC(2027, 2, 27, 23))).toBe("2027-03-28");
  expect(dayOf(Date.UTC(2027, 2, 28, 22))).toBe("2027-03-29");
});
