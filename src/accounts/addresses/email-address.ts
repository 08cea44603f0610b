import { domainToASCII } from "node:url";
import { done, type Outcome, refused } from "../../kernel/outcome.ts";

export type EmailRefusal = "email.missing" | "email.malformed" | "email.too-long";
export interface EmailAddress {
  /** To send to: the local part as typed, the domain in ASCII and lower case. */
  address: string;
  /** To compare and to be unique by: the whole in lower case; dots and plus kept. Promise "Neutral". */
  key: string;
}

// RFC 5321 §4.5.3.1.3: a path has at most 256 octets, two of which are its brackets.
const longestAddress = 254;
const longestLocalPart = 64;

// RFC 5322 §3.2.3: dot-atom. Quoted local parts exist in the standard and nowhere else.
const dotAtom = /^[a-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*$/i;
const domainLetters = /^[\p{L}\p{M}\p{N}.-]+$/u;
const asciiLabel = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;
const topLevelLabel = /^([a-z]+|xn--[a-z0-9-]+)$/;

/**
 * Reads an e-mail address that a person typed. Spaces and invisible marks around it are dropped.
 * Refused as malformed: anything but one dot-atom, one `@` and a domain of at least two labels; so also address
 * literals, `localhost`, control characters, spaces and line breaks inside (header injection). Local parts beyond
 * ASCII are refused too: they need SMTPUTF8 (RFC 6531) on every relay up to the mailbox, and a message that cannot
 * arrive locks the person out. International domains are welcome (IDNA, RFC 5891).
 */
export function parseEmailAddress(typed: string): Outcome<EmailAddress, EmailRefusal> {
  const text = trimPasted(typed).normalize("NFC");
  if (text === "") return refused("email.missing");
  if (text.length > longestAddress) return refused("email.too-long");
  const at = text.lastIndexOf("@");
  const local = text.slice(0, at);
  const domain = parseDomain(text.slice(at + 1));
  if (at < 1 || domain === null || !dotAtom.test(local)) return refused("email.malformed");
  const address = `${local}@${domain}`;
  if (local.length > longestLocalPart || address.length > longestAddress) return refused("email.too-long");
  return { ...done, address, key: address.toLowerCase() };
}

/** The same mailbox name at another domain: to offer the correction that `suggestDomain` found. */
export function withDomain(address: string, domain: string): string {
  return `${address.slice(0, address.lastIndexOf("@"))}@${domain}`;
}

/** An address that its owner recognises and nobody else can use: `l•••@example.org`. */
export function maskEmail(address: string): string {
  const at = address.lastIndexOf("@");
  const shown = at > 2 ? address.slice(0, 1) : "";
  return `${shown}•••${address.slice(at)}`;
}

/** Without outer spaces, nor the zero-width and direction marks that address books paste along. */
export function trimPasted(text: string): string {
  return text.replace(/^[\s\p{Cf}]+|(?<![\s\p{Cf}])[\s\p{Cf}]+$/gu, "");
}

function parseDomain(typed: string): string | null {
  // Checked before IDNA, which reads `%41` and full-width signs as something else than what stands there.
  if (!domainLetters.test(typed)) return null;
  const domain = domainToASCII(typed);
  const labels = domain.split(".");
  const wellFormed = labels.length > 1 && labels.every((label) => asciiLabel.test(label));
  return wellFormed && topLevelLabel.test(labels.at(-1) as string) ? domain : null;
}
