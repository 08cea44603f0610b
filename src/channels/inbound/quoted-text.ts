import { withoutEmptyEnds } from "./tidy-text.ts";

/** What somebody wrote, apart from what their mail program put below it. Nothing is lost: the rest is `quoted`. */
export interface Folded {
  text: string;
  quoted: string | null;
}

/** "On … wrote:", as mail programs say it. Each is asked of one short line, or of a few joined. */
const attributions = [
  /^Le .+ a écrit\s?:$/i,
  /^On .+ wrote\s?:$/i,
  /^(?:في|بتاريخ) .+ كتب.*:$/,
  /^كتب .+(?:في|بتاريخ).*:$/,
  /^Am .+ schrieb.*:$/i,
  /^El .+ escribió\s?:$/i,
  /^Il .+ ha scritto\s?:$/i,
  /^Em .+ escreveu\s?:$/i,
  /^Op .+ schreef.*:$/i,
  /^\d.{5,80} <[^<>\s]+@[^<>\s]+>\s?:$/,
];
const separators = [
  /^-{2,} ?(?:Original Message|Message d['’]origine|Message original|الرسالة الأصلية) ?-{2,}$/i,
  /^-{5,} ?(?:Forwarded message|Message transféré|Reply to message|رسالة مُ?عاد توجيهها) ?-{5,}$/i,
  /^(?:Début du message (?:réexpédié|transféré)|Begin forwarded message)\s?:$/i,
];
/** The first line of a header block, and the others: Outlook puts one above what it quotes. */
const from = /^\*?(?:From|De|Von|من)\s?:\*?\s?\S/i;
const others =
  /^\*?(?:Sent|Date|To|Cc|Subject|Envoyé|À|Objet|Gesendet|An|Betreff|تاريخ(?: الإرسال)?|أُ?رسلت?|إلى|الموضوع)\s?:\*?/i;
const rule = /^[_-]{20,}$/;
/** What telephones add below everything. */
const advertisements = [
  /^(?:Envoyé|Expédié) (?:de|depuis|à partir de) .{2,60}$/i,
  /^(?:Sent|Get) (?:from|Outlook for|with) .{2,60}$/i,
  /^(?:Télécharger|Obtenir|Obtenez) Outlook pour .{2,60}$/i,
  /^(?:أُ?رسلت?|تم الإرسال) (?:من|بواسطة) .{2,60}$/,
];
const longestLine = 400;
const signatureLines = 15;

/** Splits a mail's text at what it quotes, and cuts the signature below what was written. Linear in its lines. */
export function foldQuoted(whole: string): Folded {
  const lines = whole.split("\n");
  const written: string[] = [];
  const quoted: string[] = [];
  let runs = 0;
  let isBetween = false;

  for (let at = 0; at < lines.length; ) {
    const line = lines[at] as string;
    const start = quoteStart(lines, at);
    if (start === "all") {
      quoted.push(...lines.slice(at));
      break;
    }
    if (start === 0 && !isQuote(line)) {
      if (runs > 0 && line.trim() !== "") isBetween = true;
      written.push(line);
      at++;
      continue;
    }
    // Words after a quote, and then another quote: the answer stands between the lines, and is whole only with them.
    if (isBetween) return { text: whole, quoted: null };
    runs++;
    quoted.push(...lines.slice(at, at + start));
    at += start;
    while (at < lines.length && (isQuote(lines[at] as string) || isGap(lines, at)))
      quoted.push(lines[at++] as string);
  }

  const { kept, signature } = withoutSignature(withoutEmptyEnds(written));
  const text = kept.join("\n");
  const rest = withoutEmptyEnds([...signature, ...quoted]).join("\n");
  if (text === "") return { text: whole, quoted: null };
  return { text, quoted: rest === "" ? null : rest };
}

const isQuote = (line: string) => /^\s{0,3}>/.test(line);

/** An empty line between two that are quoted. */
function isGap(lines: string[], at: number): boolean {
  return lines[at]?.trim() === "" && at + 1 < lines.length && isQuote(lines[at + 1] as string);
}

/** How many lines from here announce a quote; "all" when everything from here on is one. */
function quoteStart(lines: string[], at: number): number | "all" {
  const line = (lines[at] as string).trim();
  if (line === "" || line.length > longestLine) return 0;
  if (separators.some((separator) => separator.test(line))) return "all";
  if (isHeaderBlock(lines, at)) return "all";
  // Programs break the long line that says who wrote what: the sign at its end may stand two lines below.
  for (let length = 1; length <= 3; length++) {
    const joined = joinLines(lines, at, length);
    if (joined === null) break;
    if (!/[:：]$/.test(joined)) continue;
    if (!attributions.some((attribution) => attribution.test(joined))) continue;
    return followsQuote(lines, at + length) ? length : "all";
  }
  return 0;
}

function joinLines(lines: string[], at: number, length: number): string | null {
  const taken = lines.slice(at, at + length).map((line) => line.trim());
  if (taken.length < length || taken.includes("")) return null;
  const joined = taken.join(" ");
  return joined.length <= longestLine ? joined : null;
}

function followsQuote(lines: string[], at: number): boolean {
  const next = lines.slice(at, at + 3).find((line) => line.trim() !== "");
  return next !== undefined && isQuote(next);
}

function isHeaderBlock(lines: string[], at: number): boolean {
  const start = rule.test((lines[at] as string).trim()) ? nextFull(lines, at + 1) : at;
  if (!from.test((lines[start] ?? "").trim().slice(0, longestLine))) return false;
  const below = lines.slice(start + 1, start + 7).filter((line) => others.test(line.trim().slice(0, 40)));
  return below.length >= 2;
}

function nextFull(lines: string[], at: number): number {
  let found = at;
  while (found < Math.min(lines.length, at + 3) && lines[found]?.trim() === "") found++;
  return found;
}

/** Cuts below the "-- " of RFC 3676 §4.3 when little follows, and the line of advertisement that telephones add. */
function withoutSignature(lines: string[]): { kept: string[]; signature: string[] } {
  let end = lines.length;
  const dashes = lines.findLastIndex((line) => line === "--" || line === "-- ");
  if (dashes > 0 && lines.length - dashes <= signatureLines) end = dashes;
  let kept = withoutEmptyEnds(lines.slice(0, end));
  const last = kept.at(-1)?.trim() ?? "";
  if (kept.length > 1 && last.length <= 80 && advertisements.some((line) => line.test(last))) {
    kept = withoutEmptyEnds(kept.slice(0, -1));
  }
  return { kept, signature: lines.slice(kept.length) };
}
