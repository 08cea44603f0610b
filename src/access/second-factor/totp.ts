import { Secret, TOTP } from "otpauth";

/**
 * Codes of authenticator applications: TOTP (RFC 6238) with what every application assumes when it is told nothing
 * else: SHA-1, six digits, steps of 30 seconds.
 */
export const stepSeconds = 30;
const digits = 6;
/** One step either way for a telephone whose clock is off (RFC 6238 §5.2; ASVS 5.0 §6.5.5 asks for short lives). */
const stepsEitherWay = 1;
/** 160 bits, as long as what HMAC-SHA-1 yields (RFC 4226 §4, R6). */
export const secretBytes = 20;

/** The shared secret as applications take it: base 32 (RFC 4648 §6), 32 characters for 20 bytes. */
export function toBase32(bytes: Uint8Array): string {
  return new Secret({ buffer: new Uint8Array(bytes).buffer }).base32;
}

/** The step whose code was typed, if it is the present one or its neighbour; else null. `now` in milliseconds. */
export function stepOfCode(base32: string, typed: string, now: number): number | null {
  const token = typed.replaceAll(/\D/g, "");
  if (token.length !== digits) return null;
  const secret = Secret.fromBase32(base32);
  const times = { period: stepSeconds, timestamp: now };
  const delta = TOTP.validate({ token, secret, digits, window: stepsEitherWay, ...times });
  return delta === null ? null : TOTP.counter(times) + delta;
}

/** The code that an application shows at `now`, and until when: for the trial's page, and for tests. */
export function codeAt(base32: string, now: number): { code: string; until: number } {
  const code = TOTP.generate({
    secret: Secret.fromBase32(base32),
    digits,
    period: stepSeconds,
    timestamp: now,
  });
  const stepMs = stepSeconds * 1000;
  return { code, until: (Math.floor(now / stepMs) + 1) * stepMs };
}

/** What a QR code says: the address that authenticator applications read. `issuer` and `label` name the entry. */
export function totpAddress(base32: string, about: { issuer: string; label: string }): string {
  const secret = Secret.fromBase32(base32);
  return new TOTP({ ...about, secret, digits, period: stepSeconds, algorithm: "SHA1" }).toString();
}
