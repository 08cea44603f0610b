/** `ours`: sent by a page of this portal. `foreign`: by another site. `unknown`: the browser does not say. */
export type FormOrigin = "ours" | "foreign" | "unknown";

/**
 * Forms carry no expiring token (DESIGN §3): the browser says who sent them. `Sec-Fetch-Site` decides when
 * present (Fetch Metadata; OWASP CSRF cheat sheet); else `Origin`, else `Referer`, must equal the portal's own.
 */
export function judgeFormOrigin(
  headers: { "sec-fetch-site"?: string | string[]; origin?: string; referer?: string },
  portalUrl: string,
): FormOrigin {
  const site = headers["sec-fetch-site"];
  if (site !== undefined) return site === "same-origin" || site === "none" ? "ours" : "foreign";
  if (headers.origin !== undefined && headers.origin !== "null") return sameOrigin(headers.origin, portalUrl);
  if (headers.origin === undefined && headers.referer !== undefined)
    return sameOrigin(headers.referer, portalUrl);
  return "unknown";
}

function sameOrigin(candidate: string, portalUrl: string): FormOrigin {
  return URL.parse(candidate)?.origin === new URL(portalUrl).origin ? "ours" : "foreign";
}
