import { inflateSync } from "node:zlib";

const headerLength = 44;
const entryLength = 20;

/**
 * Unpacks a WOFF 1.0 file to the font inside it (W3C WOFF §4–5). The font library would unpack a table anew for every
 * glyph that it reads, in JavaScript.
 */
export function unpackWoff(woff: Buffer): Buffer {
  const tableCount = woff.readUInt16BE(12);
  const tables = Array.from({ length: tableCount }, (_, index) => {
    const entry = headerLength + index * entryLength;
    const [offset, packedLength, length] = [4, 8, 12].map((at) => woff.readUInt32BE(entry + at)) as [
      number,
      number,
      number,
    ];
    const packed = woff.subarray(offset, offset + packedLength);
    return {
      tag: woff.subarray(entry, entry + 4),
      checksum: woff.subarray(entry + 16, entry + 20),
      bytes: packedLength < length ? inflateSync(packed) : packed,
    };
  });
  const power = Math.floor(Math.log2(tableCount));
  const header = Buffer.alloc(12);
  woff.copy(header, 0, 4, 8);
  for (const [at, value] of [tableCount, 16 * 2 ** power, power, 16 * (tableCount - 2 ** power)].entries()) {
    header.writeUInt16BE(value, 4 + 2 * at);
  }
  const directory: Buffer[] = [];
  const bodies: Buffer[] = [];
  let offset = header.length + 16 * tableCount;
  for (const { tag, checksum, bytes } of tables) {
    const place = Buffer.alloc(8);
    place.writeUInt32BE(offset, 0);
    place.writeUInt32BE(bytes.length, 4);
    directory.push(tag, checksum, place);
    const padding = Buffer.alloc((4 - (bytes.length % 4)) % 4);
    bodies.push(bytes, padding);
    offset += bytes.length + padding.length;
  }
  return Buffer.concat([header, ...directory, ...bodies]);
}
