/** `npm run help-pictures`: takes the pictures of the help articles again, from the portal as it is now. */
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "./build.js";
import { commandOf, runProgram } from "./programs.js";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
await build();
const vitest = commandOf(root, "vitest", "vitest");
const story = "test/journeys/draws-the-help-pictures.test.ts";
const code = await runProgram(process.execPath, [vitest, "run", "--project", "journeys", story], {
  cwd: root,
  stdio: "inherit",
  env: { ...process.env, HELP_PICTURES: "1" },
});
process.exit(code);
