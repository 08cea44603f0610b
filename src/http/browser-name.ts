import Bowser from "bowser";

const known = new Map<string, string | null>();

/** Names a browser to its owner, such as "Firefox (Windows)"; null when its header says nothing readable. */
export function nameBrowser(userAgent: string | undefined): string | null {
  if (!userAgent) return null;
  const header = userAgent.slice(0, 400);
  let name = known.get(header);
  if (name === undefined) {
    if (known.size >= 500) known.clear();
    name = read(header);
    known.set(header, name);
  }
  return name;
}

function read(header: string): string | null {
  const browser = Bowser.getParser(header);
  const parts = [browser.getBrowserName(), browser.getOSName()].filter((part) => part !== "");
  if (parts.length === 0) return null;
  return parts.length === 2 ? `${parts[0]} (${parts[1]})` : (parts[0] as string);
}
