import type { OutgoingEmail, SendResult } from "./channel.ts";

type Refused = Extract<SendResult, { outcome: "permanent" }>;

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the ones that end a header or a command.
const controls = /[\u0000-\u001f\u007f]/;
/** Whatever could end the address, or make two of it, in a header or an SMTP command (RFC 5321 §4.1.2). */
// biome-ignore lint/suspicious/noControlCharactersInRegex: header injection is what this refuses.
const notInAnAddress = /[\u0000-\u0020\u007f\u0080-\u00a0\u2028\u2029,;:<>()[\]\\"]/;
const messageIds = /^<[!-;=?-~]{3,250}>(?: <[!-;=?-~]{3,250}>){0,29}$/;
const printable = /^[ -~]{1,200}$/;
/** The headers that a message may bring along, and what each may say. All others are the channel's own to write. */
const allowed: Record<string, RegExp> = {
  references: messageIds,
  "in-reply-to": messageIds,
  // RFC 3834 §5. "no": a person wrote it.
  "auto-submitted": /^(?:no|auto-generated|auto-replied)$/,
  "list-id": /^(?:[ -;=?-~]{0,100}<)?[a-z0-9.-]{3,100}>?$/i,
  "x-loquet-reason": printable,
};

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
  if (email.replyTo && !isPlainAddress(email.replyTo))
    return refuse("content", "The address for answers holds something that no address may hold");
  const names = new Set<string>();
  for (const [name, value] of Object.entries(email.headers ?? {})) {
    const shape = allowed[name.toLowerCase()];
    if (!shape || names.has(name.toLowerCase())) return refuse("content", "A header's name is not allowed");
    if (!shape.test(value)) return refuse("content", `The header ${name} says what it may not`);
    names.add(name.toLowerCase());
  }
  return null;
}

/** What is told to robots, unless the message says otherwise by itself: nobody need answer (RFC 3834 §5). */
export function headersOf(email: OutgoingEmail, sender: Sender): Record<string, string> {
  const own = Object.fromEntries(
    Object.entries(email.headers ?? {}).map(([name, value]) => [name.toLowerCase(), value]),
  );
  return {
    "auto-submitted": "auto-generated",
    ...own,
    // Its Exchange counterpart: out-of-office robots stay silent.
    "x-auto-response-suppress": "All",
    // A mail of ours that comes back to us by whatever way is known by it, and ends there.
    "x-loop": sender.address,
  };
}

/** The `Message-ID` of a message: the same at each try, and told from its id in the outbox. */
export function messageIdOf(messageId: string, senderAddress: string): string {
  return `<${messageId}@${senderAddress.slice(senderAddress.lastIndexOf("@") + 1)}>`;
}

/** Reads the ids of our own messages among those that `In-Reply-To` or `References` names; newest last, as there. */
export function readMessageIds(header: string, senderAddress: string): string[] {
  const domain = senderAddress.slice(senderAddress.lastIndexOf("@") + 1).toLowerCase();
  const found = header
    .slice(0, 20_000)
    .matchAll(/<([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})@([^<>@\s]{1,253})>/gi);
  return [...found].flatMap(([, id, at]) =>
    at?.toLowerCase() === domain ? [(id as string).toLowerCase()] : [],
  );
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
