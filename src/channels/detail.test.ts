import { expect, test } from "vitest";
import { tidyDetail } from "./detail.ts";

test("an answer becomes one line of at most 300 characters", () => {
  expect(tidyDetail(" a\r\n\tb\u0000c ", "")).toBe("a b c");
  expect(tidyDetail("x ".repeat(400), "")).toHaveLength(300);
});

test("what the server quotes of the message is taken out: links, codes, tokens", () => {
  const sent = "Votre code : 1234\u202f5678. https://acces.example.fr/reset?t=abcDEF123_-x";
  const answer =
    "Rejected: contains 12345678 or 1234 5678, abcDEF123_-x and https://acces.example.fr/reset?t=abcDEF123_-x";
  expect(tidyDetail(answer, sent)).toBe("Rejected: contains [code] or [code], [code] and [link]");
});

test("queue ids and addresses stay readable", () => {
  const sent = "Bonjour leo2011, votre code : 12345678";
  expect(tidyDetail("<leo2011@ecole.example> queued as 4XabC99123", sent)).toBe(
    "<leo2011@ecole.example> queued as 4XabC99123",
  );
});
