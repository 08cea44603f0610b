import { safeReturnPath } from "../../http/return-path.ts";

/** A path of this portal, with or without a place on its page. */
export function isOwnPath(href: string): boolean {
  const [path = "", place = ""] = href.split("#", 2);
  return path.startsWith("/") && safeReturnPath(path, "") !== "" && /^[\w.~%-]*$/.test(place);
}

/**
 * Whether an article may lead there: http, https, mailto, a path of ours, or a place on the same page. Judged by
 * how the text begins, not by how a browser would mend it: `java\tscript:` and `//host` begin otherwise (CWE-79,
 * CWE-601). Addresses that carry a name before the host only look like another's.
 */
export function isSafeLink(href: string): boolean {
  if (isOwnPath(href) || /^#[\w.~%-]+$/.test(href)) return true;
  if (!/^(https?:\/\/[^/\\\s]|mailto:[^\s/])/i.test(href)) return false;
  const parsed = URL.parse(href);
  return parsed !== null && parsed.username === "" && parsed.password === "";
}
