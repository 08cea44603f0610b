import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { buildPublic } from "../../scripts/build.js";
import { Fault } from "../kernel/fault.ts";
import { loadAssets } from "./assets.ts";
import { defaultMailColours } from "./mail-colours.ts";

const root = mkdtempSync(join(tmpdir(), "loquet-assets-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

test("assets that are not built are refused with the line to type", () => {
  expect(() => loadAssets(join(root, "nowhere"))).toThrow(Fault);
  expect(() => loadAssets(join(root, "nowhere"))).toThrow("node scripts/build.js");
});

describe("built assets", async () => {
  await buildPublic(join(root, "dist", "public"));
  const assets = loadAssets(root);
  const file = (address: string) => join(assets.folder, basename(address));
  const addresses = [
    assets.css,
    assets.js,
    assets.deskJs,
    assets.helpJs,
    assets.chatJs,
    assets.font,
    assets.mark,
  ];

  test("exist, under names that change with their content", () => {
    for (const address of addresses) {
      expect(address).toMatch(/^\/assets\/[a-z-]+-[A-Z0-9]{8}\.(?:css|js|woff2|svg)$/);
      expect(existsSync(file(address))).toBe(true);
    }
    expect(assets.colours).toEqual(defaultMailColours);
  });

  test("are light: style sheet, script and mark under 14 KB compressed, the script under 4 KB plain", () => {
    const sizes = [assets.css, assets.js, assets.mark].map((address) => statSync(`${file(address)}.gz`).size);
    expect(sizes.reduce((sum, size) => sum + size)).toBeLessThan(14_000);
    expect(statSync(file(assets.js)).size).toBeLessThan(4_096);
    for (const address of [assets.css, assets.js, assets.mark])
      expect(existsSync(`${file(address)}.br`)).toBe(true);
  });

  test("fetch nothing from elsewhere, and the font never holds a page up", () => {
    const css = readFileSync(file(assets.css), "utf8");
    expect(css).not.toMatch(/https?:|\/\//);
    expect(css).toContain(basename(assets.font));
    expect(css).toContain("font-display:optional");
  });
});
