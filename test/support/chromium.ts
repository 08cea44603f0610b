import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { type Browser, chromium, type LaunchOptions } from "playwright-core";

const names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

/**
 * The browser of the journeys: the one that `CHROMIUM_PATH` names, else the system's, else the one that
 * Playwright has installed. Null when there is none.
 */
export function findChromium(): string | null {
  const named = process.env.CHROMIUM_PATH;
  if (named) return existsSync(named) ? named : null;
  return candidates().find(isRunnable) ?? null;
}

function candidates(): string[] {
  const folders = (process.env.PATH ?? "").split(delimiter).filter(Boolean);
  const onPath = names.flatMap((name) => folders.map((folder) => join(folder, name)));
  return [...onPath, ...usualPlaces(), chromium.executablePath()];
}

function usualPlaces(): string[] {
  if (process.platform === "darwin") {
    const homes = ["/Applications", join(process.env.HOME ?? "", "Applications")];
    const programs = [
      "Chromium.app/Contents/MacOS/Chromium",
      "Google Chrome.app/Contents/MacOS/Google Chrome",
    ];
    return homes.flatMap((home) => programs.map((program) => join(home, program)));
  }
  if (process.platform === "win32") {
    const homes = [process.env.PROGRAMFILES, process.env["PROGRAMFILES(X86)"], process.env.LOCALAPPDATA];
    const programs = ["Google\\Chrome\\Application\\chrome.exe", "Chromium\\Application\\chrome.exe"];
    return homes.flatMap((home) => (home ? programs.map((program) => join(home, program)) : []));
  }
  return ["/usr/lib/chromium/chromium", "/snap/bin/chromium", "/opt/google/chrome/chrome"];
}

/** Some systems put a script under that name that only tells how to install it, and some lack a library. */
function isRunnable(path: string): boolean {
  if (!existsSync(path)) return false;
  if (process.platform !== "linux") return true;
  const asked = spawnSync(path, ["--version"], { encoding: "utf8", timeout: 30_000 });
  return asked.status === 0 && /chrom/i.test(asked.stdout);
}

/**
 * What a browser of tests can do without. Playwright turns most of it off, too; of two lists Chromium takes the last.
 * A renderer kept in reserve for each person costs as much as the person's own.
 */
const featuresLeftOut = [
  "SpareRendererForSitePerProcess",
  "AimEnabled",
  "AvoidUnnecessaryBeforeUnloadCheckSync",
  "DestroyProfileOnBrowserClose",
  "HttpsFirstBalancedModeAutoEnable",
  "HttpsUpgrades",
  "LensOverlay",
  "MediaRouter",
  "NetworkTimeServiceQuerying",
  "OptimizationHints",
  "PaintHolding",
  "PreconnectToSearch",
  "ThirdPartyStoragePartitioning",
  "WebUIOmniboxAimPopup",
  "WebUIOmniboxFullPopup",
  "WebUIOmniboxPopup",
];

/** Opens a new browser, without a window. The caller closes it. */
export async function launchChromium(options: LaunchOptions = {}): Promise<Browser> {
  const executablePath = findChromium();
  if (!executablePath) throw new Error('No Chromium was found: name the test with needs("chromium").');
  const args = ["--disable-gpu", `--disable-features=${featuresLeftOut.join(",")}`];
  return chromium.launch({ executablePath, chromiumSandbox: false, args, ...options });
}
