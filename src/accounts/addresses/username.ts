import { parseEmailAddress, trimPasted } from "./email-address.ts";

const longestIdentifier = 320;
// More than any identifier can need, so that folding a stranger's megabyte costs nothing.
const longestRead = 2000;

/**
 * The one spelling under which an identifier is looked up and its failures are counted (promise "Neutral"):
 * what looks the same to the person is the same here. For an e-mail address its key, else the text in NFKC and
 * lower case without outer spaces, invisible marks or control characters, cut to 320 UTF-16 units.
 * Takes any text, never throws; idempotent. An empty result means that nothing was typed.
 */
export function normaliseIdentifier(typed: string): string {
  const folded = trimPasted(fold(trimPasted(typed).slice(0, longestRead)).slice(0, longestIdentifier));
  const email = parseEmailAddress(folded);
  return email.ok ? email.key : folded;
}

/** Lower case may undo NFKC and removal may join what NFKC composes: fold until it is stable. */
function fold(text: string): string {
  const once = trimPasted(
    text
      .normalize("NFKC")
      .toLowerCase()
      .replace(/[\p{Cc}\p{Cf}]/gu, "")
      .normalize("NFKC"),
  );
  return once === text ? once : fold(once);
}
