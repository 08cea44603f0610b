/** What may stand before a `/` that begins a regular expression rather than a division. */
const beforePattern = /(?:^|[(,=:[!&|?{;]|=>|\breturn)\s*$/;

/**
 * A file's text with comments blanked, and in `code` also the contents of strings, templates and patterns.
 * Both keep every line break, so that line numbers hold.
 */
export function strip(text: string): { uncommented: string; code: string } {
  let uncommented = "";
  let code = "";
  /** For each open template: how many braces are open in the `${…}` being read. */
  const templates: number[] = [];
  let at = 0;

  const blank = (part: string) => part.replace(/[^\n]/g, " ");
  const keep = (end: number) => {
    uncommented += text.slice(at, end);
    code += text.slice(at, end);
    at = end;
  };
  const hide = (end: number, isComment: boolean) => {
    const part = text.slice(at, end);
    uncommented += isComment ? blank(part) : part;
    code += blank(part);
    at = end;
  };
  /** Reads the words of a template up to its end or its next `${`. */
  const hideTemplate = () => {
    let end = at;
    while (end < text.length && text[end] !== "`" && !text.startsWith("${", end))
      end += text[end] === "\\" ? 2 : 1;
    hide(end, false);
    if (text[end] === "`") {
      templates.pop();
      keep(end + 1);
    } else keep(end + 2);
  };

  while (at < text.length) {
    const character = text[at] as string;
    const rest = text.slice(at, at + 2);
    if (rest === "//") hide(endOf(text, at, "\n", 0), true);
    else if (rest === "/*") hide(endOf(text, at + 2, "*/", 2), true);
    else if (character === '"' || character === "'") {
      const end = endOfString(text, at);
      const isClosed = end > at + 1 && text[end - 1] === character;
      keep(at + 1);
      hide(isClosed ? end - 1 : end, false);
      keep(end);
    } else if (character === "`") {
      keep(at + 1);
      templates.push(0);
      hideTemplate();
    } else if (character === "/" && beforePattern.test(code.slice(-20))) {
      hide(endOfPattern(text, at), false);
    } else {
      const open = templates.at(-1);
      keep(at + 1);
      if (open === undefined) continue;
      if (character === "{") templates[templates.length - 1] = open + 1;
      else if (character === "}" && open > 0) templates[templates.length - 1] = open - 1;
      else if (character === "}") hideTemplate();
    }
  }
  return { uncommented, code };
}

function endOf(text: string, from: number, mark: string, length: number): number {
  const found = text.indexOf(mark, from);
  return found === -1 ? text.length : found + length;
}

/** A string ends at its line's end at the latest: an apostrophe in JSX text opens none that matters. */
function endOfString(text: string, from: number): number {
  for (let at = from + 1; at < text.length; at++) {
    if (text[at] === "\\") at++;
    else if (text[at] === "\n") return at;
    else if (text[at] === text[from]) return at + 1;
  }
  return text.length;
}

function endOfPattern(text: string, from: number): number {
  let isInClass = false;
  for (let at = from + 1; at < text.length; at++) {
    if (text[at] === "\\") at++;
    else if (text[at] === "\n") return from + 1;
    else if (text[at] === "[") isInClass = true;
    else if (text[at] === "]") isInClass = false;
    else if (text[at] === "/" && !isInClass) return at + 1;
  }
  return from + 1;
}
