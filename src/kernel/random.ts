import { randomBytes, randomInt } from "node:crypto";

/** Where chance comes from. Every secret and identifier of the house is drawn here. */
export interface Random {
  /** `length` unpredictable bytes. */
  bytes(length: number): Buffer;
  /** A whole number, evenly distributed in `0 … limit - 1`. */
  below(limit: number): number;
}

const drawnAhead = 4096;
let ahead = Buffer.alloc(0);

/** Asking the system costs the same for 16 bytes as for thousands: they are drawn ahead, and wiped once given. */
function takeBytes(length: number): Buffer {
  if (length > drawnAhead) return randomBytes(length);
  if (ahead.length < length) ahead = randomBytes(drawnAhead);
  const taken = Buffer.from(ahead.subarray(0, length));
  ahead.fill(0, 0, length);
  ahead = ahead.subarray(length);
  return taken;
}

export const systemRandom: Random = {
  bytes: takeBytes,
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
  // 32 divides 256: the lower five bits of a byte are as evenly spread as the byte.
  return Array.from(random.bytes(length), (byte) => crockford[byte & 31]).join("");
}
