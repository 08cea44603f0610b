import type { ArticleFault } from "./article-fault.ts";

/** The parts of an article's body: Markdown, and the blocks that `:::` begins. */
export type Block =
  | { kind: "text"; line: number; markdown: string }
  | { kind: "only"; line: number; names: string[]; blocks: Block[] }
  | { kind: "question"; line: number; title: string; blocks: Block[] }
  | { kind: "action"; line: number; label: string; href: string }
  | { kind: "figure"; line: number; name: string; alt: string; points: string };

const mark = ":::";
const blockNames = ["only", "question", "action", "figure"];

interface Open {
  name: string;
  rest: string;
  line: number;
  blocks: Block[];
}

/**
 * Takes a body apart. `firstLine` is the line of the file on which it begins. A block that is never closed ends
 * with the text; an unknown one shows what is inside it. Both are faults, with their lines.
 */
export function readBlocks(body: string, firstLine: number): { blocks: Block[]; faults: ArticleFault[] } {
  const faults: ArticleFault[] = [];
  const root: Open = { name: "", rest: "", line: firstLine, blocks: [] };
  const stack: Open[] = [root];
  let written: string[] = [];
  let writtenAt = firstLine;
  let isCode = false;

  const innermost = () => stack.at(-1) as Open;
  const flush = (nextLine: number) => {
    const markdown = written.join("\n");
    if (markdown.trim() !== "") innermost().blocks.push({ kind: "text", line: writtenAt, markdown });
    written = [];
    writtenAt = nextLine;
  };
  const close = () => {
    const ended = stack.pop() as Open;
    innermost().blocks.push(...finish(ended, faults));
  };

  for (const [index, text] of body.split("\n").entries()) {
    const line = firstLine + index;
    if (/^ {0,3}(```|~~~)/.test(text)) isCode = !isCode;
    const found = isCode ? null : /^ {0,3}:::[ \t]*([^\s]*)[ \t]*(.*?)[ \t]*$/.exec(text);
    if (!found) {
      written.push(text);
      continue;
    }
    flush(line + 1);
    const [, name = "", rest = ""] = found;
    if (name === "") {
      if (stack.length > 1) close();
      else faults.push({ line, says: "block-none", values: { mark } });
    } else if (name === "action") {
      innermost().blocks.push(...readAction(rest, line, faults));
    } else {
      const names = blockNames.join(", ");
      if (!blockNames.includes(name)) faults.push({ line, says: "block-unknown", values: { name, names } });
      stack.push({ name, rest, line, blocks: [] });
    }
  }
  flush(0);
  while (stack.length > 1) {
    const { line, name } = innermost();
    faults.push({ line, says: "block-open", values: { name, mark } });
    close();
  }
  return { blocks: root.blocks, faults };
}

function finish({ name, rest, line, blocks }: Open, faults: ArticleFault[]): Block[] {
  if (name === "only") {
    const names = rest.split(/[\s,]+/).filter((word) => word !== "");
    if (names.length === 0) faults.push({ line, says: "only-unknown", values: { name: "" } });
    return [{ kind: "only", line, names, blocks }];
  }
  if (name === "question") {
    if (rest === "") faults.push({ line, says: "question-untitled" });
    return [{ kind: "question", line, title: rest, blocks }];
  }
  if (name === "figure") return [readFigure(rest, line, blocks, faults)];
  return blocks;
}

/** `:::action label | /path`, on one line. */
function readAction(rest: string, line: number, faults: ArticleFault[]): Block[] {
  const cut = rest.lastIndexOf("|");
  const label = rest.slice(0, Math.max(cut, 0)).trim();
  const href = rest.slice(cut + 1).trim();
  if (cut < 0 || label === "" || href === "") {
    faults.push({ line, says: "action-incomplete" });
    return [];
  }
  return [{ kind: "action", line, label, href }];
}

/** A line `alt: …`, and the numbered points as an ordered list. */
function readFigure(name: string, line: number, blocks: Block[], faults: ArticleFault[]): Block {
  const text = blocks.flatMap((block) => (block.kind === "text" ? [block.markdown] : [])).join("\n");
  const alt = /^[ \t]*alt:[ \t]*(.+)$/m.exec(text)?.[1]?.trim() ?? "";
  if (alt === "") faults.push({ line, says: "figure-without-alt", values: { name, mark: "alt:" } });
  return { kind: "figure", line, name, alt, points: text.replace(/^[ \t]*alt:.*$/m, "").trim() };
}
