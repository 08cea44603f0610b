import { describe, expect, test } from "vitest";
import { minute, second } from "../../kernel/clock.ts";
import type { ChatRow } from "./chat.store.ts";
import { type Here, nextStep } from "./chat-follow.ts";

const now = 100 * minute;
const camille = { staffId: "camille", isOpen: true };
const sacha = { staffId: "sacha", isOpen: true };

const chat = (change: Partial<ChatRow>): ChatRow =>
  ({
    status: "open",
    staff_id: "camille",
    asked_at: now - 5 * minute,
    waits_since: null,
    account_id: null,
    session_id: null,
    alone_since: null,
    last_message_at: now,
    person_seen_at: now,
    ...change,
  }) as ChatRow;
const waiting = (change: Partial<ChatRow> = {}) =>
  chat({ status: "waiting", staff_id: null, waits_since: now - 5 * minute, ...change });

const step = (row: ChatRow, here: Here = [camille]) => nextStep(row, here, now);

describe("what is done by itself about a conversation that waits", () => {
  test("nothing, while somebody takes conversations and the page is open", () => {
    expect(step(waiting())).toBeNull();
  });
  test("its person is told when nobody does any more, and answered in writing a minute later", () => {
    expect(step(waiting(), [])).toBe("alone");
    expect(step(waiting({ alone_since: now - 59 * second }), [])).toBeNull();
    expect(step(waiting({ alone_since: now - minute }), [])).toEqual({ end: "nobody" });
    expect(step(waiting({ alone_since: now - minute }), [{ ...camille, isOpen: false }])).toEqual({
      end: "nobody",
    });
    expect(step(waiting({ alone_since: now - minute }))).toBe("not-alone");
  });
  test("it goes on in writing when its page was closed, or it waited an hour", () => {
    expect(step(waiting({ person_seen_at: now - 2 * minute }))).toEqual({ end: "person-left" });
    expect(step(waiting({ waits_since: now - 60 * minute }))).toEqual({ end: "waited-long" });
  });
  test("it does not count as waiting what was talked before it was offered to others", () => {
    const offered = { asked_at: now - 70 * minute, waits_since: now - 2 * minute };
    expect(step(waiting(offered))).toBeNull();
    expect(step(waiting({ ...offered, waits_since: null }))).toEqual({ end: "waited-long" });
  });
  test("it ends when its writer signs out of the account that they wrote from", () => {
    expect(step(waiting({ account_id: "nour", session_id: "one" }))).toBeNull();
    expect(step(waiting({ account_id: "nour" }))).toEqual({ end: "signed-out" });
  });
});

describe("what is done by itself about a conversation that somebody has taken", () => {
  const unanswered = { waits_since: now - 90 * second };

  test("nothing, while both are there, however slow the answer", () => {
    expect(step(chat({ waits_since: now - 20 * minute }))).toBeNull();
  });
  test("nothing, while its person waits for nothing, or not for long", () => {
    expect(step(chat({}), [])).toBeNull();
    expect(step(chat({ waits_since: now - 89 * second }), [])).toBeNull();
  });
  test("it is offered to others when its holder is gone, else it goes on in writing", () => {
    expect(step(chat(unanswered), [sacha])).toBe("offer-to-others");
    expect(step(chat(unanswered), [])).toEqual({ end: "staff-left" });
    expect(step(chat(unanswered), [{ ...sacha, isOpen: false }])).toEqual({ end: "staff-left" });
  });
  test("its holder is there also when they take no new ones", () => {
    expect(step(chat(unanswered), [{ ...camille, isOpen: false }, sacha])).toBeNull();
  });
  test("it ends when its page was closed, or after half an hour without a word", () => {
    expect(step(chat({ person_seen_at: now - 2 * minute }))).toEqual({ end: "person-left" });
    expect(step(chat({ last_message_at: now - 30 * minute }))).toEqual({ end: "rested" });
  });
});

test("nothing is done about one that is over", () => {
  expect(step(chat({ status: "ended", person_seen_at: 0 }))).toBeNull();
});
