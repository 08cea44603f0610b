import { describe, expect, test } from "vitest";
import { minute } from "../../kernel/clock.ts";
import { type Agent, expectedMinutes, mayJoin, type Queue, usualLengthOf } from "./chat-queue.ts";

const agent = (takesAtOnce: number, talksWith: number, isOpen = true): Agent => ({
  staffId: `${takesAtOnce}-${talksWith}`,
  name: "Camille",
  isOpen,
  takesAtOnce,
  talksWith,
});
const queue = (agents: Agent[], waiting = 0, usualLength = 5 * minute): Queue => ({
  agents,
  waiting,
  usualLength,
});

describe("the expected wait", () => {
  test("is not known where nobody takes conversations", () => {
    expect(expectedMinutes(queue([]), 1)).toBeNull();
    expect(expectedMinutes(queue([agent(4, 0, false)]), 1)).toBeNull();
  });

  test("is short while somebody has room", () => {
    expect(expectedMinutes(queue([agent(4, 3)]), 1)).toBe(0);
    expect(expectedMinutes(queue([agent(4, 3)]), 2)).toBe(2);
    expect(expectedMinutes(queue([agent(4, 3), agent(2, 1)]), 2)).toBe(0);
  });

  test("grows with the place and with the usual length, and is never rounded down", () => {
    expect(expectedMinutes(queue([agent(1, 1)]), 1)).toBe(5);
    expect(expectedMinutes(queue([agent(1, 1)]), 5)).toBe(25);
    expect(expectedMinutes(queue([agent(4, 4)]), 5)).toBe(10);
    expect(expectedMinutes(queue([agent(1, 1)], 0, 12 * minute), 1)).toBe(15);
  });

  test("does not count on those who talk with more than they wanted to", () => {
    expect(expectedMinutes(queue([agent(1, 3), agent(1, 0)]), 1)).toBe(0);
    expect(expectedMinutes(queue([agent(1, 3), agent(1, 0)]), 2)).toBe(5);
  });
});

test("a queue takes five for each conversation that staff have at once", () => {
  expect(mayJoin(queue([], 0))).toBe(false);
  expect(mayJoin(queue([agent(2, 2)], 9))).toBe(true);
  expect(mayJoin(queue([agent(2, 2)], 10))).toBe(false);
  expect(mayJoin(queue([agent(2, 0, false)], 0))).toBe(false);
});

test("the usual length is the median, and assumed until enough is known", () => {
  expect(usualLengthOf([minute, minute])).toBe(5 * minute);
  expect(usualLengthOf([9, 1, 3, 7, 5].map((minutes) => minutes * minute))).toBe(5 * minute);
  expect(usualLengthOf([0, 0, 0, 0, 0])).toBe(minute);
});
