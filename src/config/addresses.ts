import ipaddr from "ipaddr.js";

/** True for `localhost`, 127.0.0.0/8 and ::1, also written in brackets as in an address. */
export function isLoopbackHost(host: string): boolean {
  const bare = host.replace(/^\[(.*)\]$/, "$1").toLowerCase();
  if (bare === "localhost") return true;
  if (!ipaddr.isValid(bare)) return false;
  return ipaddr.process(bare).range() === "loopback";
}

/** Parses an address with a scheme; null where it is none. Never throws, since the error would repeat the value. */
export function parseUrl(text: string): URL | null {
  return URL.canParse(text) ? new URL(text) : null;
}

/** User and password of an address, percent-decoded; null where the encoding is broken. */
export function credentialsOf(url: URL): { user: string; password: string } | null {
  try {
    return { user: decodeURIComponent(url.username), password: decodeURIComponent(url.password) };
  } catch {
    return null;
  }
}

/** `host` as it stands inside an address: IPv6 gets its brackets. */
export function hostInUrl(host: string): string {
  return host.includes(":") ? `[${host}]` : host;
}
