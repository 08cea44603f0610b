// A type only: the library itself is loaded when the first picture comes.
import type sharpLibrary from "sharp";
import { minute, second } from "../../kernel/clock.ts";
import { done, type Outcome, refused } from "../../kernel/outcome.ts";

export type PictureRefusal =
  | "contact.picture.empty"
  | "contact.picture.too-large"
  | "contact.picture.not-a-picture"
  | "contact.picture.broken"
  | "contact.picture.too-many-points";

export interface Picture {
  bytes: Buffer;
  type: "image/png" | "image/jpeg" | "image/webp";
  extension: "png" | "jpg" | "webp";
}

export const pictureBytesAtMost = 5 * 1024 * 1024;
export const picturesAtMost = 3;
/** The longest side of what is kept: a screenshot can still be read. */
const longestSide = 2000;
/** More than any telephone takes; a small file can claim millions of times its size (decompression bomb). */
const pointsAtMost = 64_000_000;
const secondsAtMost = 20;

type Library = typeof sharpLibrary;
let loaded: Promise<Library> | null = null;

/** It takes time and memory that the start of a portal need not spend. */
function load(): Promise<Library> {
  loaded ??= import("sharp").then(({ default: sharp }) => {
    // Only what we let in by its first bytes is ever read: the library knows dozens of formats, some by way of others.
    sharp.block({ operation: ["VipsForeignLoad"] });
    sharp.unblock({
      operation: [
        "VipsForeignLoadPngBuffer",
        "VipsForeignLoadJpegBuffer",
        "VipsForeignLoadWebpBuffer",
        "VipsForeignLoadNsgifBuffer",
      ],
    });
    sharp.cache(false);
    sharp.concurrency(1);
    return sharp as Library;
  });
  return loaded;
}

type Format = "png" | "jpeg" | "webp" | "gif";

/** What a file is, by its first bytes alone: names and declared types are the sender's word. */
export function formatOf(bytes: Buffer): Format | null {
  const starts = (...values: number[]) => values.every((value, index) => bytes[index] === value);
  const says = (from: number, text: string) => bytes.toString("latin1", from, from + text.length) === text;
  if (starts(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a)) return "png";
  if (starts(0xff, 0xd8, 0xff)) return "jpeg";
  if (says(0, "GIF87a") || says(0, "GIF89a")) return "gif";
  if (says(0, "RIFF") && says(8, "WEBP")) return "webp";
  return null;
}

/**
 * Reads a picture and draws it anew: what was hidden in it or behind it (scripts, archives, other formats, places and
 * names of its maker) is not in the copy. Of what moves, the first moment. Turned as the camera was held, at most
 * 2000 points a side. Refused: nothing, too much, what is no PNG, JPEG, WebP or GIF, and what cannot be drawn whole.
 */
export async function redrawPicture(bytes: Buffer): Promise<Outcome<Picture, PictureRefusal>> {
  if (bytes.length === 0) return refused("contact.picture.empty");
  if (bytes.length > pictureBytesAtMost) return refused("contact.picture.too-large");
  const format = formatOf(bytes);
  if (format === null) return refused("contact.picture.not-a-picture");
  return oneByOne(() => draw(bytes, format));
}

async function draw(bytes: Buffer, format: Format): Promise<Outcome<Picture, PictureRefusal>> {
  const sharp = await load();
  try {
    const source = sharp(bytes, {
      failOn: "error",
      limitInputPixels: pointsAtMost,
      sequentialRead: true,
      pages: 1,
    });
    const { width = 0, height = 0 } = await source.metadata();
    if (width * height > pointsAtMost) return refused("contact.picture.too-many-points");
    const drawn = source
      .autoOrient()
      .resize(longestSide, longestSide, { fit: "inside", withoutEnlargement: true })
      .timeout({ seconds: secondsAtMost });
    switch (format) {
      case "jpeg":
        return {
          ...done,
          bytes: await drawn.jpeg({ quality: 82 }).toBuffer(),
          type: "image/jpeg",
          extension: "jpg",
        };
      case "webp":
        return {
          ...done,
          bytes: await drawn.webp({ quality: 82 }).toBuffer(),
          type: "image/webp",
          extension: "webp",
        };
      case "png":
      case "gif":
        return {
          ...done,
          bytes: await drawn.png({ compressionLevel: 9 }).toBuffer(),
          type: "image/png",
          extension: "png",
        };
    }
  } catch (cause) {
    const isTooMany = cause instanceof Error && /pixel limit/i.test(cause.message);
    return refused(isTooMany ? "contact.picture.too-many-points" : "contact.picture.broken");
  }
}

/** Too many pictures came at once: who sends them is asked to come back. */
export class PicturesBusy extends Error {
  readonly statusCode = 503;
  readonly retryAfterSeconds = minute / second;
}

const waitingAtMost = 40;
let waiting = 0;
let last: Promise<unknown> = Promise.resolve();

/** One picture at a time: a large one takes a hundred megabytes while it is drawn, and a core. */
async function oneByOne<Result>(work: () => Promise<Result>): Promise<Result> {
  if (waiting >= waitingAtMost) throw new PicturesBusy("Too many pictures wait to be drawn.");
  waiting++;
  const turn = last.then(work);
  last = turn.catch(() => {});
  try {
    return await turn;
  } finally {
    waiting--;
  }
}
