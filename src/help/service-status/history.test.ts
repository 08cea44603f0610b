import { expect, test } from "vitest";
import { hour, minute } from "../../kernel/clock.ts";
import { columnCount, columnsOf, stretchesOf } from "./history.ts";

const now = Date.UTC(2027, 2, 2, 8, 2);
const at = (minutesAgo: number) => Math.floor((now - minutesAgo * minute) / (5 * minute)) * 5 * minute;

test("a day has 96 columns, the newest last, each the worst of its quarter of an hour", () => {
  const columns = columnsOf(
    [
      { at: at(25 * 60), state: "down" },
      { at: at(30), state: "well" },
      { at: at(25), state: "late" },
      { at: at(0), state: "well" },
    ],
    now,
  );
  expect(columns).toHaveLength(columnCount);
  expect(columns.at(-1)).toBe("well");
  expect(columns.filter((state) => state === "late")).toHaveLength(1);
  expect(columns).not.toContain("down");
  expect(columns[0]).toBe("unknown");
});

test("the table tells stretches of one state, and where nothing was measured", () => {
  const states = [
    { at: at(60), state: "well" as const },
    { at: at(55), state: "late" as const },
    { at: at(50), state: "late" as const },
    { at: at(10), state: "well" as const },
    { at: at(5), state: "well" as const },
    { at: at(0), state: "well" as const },
  ];
  expect(stretchesOf(states, now)).toEqual([
    { from: at(60), until: at(55), state: "well" },
    { from: at(55), until: at(45), state: "late" },
    { from: at(45), until: at(10), state: "unknown" },
    { from: at(10), until: now, state: "well" },
  ]);
  expect(stretchesOf([], now)).toEqual([]);
  expect(columnCount * 15 * minute).toBe(24 * hour);
});
