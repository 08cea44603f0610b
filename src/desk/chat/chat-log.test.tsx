import { renderToString } from "preact-render-to-string";
import { expect, test } from "vitest";
import { withOwnLinks } from "./chat-log.pages.tsx";

const shown = (text: string) => renderToString(<p>{withOwnLinks(text, "https://acces.ecole.example")}</p>);

test("pages of the portal that staff name can be pressed, without the stop after them", () => {
  expect(shown("Voyez https://acces.ecole.example/help/locked. Merci")).toBe(
    '<p>Voyez <a href="https://acces.ecole.example/help/locked" dir="ltr">https://acces.ecole.example/help/locked</a>. Merci</p>',
  );
  expect(
    shown("(https://acces.ecole.example/a) https://acces.ecole.example/b?x=1&y=2").match(/<a /g),
  ).toHaveLength(2);
});

test("any other address stays text", () => {
  for (const text of [
    "https://evil.example/x",
    "https://acces.ecole.example.evil.example/x",
    "https://acces.ecole.example@evil.example/",
    "javascript:alert(1)",
    "<a href=x>",
  ]) {
    expect(shown(text)).not.toContain("<a ");
  }
});
