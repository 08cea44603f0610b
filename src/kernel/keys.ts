import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  createSecretKey,
  hkdfSync,
  type KeyObject,
  timingSafeEqual,
} from "node:crypto";
import type { Random } from "./random.ts";
import type { Secret } from "./secret.ts";

/**
 * What is derived from the master secret. Every use names its purpose, so that a value made for one purpose
 * means nothing for another (HKDF, RFC 5869). After a rotation, the previous secret still reads.
 */
export interface Keys {
  /** HMAC-SHA-256 of `plain` under the current secret, base64url (43 characters). */
  digest(purpose: string, plain: string): string;
  /** The same under every secret that still reads, the current one first: for `where digest in (…)`. */
  digests(purpose: string, plain: string): string[];
  /** Encrypts with AES-256-GCM; the result is text and differs each time. */
  seal(purpose: string, plain: string): string;
  /** Opens what `seal` made for the same purpose; null if it was altered, cut, or made for another purpose. */
  open(purpose: string, sealed: string): string | null;
}

/** Compares in constant time; texts of different length are simply different. */
export function equalInConstantTime(a: string, b: string): boolean {
  const left = Buffer.from(a);
  const right = Buffer.from(b);
  return left.length === right.length && timingSafeEqual(left, right);
}

export function createKeys(random: Random, master: Secret, previous: Secret | null): Keys {
  const masters = previous ? [master, previous] : [master];
  const derived = new Map<string, KeyObject>();

  function key(index: number, use: string, purpose: string): KeyObject {
    const name = `${index}|${use}|${purpose}`;
    let found = derived.get(name);
    if (!found) {
      const secret = (masters[index] as Secret).reveal();
      found = createSecretKey(Buffer.from(hkdfSync("sha256", secret, "loquet", `${use}|${purpose}`, 32)));
      derived.set(name, found);
    }
    return found;
  }

  const hmac = (index: number, purpose: string, plain: string) =>
    createHmac("sha256", key(index, "digest", purpose))
      .update(plain)
      .digest("base64url");

  return {
    digest: (purpose, plain) => hmac(0, purpose, plain),
    digests: (purpose, plain) => masters.map((_, index) => hmac(index, purpose, plain)),
    seal(purpose, plain) {
      const nonce = random.bytes(12);
      const cipher = createCipheriv("aes-256-gcm", key(0, "seal", purpose), nonce);
      const body = Buffer.concat([cipher.update(plain, "utf8"), cipher.final()]);
      return Buffer.concat([nonce, cipher.getAuthTag(), body]).toString("base64url");
    },
    open(purpose, sealed) {
      const bytes = Buffer.from(sealed, "base64url");
      if (bytes.length < 28) return null;
      for (let index = 0; index < masters.length; index++) {
        try {
          const decipher = createDecipheriv(
            "aes-256-gcm",
            key(index, "seal", purpose),
            bytes.subarray(0, 12),
          );
          decipher.setAuthTag(bytes.subarray(12, 28));
          return Buffer.concat([decipher.update(bytes.subarray(28)), decipher.final()]).toString("utf8");
        } catch {
          // Not made under this secret, or altered: try the next one.
        }
      }
      return null;
    },
  };
}
