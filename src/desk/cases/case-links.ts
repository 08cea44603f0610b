import { equalInConstantTime, type Keys } from "../../kernel/keys.ts";
import type { Db } from "../../store/store.ts";
import { findByNumber } from "./cases.store.ts";

const purpose = "case.link";
const replyPurpose = "case.reply";
/** 132 bits of the digest, in base64url. */
const signatureLength = 22;
/** 80 bits, in base 32: it must be guessed at a mail server, one mail a guess. */
const replyBytes = 10;

const isUuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const base32 = "abcdefghijklmnopqrstuvwxyz234567";

/**
 * What leads back to a case: its link, and the address that answers go to. Neither is stored: both carry a
 * signature under the master secret, and go on working through its rotation. Whoever holds one can read, or write
 * to, this one case; it says nothing about who they are.
 */
export function createCaseLinks(deps: { keys: Keys; supportAddress: string | null }) {
  const { keys } = deps;

  /** The secret of a case's link: its id and a signature, 44 characters. */
  function caseLinkToken(caseId: string): string {
    return writeId(caseId) + keys.digest(purpose, caseId).slice(0, signatureLength);
  }

  /** The id of the case that a link leads to; null for whatever we did not sign. */
  function readCaseLink(token: string): string | null {
    if (!/^[A-Za-z0-9_-]{44}$/.test(token)) return null;
    const hex = Buffer.from(token.slice(0, 22), "base64url").toString("hex");
    const caseId = hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
    if (!isUuid.test(caseId) || !token.startsWith(writeId(caseId))) return null;
    const given = token.slice(22);
    const isOurs = keys
      .digests(purpose, caseId)
      .map((digest) => equalInConstantTime(digest.slice(0, signatureLength), given))
      .includes(true);
    return isOurs ? caseId : null;
  }

  const signatureOf = (digest: string) => toBase32(Buffer.from(digest, "base64url").subarray(0, replyBytes));

  /**
   * Where answers to a case's mails go: `aide+7kq2m9td.<signature>@example.fr`, all lower case, since mail servers
   * on the way may change the case; null where mails cannot be answered.
   */
  function replyAddress(number: string): string | null {
    const support = splitAddress(deps.supportAddress);
    if (!support) return null;
    const name = number.replaceAll("-", "").toLowerCase();
    return `${support.local}+${name}.${signatureOf(keys.digest(replyPurpose, name))}@${support.domain}`;
  }

  /** The number of the case that such an address names; null for any other address. */
  function readReplyNumber(address: string): string | null {
    const support = splitAddress(deps.supportAddress);
    const given = splitAddress(address.trim().toLowerCase());
    const match = /^(.+)\+([0-9a-hjkmnp-tv-z]{8})\.([a-z2-7]{16})$/.exec(given?.local ?? "");
    if (!support || !match || given?.domain !== support.domain || match[1] !== support.local) return null;
    const [, , name = "", signature = ""] = match;
    const isOurs = keys
      .digests(replyPurpose, name)
      .map((digest) => equalInConstantTime(signatureOf(digest), signature))
      .includes(true);
    return isOurs ? `${name.slice(0, 4)}-${name.slice(4)}`.toUpperCase() : null;
  }

  /** The id of the case that answers to this address belong to; null for any other address. */
  async function readReplyAddress(db: Db, address: string): Promise<string | null> {
    const number = readReplyNumber(address);
    return number === null ? null : ((await findByNumber(db, number))?.id ?? null);
  }

  return { caseLinkToken, readCaseLink, replyAddress, readReplyNumber, readReplyAddress };
}

export type CaseLinks = ReturnType<typeof createCaseLinks>;

/** 22 characters of base64url. */
function writeId(caseId: string): string {
  return Buffer.from(caseId.replaceAll("-", ""), "hex").toString("base64url");
}

function splitAddress(address: string | null): { local: string; domain: string } | null {
  const at = address?.lastIndexOf("@") ?? -1;
  if (address === null || at < 1) return null;
  return { local: address.slice(0, at).toLowerCase(), domain: address.slice(at + 1).toLowerCase() };
}

/** RFC 4648 §6 in lower case, without padding. */
function toBase32(bytes: Buffer): string {
  let written = "";
  let value = 0;
  let bits = 0;
  for (const byte of bytes) {
    value = (value << 8) | byte;
    for (bits += 8; bits >= 5; bits -= 5) written += base32[(value >>> (bits - 5)) & 31];
    value &= (1 << bits) - 1;
  }
  return bits > 0 ? written + base32[(value << (5 - bits)) & 31] : written;
}
