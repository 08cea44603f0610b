// Writes presets/preset.schema.json anew: `node scripts/write-preset-schema.ts`, after a change of the preset's shape.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { renderPresetSchema } from "../src/config/preset.ts";

writeFileSync(join(import.meta.dirname, "..", "presets", "preset.schema.json"), renderPresetSchema());
