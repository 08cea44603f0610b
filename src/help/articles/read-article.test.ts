import fc from "fast-check";
import { expect, test } from "vitest";
import { readArticle, writeArticle } from "./read-article.ts";

const right = `---
title: Je ne reçois pas l’e-mail
summary: Savoir où est passé le message.
category: messages
updated: 2026-11-22
audience: [guardian, pupil]
presets: [school]
symptoms: [mail-not-received]
order: 10
related: [code-expired]
action: { label: "Recevoir un message", href: "/forgot-password" }
---

## Ce qu’il faut faire

Attendre.
`;

const faultsOf = (source: string) =>
  readArticle(source).faults.map(({ line, says, values }) => `${line} ${says} ${values?.field ?? ""}`.trim());

test("an article is read with its fields and the line on which its text begins", () => {
  const read = readArticle(right);
  expect(read.faults).toEqual([]);
  expect(read.front).toMatchObject({
    title: "Je ne reçois pas l’e-mail",
    audience: ["guardian", "pupil"],
    presets: ["school"],
    order: 10,
    action: { label: "Recevoir un message", href: "/forgot-password" },
  });
  expect(read.bodyLine).toBe(13);
  expect(read.body).toContain("## Ce qu’il faut faire");
});

test("what may be left out has its usual value", () => {
  const read = readArticle(right.replace(/^(audience|presets|symptoms|order|related|action):.*\n/gm, ""));
  expect(read.front).toMatchObject({
    audience: null,
    presets: null,
    symptoms: [],
    order: 100,
    related: [],
    action: null,
  });
});

test("Windows line ends and a byte order mark change nothing", () => {
  const read = readArticle(`\uFEFF${right.replaceAll("\n", "\r\n")}`);
  expect(read.front).toEqual(readArticle(right).front);
  expect(read.body).toBe(readArticle(right).body);
});

test.each([
  ["no front matter", "Bonjour", ["1 no-front"]],
  ["front matter without end", "---\ntitle: x\n", ["1 front-open"]],
  [
    "front matter that is no YAML",
    right.replace("category: messages", "category: [messages"),
    ["5 front-unreadable"],
  ],
  ["an unknown category", right.replace("messages\n", "courrier\n"), ["4 field-wrong category"]],
  ["a day that does not exist", right.replace("2026-11-22", "2026-02-30"), ["5 field-wrong updated"]],
  ["an unknown symptom", right.replace("[mail-not-received]", "[mail]"), ["8 field-wrong symptoms"]],
  ["a missing title", right.replace(/^title:.*\n/m, ""), ["2 field-missing title"]],
  ["an unknown field", right.replace("order: 10", "ordre: 10"), ["9 field-unknown ordre"]],
  [
    "a button that leads astray",
    right.replace("/forgot-password", "javascript:x"),
    ["11 field-wrong action.href"],
  ],
  ["a button without words", right.replace('"Recevoir un message"', '""'), ["11 field-missing action.label"]],
  ["an empty text", right.slice(0, right.lastIndexOf("---") + 4), ["13 empty"]],
  ["a text without end", right + "x".repeat(31_000), ["13 too-long"]],
])("%s is told with its line", (_, source, faults) => {
  expect(faultsOf(source)).toEqual(faults);
});

test("front matter that would swell, or has no bottom, is refused", () => {
  const bomb = "a: &a [x,x]\nb: &b [*a,*a]\nc: &c [*b,*b]";
  expect(faultsOf(`---\n${bomb}\n---\ntext`)).toEqual(["2 front-unreadable"]);
  expect(faultsOf(`---\na: ${"[".repeat(20_000)}\n---\ntext`)).toEqual(["2 front-unreadable"]);
});

test("whatever is read, nothing throws", () => {
  fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => void readArticle(`---\n${text}\n---\nx`)));
});

test("what is written is read again as it was", () => {
  const line = fc.string({ minLength: 1, maxLength: 60, unit: "grapheme" }).filter((text) => {
    const trimmed = text.trim();
    return (
      trimmed === text && trimmed !== "" && !/\p{Cc}/u.test(text) && text.isWellFormed() && text.length <= 60
    );
  });
  fc.assert(
    fc.property(line, line, line, (title, summary, label) => {
      const values = {
        title,
        summary,
        category: "messages",
        updated: "2026-11-22",
        symptoms: ["mail-not-received", "locked"],
        action: { label, href: "/forgot-password" },
      };
      const read = readArticle(writeArticle(values, "Un texte.\n\n---\n\nUn autre."));
      expect(read.faults).toEqual([]);
      expect(read.front).toMatchObject(values);
      expect(read.body.trim()).toBe("Un texte.\n\n---\n\nUn autre.");
    }),
  );
});
