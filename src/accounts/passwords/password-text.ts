/** The most a password may hold, in characters after NFKC. */
export const longestPassword = 256;
// No accepted password can have been typed longer than this, whatever NFKC joins; spares work on a stranger's megabyte.
export const longestPasswordTyped = 4096;

/**
 * The one spelling in which a password is judged, hashed and compared, so that the same keys on another keyboard
 * or system give the same password (NIST SP 800-63B §5.1.1.2: NFKC before hashing).
 */
export function normalisePassword(plain: string): string {
  return plain.normalize("NFKC");
}
