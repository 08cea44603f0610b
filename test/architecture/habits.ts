import { posix } from "node:path";
import { isTest, type Rule } from "./layers.ts";
import { lineAt, type Source } from "./sources.ts";

/** The browser has clocks and chance of its own; what decides anything happens on the server. */
const isClient = (path: string) => path.startsWith("ui/client/");

function eachMatch(sources: Source[], pattern: RegExp, isAllowed: (path: string) => boolean, reason: string) {
  return sources
    .filter(({ path }) => !isAllowed(path))
    .flatMap(({ path, code }) =>
      [...code.matchAll(new RegExp(pattern, "gm"))].map((match) => {
        const start = match.index + match[0].search(/\S/);
        return `src/${path}:${lineAt(code, start)} says ${match[0].trim()}: ${reason}`;
      }),
    );
}

export const tablesHaveOneOwner: Rule = (sources) =>
  eachMatch(
    sources,
    /\.tables\s*</,
    (path) =>
      isTest(path) ||
      path.endsWith(".store.ts") ||
      /^(?:store|outbox|journal)\//.test(path) ||
      path.startsWith("channels/capture"),
    "only a store reads and writes tables.",
  );

export const environmentIsReadOnce: Rule = (sources) =>
  eachMatch(
    sources,
    /\bprocess\s*\.\s*env\b/,
    (path) => isTest(path) || path === "main.ts" || path.startsWith("config/"),
    "the environment is read in main.ts and config/ only.",
  );

export const timeAndChanceComeFromTheKernel: Rule = (sources) =>
  eachMatch(
    sources,
    /\bDate\.now\b|\bMath\.random\b|\bnew Date\(\s*\)|\bnew Date\b(?!\s*\()|\brandom(?:Bytes|UUID|Int|FillSync)\b|\bgetRandomValues\b/,
    (path) => isTest(path) || isClient(path) || path.startsWith("kernel/"),
    "time and chance come from kernel/, so that tests can hold them still.",
  );

export const onlyMainExits: Rule = (sources) =>
  eachMatch(
    sources,
    /\bprocess\s*\.\s*(?:exit|abort|reallyExit)\b/,
    (path) => path === "main.ts",
    "main.ts is the one place that exits.",
  );

export const exportsHaveNames: Rule = (sources) =>
  eachMatch(
    sources,
    /\bexport\s+default\b|\bexport\s*\{[^}]*\bas\s+default\b/,
    () => false,
    "every export has a name.",
  );

export const noBarrels: Rule = (sources) => [
  ...sources
    .filter(({ path }) => /^index\.tsx?$/.test(posix.basename(path)))
    .map(({ path }) => `src/${path}:1 is a barrel: import the file that holds the thing.`),
  ...eachMatch(sources, /\bexport\s*\*/, () => false, "import the file that holds the thing."),
];

export const noEnums: Rule = (sources) =>
  eachMatch(
    sources,
    /^\s*(?:export\s+)?(?:declare\s+)?(?:const\s+)?enum\s+\w+\s*\{/,
    () => false,
    "a union of texts does it, and is erased.",
  );

export const namesAreKebabCase: Rule = (sources) =>
  sources.flatMap(({ path }) => {
    const wrong = path.split("/").find((part) => !/^[a-z0-9]+(?:-[a-z0-9]+)*(?:\.[a-z0-9-]+)*$/.test(part));
    return wrong ? [`src/${path}:1 has ${wrong} in its name: names are in kebab-case.`] : [];
  });
