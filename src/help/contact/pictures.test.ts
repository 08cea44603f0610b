import { deflateSync } from "node:zlib";
import sharp from "sharp";
import { describe, expect, test } from "vitest";
import { formatOf, pictureBytesAtMost, redrawPicture } from "./pictures.ts";

const plain = (width: number, height: number) =>
  sharp({ create: { width, height, channels: 3, background: "#2a43c0" } });

/** A PNG whose header says a size, and whose body holds next to nothing. */
function pngThatClaims(width: number, height: number): Buffer {
  const chunk = (type: string, data: Buffer) => {
    const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
    const framed = Buffer.alloc(body.length + 8);
    framed.writeUInt32BE(data.length);
    body.copy(framed, 4);
    framed.writeUInt32BE(crc32(body), body.length + 4);
    return framed;
  };
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2, 0, 0, 0], 8);
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  const body = deflateSync(Buffer.alloc(1024));
  return Buffer.concat([
    signature,
    chunk("IHDR", header),
    chunk("IDAT", body),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

function crc32(bytes: Buffer): number {
  let crc = ~0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
}

async function drawn(bytes: Buffer) {
  const picture = await redrawPicture(bytes);
  if (!picture.ok) throw new Error(picture.refusal);
  return { ...picture, ...(await sharp(picture.bytes).metadata()) };
}

const refusalOf = async (bytes: Buffer) => {
  const outcome = await redrawPicture(bytes);
  return outcome.ok ? "accepted" : outcome.refusal;
};

describe("a picture", () => {
  test("stays what it was: PNG, JPEG, WebP", async () => {
    expect(await drawn(await plain(40, 30).png().toBuffer())).toMatchObject({ type: "image/png", width: 40 });
    expect(await drawn(await plain(40, 30).jpeg().toBuffer())).toMatchObject({
      type: "image/jpeg",
      width: 40,
    });
    expect(await drawn(await plain(40, 30).webp().toBuffer())).toMatchObject({
      type: "image/webp",
      width: 40,
    });
  });

  test("that moves becomes its first moment", async () => {
    const frames = Buffer.concat([Buffer.alloc(20 * 20 * 3, 200), Buffer.alloc(20 * 20 * 3, 20)]);
    const moving = await sharp(frames, { raw: { width: 20, height: 40, channels: 3, pageHeight: 20 } })
      .gif()
      .toBuffer();
    expect(await drawn(moving)).toMatchObject({ type: "image/png", width: 20, height: 20 });
  });

  test("is made small enough to be sent on, and turned as the camera was held", async () => {
    const sideways = await plain(3000, 1000).withMetadata({ orientation: 6 }).jpeg().toBuffer();
    expect(await drawn(sideways)).toMatchObject({ width: 667, height: 2000 });
  });

  test("loses what it says of its maker and place", async () => {
    const telling = await plain(40, 30)
      .withExif({ IFD0: { Artist: "Léa Martin" }, IFD3: { GPSLatitude: "48/1 51/1 0/1" } })
      .jpeg()
      .toBuffer();
    expect(telling.includes("Martin")).toBe(true);
    const copy = await drawn(telling);
    expect(copy.bytes.includes("Martin")).toBe(false);
    expect(copy.exif).toBeUndefined();
  });

  test("loses what was hidden behind it", async () => {
    const hidden = Buffer.concat([
      await plain(40, 30).png().toBuffer(),
      Buffer.from("<script>alert(1)</script>PK\u0003\u0004"),
    ]);
    expect((await drawn(hidden)).bytes.includes("<script>")).toBe(false);
  });
});

describe("what is refused", () => {
  test("nothing, and too much", async () => {
    expect(await refusalOf(Buffer.alloc(0))).toBe("contact.picture.empty");
    expect(await refusalOf(Buffer.alloc(pictureBytesAtMost + 1))).toBe("contact.picture.too-large");
  });

  test.each([
    ["an SVG", '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'],
    ["a page that is named like a picture", "<!doctype html><script>alert(1)</script>"],
    ["a PDF", "%PDF-1.7\n1 0 obj"],
    ["a TIFF", "II*\u0000"],
    ["text", "bonjour"],
  ])("%s", async (_, text) => {
    expect(await refusalOf(Buffer.from(text))).toBe("contact.picture.not-a-picture");
  });

  test("the first bytes of a picture in front of something else", async () => {
    for (const start of ["\x89PNG\r\n\x1a\n", "\xff\xd8\xff", "GIF89a", "RIFF\0\0\0\0WEBP"]) {
      const bytes = Buffer.concat([Buffer.from(start, "latin1"), Buffer.from("<script>alert(1)</script>")]);
      expect(formatOf(bytes)).not.toBeNull();
      expect(await refusalOf(bytes)).toBe("contact.picture.broken");
    }
  });

  test("a picture that was cut off", async () => {
    const whole = await sharp(
      Buffer.from(Array.from({ length: 300 * 300 * 3 }, (_, n) => (n * 7919) % 251)),
      {
        raw: { width: 300, height: 300, channels: 3 },
      },
    )
      .png()
      .toBuffer();
    expect(await refusalOf(whole.subarray(0, whole.length / 2))).toBe("contact.picture.broken");
  });

  test("one that claims to be enormous, before a point of it is drawn", async () => {
    const started = performance.now();
    expect(await refusalOf(pngThatClaims(60_000, 60_000))).toBe("contact.picture.too-many-points");
    expect(await refusalOf(pngThatClaims(9_000, 9_000))).toBe("contact.picture.too-many-points");
    expect(performance.now() - started).toBeLessThan(2000);
  });
});

test("many at once are drawn one after the other, and all of them", async () => {
  const bytes = await plain(600, 600).jpeg().toBuffer();
  const all = await Promise.all(Array.from({ length: 10 }, () => redrawPicture(bytes)));
  expect(all.every(({ ok }) => ok)).toBe(true);
});
