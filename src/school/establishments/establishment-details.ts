import ipaddr from "ipaddr.js";
import { z } from "zod";
import { parseEmailAddress, trimPasted } from "../../accounts/addresses/email-address.ts";
import { isCidr, presetShape } from "../../config/preset.ts";
import type { OpeningHours } from "./opening-hours.ts";

/** What is known of an establishment beside its place in the tree: kept as one JSON text. */
export interface EstablishmentDetails {
  /** The lines of its own address, as they stand on letters. */
  postal: string[];
  phone: string | null;
  email: string | null;
  /** Ranges of network addresses (CIDR) that its people share: slowed, never blocked (promise 6). */
  addresses: string[];
  /** What its own relays say other than the portal's, by the id of the relay. */
  relays: Record<string, RelayDetails>;
}

/** Only what is said here takes the place of what the portal says of that relay. */
export interface RelayDetails {
  /** Null: at any time. */
  hours?: OpeningHours;
  closedOn?: string[];
  /** What to know before asking, by language. */
  lines?: Record<string, string[]>;
}

/** French post reads six lines of 38 characters (NF Z 10-011). */
export const mostPostalLines = 6;
export const longestPostalLine = 38;
export const longestName = 120;
const mostAddresses = 10;
const longestPhone = 30;
/** Wider ranges are no school's: whoever can be slowed but not blocked is let try more passwords. */
const widestIpv4 = 22;
const widestIpv6 = 48;
/** Nothing finer is told apart in IPv6: a network has so much, and each machine moves about in it. */
const finestIpv6 = 64;

export const emptyDetails: EstablishmentDetails = {
  postal: [],
  phone: null,
  email: null,
  addresses: [],
  relays: {},
};

export const readDetails = (text: string): EstablishmentDetails => ({
  ...emptyDetails,
  ...(JSON.parse(text) as Partial<EstablishmentDetails>),
});

/** Always in the same order, so that the same details are the same text; without what says nothing. */
export function writeDetails(details: EstablishmentDetails): string {
  const relays = Object.entries(details.relays)
    .filter(([, said]) => Object.values(said).some((value) => value !== undefined))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([id, { hours, closedOn, lines }]) => [id, { hours, closedOn, lines }]);
  const { postal, phone, email, addresses } = details;
  return JSON.stringify({
    ...(postal.length > 0 && { postal }),
    ...(phone !== null && { phone }),
    ...(email !== null && { email }),
    ...(addresses.length > 0 && { addresses }),
    ...(relays.length > 0 && { relays: Object.fromEntries(relays) }),
  });
}

/** The refusal of a field, by the key of its words. */
export type Read<Value> = { ok: true; value: Value } | { ok: false; refusal: string };
const read = <Value>(value: Value): Read<Value> => ({ ok: true, value });
const refuse = (refusal: string) => ({ ok: false as const, refusal });

const hasControl = (text: string) => /\p{Cc}/u.test(text);
const oneLine = (typed: string) => trimPasted(typed).normalize("NFC").replaceAll(/\s+/gu, " ");

export function parseName(typed: string): Read<string> {
  const name = oneLine(typed);
  if (name === "") return refuse("establishments.name.missing");
  if ([...name].length > longestName || hasControl(name)) return refuse("establishments.name.malformed");
  return read(name);
}

/** The zone by the name that it goes by here; null for none of its own. */
export function parseTimezone(typed: string): Read<string | null> {
  const text = typed.trim();
  if (text === "") return read(null);
  // Offsets such as +02:00 are understood too, but know no summer.
  if (!/^[A-Za-z]/.test(text)) return refuse("establishments.timezone.unknown");
  try {
    return read(new Intl.DateTimeFormat("en", { timeZone: text }).resolvedOptions().timeZone);
  } catch {
    return refuse("establishments.timezone.unknown");
  }
}

/** Any telephone, as people write it: a landline, an extension. It is shown, and never called by a machine. */
export function parsePhone(typed: string): Read<string | null> {
  const phone = oneLine(typed);
  if (phone === "") return read(null);
  const isSound = /^[+(]?\d[\d +().,/#-]*$/.test(phone) && phone.length <= longestPhone;
  return isSound && phone.replaceAll(/\D/g, "").length >= 3
    ? read(phone)
    : refuse("establishments.phone.malformed");
}

export function parseEmail(typed: string): Read<string | null> {
  if (trimPasted(typed) === "") return read(null);
  const parsed = parseEmailAddress(typed);
  return parsed.ok ? read(parsed.address) : refuse("establishments.email.malformed");
}

export function parsePostal(lines: readonly string[]): Read<string[]> {
  const postal = lines.map(oneLine).filter((line) => line !== "");
  if (postal.length > mostPostalLines) return refuse("establishments.postal.too-many");
  if (postal.some((line) => [...line].length > longestPostalLine || hasControl(line)))
    return refuse("establishments.postal.too-long");
  return read(postal);
}

/** Ranges, or single addresses, which stand for themselves; each once, written the one usual way. */
export function parseAddresses(typed: readonly string[]): Read<string[]> {
  const given = typed.map((text) => text.trim()).filter((text) => text !== "");
  if (given.length > mostAddresses) return refuse("establishments.addresses.too-many");
  const ranges: string[] = [];
  for (const text of given) {
    const range = text.includes("/") ? text : `${text}/${text.includes(":") ? finestIpv6 : 32}`;
    if (!isCidr(range)) return refuse("establishments.addresses.malformed");
    const [address, asked] = ipaddr.parseCIDR(range);
    // Written as IPv6, an IPv4 address is compared as IPv4, which such a range never holds.
    if (address instanceof ipaddr.IPv6 && address.isIPv4MappedAddress())
      return refuse("establishments.addresses.malformed");
    const isIpv4 = address.kind() === "ipv4";
    const bits = isIpv4 ? asked : Math.min(asked, finestIpv6);
    if (bits < (isIpv4 ? widestIpv4 : widestIpv6)) return refuse("establishments.addresses.too-wide");
    const network = isIpv4
      ? ipaddr.IPv4.networkAddressFromCIDR(`${address}/${bits}`)
      : ipaddr.IPv6.networkAddressFromCIDR(`${address}/${bits}`);
    ranges.push(`${network.toString()}/${bits}`);
  }
  return read([...new Set(ranges)].sort());
}

const relayOfPreset = presetShape.shape.relays.element.shape;

/** What a file says of a relay: the same shapes as in the preset, each of them optional. */
export const relayShape = z.strictObject({
  hours: relayOfPreset.hours.optional(),
  closedOn: relayOfPreset.closedOn.optional(),
  lines: relayOfPreset.lines.optional(),
});
