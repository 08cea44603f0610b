import PostalMime, { type Attachment, type Email } from "postal-mime";
import { automaticReason } from "./automatic.ts";
import { htmlToText } from "./html-text.ts";
import type { MailContext, ParsedMail } from "./parsed-mail.ts";
import { foldQuoted } from "./quoted-text.ts";
import { cutAt, tidyFileName, tidyLine, tidyText } from "./tidy-text.ts";

/** What is kept of one mail, in characters. */
export const mostText = 50_000;
const mostRead = 200_000;
const mostHtml = 2_000_000;
const mostQuoted = 20_000;
const mostSubject = 200;
const mostPictures = 10;
const mostNames = 30;
/** Smaller images inside the text are marks of a signature, or count who reads. */
const leastInlinePicture = 8 * 1024;

/**
 * What is read of one mail, so that no mail costs more than its size says: a line costs the parser as much as some
 * hundred bytes, and a part much more. Ten nested parts are more than any mail program makes.
 */
const linesBeforeBytes = 20_000;
const leastBytesOfLine = 50;
const mostBoundaryLines = 2000;
const parserLimits = { maxNestingDepth: 20, maxHeadersSize: 256 * 1024, forceRfc822Attachments: true };

/**
 * Reads a mail (RFC 5322, MIME), however broken: what cannot be read is left out, and `isCut` says so. The plain
 * part goes before the HTML one; nothing in it is run, loaded or followed. Refused by throwing: nothing but what
 * the parser cannot bear (headers of more than 256 KiB, parts nested deeper than 20).
 */
export async function parseMail(raw: Uint8Array, context: MailContext): Promise<ParsedMail> {
  const bearable = bearablePart(raw);
  const email = await PostalMime.parse(bearable, parserLimits);
  const subject = tidyLine(email.subject ?? "", mostSubject);
  const from = readFrom(email);
  const written = writtenText(email);
  const isTooLong = written.length > mostRead || (email.html?.length ?? 0) > mostHtml;
  const whole = tidyText(written.slice(0, mostRead));
  const { text, quoted } = foldQuoted(whole);
  const { pictures, others } = sortAttachments(email.attachments);
  return {
    messageId: readMessageId(email.messageId),
    repliesTo: `${email.inReplyTo ?? ""} ${email.references ?? ""}`.trim().slice(0, 20_000),
    from,
    subject,
    language: headerOf(email, "content-language") ?? headerOf(email, "accept-language"),
    text: cutAt(text, mostText),
    quoted: quoted === null ? null : cutAt(quoted, mostQuoted),
    isCut: isTooLong || bearable.length < raw.length || text.length > mostText,
    pictures,
    otherAttachments: others,
    automatic: automaticReason(email.headers, { ...context, from: from?.address ?? null, subject }),
  };
}

/** The beginning of a mail that can be read at a bearable cost; the whole of any that people send. */
function bearablePart(raw: Uint8Array): Uint8Array {
  const bytes = Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength);
  let lines = 0;
  let boundaryLines = 0;
  for (let at = bytes.indexOf(10); at !== -1; at = bytes.indexOf(10, at + 1)) {
    lines++;
    if (bytes[at + 1] === 0x2d && bytes[at + 2] === 0x2d) boundaryLines++;
    if (lines > linesBeforeBytes + at / leastBytesOfLine || boundaryLines > mostBoundaryLines) {
      return bytes.subarray(0, at + 1);
    }
  }
  return bytes;
}

const headerOf = (email: Email, name: string) => email.headers.find(({ key }) => key === name)?.value ?? null;

function readFrom(email: Email): ParsedMail["from"] {
  const headers = email.headers.filter(({ key }) => key === "from");
  const address = email.from?.address?.trim() ?? "";
  // A second author, or a second header, is how one name is shown and another answered.
  if (headers.length !== 1 || address === "" || /,.*@/.test(headers[0]?.value.replace(/"[^"]*"/g, "") ?? ""))
    return null;
  return { name: tidyLine(email.from?.name ?? "", 100), address };
}

/** RFC 5322 §3.6.4; anything else cannot be told apart, and is as if there were none. */
function readMessageId(given: string | undefined): string | null {
  const id = /^<[!-;=?-~]{3,250}>$/.exec((given ?? "").trim());
  return id ? id[0] : null;
}

function writtenText(email: Email): string {
  const plain = email.text ?? "";
  if (plain.trim() !== "" || !email.html) return plain;
  return htmlToText(email.html.slice(0, mostHtml), mostRead);
}

function sortAttachments(attachments: Attachment[]): { pictures: ParsedMail["pictures"]; others: string[] } {
  const pictures: ParsedMail["pictures"] = [];
  const others: string[] = [];
  for (const attachment of attachments) {
    const bytes = attachment.content instanceof ArrayBuffer ? new Uint8Array(attachment.content) : null;
    const name = tidyFileName(attachment.filename ?? "");
    const isPicture = /^image\/(?:png|jpe?g|webp|gif|heic|heif|avif|bmp|tiff)$/.test(attachment.mimeType);
    const isMark = attachment.related === true && (bytes?.length ?? 0) < leastInlinePicture;
    if (isPicture && isMark) continue;
    if (isPicture && bytes && pictures.length < mostPictures) pictures.push({ name, bytes });
    else if (others.length < mostNames) others.push(name || attachment.mimeType.slice(0, 60));
  }
  return { pictures, others };
}
