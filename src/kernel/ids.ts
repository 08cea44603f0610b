import type { Clock } from "./clock.ts";
import { drawCrockford, type Random } from "./random.ts";

/** Makes the names of things. */
export interface Ids {
  /** A UUIDv7 (RFC 9562 §5.7): sorts by the time it was made, also within one millisecond (§6.2, method 1). */
  uuid(): string;
  /** An incident reference such as `7KQ2-M9TD`: short enough to be read over the telephone. */
  reference(): string;
}

/** No UUIDv7 made at or after `ms` sorts before this. */
export function lowestUuidAt(ms: number): string {
  const hex = Math.max(0, Math.floor(ms)).toString(16).padStart(12, "0");
  return `${hex.slice(0, 8)}-${hex.slice(8)}-7000-8000-000000000000`;
}

export function createIds(clock: Clock, random: Random): Ids {
  let lastAt = 0;
  let sequence = 0;
  return {
    uuid() {
      const bytes = random.bytes(16);
      const now = Math.max(clock.now(), lastAt);
      // Starts anew each millisecond, in the lower half so that there is room to count.
      sequence = now > lastAt ? bytes.readUInt16BE(6) & 0x7ff : sequence + 1;
      lastAt = now;
      if (sequence > 0xfff) {
        lastAt = now + 1;
        sequence = 0;
      }
      bytes.writeUIntBE(lastAt, 0, 6);
      bytes.writeUInt16BE(0x7000 | sequence, 6);
      bytes[8] = 0x80 | ((bytes[8] as number) & 0x3f);
      const hex = bytes.toString("hex");
      return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
    },
    reference() {
      const drawn = drawCrockford(random, 8);
      return `${drawn.slice(0, 4)}-${drawn.slice(4)}`;
    },
  };
}
