import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Fault } from "../kernel/fault.ts";
import type { MailColours } from "./mail-content.ts";

/** Where the public files are served. Their names hold a hash of their content: they may be kept for ever. */
export const assetsPath = "/assets/";

export interface Assets {
  /** Addresses, to be put into `View.assets`. */
  css: string;
  js: string;
  deskJs: string;
  helpJs: string;
  chatJs: string;
  font: string;
  mark: string;
  /** The folder to serve at `assetsPath`; `.br` and `.gz` twins stand beside the files. */
  folder: string;
  /** The colours of the light theme, for mails, which cannot use a style sheet. */
  colours: MailColours;
}

interface Manifest {
  css: string;
  js: string;
  deskJs: string;
  helpJs: string;
  chatJs: string;
  font: string;
  mark: string;
  colours: MailColours;
}

/** Reads the list that `scripts/build.js` leaves in `<root>/dist/public`. Refuses (`Fault`) when it is not built. */
export function loadAssets(root: string): Assets {
  const folder = join(root, "dist", "public");
  let manifest: Manifest;
  try {
    manifest = JSON.parse(readFileSync(join(folder, "assets.json"), "utf8")) as Manifest;
  } catch (cause) {
    throw new Fault("The style sheet and script are not built yet: run `node scripts/build.js` first.", {
      cause,
    });
  }
  const { css, js, deskJs, helpJs, chatJs, font, mark, colours } = manifest;
  return {
    css: assetsPath + css,
    js: assetsPath + js,
    deskJs: assetsPath + deskJs,
    helpJs: assetsPath + helpJs,
    chatJs: assetsPath + chatJs,
    font: assetsPath + font,
    mark: assetsPath + mark,
    folder,
    colours,
  };
}
