import { describe, expect, test } from "vitest";
import { minute } from "../../kernel/clock.ts";
import {
  type Believed,
  believe,
  isInDoubt,
  judgeAnswer,
  judgeSending,
  type Measured,
  type Sending,
} from "./judge.ts";

const limits = {
  windowSeconds: 900,
  lateAfterSeconds: 180,
  failingPercent: 50,
  failingMessages: 3,
  slowAnswerMs: 3000,
  worseAfterMeasures: 2,
  betterAfterMeasures: 3,
};
const sending = (change: Partial<Sending> = {}): Sending => ({
  delaysMs: [],
  waitingMs: [],
  takenMessages: 0,
  putOffMessages: 0,
  ...change,
});

describe("sending", () => {
  test("of which nothing was seen is quiet while its route answers, and down when it does not", () => {
    expect(judgeSending(sending(), limits, null)).toEqual({ state: "quiet", delaySeconds: null });
    expect(judgeSending(sending(), limits, "nobody answers")).toMatchObject({ state: "down" });
  });

  test("is well when messages leave at once", () => {
    const well = sending({ delaysMs: [200, 900, 1500], takenMessages: 3 });
    expect(judgeSending(well, limits, undefined)).toEqual({ state: "well", delaySeconds: null });
    expect(isInDoubt(well)).toBe(false);
  });

  test("is late by the usual wait when most messages wait longer than the preset's limit", () => {
    const late = sending({ waitingMs: [4 * minute, 5 * minute, 3 * minute], putOffMessages: 2 });
    expect(judgeSending(late, limits, null)).toEqual({ state: "late", delaySeconds: 240 });
    expect(isInDoubt(late)).toBe(true);
  });

  test("is not late for one message that one mail server puts off", () => {
    const greylisted = sending({
      delaysMs: [200, 300, 400],
      waitingMs: [20 * minute],
      takenMessages: 3,
      putOffMessages: 1,
    });
    expect(judgeSending(greylisted, limits, null)).toEqual({ state: "well", delaySeconds: null });
  });

  test("is well again once nothing waits, however late the last ones left", () => {
    const recovered = sending({ delaysMs: [10 * minute, 11 * minute], takenMessages: 2 });
    expect(judgeSending(recovered, limits, null)).toEqual({ state: "well", delaySeconds: null });
  });

  test("is down when half of the messages and three at least are put off, or when its route says so", () => {
    const failing = sending({ delaysMs: [100], waitingMs: [minute], takenMessages: 3, putOffMessages: 3 });
    expect(judgeSending(failing, limits, null)).toEqual({ state: "down", delaySeconds: 60 });
    const some = sending({ delaysMs: [100], takenMessages: 4, putOffMessages: 3 });
    expect(judgeSending(some, limits, null)).toMatchObject({ state: "well" });
    expect(judgeSending(some, limits, "no credit")).toMatchObject({ state: "down" });
  });
});

test("what answers is judged by its time", () => {
  expect(judgeAnswer(20, limits).state).toBe("well");
  expect(judgeAnswer(4000, limits).state).toBe("late");
  expect(judgeAnswer(null, limits).state).toBe("down");
});

describe("what is believed", () => {
  const believing = (seen: Measured[], before: Believed | null = null) => {
    let believed = before;
    const said: string[] = [];
    seen.forEach((state, index) => {
      believed = believe(believed, state, index, limits);
      said.push(believed.state);
    });
    return { believed: believed as unknown as Believed, said };
  };
  const well: Believed = { state: "well", since: -10, candidate: null };

  test("at first is what is seen", () => {
    expect(believing(["down"]).believed).toEqual({ state: "down", since: 0, candidate: null });
  });

  test("changes for the worse after two measures, since the first of them", () => {
    const { believed, said } = believing(["late", "late"], well);
    expect(said).toEqual(["well", "late"]);
    expect(believed.since).toBe(0);
  });

  test("changes for the better after three", () => {
    const { said, believed } = believing(["well", "quiet", "well"], {
      state: "down",
      since: -5,
      candidate: null,
    });
    expect(said).toEqual(["down", "down", "well"]);
    expect(believed.since).toBe(0);
  });

  test("does not flap with what comes and goes", () => {
    expect(believing(["late", "well", "down", "well", "late", "quiet"], well).said).toEqual([
      "well",
      "well",
      "well",
      "well",
      "well",
      "quiet",
    ]);
  });

  test("counts late and down alike as worse, and says the last of them", () => {
    expect(believing(["late", "down"], well).believed).toEqual({ state: "down", since: 0, candidate: null });
  });
});
