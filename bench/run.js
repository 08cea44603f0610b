// `npm run bench [-- --full] [-- name…]`: builds, then measures. Each figure is a ratio within one run: machines are noisy.
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import * as esbuild from "esbuild";
import { build } from "../scripts/build.js";

const root = join(import.meta.dirname, "..");
await build();
const outfile = join(root, "dist", "bench.js");
await esbuild.build({
  entryPoints: [join(root, "bench", "main.ts")],
  outfile,
  bundle: true,
  platform: "node",
  format: "esm",
  target: "node24",
  packages: "external",
  jsx: "automatic",
  jsxImportSource: "preact",
  logLevel: "warning",
});
const { bench } = await import(pathToFileURL(outfile).href);
await bench(process.argv.slice(2));
