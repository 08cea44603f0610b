// Builds what `npm start` runs. Plain JavaScript: it has to run before anything is built, on any Node from 20 on.
import { existsSync, readdirSync, statSync } from "node:fs";
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";
import * as esbuild from "esbuild";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const dist = join(root, "dist");
const publicFolder = join(dist, "public");
const manifestFile = join(publicFolder, "assets.json");
const bundleFile = join(dist, "main.js");
const readerFile = join(dist, "mail-reader.js");

export async function build() {
  await Promise.all([buildProgram(), buildPublic()]);
}

async function buildProgram() {
  await esbuild.build({
    entryPoints: {
      main: join(root, "src/main.ts"),
      // A thread of its own: what strangers write is read there.
      "mail-reader": join(root, "src/channels/inbound/mail-reader.ts"),
    },
    outdir: dist,
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node24",
    external: await listExternal(),
    jsx: "automatic",
    jsxImportSource: "preact",
    sourcemap: true,
    logLevel: "warning",
  });
}

/** Packages stay outside but one: Kysely is a hundred small files, and reading them costs a tenth of a second at each start. */
async function listExternal() {
  const { dependencies } = JSON.parse(await readFile(join(root, "package.json"), "utf8"));
  return Object.keys(dependencies).filter((name) => name !== "kysely");
}

export async function buildPublic(target = publicFolder) {
  await mkdir(dirname(target), { recursive: true });
  // Built aside and then put in place whole: a server that runs meanwhile never sees half of it.
  const folder = `${target}.${process.pid}`;
  const ui = (file) => join(root, "src/ui", file);
  const { metafile } = await esbuild.build({
    entryPoints: {
      app: ui("client/app.ts"),
      desk: ui("client/desk.ts"),
      help: ui("client/help.ts"),
      chat: ui("client/chat.ts"),
      style: ui("styles/index.css"),
      mark: ui("images/mark.svg"),
    },
    outdir: folder,
    entryNames: "[name]-[hash]",
    assetNames: "[name]-[hash]",
    loader: { ".svg": "copy", ".woff2": "file" },
    bundle: true,
    minify: true,
    format: "esm",
    target: ["es2022", "chrome109", "firefox115", "safari16"],
    metafile: true,
    absWorkingDir: root,
    logLevel: "warning",
  });
  const files = Object.keys(metafile.outputs).map((file) => basename(file));
  const find = (pattern) => files.find((file) => pattern.test(file));
  const manifest = {
    css: find(/^style-.*\.css$/),
    js: find(/^app-.*\.js$/),
    deskJs: find(/^desk-.*\.js$/),
    helpJs: find(/^help-.*\.js$/),
    chatJs: find(/^chat-.*\.js$/),
    font: find(/\.woff2$/),
    mark: find(/^mark-.*\.svg$/),
    colours: await readMailColours(),
  };
  for (const file of files) if (!file.endsWith(".woff2")) await compress(join(folder, file));
  await writeFile(join(folder, "assets.json"), `${JSON.stringify(manifest, null, 2)}\n`);
  const previous = `${folder}.previous`;
  if (existsSync(target)) await rename(target, previous);
  await rename(folder, target);
  await rm(previous, { recursive: true, force: true });
}

/** Mails cannot use the style sheet, so the colours they need travel in the list: they stay changed in one place. */
async function readMailColours() {
  const css = await readFile(join(root, "src/ui/styles/tokens.css"), "utf8");
  const read = (token) => css.match(new RegExp(`--${token}: (#[0-9a-f]{6});`, "i"))?.[1];
  return {
    paper: read("paper"),
    sheet: read("sheet"),
    ink: read("ink"),
    inkSoft: read("ink-soft"),
    line: read("line"),
    accent: read("accent"),
    onAccent: read("on-accent"),
  };
}

async function compress(file) {
  const content = await readFile(file);
  const params = { [constants.BROTLI_PARAM_QUALITY]: 11 };
  await writeFile(`${file}.br`, await promisify(brotliCompress)(content, { params }));
  await writeFile(`${file}.gz`, await promisify(gzip)(content, { level: 9 }));
}

export function isStale() {
  if (![bundleFile, readerFile, manifestFile].every(existsSync)) return true;
  const built = Math.min(modifiedAt(bundleFile), modifiedAt(manifestFile));
  const inputs = ["src", "locales"].flatMap((folder) => listFiles(join(root, folder)));
  inputs.push(fileURLToPath(import.meta.url), join(root, "package-lock.json"));
  return inputs.some((file) => existsSync(file) && modifiedAt(file) > built);
}

const modifiedAt = (file) => statSync(file).mtimeMs;

function listFiles(folder) {
  const entries = readdirSync(folder, { withFileTypes: true, recursive: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await build();
