/** One line of a comparison, as it stands in both texts, only in the older, or only in the newer. */
export interface DiffLine {
  kind: "same" | "removed" | "added";
  text: string;
}

/** A stretch of lines; `skipped` same lines before it are left out. */
export interface DiffPart {
  skipped: number;
  lines: DiffLine[];
}

/** Texts longer than this are compared by their ends only: the table of the comparison grows with their product. */
const linesAtMost = 1500;

/** What makes `newer` of `older`, line by line: the longest common sequence stays. */
export function diffLines(older: string, newer: string): DiffLine[] {
  const a = older.split("\n");
  const b = newer.split("\n");
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start++;
  let end = 0;
  while (
    end < a.length - start &&
    end < b.length - start &&
    a[a.length - 1 - end] === b[b.length - 1 - end]
  ) {
    end++;
  }
  const same = (lines: string[]): DiffLine[] => lines.map((text) => ({ kind: "same", text }));
  return [
    ...same(a.slice(0, start)),
    ...diffMiddle(a.slice(start, a.length - end), b.slice(start, b.length - end)),
    ...same(a.slice(a.length - end)),
  ];
}

function diffMiddle(a: string[], b: string[]): DiffLine[] {
  const removed = (text: string): DiffLine => ({ kind: "removed", text });
  const added = (text: string): DiffLine => ({ kind: "added", text });
  if (a.length > linesAtMost || b.length > linesAtMost) return [...a.map(removed), ...b.map(added)];
  const width = b.length + 1;
  /** `common[i * width + j]`: length of the longest sequence that the rests from `i` and `j` share. */
  const common = new Uint16Array((a.length + 1) * width);
  const at = (i: number, j: number) => common[i * width + j] as number;
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      common[i * width + j] = a[i] === b[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
    }
  }
  const lines: DiffLine[] = [];
  let i = 0;
  let j = 0;
  while (i < a.length && j < b.length) {
    if (a[i] === b[j]) {
      lines.push({ kind: "same", text: a[i] as string });
      i++;
      j++;
    } else if (at(i + 1, j) >= at(i, j + 1)) lines.push(removed(a[i++] as string));
    else lines.push(added(b[j++] as string));
  }
  return [...lines, ...a.slice(i).map(removed), ...b.slice(j).map(added)];
}

/** The changes with a few lines around each; what did not change far from any is left out. */
export function foldDiff(lines: DiffLine[], around = 2): DiffPart[] {
  const isNear = lines.map(() => false);
  for (const [index, { kind }] of lines.entries()) {
    if (kind === "same") continue;
    for (let near = Math.max(0, index - around); near <= Math.min(lines.length - 1, index + around); near++) {
      isNear[near] = true;
    }
  }
  const parts: DiffPart[] = [];
  let skipped = 0;
  for (const [index, line] of lines.entries()) {
    if (!isNear[index]) {
      skipped++;
      continue;
    }
    if (skipped > 0 || parts.length === 0) parts.push({ skipped, lines: [] });
    skipped = 0;
    parts.at(-1)?.lines.push(line);
  }
  return parts;
}
