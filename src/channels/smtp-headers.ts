import type { OutgoingEmail, SendResult } from "./channel.ts";

type Refused = Extract<SendResult, { outcome: "permanent" }>;

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the ones that end a header or a command.
const controls = /[\u0000-\u001f\u007f]/;
/** Whatever could end the address, or make two of it, in a header or an SMTP command (RFC 5321 §4.1.2). */
// biome-ignore lint/suspicious/noControlCharactersInRegex: header injection is what this refuses.
const notInAnAddress = /[\u0000-\u0020\u007f\u0080-\u00a0\u2028\u2029,;:<>()[\]\\"]/;
/** What a caller's header may not replace: the envelope, the signature and the body's own description. */
const ours =
  /^(?:from|sender|to|cc|bcc|subject|date|message-id|return-path|dkim-signature|mime-version|content-.*)$/i;

const refuse = (reason: Refused["reason"], detail: string): Refused => ({
  outcome: "permanent",
  code: null,
  detail,
  reason,
});

/** True for one plain address: one `@`, something on both sides, nothing that could carry another header. */
export function isPlainAddress(address: string): boolean {
  return address.length <= 320 && !notInAnAddress.test(address) && /^[^@]+@[^@]+$/.test(address);
}

/** Header and command injection (CR, LF, NUL) ends here, before anything is composed; null when all is well. */
export function refuseInjection(email: OutgoingEmail): Refused | null {
  if (!isPlainAddress(email.to))
    return refuse("address", "The address holds something that no address may hold");
  if (controls.test(email.subject)) return refuse("content", "The subject holds a control character");
  if (controls.test(email.from)) return refuse("content", "The sender holds a control character");
  if (!/^[\w.-]{1,100}$/.test(email.messageId))
    return refuse("content", "The message id is not a plain word");
  if (!/^[!-~]{1,100}$/.test(email.envelopeId))
    return refuse("content", "The envelope id is not printable ASCII");
  for (const [name, value] of Object.entries(email.headers ?? {})) {
    if (!/^[A-Za-z0-9-]+$/.test(name) || ours.test(name))
      return refuse("content", "A header's name is not allowed");
    if (controls.test(value)) return refuse("content", "A header holds a control character");
  }
  return null;
}

export interface Sender {
  name: string;
  address: string;
}

/** Reads `Name <address>` or a bare address; anything else, or nothing, means `fallback`. */
export function readSender(from: string, fallback: Sender): Sender {
  const named = /^\s*"?([^"<>]*?)"?\s*<([^<>]+)>\s*$/.exec(from);
  const sender = named
    ? { name: named[1] as string, address: (named[2] as string).trim() }
    : { name: fallback.name, address: from.trim() };
  return isPlainAddress(sender.address) ? sender : fallback;
}
