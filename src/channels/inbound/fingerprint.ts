import { createHash } from "node:crypto";

const mostHeader = 64 * 1024;

/**
 * What tells a mail from every other, wherever it comes from: its `Message-ID` with its author (RFC 5322 §3.6.4),
 * or, without one, a digest of author, date, subject and body. A server that did not hear our answer sends the same
 * mail again, with other `Received` lines above it.
 */
export function fingerprintOf(raw: Uint8Array): string {
  const bytes = Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength);
  const { head, bodyAt } = splitHead(bytes);
  const id = /^<[^<>\s]{3,250}>$/.exec(headerOf(head, "message-id"))?.[0];
  const author = headerOf(head, "from");
  if (id) return JSON.stringify([id, author]);
  const body = createHash("sha256").update(bytes.subarray(bodyAt)).digest("base64url");
  return JSON.stringify([author, headerOf(head, "date"), headerOf(head, "subject"), body]);
}

function splitHead(bytes: Buffer): { head: string; bodyAt: number } {
  const ends = ["\r\n\r\n", "\n\n"].map((end) => bytes.indexOf(end)).filter((at) => at !== -1);
  const bodyAt = Math.min(...ends, bytes.length, mostHeader);
  return { head: bytes.subarray(0, bodyAt).toString("latin1"), bodyAt };
}

function headerOf(head: string, name: string): string {
  const lines = head.split(/\r?\n/);
  const at = lines.findIndex((line) => line.toLowerCase().startsWith(`${name}:`));
  if (at === -1) return "";
  let value = (lines[at] as string).slice(name.length + 1);
  for (let next = at + 1; /^[ \t]/.test(lines[next] ?? ""); next++) value += lines[next];
  return value.trim().slice(0, 2000);
}
