import { execFileSync } from "node:child_process";
import { globSync, readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { lineAt } from "./sources.ts";
import { strip } from "./strip.ts";

const root = dirname(dirname(import.meta.dirname));
const read = (path: string) => readFileSync(join(root, path), "utf8");

interface TextFile {
  path: string;
  text: string;
}

const files = listFiles().flatMap((path): TextFile[] => {
  const text = read(path);
  return text.includes("\0") ? [] : [{ path, text }];
});

/** What git keeps or would keep; where the project came without git, everything but what is made here. */
function listFiles(): string[] {
  const isFile = (path: string) => statSync(join(root, path), { throwIfNoEntry: false })?.isFile() ?? false;
  try {
    const asked = ["ls-files", "-z", "--cached", "--others", "--exclude-standard"];
    const listed = execFileSync("git", asked, {
      cwd: root,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    });
    const paths = listed.split("\0").filter(isFile);
    if (paths.length > 0) return paths;
  } catch {
    // No git here, or not a repository.
  }
  const made = ["node_modules", "dist", "data", "test-results", ".git"];
  const everything = [
    ...globSync("**/*", { cwd: root, exclude: made }),
    ...globSync(".*/**/*", { cwd: root, exclude: made }),
  ];
  return everything.map((path) => path.replaceAll("\\", "/")).filter(isFile);
}

function find(pattern: RegExp, among: TextFile[]): string[] {
  return among.flatMap(({ path, text }) =>
    [...text.matchAll(new RegExp(pattern, "g"))].map(
      (match) => `${path}:${lineAt(text, match.index)} holds ${match[0].trim()}`,
    ),
  );
}

// Written so that they do not find themselves.
const machinePath =
  /(?<![\w.~/:-])(?:\/(?:home|Users|root|work|tmp|builds|workspace)\/[\w.-]+|[A-Z]:\\Users\\\w+)/;
const registryHost =
  /https?:\/\/[\w.-]*(?:registry|npmjs|artifactory|nexus|verdaccio)[\w.-]*|\bregistry\s*=\s*http/;
const leftOut = /\.(?:skip|only|todo)\s*[(.]/;

test("no file holds a path of somebody's machine", () => {
  expect(find(machinePath, files)).toEqual([]);
  const sample = { path: "a.md", text: `see\n${"/ho"}me/anna/loquet` };
  expect(find(machinePath, [sample])).toEqual([`a.md:2 holds ${"/ho"}me/anna`]);
});

test("no file names a package registry's host", () => {
  expect(find(registryHost, files)).toEqual([]);
  const sample = { path: "a.md", text: `ht${"tps://regis"}try.example.org/x` };
  expect(find(registryHost, [sample])).toHaveLength(1);
});

test("the lock file holds no download addresses, so that every machine uses its own registry", () => {
  expect(read(".npmrc")).toContain("omit-lockfile-registry-resolved=true");
  expect(find(/"resolved":.*/, [{ path: "package-lock.json", text: read("package-lock.json") }])).toEqual([]);
});

test("package.json asks for exact versions", () => {
  const { dependencies, devDependencies } = JSON.parse(read("package.json"));
  const loose = Object.entries({ ...dependencies, ...devDependencies }).filter(
    ([, version]) => !/^\d+\.\d+\.\d+(?:-[\w.]+)?$/.test(String(version)),
  );
  expect(loose).toEqual([]);
});

test("no test is left out or favoured", () => {
  const tests = files.filter(({ path }) => /\.test\.tsx?$/.test(path));
  const found = (among: TextFile[]) =>
    find(
      leftOut,
      among.map(({ path, text }) => ({ path, text: strip(text).code })),
    );
  expect(found(tests)).toEqual([]);
  const sample = { path: "a.test.ts", text: `test.skipIf(x)("a");\ntest.${"skip"}("b");` };
  expect(found([sample])).toEqual([`a.test.ts:2 holds .${"skip"}(`]);
});
