import fc from "fast-check";
import { describe, expect, test } from "vitest";
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
