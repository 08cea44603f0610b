import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { day, hour, minute } from "../../kernel/clock.ts";
import { addWorkingSeconds, nextOpening, type WorkingHours, workingSecondsBetween } from "./working-time.ts";

const paris = "Europe/Paris";
const school: WorkingHours = {
  mon: ["09:00-12:00", "14:00-17:00"],
  tue: ["09:00-12:00", "14:00-17:00"],
  wed: ["09:00-12:00"],
  thu: ["09:00-12:00", "14:00-17:00"],
  fri: ["09:00-12:00", "14:00-17:00"],
  sat: [],
  sun: [],
};
const never: WorkingHours = { mon: [], tue: [], wed: [], thu: [], fri: [], sat: [], sun: [] };
const nights: WorkingHours = { ...never, sat: ["22:00-24:00"], sun: ["00:00-06:00"] };
const at = (text: string) => Date.parse(text);
const shown = (ms: number) => new Date(ms).toISOString();
const hours = (count: number) => count * 3600;

describe("adding working time", () => {
  const add = (from: string, seconds: number, closedOn: string[] = []) =>
    shown(addWorkingSeconds(school, closedOn, paris, at(from), seconds));

  test("runs on within a stretch", () => {
    expect(add("2026-11-23T09:15:00+01:00", hours(1))).toBe(shown(at("2026-11-23T10:15:00+01:00")));
  });

  test("a stretch ends at its end, and the next begins at its beginning", () => {
    expect(add("2026-11-23T11:00:00+01:00", hours(1))).toBe(shown(at("2026-11-23T12:00:00+01:00")));
    expect(add("2026-11-23T11:00:00+01:00", hours(1) + 1)).toBe(shown(at("2026-11-23T14:00:01+01:00")));
  });

  test("does not run at noon, at night, on a Wednesday afternoon or at the weekend", () => {
    expect(add("2026-11-25T11:00:00+01:00", hours(2))).toBe(shown(at("2026-11-26T10:00:00+01:00")));
    expect(add("2026-11-27T16:30:00+01:00", hours(1))).toBe(shown(at("2026-11-30T09:30:00+01:00")));
    expect(add("2026-11-28T15:00:00+01:00", hours(3))).toBe(shown(at("2026-11-30T12:00:00+01:00")));
  });

  test("does not run on a holiday", () => {
    expect(add("2026-12-24T16:00:00+01:00", hours(2), ["2026-12-25"])).toBe(
      shown(at("2026-12-28T10:00:00+01:00")),
    );
  });

  test("keeps to the clock of the place when summer time begins and ends", () => {
    // The clocks change in the night to Sunday 29 March and to Sunday 25 October 2026.
    expect(add("2026-03-27T16:00:00+01:00", hours(2))).toBe(shown(at("2026-03-30T10:00:00+02:00")));
    expect(add("2026-10-23T16:00:00+02:00", hours(2))).toBe(shown(at("2026-10-26T10:00:00+01:00")));
  });

  test("a night of seven hours and one of nine are counted as they pass", () => {
    const add = (from: string, seconds: number) =>
      shown(addWorkingSeconds(nights, [], paris, at(from), seconds));
    expect(add("2026-03-28T22:00:00+01:00", hours(7))).toBe(shown(at("2026-03-29T06:00:00+02:00")));
    expect(add("2026-10-24T22:00:00+02:00", hours(9))).toBe(shown(at("2026-10-25T06:00:00+01:00")));
  });

  test("without hours somebody is always there, but on closed days", () => {
    const from = at("2026-12-24T20:00:00+01:00");
    expect(addWorkingSeconds(null, [], paris, from, hours(10))).toBe(from + 10 * hour);
    expect(shown(addWorkingSeconds(null, ["2026-12-25"], paris, from, hours(10)))).toBe(
      shown(at("2026-12-26T06:00:00+01:00")),
    );
  });

  test("where nobody ever is there, all time counts, and the question ends", () => {
    const from = at("2026-11-23T09:00:00+01:00");
    expect(addWorkingSeconds(never, [], paris, from, hours(1))).toBe(from + hour);
    expect(workingSecondsBetween(never, [], paris, from, from + day)).toBe(0);
    expect(nextOpening(never, [], paris, from)).toBeNull();
  });

  test("follows the zone that it is told", () => {
    const from = at("2026-11-23T00:00:00Z");
    expect(shown(addWorkingSeconds(school, [], "America/Martinique", from, hours(1)))).toBe(
      shown(at("2026-11-23T10:00:00-04:00")),
    );
    expect(shown(addWorkingSeconds(school, [], "Indian/Reunion", from, hours(1)))).toBe(
      shown(at("2026-11-23T10:00:00+04:00")),
    );
  });
});

describe("working time between two moments", () => {
  const between = (from: string, to: string) => workingSecondsBetween(school, [], paris, at(from), at(to));

  test("is what lies inside the hours", () => {
    expect(between("2026-11-23T11:00:00+01:00", "2026-11-23T15:00:00+01:00")).toBe(hours(2));
    expect(between("2026-11-27T16:00:00+01:00", "2026-11-30T09:30:00+01:00")).toBe(hours(1.5));
    expect(between("2026-11-28T10:00:00+01:00", "2026-11-29T10:00:00+01:00")).toBe(0);
  });

  test("is nothing backwards", () => {
    expect(between("2026-11-24T11:00:00+01:00", "2026-11-23T11:00:00+01:00")).toBe(0);
  });

  test("is a year of weeks over a year", () => {
    const { length } = Array.from({ length: 52 });
    expect(between("2026-01-05T00:00:00+01:00", "2027-01-04T00:00:00+01:00")).toBe(hours(27) * length);
  });

  test("undoes the adding, whatever the moment", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: at("2026-01-01T00:00:00Z"), max: at("2028-01-01T00:00:00Z") }),
        fc.integer({ min: 1, max: hours(60) }),
        fc.constantFrom(paris, "America/Martinique", "Pacific/Auckland", "America/Santiago", "UTC"),
        (from, seconds, timezone) => {
          const to = addWorkingSeconds(school, [], timezone, from, seconds);
          expect(workingSecondsBetween(school, [], timezone, from, to)).toBe(seconds);
        },
      ),
    );
  });
});

test("somebody is there next: now, or when the next stretch begins", () => {
  const next = (from: string) => shown(nextOpening(school, ["2026-12-25"], paris, at(from)) ?? 0);
  expect(next("2026-11-23T10:00:00+01:00")).toBe(shown(at("2026-11-23T10:00:00+01:00")));
  expect(next("2026-11-23T12:00:00+01:00")).toBe(shown(at("2026-11-23T14:00:00+01:00")));
  expect(next("2026-12-24T18:00:00+01:00")).toBe(shown(at("2026-12-28T09:00:00+01:00")));
});

test("a year of cases is counted in the time of a page", () => {
  const started = performance.now();
  let passed = 0;
  for (let number = 0; number < 2000; number++) {
    const from = at("2026-01-05T00:00:00+01:00") + number * 97 * minute;
    passed += workingSecondsBetween(school, [], paris, from, from + 20 * day);
  }
  expect(passed).toBeGreaterThan(0);
  expect(performance.now() - started).toBeLessThan(1500);
});
