import type { Clock } from "./clock.ts";
import { drawCrockford, type Random } from "./random.ts";

/** Makes the names of things. */
export interface Ids {
  /** A UUIDv7 (RFC 9562 §5.7): sorts by the time it was made. */
  uuid(): string;
  /** An incident reference such as `7KQ2-M9TD`: short enough to be read over the telephone. */
  reference(): string;
}

export function createIds(clock: Clock, random: Random): Ids {
  return {
    uuid() {
      const bytes = random.bytes(16);
      bytes.writeUIntBE(clock.now(), 0, 6);
      bytes[6] = 0x70 | ((bytes[6] as number) & 0x0f);
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
