import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { findChromium } from "./chromium.ts";

interface Step {
  program: string;
  args: string[];
  limitSeconds: number;
}

const isRoot = process.getuid?.() === 0;
const isDebian = process.platform === "linux" && existsSync("/usr/bin/apt-get");

/**
 * Brings a Chromium: first as Playwright installs it, then as Debian does. Takes minutes and writes what it
 * does to the terminal. Returns its path, or null when neither way was open.
 */
export function installChromium(say: (sentence: string) => void): string | null {
  for (const steps of waysToInstall()) {
    for (const { program, args, limitSeconds } of steps) {
      say(`> ${program} ${args.join(" ")}`);
      const ended = spawnSync(program, args, {
        stdio: ["ignore", "inherit", "inherit"],
        timeout: limitSeconds * 1000,
        env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
      });
      if (ended.status !== 0) break;
    }
    const found = findChromium();
    if (found) return found;
  }
  return null;
}

function waysToInstall(): Step[][] {
  const cli = join(dirname(createRequire(import.meta.url).resolve("playwright-core/package.json")), "cli.js");
  const withSystemLibraries = isRoot && isDebian ? ["--with-deps"] : [];
  const playwright = [cli, "install", "--no-shell", ...withSystemLibraries, "chromium"];
  const ways = [[{ program: process.execPath, args: playwright, limitSeconds: 300 }]];
  if (isRoot && isDebian) {
    ways.push([
      { program: "apt-get", args: ["update"], limitSeconds: 180 },
      {
        program: "apt-get",
        // The second package draws Arabic too, and is small.
        args: ["install", "-y", "--no-install-recommends", "chromium", "fonts-dejavu-core"],
        limitSeconds: 600,
      },
    ]);
  }
  return ways;
}

/** The line that a person types to bring what `installChromium` could not. */
export function howToGetChromium(): string {
  if (isDebian) return "sudo apt-get update && sudo apt-get install -y chromium";
  return "npx playwright-core install chromium";
}
