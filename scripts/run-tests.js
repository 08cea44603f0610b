/**
 * `npm test [-- <part of a file's path>…]`: brings what the tests need (the build, Chromium, PostgreSQL), runs
 * the checks and every test, and ends with one line that counts them all.
 * `--long` runs test/long instead; `--checks` runs only the type checker and the linter.
 */
import { existsSync, globSync, mkdtempSync, readFileSync, rmSync, statfsSync } from "node:fs";
import { freemem, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { commandOf, endPrograms, runProgram } from "./programs.js";
import { createTally } from "./tally.js";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const flags = process.argv.slice(2).filter((word) => word.startsWith("--"));
const filters = process.argv.slice(2).filter((word) => !word.startsWith("--"));
const isLong = flags.includes("--long");
const isChecksOnly = flags.includes("--checks");
/** Elsewhere a missing tool is a skip; there it is a fault of the machine that must not pass unnoticed. */
const isCi = !["", "0", "false"].includes(process.env.CI ?? "");

const tally = createTally();
const cleanings = [];
let isStopped = false;

await run();

async function run() {
  process.chdir(root);
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.once(signal, stop);
  try {
    if (isChecksOnly) await check();
    else await test();
  } catch (cause) {
    tally.fail("the test run itself", cause);
  }
  if (isStopped) return;
  for (const clean of cleanings) await clean();
  process.exit(tally.conclude());
}

async function stop() {
  isStopped = true;
  await endPrograms();
  for (const clean of cleanings) await clean();
  process.exit(130);
}

async function test() {
  const environment = testEnvironment();
  await bringBuild();
  if (filters.length === 0 && !isLong) await check();
  const projects = isLong ? ["long"] : ["unit", "architecture", "contracts"];
  const hasBrowser = await bringChromium(environment);
  if (hasBrowser && !isLong) projects.push("journeys");
  await bringPostgres(environment);
  await runVitest(projects, environment);
}

/** The settings of whoever runs the tests say nothing about the portals that the tests start. */
function testEnvironment() {
  const environment = { ...process.env };
  for (const name of Object.keys(environment)) {
    const isSetting = /^LOQUET_(?!TEST_)/.test(name);
    if (isSetting || ["PORT", "HOST", "DATABASE_URL", "SMTP_URL"].includes(name)) delete environment[name];
  }
  // Databases of tests are thrown away: nobody waits for a disk on their account. What is killed uses a real one.
  const memory = isLong ? null : findMemoryFolder();
  if (memory !== null && environment.TMPDIR === undefined) {
    environment.TMPDIR = memory;
    process.env.TMPDIR = memory;
  }
  return environment;
}

/** A folder in memory with room for all that the tests write; null where there is none. */
function findMemoryFolder() {
  try {
    const { bavail, bsize } = statfsSync("/dev/shm");
    return bavail * bsize > 3 * 2 ** 30 && freemem() > 4 * 2 ** 30 ? "/dev/shm" : null;
  } catch {
    return null;
  }
}

async function bringBuild() {
  console.log("Building…");
  try {
    const { build } = await import("./build.js");
    await build();
  } catch (cause) {
    tally.fail("build", cause);
  }
}

async function check() {
  const checks = [
    ["type check", "typescript", "tsc", "-p", "."],
    ["type check of the browser's scripts", "typescript", "tsc", "-p", "src/ui/client"],
    ["format and lint", "@biomejs/biome", "biome", "check", "."],
  ];
  for (const [name, source, command, ...args] of checks) {
    if (command === "tsc" && !existsSync(join(args[1], "tsconfig.json"))) continue;
    console.log(`Checking: ${name}…`);
    const code = await runProgram(process.execPath, [commandOf(root, source, command), ...args], {
      stdio: "inherit",
    });
    if (code === 0) tally.pass();
    else tally.fail(name, `${command} ${args.join(" ")} found something (above).`);
  }
}

/** Returns whether the journeys can run. If not, has counted each of their files as a skip, or failed in CI. */
async function bringChromium(environment) {
  const journeys = chosenFiles("test/journeys");
  if (journeys.length === 0 && !isLong) return true;
  const { findChromium } = await import("../test/support/chromium.ts");
  const { howToGetChromium, installChromium } = await import("../test/support/chromium-install.ts");
  let found = findChromium();
  if (!found && process.env.CHROMIUM_PATH) {
    console.log(`CHROMIUM_PATH names no file: ${process.env.CHROMIUM_PATH}`);
  } else if (!found) {
    console.log("There is no Chromium on this machine: installing one. It takes some minutes, once.");
    found = installChromium(console.log);
  }
  if (found) {
    environment.CHROMIUM_PATH = found;
    return true;
  }
  const sentence = `Chromium is missing. Type: ${howToGetChromium()}`;
  if (isCi) tally.fail("Chromium", sentence);
  else console.log(sentence);
  if (!isLong) for (const file of journeys) tally.skip(`${file} (needs chromium)`);
  return false;
}

async function bringPostgres(environment) {
  if (environment.LOQUET_TEST_POSTGRES) return;
  // Set even when empty: the tests need not try again.
  environment.LOQUET_TEST_POSTGRES = "";
  try {
    const { startPostgres } = await import("../test/support/postgres-server.ts");
    const server = await startPostgres();
    environment.LOQUET_TEST_POSTGRES = server.url;
    process.once("exit", server.stopNow);
    cleanings.push(server.stop);
  } catch (cause) {
    if (isCi) tally.fail("PostgreSQL", cause);
    else console.log(`${cause.message}\nThe tests that need it are skipped.`);
  }
}

async function runVitest(projects, environment) {
  const folder = mkdtempSync(join(tmpdir(), "loquet-test-"));
  cleanings.push(() => rmSync(folder, { recursive: true, force: true }));
  const outputFile = join(folder, "results.json");
  const reports = ["--reporter=default", "--reporter=json", `--outputFile.json=${outputFile}`];
  const chosen = [...projects.map((project) => `--project=${project}`), ...filters];
  const args = [commandOf(root, "vitest"), "run", ...reports, ...chosen];
  const code = await runProgram(process.execPath, args, {
    stdio: ["ignore", "inherit", "inherit"],
    // Journeys share what pages they have measured: a page is measured once a run, not once a file.
    env: { ...environment, LOQUET_TEST_MEASURED: folder },
  });
  const failedBefore = tally.failed;
  if (existsSync(outputFile)) tally.add(JSON.parse(readFileSync(outputFile, "utf8")), root);
  if (code !== 0 && !isStopped && tally.failed === failedBefore) {
    tally.fail("Vitest", `It ended with ${code} and no failed test: no file was found, or an error (above).`);
  }
}

function chosenFiles(folder) {
  const files = globSync(`${folder}/**/*.test.{ts,tsx}`, { cwd: root }).map((file) =>
    file.replaceAll("\\", "/"),
  );
  return files.filter((file) => filters.length === 0 || filters.some((part) => file.includes(part)));
}
