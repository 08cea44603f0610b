import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { Fault } from "./fault.ts";

/** The folder that holds `locales/`, `presets/` and the migrations, both from the sources and from the bundle. */
export function findProjectRoot(): string {
  let folder = import.meta.dirname;
  while (!existsSync(join(folder, "presets"))) {
    const parent = dirname(folder);
    if (parent === folder) throw new Fault("The folder presets/ is missing beside the program.");
    folder = parent;
  }
  return folder;
}
