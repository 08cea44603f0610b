import ipaddr from "ipaddr.js";

/**
 * What failures and budgets are counted by: an IPv4 address, or the first 64 bits of an IPv6 one, since one
 * household or machine draws its addresses from a whole /64 (promise 6). Anything unreadable counts as one source.
 */
export function sourceKeyOf(address: string): string {
  if (!ipaddr.isValid(address)) return "unknown";
  const parsed = ipaddr.process(address);
  if (parsed.kind() === "ipv4") return parsed.toString();
  return `${(parsed as ipaddr.IPv6).parts
    .slice(0, 4)
    .map((part) => part.toString(16))
    .join(":")}::/64`;
}

/** Answers whether an address lies in one of the ranges (CIDR). */
export function createRangeCheck(ranges: string[]): (address: string) => boolean {
  const parsed = ranges.map((range) => ipaddr.parseCIDR(range));
  return (address) => {
    if (parsed.length === 0 || !ipaddr.isValid(address)) return false;
    const candidate = ipaddr.process(address);
    return parsed.some((range) => range[0].kind() === candidate.kind() && candidate.match(range));
  };
}

/** An address of what `sourceKeyOf` made of one: itself, or the first of its /64. */
export const addressOfSource = (sourceKey: string): string => sourceKey.replace(/\/64$/, "");

export function isLoopbackAddress(address: string): boolean {
  return ipaddr.isValid(address) && ipaddr.process(address).range() === "loopback";
}
