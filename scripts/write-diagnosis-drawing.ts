// Writes docs/diagnosis.md anew: `npx node scripts/write-diagnosis-drawing.ts`, after a change of help/diagnosis/.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { renderDrawing } from "../src/help/diagnosis/draw-diagnosis.ts";

const root = join(import.meta.dirname, "..");
writeFileSync(join(root, "docs", "diagnosis.md"), renderDrawing(root));
