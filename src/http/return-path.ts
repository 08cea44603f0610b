/**
 * A safe place to go on to: a path of this portal, never another site (CWE-601). Browsers read `//host` and
 * `/\host` as other sites, and drop tabs and line ends before they look.
 */
export function safeReturnPath(typed: string, fallback: string): string {
  if (typed.length > 2000 || !/^\/(?![/\\])[\x21-\x7e]*$/.test(typed) || typed.includes("\\"))
    return fallback;
  const parsed = URL.parse(typed, "http://portal.invalid");
  if (parsed?.origin !== "http://portal.invalid") return fallback;
  return `${parsed.pathname}${parsed.search}`.startsWith("//")
    ? fallback
    : `${parsed.pathname}${parsed.search}`;
}
