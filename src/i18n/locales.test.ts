import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { IntlMessageFormat } from "intl-messageformat";
import { describe, expect, test } from "vitest";
import { findProjectRoot } from "../kernel/root.ts";

const folder = join(findProjectRoot(), "locales");
const read = (code: string): Record<string, string> =>
  JSON.parse(readFileSync(join(folder, `${code}.json`), "utf8"));
const codes = readdirSync(folder)
  .filter((file) => file.endsWith(".json"))
  .map((file) => file.slice(0, -".json".length));
const french = read("fr");

// People know these words from help pages written elsewhere, which quote them so: they are kept to the letter.
const fixedPhrases = [
  "S'inscrire",
  "Mot de passe oublié ?",
  "Identifiant oublié ?",
  "Vous n'avez pas reçu les instructions de confirmation ?",
  "Vous n'avez pas reçu les instructions de déverrouillage ?",
  "Cet article a-t-il répondu à vos questions ?",
  "Toujours besoin d'aide ? Contactez-nous",
];

type Element = ReturnType<IntlMessageFormat["getAst"]>[number];
type Branching = Extract<Element, { options: unknown }>;
const isBranching = (element: Element): element is Branching => "options" in element && element.type > 4;

function parse(code: string, text: string): Element[] {
  return new IntlMessageFormat(text, code, undefined, { ignoreTag: true }).getAst();
}

function argumentsOf(elements: Element[]): string[] {
  const names = new Set<string>();
  for (const element of elements) {
    if (element.type !== 0 && element.type !== 7) names.add((element as { value: string }).value);
    if (isBranching(element)) {
      for (const { value } of Object.values(element.options))
        for (const name of argumentsOf(value)) names.add(name);
    }
  }
  return [...names].sort();
}

/** What people read: the message itself and each branch of its plurals, with `x` where a value stands. */
function readings(elements: Element[]): string[] {
  const branches = elements.filter(isBranching).flatMap((element) => Object.values(element.options));
  const whole = elements.map((element) => (element.type === 0 ? element.value : "x")).join("");
  return [whole, ...branches.flatMap((branch) => readings(branch.value))];
}

/** Each key with what is wrong in it. */
function faultsIn(code: string, find: (reading: string) => string[]): Record<string, string[]> {
  const faults: Record<string, string[]> = {};
  for (const [key, text] of Object.entries(read(code))) {
    const found = readings(parse(code, text)).flatMap(find);
    if (found.length > 0) faults[key] = found;
  }
  return faults;
}

const matches = (text: string, pattern: RegExp) => [...text.matchAll(pattern)].map(([found]) => found);

describe.each(codes)("the language %s", (code) => {
  const words = read(code);

  test("has the same messages as French", () => {
    expect(Object.keys(words).sort()).toEqual(Object.keys(french).sort());
  });

  test("fills the same values into each message as French", () => {
    const argumentsByKey = (texts: Record<string, string>) =>
      Object.fromEntries(Object.entries(texts).map(([key, text]) => [key, argumentsOf(parse(code, text))]));
    expect(argumentsByKey(words)).toEqual(argumentsByKey(french));
  });

  test("has no empty message and no HTML", () => {
    expect(faultsIn(code, (text) => matches(text, /<\/?[a-z][^>]*>|&[a-z]+;|&#\d+;/gi))).toEqual({});
    expect(Object.entries(words).filter(([, text]) => text.trim() === "")).toEqual([]);
  });

  test("names itself and has a reading direction", () => {
    expect(words["language.name"]).toBeTruthy();
  });
});

describe("French", () => {
  const withoutFixed = (text: string) =>
    fixedPhrases.reduce((rest, phrase) => rest.replaceAll(phrase, "x"), text);

  test("has a no-break space before ; : ! ? and inside « »", () => {
    // A sign inside an address or a time (`https://`, `23:05`) is followed by no space and is left alone.
    const found = (text: string) => [
      ...matches(withoutFixed(text), /(?:^|[^\u00a0\u202f!?…])[;:!?](?=$|[\s»)])/g),
      ...matches(withoutFixed(text), /«[^\u00a0\u202f]|«$|(?:^|[^\u00a0\u202f])»/g),
    ];
    expect(faultsIn("fr", found)).toEqual({});
  });

  test("writes the apostrophe ’", () => {
    expect(faultsIn("fr", (text) => matches(withoutFixed(text), /.{0,10}'.{0,10}/g))).toEqual({});
  });

  test("keeps to the letter the words that help pages elsewhere quote", () => {
    const plain = (text: string) => text.replace(/[\u00a0\u202f]/g, " ").replaceAll("’", "'");
    const altered = (text: string) =>
      fixedPhrases.filter((phrase) => plain(text).includes(phrase) && !text.includes(phrase));
    expect(faultsIn("fr", altered)).toEqual({});
  });
});
