/** A form that no page of ours sends: answered with a page of its own, never with a 5xx. */
export class BadForm extends Error {
  readonly statusCode = 400;
}

/**
 * Reads `application/x-www-form-urlencoded` strictly: each field once, valid UTF-8, no NUL and no control
 * characters but tab and line ends. Browsers send nothing else; what does is not a person.
 */
export function parseFormBody(body: string): Record<string, string> {
  const fields: Record<string, string> = Object.create(null);
  if (body === "") return fields;
  const pairs = body.split("&");
  if (pairs.length > 100) throw new BadForm("too many fields");
  for (const pair of pairs) {
    const [name, value] = split(pair);
    if (name in fields) throw new BadForm("a field is repeated");
    fields[name] = value;
  }
  return fields;
}

function split(pair: string): [string, string] {
  const cut = pair.indexOf("=");
  const name = decode(cut < 0 ? pair : pair.slice(0, cut));
  const value = cut < 0 ? "" : decode(pair.slice(cut + 1));
  return [name, value];
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused.
const controls = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f\ufffd]/;

function decode(text: string): string {
  let decoded: string;
  try {
    decoded = decodeURIComponent(text.replaceAll("+", " "));
  } catch {
    throw new BadForm("not valid UTF-8");
  }
  return refuseControls(decoded);
}

/** What nobody types, and no database takes as text. */
export const hasControls = (text: string): boolean => controls.test(text);

export function refuseControls(text: string): string {
  if (hasControls(text)) throw new BadForm("a control character");
  return text;
}
