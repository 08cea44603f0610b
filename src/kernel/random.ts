import { randomBytes, randomInt } from "node:crypto";

/** Where chance comes from. Every secret and identifier of the house is drawn here. */
export interface Random {
  /** `length` unpredictable bytes. */
  bytes(length: number): Buffer;
  /** A whole number, evenly distributed in `0 … limit - 1`. */
  below(limit: number): number;
}

export const systemRandom: Random = {
  bytes: (length) => randomBytes(length),
  below: (limit) => randomInt(limit),
};

/** 128 random bits as base64url (22 characters): link tokens, session ids, browser ids. */
export function drawToken(random: Random): string {
  return random.bytes(16).toString("base64url");
}

/** `digits` random decimal digits, leading zeros kept. */
export function drawDigits(random: Random, digits: number): string {
  let drawn = "";
  while (drawn.length < digits) drawn += random.below(10).toString();
  return drawn;
}

const crockford = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/** `length` characters of Crockford's base 32: no I, L, O or U, so that it survives being read aloud. */
export function drawCrockford(random: Random, length: number): string {
  let drawn = "";
  while (drawn.length < length) drawn += crockford[random.below(32)];
  return drawn;
}
