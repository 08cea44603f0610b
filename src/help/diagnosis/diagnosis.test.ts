import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { symptoms } from "../../config/symptoms.ts";
import { findProjectRoot } from "../../kernel/root.ts";
import { createDiagnosis } from "./diagnosis.ts";
import { readTrail, writeTrail } from "./diagnosis-trail.ts";
import { type Fact, factNames } from "./facts.ts";
import { requireDiagnosis } from "./read-diagnosis.ts";

const languages = { default: "fr", offered: ["fr", "en", "ar"] };
const data = requireDiagnosis(findProjectRoot(), { name: "school", languages });
const diagnosis = createDiagnosis({
  data,
  preset: { languages },
  sayNoHelp: (locale) => (locale === "en" ? "It did not help" : "Cela n’a pas marché"),
  sayCheck: (_, found) => (found === "clock" ? { question: "Vérification", answer: "horloge" } : null),
});
const knows =
  (...facts: Fact[]) =>
  async (fact: Fact) =>
    facts.includes(fact);

describe("the way through the diagnosis", () => {
  test("begins at the first question of the symptom", async () => {
    const place = await diagnosis.follow("account-not-working", "", knows());
    expect(place).toMatchObject({ passed: [], at: { name: "account-what" } });
  });

  test("follows the answers of the address, and stops at the first that is missing", async () => {
    const trail = "sign-in-says.wrong~wrong-which.both";
    const { passed, at } = await diagnosis.follow("cannot-sign-in", trail, knows());
    expect(passed.map(({ node, answer }) => `${node}.${answer}`)).toEqual(trail.split("~"));
    expect(at.name).toBe("type-again");
  });

  test("goes by what the portal knows without asking", async () => {
    const places = await Promise.all([
      diagnosis.follow("mail-not-received", "", knows()),
      diagnosis.follow("mail-not-received", "", knows("mail-late")),
      diagnosis.follow("mail-not-received", "", knows("mail-down")),
      diagnosis.follow("cannot-sign-in", "", knows("address-blocked")),
      diagnosis.follow("loop", "", knows("cookies-refused")),
    ]);
    expect(places.map(({ at }) => at.name)).toEqual([
      "mail-which",
      "mail-is-late",
      "mail-is-down",
      "address-wait",
      "cookies-off",
    ]);
  });

  test("an end that did not help leads on, at last to people", async () => {
    let trail = "";
    let place = await diagnosis.follow("unlock-mail-not-received", trail, knows());
    const ends: string[] = [];
    while (place.at.stop.kind === "action") {
      ends.push(place.at.name);
      trail = writeTrail([...readTrail(trail), { node: place.at.name, answer: "no" }]);
      place = await diagnosis.follow("unlock-mail-not-received", trail, knows());
    }
    expect(ends).toEqual(["unlock-again", "unlock-else"]);
    expect(place.at.name).toBe("mail-address");
  });

  test("leaves out answers that do not fit, such as those given before the service failed", async () => {
    const trail = "mail-which.reset~mail-which.never~nowhere.yes~toString.x";
    const calm = await diagnosis.follow("mail-not-received", trail, knows());
    expect(calm.at.name).toBe("mail-which");
    const late = await diagnosis.follow("mail-not-received", "mail-which.reset", knows("mail-down"));
    expect(late).toMatchObject({ passed: [], at: { name: "mail-is-down" } });
  });

  test("fills in the contact form: symptom, answers, who asks, and where", async () => {
    const trail = "refused-who.pupil~refused-school.Collège des Tilleuls~refused-where.application";
    const named = `${trail}~refused-application.Espace numérique`;
    const place = await diagnosis.follow("identifier-refused", named, knows());
    expect(place.at.stop.kind).toBe("contact");
    const query = new URLSearchParams(diagnosis.contactPath(place).split("?")[1]);
    expect(Object.fromEntries(query)).toEqual({
      symptom: "identifier-refused",
      diagnosis: named,
      kind: "pupil",
      establishment: "Collège des Tilleuls",
    });
    expect(diagnosis.readDiagnosisTrail(query.get("diagnosis") ?? "")).toEqual([
      { question: "Vous êtes", answer: "Élève" },
      { question: "Dans quel établissement\u202f?", answer: "Collège des Tilleuls" },
      { question: "Où votre identifiant est-il refusé\u202f?", answer: "Dans une autre application" },
      { question: "Quelle est cette application\u202f?", answer: "Espace numérique" },
    ]);
  });

  test("is told to staff in their language, with what did not help and what the browser found", () => {
    const trail = "mail-which.reset~mail-reset.no~checks.clock~checks.nonsense~mail-start.yes";
    expect(diagnosis.readDiagnosisTrail("mail-which.reset~mail-reset.no", "en")).toEqual([
      { question: "Which message are you waiting for?", answer: "The one for a new password" },
      { question: "Ask for the message again", answer: "It did not help" },
    ]);
    expect(diagnosis.readDiagnosisTrail(trail.replace("~checks.nonsense", "")).at(-1)).toEqual({
      question: "Vérification",
      answer: "horloge",
    });
  });
});

