import ipaddr from "ipaddr.js";
import { type Clock, second } from "../../kernel/clock.ts";
import type { Signals } from "../../store/signals.ts";
import type { Store } from "../../store/store.ts";
import { readDetails } from "./establishment-details.ts";
import { listWithAddresses } from "./establishment-lists.store.ts";

/**
 * The network addresses of all establishments, a whole school behind one: slowed, never blocked (promise 6). Asked at
 * every request, so kept in memory; read anew when somebody changes them, here or on another node, and at least
 * every minute.
 */
export const networksChanged = "establishments.networks";

const readAnewAfter = 60 * second;

export type Networks = ReturnType<typeof createNetworks>;

export function createNetworks(deps: {
  store: Store;
  clock: Clock;
  signals: Pick<Signals, "on">;
  /** Those that the preset names. */
  always: readonly string[];
  onFault: (cause: unknown, what: string) => void;
}) {
  const { store, clock } = deps;
  let isAmong = createWideRangeCheck(deps.always);
  let askedAt = Number.NEGATIVE_INFINITY;
  let reading: Promise<void> | null = null;
  let isClosed = false;

  async function read(): Promise<void> {
    const found = await listWithAddresses(store);
    isAmong = createWideRangeCheck([
      ...deps.always,
      ...found.flatMap(({ details }) => readDetails(details).addresses),
    ]);
  }

  /** Reads them now; what is asked meanwhile shares one reading. */
  function refresh(): Promise<void> {
    askedAt = clock.now();
    reading ??= read().finally(() => {
      reading = null;
    });
    return reading;
  }

  /** What was known serves on while the database does not answer. */
  const refreshAside = () => {
    if (isClosed) return;
    refresh().catch((cause) => deps.onFault(cause, "reading the addresses of establishments"));
  };

  // A reading under way may have begun before the change.
  const hearNoMore = deps.signals.on(networksChanged, () => {
    if (reading) reading.then(refreshAside, refreshAside);
    else refreshAside();
  });

  return {
    refresh,

    /** Before the database is closed: what is being read is read to its end. */
    async close(): Promise<void> {
      isClosed = true;
      hearNoMore();
      await reading?.catch(() => undefined);
    },

    /** Whether requests from this address are slowed instead of blocked. Never waits. */
    isSlowed(address: string): boolean {
      if (clock.now() - askedAt >= readAnewAfter) refreshAside();
      return isAmong(address);
    },
  };
}

/**
 * Answers whether an address lies in one of many ranges: one look for each length of prefix that there is, however
 * many ranges. An IPv4 address written as IPv6 counts as IPv4.
 */
export function createWideRangeCheck(ranges: readonly string[]): (address: string) => boolean {
  const byLength = { ipv4: new Map<number, Set<string>>(), ipv6: new Map<number, Set<string>>() };
  for (const range of ranges) {
    const [address, bits] = ipaddr.parseCIDR(range);
    const lengths = byLength[address.kind()];
    const prefixes = lengths.get(bits) ?? new Set();
    prefixes.add(prefixOf(address.toByteArray(), bits));
    lengths.set(bits, prefixes);
  }
  return (text) => {
    if (!ipaddr.isValid(text)) return false;
    const address = ipaddr.process(text);
    const bytes = address.toByteArray();
    for (const [bits, prefixes] of byLength[address.kind()]) {
      if (prefixes.has(prefixOf(bytes, bits))) return true;
    }
    return false;
  };
}

/** The first `bits` of an address, as a text that can be compared. */
function prefixOf(bytes: number[], bits: number): string {
  const whole = bytes.slice(0, bits >> 3);
  const rest = bits & 7;
  if (rest > 0) whole.push((bytes[bits >> 3] as number) & (0xff << (8 - rest)) & 0xff);
  return whole.join(".");
}
