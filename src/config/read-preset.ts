import { existsSync, readFileSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { checkPreset, overlay } from "./check-preset.ts";
import type { PresetFault } from "./explain-issue.ts";
import type { Preset } from "./preset.ts";

/**
 * Reads `<root>/presets/<name>.json`, lays the operator's own file over it and checks the whole. Every fault is
 * told with the file it comes from. Paths inside (`brandLogo`, `legalFolder`) become absolute, read from the
 * folder of the file that names them. Null, with faults pushed, when anything is wrong.
 */
export function readPreset(
  root: string,
  name: string | null,
  overridePath: string | null,
  faults: string[],
): Preset | null {
  const before = faults.length;
  const override =
    overridePath === null ? {} : readJson(overridePath, `LOQUET_CONFIG (${overridePath})`, faults);
  if (name === null) return null;
  const presetPath = join(root, "presets", `${name}.json`);
  const base = readJson(presetPath, `presets/${name}.json`, faults);
  if (base === null || override === null) return null;

  const source = (fault: PresetFault) =>
    [fault.path, ...(fault.involves ?? [])].some((path) => isSaidBy(override, path))
      ? `LOQUET_CONFIG (${overridePath})`
      : `presets/${name}.json`;
  const tell = (fault: PresetFault) =>
    faults.push(
      `${source(fault)} → ${writePath(fault.path)}: ${fault.sentence}${/[?]$/.test(fault.sentence) ? "" : "."}`,
    );

  const checked = checkPreset(overlay(base, override), base);
  if (!checked.ok) {
    checked.faults.forEach(tell);
    return null;
  }

  const fromItsFile = (field: "brandLogo" | "legalFolder") => {
    const path = checked.preset[field];
    const file = isSaidBy(override, [field]) ? (overridePath as string) : presetPath;
    return path === null ? null : resolve(dirname(file), path);
  };
  const preset = {
    ...checked.preset,
    brandLogo: fromItsFile("brandLogo"),
    legalFolder: fromItsFile("legalFolder"),
    roles: rolesOf(checked.preset),
  };
  outsideFaults(root, name, preset).forEach(tell);
  return faults.length === before ? preset : null;
}

/** Where nobody can chat, nobody answers chats: the desk then neither shows nor opens that room. */
function rolesOf({ roles, support }: Preset): Preset["roles"] {
  if (support.hasChat) return roles;
  return roles.map((role) => ({ ...role, may: role.may.filter((act) => act !== "chat.answer") }));
}

/** What a preset says about things outside itself: its name, files, languages. */
function outsideFaults(root: string, name: string, preset: Preset): PresetFault[] {
  const found: PresetFault[] = [];
  if (preset.name !== name)
    found.push({ path: ["name"], sentence: `must be ${name}, as LOQUET_PRESET says` });
  if (preset.brandLogo !== null && !statSync(preset.brandLogo, { throwIfNoEntry: false })?.isFile()) {
    found.push({ path: ["brandLogo"], sentence: `must be an SVG file; ${preset.brandLogo} is none` });
  }
  if (
    preset.legalFolder !== null &&
    !statSync(preset.legalFolder, { throwIfNoEntry: false })?.isDirectory()
  ) {
    found.push({ path: ["legalFolder"], sentence: `must be a folder; ${preset.legalFolder} is none` });
  }
  preset.languages.offered.forEach((language, index) => {
    if (existsSync(join(root, "locales", `${language}.json`))) return;
    found.push({
      path: ["languages", "offered", index],
      sentence: `names ${language}, but locales/${language}.json does not exist`,
    });
  });
  return found;
}

/** A JSON file that holds one group; otherwise null and one fault, which never repeats what the file holds. */
function readJson(path: string, source: string, faults: string[]): Record<string, unknown> | null {
  let text: string;
  try {
    text = readFileSync(path, "utf8").replace(/^\uFEFF/, "");
  } catch (error) {
    faults.push(`${source}: cannot be read (${(error as NodeJS.ErrnoException).code ?? "unreadable"}).`);
    return null;
  }
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null && !Array.isArray(value))
      return value as Record<string, unknown>;
    faults.push(`${source}: must hold one group of settings in { }.`);
  } catch (error) {
    const [, place] = /\((line \d+ column \d+)\)/.exec((error as Error).message) ?? [];
    faults.push(`${source}: is not valid JSON${place ? ` (${place})` : ""}.`);
  }
  return null;
}

/** Whether the operator's own file says what stands at this path: it, or a value that it replaces whole. */
function isSaidBy(override: Record<string, unknown>, path: PropertyKey[]): boolean {
  let value: unknown = override;
  for (const step of path) {
    if (typeof value !== "object" || value === null || Array.isArray(value)) return true;
    if (!Object.hasOwn(value, step)) return false;
    value = (value as Record<PropertyKey, unknown>)[step];
  }
  return true;
}

/** `limits["sign-up.per-source"].max`, `relays[0].name.fr`. */
function writePath(path: PropertyKey[]): string {
  return path
    .map((step, index) => {
      if (typeof step === "number") return `[${step}]`;
      const key = String(step);
      if (!/^[\w$-]+$/.test(key)) return `[${JSON.stringify(key)}]`;
      return index === 0 ? key : `.${key}`;
    })
    .join("");
}
