import { decodeHTML } from "entities/decode";
import { withoutEmptyEnds } from "./tidy-text.ts";

/** Elements whose content is not for people. */
const skipped = new Set([
  "script",
  "style",
  "head",
  "title",
  "template",
  "noscript",
  "svg",
  "math",
  "object",
]);
/** Elements that stand on lines of their own. */
const blocks = new Set([
  ...["address", "article", "aside", "blockquote", "center", "dd", "div", "dl", "dt", "fieldset", "figure"],
  ...["footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "li", "main", "nav", "ol", "p"],
  ...["pre", "section", "table", "tr", "ul"],
]);
/** Those that an empty line sets apart. */
const paragraphs = new Set(["p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "table"]);
const longestTag = 10_000;
/** So many times a `<` may begin nothing; then no more is looked for, or a hostile mail would cost minutes. */
const falseStarts = 200;
const deepestQuote = 5;

/**
 * The text of an HTML mail, in one pass: no element is built, no address is followed, nothing of it is ever shown as
 * HTML. Quotes (`blockquote`) become lines that begin with `>`; the address behind a link stands after its words,
 * so that nobody is misled by them. Stops at `most` characters.
 */
export function htmlToText(html: string, most: number): string {
  const lines: string[] = [];
  let line = "";
  let size = 0;
  let quoteDepth = 0;
  let link: { href: string; words: string } | null = null;
  let inside: string | null = null;
  let isSpaceDue = false;
  let startsLeft = falseStarts;
  /** Of the last line, looked at once: it may be very long, and a million tags may follow it. */
  let isLastEmpty = true;

  function endLine(): void {
    isLastEmpty = /^[> ]*$/.test(line);
    lines.push(`${"> ".repeat(Math.min(quoteDepth, deepestQuote))}${line}`.trimEnd());
    line = "";
    isSpaceDue = false;
  }
  function startBlock(name: string): void {
    if (line !== "") endLine();
    if (paragraphs.has(name) && !isLastEmpty) endLine();
  }
  function say(text: string): void {
    for (const word of text.split(/([ \t\r\n\f]+)/)) {
      if (word === "") continue;
      if (/^[ \t\r\n\f]/.test(word)) {
        isSpaceDue = line !== "";
        continue;
      }
      const added = (isSpaceDue ? " " : "") + word;
      line += added;
      size += added.length;
      if (link) link.words += added;
      isSpaceDue = false;
    }
  }
  function endLink(): void {
    if (link?.href && !link.words.includes(link.href.replace(/\/$/, ""))) say(` (${link.href})`);
    link = null;
  }

  for (let at = 0; at < html.length && size < most; ) {
    const open = startsLeft > 0 ? html.indexOf("<", at) : -1;
    const textEnd = open === -1 ? html.length : open;
    if (inside === null && textEnd > at) say(decodeHTML(html.slice(at, Math.min(textEnd, at + most))));
    if (open === -1) break;
    if (html.startsWith("<!--", open)) {
      const end = html.indexOf("-->", open + 4);
      at = end === -1 ? html.length : end + 3;
      continue;
    }
    const tag = readTag(html, open);
    if (tag === null) {
      startsLeft--;
      if (inside === null) say("<");
      at = open + 1;
      continue;
    }
    at = tag.end;
    const { name, isClosing } = tag;
    if (inside !== null) {
      if (isClosing && name === inside) inside = null;
      continue;
    }
    if (skipped.has(name)) {
      if (!isClosing && !tag.isEmpty) inside = name;
    } else if (name === "br") endLine();
    else if (name === "a") {
      endLink();
      if (!isClosing) link = { href: readHref(tag.attributes), words: "" };
    } else if (name === "td" || name === "th") {
      isSpaceDue = line !== "";
    } else if (blocks.has(name)) {
      startBlock(name);
      if (name === "blockquote") quoteDepth = Math.max(0, quoteDepth + (isClosing ? -1 : 1));
      if (name === "li" && !isClosing) line = "- ";
    }
  }
  endLink();
  if (line !== "") endLine();
  return withoutEmptyEnds(lines).join("\n");
}

interface Tag {
  name: string;
  isClosing: boolean;
  isEmpty: boolean;
  attributes: string;
  end: number;
}

/** Reads the tag that begins at `open`; null where a bare `<` stands in the text. */
function readTag(html: string, open: number): Tag | null {
  const head = /^<(\/?)([a-z!?][a-z0-9:-]{0,30})/i.exec(html.slice(open, open + 40));
  if (!head) return null;
  let quote = "";
  const stop = Math.min(html.length, open + longestTag);
  for (let at = open + head[0].length; at < stop; at++) {
    const char = html[at] as string;
    if (quote !== "") {
      if (char === quote) quote = "";
    } else if ((char === '"' || char === "'") && /[=\s]/.test(html[at - 1] as string)) quote = char;
    else if (char === ">") {
      const attributes = html.slice(open + head[0].length, at);
      return {
        name: (head[2] as string).toLowerCase(),
        isClosing: head[1] === "/",
        isEmpty: attributes.endsWith("/"),
        attributes,
        end: at + 1,
      };
    }
  }
  return null;
}

/** Only what leads somewhere on the web or to a mailbox is worth telling. */
function readHref(attributes: string): string {
  const [, double, single, bare] =
    /(?:^|\s)href\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))/i.exec(attributes) ?? [];
  const href = decodeHTML((double ?? single ?? bare ?? "").slice(0, 2000)).trim();
  return /^https?:\/\/\S+$/i.test(href) && href.length <= 500 ? href : "";
}
