import type { MailBlock } from "./mail-blocks.ts";
import type { MailView } from "./mail-content.ts";

const columns = 76;

/** The text part: at most 76 columns (RFC 3676 §4.2 advises under 78), addresses whole on a line of their own. */
export function renderMailText({ brandName, publicUrl }: MailView, blocks: MailBlock[]): string {
  return `${[...blocks.map(renderBlock), `-- \n${wrap(brandName)}\n${publicUrl}`].join("\n\n")}\n`;
}

function renderBlock(block: MailBlock): string {
  switch (block.kind) {
    case "text":
      return lines(block.heading, block.text);
    case "facts":
      return block.rows.map(({ label, value }) => wrap(`${label} ${value}`)).join("\n");
    case "list":
      return block.items.map(({ title, text }) => lines(`* ${title}`, `  ${text}`)).join("\n\n");
    case "button":
      return `${wrap(block.label)}\n${block.url}`;
    case "link":
      return lines(
        block.heading,
        block.before,
        block.label === block.url ? undefined : block.label,
        block.url,
      );
    case "code":
      return `${block.label}\n${block.code}`;
  }
}

const lines = (...parts: (string | undefined)[]) =>
  parts
    .filter((part) => part !== undefined)
    .map(wrap)
    .join("\n");

/** Breaks at plain spaces only: no-break spaces hold « Oublié ? » and dates together. */
function wrap(text: string): string {
  return text
    .split("\n")
    .map((line) => wrapLine(line))
    .join("\n");
}

function wrapLine(line: string): string {
  const done: string[] = [];
  let current = "";
  for (const word of line.split(" ")) {
    if (current && current.length + 1 + word.length > columns) {
      done.push(current);
      current = word;
    } else current = current ? `${current} ${word}` : word;
  }
  return [...done, current].join("\n");
}
