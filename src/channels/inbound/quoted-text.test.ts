import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { foldQuoted } from "./quoted-text.ts";

const answer = "Merci, cela marche.";

describe("the answer above what is quoted", () => {
  test.each([
    [
      "Le mar. 2 mars 2027 à 09:00, Assistance <aide@ecole.example> a écrit :\n\n> Bonjour,\n> avez-vous reçu ?",
    ],
    ["Le 02/03/2027 à 09:00, Assistance a écrit\u00a0:\n> Bonjour"],
    [
      "Le mardi 2 mars 2027 à 09:00:12 UTC+1, Assistance du portail scolaire\n<aide@ecole.example> a écrit :\n\n> Bonjour",
    ],
    ["On Tue, 2 Mar 2027 at 09:00, Support <aide@ecole.example> wrote:\n\n> Hello"],
    ["On Tue, 2 Mar 2027 at 09:00, Support <\naide@ecole.example> wrote:\n\nHello\nwithout marks"],
    ["في الثلاثاء، 2 مارس 2027 في 9:00 ص كتب الدعم <aide@ecole.example>:\n\n> مرحبا"],
    ["-----Message d'origine-----\nDe : Assistance\nEnvoyé : mardi\nObjet : Aide\n\nBonjour"],
    ["-----Original Message-----\nFrom: Support\n\nHello"],
    [
      "________________________________\nDe : Assistance <aide@ecole.example>\nEnvoyé : mardi 2 mars 2027 09:00\nÀ : Léa\nObjet : [Demande]\n\nBonjour",
    ],
    ["From: Support <aide@ecole.example>\nSent: Tuesday\nTo: Lea\nSubject: Case\n\nHello"],
    ["من: الدعم <aide@ecole.example>\nتاريخ الإرسال: الثلاثاء\nإلى: ليا\nالموضوع: طلب\n\nمرحبا"],
    ["De : Assistance\nDate : mardi\nÀ : Léa\n\nBonjour"],
    ["> Bonjour,\n>\n> avez-vous reçu ?"],
    ["2027-03-02 09:00 GMT+01:00 Support <aide@ecole.example>:\n> Bonjour"],
    ["Am 02.03.2027 um 09:00 schrieb Support:\n> Hallo"],
  ])("is told from %j", (quoted) => {
    expect(foldQuoted(`${answer}\n\n${quoted}`)).toEqual({ text: answer, quoted });
  });

  test("is found below it, too", () => {
    expect(foldQuoted(`On 2 Mar 2027, Support wrote:\n> Does it work?\n> Tell us.\n\n${answer}`)).toEqual({
      text: answer,
      quoted: "On 2 Mar 2027, Support wrote:\n> Does it work?\n> Tell us.",
    });
  });

  test("stays whole where it stands between the lines", () => {
    const between = "> Votre identifiant ?\n\nl.martin12\n\n> Depuis quand ?\n\nhier";
    expect(foldQuoted(between)).toEqual({ text: between, quoted: null });
  });
});

describe("nothing is lost", () => {
  test.each([
    "> seulement une citation\n> de deux lignes",
    "Le chat a écrit : miaou",
    "Bonjour,\nLe 2 mars j'ai écrit :\nrien n'a changé",
    "De : mon fils\nil ne peut pas entrer",
    "From: nobody",
    "",
  ])("%j stays as it is", (whole) => {
    expect(foldQuoted(whole)).toEqual({ text: whole, quoted: null });
  });

  test("every line that says something stands in one of the two", () => {
    const line = fc.constantFrom(
      "a",
      "> b",
      "",
      "Le x a écrit :",
      "-- ",
      "--",
      "From: x",
      "Sent: y",
      "Date: z",
      "c:",
    );
    fc.assert(
      fc.property(fc.array(line), (all) => {
        const { text, quoted } = foldQuoted(all.join("\n"));
        const count = (lines: string[]) => lines.filter((one) => one.trim() !== "").length;
        expect(count(`${text}\n${quoted ?? ""}`.split("\n"))).toBe(count(all));
      }),
    );
  });
});

describe("the signature", () => {
  test("below its two dashes goes below the answer, and so does what a telephone adds", () => {
    expect(foldQuoted(`${answer}\n\n-- \nLéa Martin\n01 23 45 67 89`)).toEqual({
      text: answer,
      quoted: "-- \nLéa Martin\n01 23 45 67 89",
    });
    for (const line of [
      "Envoyé de mon iPhone",
      "Sent from Outlook for Android",
      "Télécharger Outlook pour iOS",
      "أُرسلت من الـ iPhone",
    ]) {
      expect(foldQuoted(`${answer}\n\n${line}`)).toEqual({ text: answer, quoted: line });
    }
  });

  test("is only that: polite words, and dashes far above the end, stay", () => {
    const polite = "Je n'entre plus.\n\nCordialement,\nLéa\n\nP.-S. : c'est urgent";
    expect(foldQuoted(polite)).toEqual({ text: polite, quoted: null });
    const long = `Voici la liste :\n--\n${"une ligne\n".repeat(30)}fin`;
    expect(foldQuoted(long)).toEqual({ text: long, quoted: null });
  });
});

test.each(["Le x x x a écrit ", "> a\nb\n", "From: a\n", "On a, b wrote:\n", "-- \n", "x\n", "a:\n"])(
  "a million characters of %j take no time",
  (piece) => {
    const start = performance.now();
    foldQuoted(piece.repeat(1_000_000 / piece.length));
    expect(performance.now() - start).toBeLessThan(3000);
  },
);
