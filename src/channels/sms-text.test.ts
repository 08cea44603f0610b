import { expect, test } from "vitest";
import { smsSegments, toGsm7WhereAllowed, withOriginBoundCode } from "./sms-text.ts";

test("160 plain characters are one SMS, 161 are two, 307 are three", () => {
  expect(smsSegments("a".repeat(160))).toEqual({ encoding: "gsm7", segments: 1 });
  expect(smsSegments("a".repeat(161))).toEqual({ encoding: "gsm7", segments: 2 });
  expect(smsSegments("a".repeat(306))).toEqual({ encoding: "gsm7", segments: 2 });
  expect(smsSegments("a".repeat(307))).toEqual({ encoding: "gsm7", segments: 3 });
});

test("è é à ù and the euro sign stay in GSM-7; the euro sign takes two places", () => {
  expect(smsSegments("Élève déjà où ? @ # _ \n")).toEqual({ encoding: "gsm7", segments: 1 });
  expect(smsSegments("€".repeat(80)).segments).toBe(1);
  expect(smsSegments(`${"€".repeat(80)}a`).segments).toBe(2);
});

test("an escape and its letter are never split between two parts", () => {
  expect(smsSegments(`${"a".repeat(152)}€${"a".repeat(151)}`)).toEqual({ encoding: "gsm7", segments: 2 });
  expect(smsSegments(`${"a".repeat(152)}€${"a".repeat(152)}`)).toEqual({ encoding: "gsm7", segments: 3 });
});

test("one character outside the alphabet makes the SMS UCS-2, of 70 and then 67 characters", () => {
  expect(smsSegments("ê")).toEqual({ encoding: "ucs2", segments: 1 });
  expect(smsSegments("رمز".padEnd(70, "ا"))).toEqual({ encoding: "ucs2", segments: 1 });
  expect(smsSegments("ا".repeat(71))).toEqual({ encoding: "ucs2", segments: 2 });
  expect(smsSegments("ا".repeat(135))).toEqual({ encoding: "ucs2", segments: 3 });
  expect(smsSegments(`${"ا".repeat(66)}😀${"ا".repeat(66)}`)).toEqual({ encoding: "ucs2", segments: 3 });
});

test("French is written with plain equals so that it fits GSM-7, and keeps its frequent accents", () => {
  const text =
    "Loquet : votre code est « 1234 5678 ». Ne le donnez à personne… même à l’école, cœur sincère, reçu, où, là-bas.";
  const plain = toGsm7WhereAllowed(text, "fr");
  expect(plain).toBe(
    'Loquet : votre code est "1234 5678". Ne le donnez à personne... meme à l\'école, coeur sincère, reçu, où, là-bas.'.replace(
      "ç",
      "c",
    ),
  );
  expect(smsSegments(plain).encoding).toBe("gsm7");
});

test("decomposed accents and invisible marks are read as what they show", () => {
  expect(toGsm7WhereAllowed("e\u0301cole\u200b mai\u0302tre", "fr-CA")).toBe("école maitre");
});

test("English loses its curly quotes and long dashes", () => {
  expect(toGsm7WhereAllowed("“Don’t share it” — ever", "en")).toBe('"Don\'t share it" - ever');
});

test("Arabic is never touched, in its own language or as a name inside a French text", () => {
  const arabic = "رمزك هو ‎12345678… «لوكيه»";
  expect(toGsm7WhereAllowed(arabic, "ar")).toBe(arabic);
  expect(toGsm7WhereAllowed("Compte de « ليلى », même code…", "fr")).toBe("Compte de « ليلى », même code…");
});

test("the origin-bound code is the last line, with the host alone", () => {
  expect(withOriginBoundCode("Votre code.\n", "Acces.ecole.example:3000", "12345678")).toBe(
    "Votre code.\n@acces.ecole.example #12345678",
  );
});
