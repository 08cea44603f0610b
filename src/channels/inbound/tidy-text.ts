/**
 * Whatever shows something else than stands there, or nothing at all: control characters (NUL would also be refused
 * by PostgreSQL), and the marks that turn the direction of what follows. Marks of a single letter stay.
 */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what this takes out.
const unseen = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069\ufeff\ufff9-\ufffb]/g;

/** Plain text as it may be kept and shown: lines end with `\n`, nothing unseen, at most two empty lines in a row. */
export function tidyText(text: string): string {
  const lines = text
    .toWellFormed()
    .normalize("NFC")
    .replaceAll(/\r\n?|[\u0085\u2028\u2029]/g, "\n")
    .replaceAll(unseen, "")
    .split("\n");
  const kept: string[] = [];
  let empty = 0;
  for (const line of lines) {
    const trimmed = line.trimEnd();
    empty = trimmed === "" ? empty + 1 : 0;
    if (empty <= 2) kept.push(trimmed);
  }
  return withoutEmptyEnds(kept).join("\n");
}

/** Without the empty lines before the first and after the last that says something. */
export function withoutEmptyEnds(lines: string[]): string[] {
  let start = 0;
  let end = lines.length;
  while (start < end && lines[start]?.trim() === "") start++;
  while (end > start && lines[end - 1]?.trim() === "") end--;
  return lines.slice(start, end);
}

/** One line of at most `most` characters. */
export function tidyLine(text: string, most: number): string {
  const line = tidyText(text.slice(0, most * 20))
    .replaceAll(/\s+/g, " ")
    .trim();
  return cutAt(line, most);
}

/** At most `most` characters; what is cut ends with a sign of it. Never cuts a character in two. */
export function cutAt(text: string, most: number): string {
  return text.length <= most
    ? text
    : `${text
        .slice(0, most - 1)
        .toWellFormed()
        .replace(/\ufffd$/, "")}…`;
}

/** The last part of a file's name: what stands before a slash was somebody's folder, or an attack on ours. */
export function tidyFileName(name: string): string {
  const last = tidyLine(name, 500).split(/[/\\]/).at(-1) ?? "";
  return cutAt(last.replace(/^\.+/, "").trim(), 100);
}
