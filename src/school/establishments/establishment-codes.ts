import { done, type Outcome, refused } from "../../kernel/outcome.ts";
import type { EstablishmentType } from "./establishments.store.ts";

/**
 * Codes of establishments. A school's is its UAI (« unité administrative immatriculée », formerly RNE): seven digits
 * and a letter that proves them. The three digits in front are the department's, with a leading 0.
 */
const checkLetters = "ABCDEFGHJKLMNPRSTUVWXYZ";

/** The letter that belongs to the seven digits of a UAI: their number modulo 23, in the alphabet without I, O and Q. */
export const uaiLetter = (digits: string): string => checkLetters[Number(digits) % 23] as string;

export type CodeRefusal =
  | "establishments.code.missing"
  | "establishments.code.not-uai"
  | "establishments.code.uai-letter"
  | "establishments.code.malformed";

const academyCode = /^[A-Z0-9][A-Z0-9-]{0,19}$/;
/** What registries call « division »: few signs, spaces and full stops among them, never a control character. */
const classCode = /^[\p{L}\p{N}][\p{L}\p{N} .,'’()/°+&_-]{0,39}$/u;

/** Reads a code as it was typed: a UAI and an academy's code in capitals, that of a class with single spaces. */
export function parseCode(type: EstablishmentType, typed: string): Outcome<{ code: string }, CodeRefusal> {
  const text = typed.normalize("NFC").trim().replaceAll(/\s+/gu, " ");
  if (text === "") return refused("establishments.code.missing");
  switch (type) {
    case "academy": {
      const code = text.toUpperCase();
      return academyCode.test(code) ? { ...done, code } : refused("establishments.code.malformed");
    }
    case "school": {
      const code = text.replaceAll(" ", "").toUpperCase();
      if (!/^\d{7}[A-Z]$/.test(code)) return refused("establishments.code.not-uai");
      return uaiLetter(code.slice(0, 7)) === code[7]
        ? { ...done, code }
        : refused("establishments.code.uai-letter");
    }
    case "class":
      return classCode.test(text) ? { ...done, code: text } : refused("establishments.code.malformed");
  }
}
