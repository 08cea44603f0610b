#!/usr/bin/env node
/** The command `loquet`: the right Node, a build that is up to date, then the program. */
import { existsSync } from "node:fs";
import { endWithNpm } from "./npm-parent.js";
import { isNodeRecent, rerunOnOwnNode } from "./own-node.js";

if (isNodeRecent()) await run();
else rerunOnOwnNode();

async function run() {
  endWithNpm();
  // An image for production holds the build without its sources.
  if (existsSync(new URL("../src/main.ts", import.meta.url))) {
    const { build, isStale } = await import("../scripts/build.js");
    if (await isStale()) await build();
  }
  await import("../dist/main.js");
}
