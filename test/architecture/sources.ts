import { existsSync, globSync, readFileSync } from "node:fs";
import { join, posix } from "node:path";
import { strip } from "./strip.ts";

export interface Import {
  line: number;
  /** As written. */
  specifier: string;
  /** Path from `src/` of one of our own files; null for packages and for files outside `src/`. */
  target: string | null;
}

export interface Source {
  /** From `src/`, with forward slashes: `access/recovery/recovery.ts`. */
  path: string;
  /** Without comments and without the contents of strings. */
  code: string;
  imports: Import[];
}

const importForms = [
  /\b(?:import|export)\b[^;"'`()]*?\bfrom\s*["']([^"'\n]+)["']/g,
  /\bimport\s*["']([^"'\n]+)["']/g,
  /\bimport\s*\(\s*["'`]([^"'`\n]+)["'`]/g,
];

export function readSource(path: string, text: string): Source {
  const { uncommented, code } = strip(text);
  const imports = importForms.flatMap((form) =>
    [...uncommented.matchAll(form)].map((match) => {
      const specifier = match[1] as string;
      return {
        line: lineAt(text, match.index + match[0].length),
        specifier,
        target: resolve(path, specifier),
      };
    }),
  );
  return { path, code, imports: imports.sort((a, b) => a.line - b.line) };
}

/** Every TypeScript file of `src/`, tests included. */
export function readSources(root: string): Source[] {
  const folder = join(root, "src");
  if (!existsSync(folder)) return [];
  const paths = globSync("**/*.{ts,tsx}", { cwd: folder }).map((path) => path.replaceAll("\\", "/"));
  return paths.sort().map((path) => readSource(path, readFileSync(join(folder, path), "utf8")));
}

export function lineAt(text: string, index: number): number {
  return text.slice(0, index).split("\n").length;
}

function resolve(path: string, specifier: string): string | null {
  if (!specifier.startsWith(".")) return null;
  const target = posix.join(posix.dirname(path), specifier);
  return target.startsWith("..") ? null : target;
}
