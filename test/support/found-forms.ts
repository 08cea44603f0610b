import type { PlainBrowser } from "./browser.ts";

/** A form as a page offers it: where it goes and what it holds. */
export interface FoundForm {
  action: string;
  /** Names and the values that stand in them. */
  fields: Record<string, string>;
  /** The page it was found on. */
  on: string;
}

const attribute = (tag: string, name: string) =>
  unescapeHtml(new RegExp(`\\s${name}="([^"]*)"`).exec(tag)?.[1] ?? "");

function unescapeHtml(text: string): string {
  return text
    .replaceAll("&quot;", '"')
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&#39;", "'")
    .replaceAll("&amp;", "&");
}

/** The POST forms of a page of ours. */
export function formsOf(html: string, on: string): FoundForm[] {
  return [...html.matchAll(/<form\b[^>]*>[\s\S]*?<\/form>/g)]
    .map(([form]) => {
      const [open = ""] = /<form\b[^>]*>/.exec(form) ?? [];
      const fields: Record<string, string> = {};
      for (const [tag] of form.matchAll(/<(input|button|select|textarea)\b[^>]*>/g)) {
        const name = attribute(tag, "name");
        if (name !== "" && !(name in fields)) fields[name] = attribute(tag, "value");
      }
      return { action: attribute(open, "action"), method: attribute(open, "method"), fields, on };
    })
    .filter(({ method }) => method === "post");
}

/** Follows every link of the portal from `starts`, as a crawler would; answers each form once per action and fields. */
export async function findForms(browser: PlainBrowser, starts: string[]): Promise<FoundForm[]> {
  const queue = [...starts];
  const visited = new Set<string>();
  const found = new Map<string, FoundForm>();
  while (queue.length > 0 && visited.size < 300) {
    const path = queue.shift() as string;
    if (visited.has(path)) continue;
    visited.add(path);
    const page = await browser.get(path);
    if (page.status >= 500) throw new Error(`${page.status} at ${path}`);
    for (const form of formsOf(page.html, path)) {
      const key = `${form.action} ${Object.keys(form.fields).sort().join(",")}`;
      if (!found.has(key)) found.set(key, form);
    }
    for (const [, href] of page.html.matchAll(/href="(\/[^"]*)"/g)) {
      const next = unescapeHtml(href as string);
      if (!/^\/(assets|_trial)\b|^\/\//.test(next)) queue.push(next);
    }
  }
  return [...found.values()];
}

/** Every POST route that the server knows, whether or not a page leads there. */
export function postRoutes(printed: string): string[] {
  const parts: string[] = [];
  const routes: string[] = [];
  for (const line of printed.split("\n")) {
    const read = /^((?:[│ ] {3})*)[├└]── (\S+)(?: \(([A-Z, ]+)\))?/.exec(line);
    if (!read) continue;
    const depth = (read[1] ?? "").length / 4;
    parts.length = depth;
    parts.push(read[2] as string);
    if (read[3]?.includes("POST")) routes.push(parts.join("").replaceAll(/:\w+/g, "x"));
  }
  return routes;
}