describe("what strangers write into the address", () => {
  test("never breaks the way, which always ends at a question or an end", async () => {
    const names = [...data.nodes.keys()];
    const part = fc.tuple(
      fc.oneof(fc.constantFrom(...names), fc.string()),
      fc.oneof(fc.string(), fc.constant("no")),
    );
    const trails = fc.oneof(
      fc.string({ unit: "binary", maxLength: 300 }),
      fc.array(part).map((parts) => parts.map(([node, answer]) => `${node}.${answer}`).join("~")),
    );
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...symptoms), trails, async (symptom, trail) => {
        const place = await diagnosis.follow(symptom, trail, knows());
        expect(["choice", "text", "action", "contact"]).toContain(place.at.stop.kind);
        for (const { question, answer } of diagnosis.readDiagnosisTrail(trail)) {
          expect(question.length + [...answer].length).toBeLessThan(300);
          expect(answer).not.toMatch(/[<>\p{Cc}]/u);
        }
      }),
      { numRuns: 50 },
    );
  });

  test("is cut between characters, so that what is left can stand in an address again", () => {
    for (const text of [
      `refused-school.${"𝄞".repeat(500)}`,
      `x.${"a".repeat(797)}😀`,
      "refused-school.\ud83d",
    ]) {
      const passed = readTrail(text);
      expect(passed).toHaveLength(1);
      expect(() => diagnosis.pathOf({ symptom: "identifier-refused", passed })).not.toThrow();
    }
  });

  test("comes back as it was written", () => {
    const word = fc
      .stringMatching(/^[a-zà-ü0-9' -]{1,40}$/)
      .map((text) => text.trim().replaceAll(/ +/g, " "));
    const entry = fc.record({
      node: fc.stringMatching(/^[a-z][a-z0-9-]{0,20}$/),
      answer: word.filter(Boolean),
    });
    fc.assert(
      fc.property(fc.uniqueArray(entry, { selector: ({ node }) => node, maxLength: 8 }), (answered) => {
        expect(readTrail(writeTrail(answered))).toEqual(answered);
      }),
    );
  });
});

/** Every way from a symptom to an end, whatever the portal knows. */
test("every way from every symptom ends in something to press, and at last with people", async () => {
  const seen = new Set<string>();
  const visit = (name: string): void => {
    const node = data.nodes.get(name);
    if (!node || seen.has(name)) return;
    seen.add(name);
    if (node.kind === "check") for (const next of [node.yes, node.no]) visit(next);
    if (node.kind === "choice") for (const { go } of Object.values(node.answers)) visit(go);
    if (node.kind === "text") visit(node.text.go);
    if (node.kind === "action") visit(node.otherwise);
  };
  for (const symptom of symptoms) {
    seen.clear();
    visit(data.starts[symptom]);
    const kinds = [...seen].map((name) => data.nodes.get(name)?.kind);
    expect(kinds, symptom).toContain("contact");
  }
  expect(factNames.length).toBeGreaterThan(5);
});
