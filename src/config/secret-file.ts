import {
  closeSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  statSync,
  unlinkSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { type Random, systemRandom } from "../kernel/random.ts";
import { Secret } from "../kernel/secret.ts";

export const leastMasterCharacters = 32;

/**
 * The master secret to work with: the one given, else the one kept in the data folder, else a new one. Makes the
 * folder. A fault says why there is none.
 */
export function settleSecret(
  dataFolder: string,
  given: Secret | null,
  previous: Secret | null,
  warnings: string[],
): { secret: Secret } | { fault: string } {
  const place = join(dataFolder, "secret");
  try {
    mkdirSync(dataFolder, { recursive: true, mode: 0o700 });
    const kept = readKeptSecret(dataFolder);
    if (given) {
      if (kept && ![given, previous].some((known) => known?.reveal() === kept.reveal())) {
        warnings.push(
          `LOQUET_SECRET: differs from ${place}, which is ignored; what it sealed opens only if it is LOQUET_SECRET_PREVIOUS.`,
        );
      }
      return { secret: given };
    }
    const secret = kept ?? makeKeptSecret(dataFolder, systemRandom);
    if (secret.reveal().length < leastMasterCharacters) {
      return {
        fault: `LOQUET_SECRET: the secret kept in ${place} has fewer than ${leastMasterCharacters} characters.`,
      };
    }
    if (isKeptSecretOpenToOthers(dataFolder)) {
      warnings.push(`LOQUET_SECRET: ${place} can be read by others; give it the mode 600.`);
    }
    return { secret };
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? "unknown";
    return {
      fault: `LOQUET_DATA: the folder ${dataFolder} or its secret cannot be read or written (${code}).`,
    };
  }
}

/** The secret that stands in the data folder, or null when there is none. */
function readKeptSecret(dataFolder: string): Secret | null {
  try {
    return new Secret(readFileSync(join(dataFolder, "secret"), "utf8").trim());
  } catch (error) {
    if (isCode(error, "ENOENT", "ENOTDIR")) return null;
    throw error;
  }
}

/** Whether others than its owner may read it: it opens everything that the portal seals. */
function isKeptSecretOpenToOthers(dataFolder: string): boolean {
  return process.platform !== "win32" && (statSync(join(dataFolder, "secret")).mode & 0o077) !== 0;
}

/**
 * Makes the secret of a portal that was given none: 32 random bytes, base64url, readable by its owner only. It is
 * written whole beside its place and then linked there, so that a crash leaves no half of it and that of two
 * processes starting at once both use the same.
 */
export function makeKeptSecret(dataFolder: string, random: Random): Secret {
  mkdirSync(dataFolder, { recursive: true, mode: 0o700 });
  const place = join(dataFolder, "secret");
  const draft = `${place}.${random.bytes(6).toString("hex")}.new`;
  const file = openSync(draft, "wx", 0o600);
  try {
    writeSync(file, `${random.bytes(32).toString("base64url")}\n`);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  try {
    linkSync(draft, place);
  } catch (error) {
    if (!isCode(error, "EEXIST")) throw error;
  } finally {
    unlinkSync(draft);
  }
  syncFolder(dataFolder);
  return new Secret(readFileSync(place, "utf8").trim());
}

/** Without this, a power cut could forget the name of a file whose content is safe. */
function syncFolder(folder: string): void {
  if (process.platform === "win32") return;
  const handle = openSync(folder, "r");
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

function isCode(error: unknown, ...codes: string[]): boolean {
  return codes.includes((error as NodeJS.ErrnoException).code ?? "");
}
