import { damerau } from "../../../store/words.ts";

const opens = "<STRUCTURES>";
const closes = "</STRUCTURES>";
const meant = "STRUCTURES_ELEVE";
const slipsAtMost = 2;
/** Longer than any tag of ours: text without an end of a tag is not kept back for ever. */
const tagAtMost = 4096;

export interface Mended {
  /** As it stands in the file: `<STRICTURES_ELEVE>`. */
  tag: string;
  line: number;
}

/**
 * Puts right the one tag that is misspelt in files which schools have: `STRUCTURES_ELEVE`, around the class of a pupil.
 * Between `<STRUCTURES>` and `</STRUCTURES>` no other name is like it, so that nothing else can be meant; left as it is,
 * the whole file would be refused for the class of one pupil. What was put right is told by `found`, with its line.
 */
export async function* mendTags(
  pieces: AsyncIterable<string>,
  found: (mended: Mended) => void,
): AsyncGenerator<string> {
  let rest = "";
  let line = 1;
  let isInside = false;

  function mend(text: string): string {
    let mended = "";
    let at = 0;
    while (at < text.length) {
      if (!isInside) {
        const start = text.indexOf(opens, at);
        const end = start === -1 ? text.length : start + opens.length;
        pass(text.slice(at, end));
        isInside = start !== -1;
        at = end;
      } else {
        const stop = text.indexOf(closes, at);
        const end = stop === -1 ? text.length : stop;
        const part = text.slice(at, end);
        const start = line;
        mended += part.replaceAll(
          /<(\/?)([A-Z_]+)(?=[\s>])/g,
          (tag, slash: string, name: string, index: number) => {
            if (name === meant || damerau(name, meant, slipsAtMost) > slipsAtMost) return tag;
            if (slash === "") found({ tag: `${tag}>`, line: start + countLines(part.slice(0, index)) });
            return `<${slash}${meant}`;
          },
        );
        line += countLines(part);
        isInside = stop === -1;
        at = end;
      }
    }
    return mended;

    function pass(part: string): void {
      mended += part;
      line += countLines(part);
    }
  }

  for await (const piece of pieces) {
    const text = rest + piece;
    const last = text.lastIndexOf("<");
    const isCut = last !== -1 && text.indexOf(">", last) === -1 && text.length - last < tagAtMost;
    rest = isCut ? text.slice(last) : "";
    yield mend(isCut ? text.slice(0, last) : text);
  }
  yield mend(rest);
}

function countLines(text: string): number {
  let count = 0;
  for (let at = text.indexOf("\n"); at !== -1; at = text.indexOf("\n", at + 1)) count++;
  return count;
}
