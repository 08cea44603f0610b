import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { nearSpelling } from "./near-spelling.ts";
import { listSettings } from "./settings.ts";

/** What the environment says, before any meaning: twins read, empty values as if unset, unknown names told. */
export interface Given {
  values: ReadonlyMap<string, string>;
  /** Names that are set, even where their value could not be read: their default must not step in. */
  isSet(name: string): boolean;
}

/**
 * Reads every setting and its `_FILE` twin. No fault ever repeats a value, nor the path in a twin: a secret put
 * there by mistake would end in the log.
 */
export function readEnvironment(
  environment: Record<string, string | undefined>,
  root: string,
  faults: string[],
): Given {
  const settings = listSettings();
  const values = new Map<string, string>();
  const set = new Set<string>();

  for (const { name, isSecret } of settings) {
    const value = environment[name]?.trim();
    if (value) set.add(name);
    const file = isSecret ? environment[`${name}_FILE`]?.trim() : undefined;
    if (file) set.add(name);

    if (value && file) {
      faults.push(`${name}_FILE: cannot be set together with ${name}; keep one of them.`);
    } else if (value) {
      values.set(name, value);
    } else if (file) {
      try {
        const text = readFileSync(resolve(root, file), "utf8").trim();
        if (text) values.set(name, text);
        else faults.push(`${name}_FILE: the file it names is empty.`);
      } catch (error) {
        const code = (error as NodeJS.ErrnoException).code ?? "unreadable";
        faults.push(`${name}_FILE: the file it names cannot be read (${code}).`);
      }
    }
  }

  faults.push(...unknownNames(environment));
  return { values, isSet: (name) => set.has(name) };
}

function unknownNames(environment: Record<string, string | undefined>): string[] {
  const settings = listSettings();
  const names = settings.map((setting) => setting.name);
  const twins = settings.filter((setting) => setting.isSecret).map((setting) => `${setting.name}_FILE`);
  const known = new Set([...names, ...twins]);
  const bare = new Map([...known].map((name) => [withoutPrefix(name), name]));

  return Object.keys(environment)
    .filter((name) => name.toUpperCase().startsWith("LOQUET_") && !known.has(name))
    .map((name) => {
      const near = nearSpelling(withoutPrefix(name), [...bare.keys()]);
      const isUnknown = `${name}: is not a setting of Loquet`;
      return near === null ? `${isUnknown}.` : `${isUnknown}; did you mean ${bare.get(near)}?`;
    });
}

const withoutPrefix = (name: string) => name.replace(/^LOQUET_/i, "");
