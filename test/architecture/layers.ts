import { posix } from "node:path";
import type { Import, Source } from "./sources.ts";

/** A rule of the house: the sentences that say where it is broken, none when it holds. */
export type Rule = (sources: Source[]) => string[];

/** Folders of `src/` that are rooms themselves, and those that hold a room in each folder. */
const singleRooms = ["accounts"];
const roomFolders = ["access", "school", "desk", "help", "sso"];
/** Rooms that are no capability of their own: what the capabilities have in common. */
const sharedRooms = ["accounts", "access/budgets", "access/challenges", "access/truth"];
/** What every room may stand on. It knows no room. */
const ground = ["kernel", "config", "store", "outbox", "channels", "journal", "http", "ui", "i18n"];

export const isTest = (path: string) => /\.test\.tsx?$/.test(path);
const folderOf = (path: string) => path.split("/")[0] as string;

/** `access/recovery` for a file of that room; null for the ground and for `main.ts`. */
export function roomOf(path: string): string | null {
  const [first, second, third] = path.split("/") as [string, string?, string?];
  if (singleRooms.includes(first)) return first;
  if (!roomFolders.includes(first)) return null;
  return third === undefined ? first : `${first}/${second}`;
}

function eachImport(sources: Source[], judge: (source: Source, target: string) => string | null): string[] {
  return sources
    .filter((source) => !isTest(source.path))
    .flatMap((source) =>
      source.imports.flatMap(({ line, target }: Import) => {
        const reason = target === null ? null : judge(source, target);
        return reason ? [`src/${source.path}:${line} imports ${target}: ${reason}`] : [];
      }),
    );
}

export const kernelStandsAlone: Rule = (sources) =>
  eachImport(sources, ({ path }, target) =>
    folderOf(path) === "kernel" && folderOf(target) !== "kernel"
      ? "the kernel imports nothing of ours."
      : null,
  );

export const httpKnowsNoRoom: Rule = (sources) => {
  const allowed = ["http", "kernel", "config", "i18n", "ui"];
  return eachImport(sources, ({ path }, target) =>
    folderOf(path) === "http" && !allowed.includes(folderOf(target))
      ? `http/ imports only ${allowed.slice(1).join(", ")}.`
      : null,
  );
};

export const groundKnowsNoRoom: Rule = (sources) =>
  eachImport(sources, ({ path }, target) =>
    ground.includes(folderOf(path)) && roomOf(target) !== null
      ? `${folderOf(path)}/ is what rooms stand on; hand it what it needs in wiring/.`
      : null,
  );

/** Rules name what they need of a neighbour in their `deps`, and wiring/ hands it over; shared rooms are open to all. */
export const rulesKeepToTheirRoom: Rule = (sources) =>
  eachImport(sources, ({ path }, target) => {
    const room = roomOf(path);
    const other = roomOf(target);
    const isRules = room !== null && !/\.(routes|pages)\.tsx$/.test(path);
    if (!isRules || other === null || other === room || sharedRooms.includes(other)) return null;
    return `rules of ${room} take what they need of ${other} through their deps.`;
  });

export const onlyRoutesShowPages: Rule = (sources) =>
  eachImport(sources, ({ path }, target) => {
    if (!target.endsWith(".pages.tsx") || path.endsWith(".routes.tsx")) return null;
    const isOwnPart = path.endsWith(".pages.tsx") && posix.dirname(path) === posix.dirname(target);
    return isOwnPart ? null : "only routes show pages.";
  });

export const storesLookDown: Rule = (sources) =>
  eachImport(sources, ({ path }, target) => {
    if (!path.endsWith(".store.ts")) return null;
    if (/\.(routes|pages|messages)\.tsx$|\.jobs\.ts$/.test(target))
      return "a store knows neither pages nor routes.";
    const room = posix.dirname(path);
    const isRules = target === `${room}/${posix.basename(room)}.ts`;
    return isRules && roomOf(path) !== null ? "a store never imports the rules above it." : null;
  });

export const routesAskTheRules: Rule = (sources) =>
  eachImport(sources, ({ path }, target) =>
    /\.(routes|pages)\.tsx$/.test(path) && target.endsWith(".store.ts")
      ? "routes and pages ask the rules, never a store."
      : null,
  );

/** Each cycle once, as the path that closes it. Imports of types count: they bind rooms just as well. */
export const noCycles: Rule = (sources) => {
  const next = new Map(
    sources.map(({ path, imports }) => [path, imports.flatMap(({ target }) => target ?? [])]),
  );
  const done = new Set<string>();
  const sentences: string[] = [];
  const visit = (path: string, trail: string[]): void => {
    const start = trail.indexOf(path);
    if (start !== -1) {
      const cycle = [...trail.slice(start), path];
      const from = sources.find((source) => source.path === trail.at(-1));
      const line = from?.imports.find(({ target }) => target === path)?.line;
      sentences.push(`src/${from?.path}:${line} closes a cycle: ${cycle.join(" -> ")}.`);
    } else if (!done.has(path)) {
      for (const target of next.get(path) ?? []) visit(target, [...trail, path]);
      done.add(path);
    }
  };
  for (const { path } of sources) visit(path, []);
  return sentences;
};
