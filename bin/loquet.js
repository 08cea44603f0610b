#!/usr/bin/env node
/** The command `loquet`: the right Node, a build that is up to date, then the program. */
import { existsSync } from "node:fs";
import { availableParallelism } from "node:os";
import { endWithNpm } from "./npm-parent.js";
import { isNodeRecent, rerunOnOwnNode } from "./own-node.js";

// Passwords are hashed on libuv's pool: with one thread for each core, hashes do not push each other out of the
// cache. Two at least, so that a slow look-up of a name never stops all hashing. The pool reads this when it is
// first used, so it must stand before anything else runs.
if (!process.env.UV_THREADPOOL_SIZE) {
  process.env.UV_THREADPOOL_SIZE = String(Math.max(2, availableParallelism()));
}

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
