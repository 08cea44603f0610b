import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type Document, isMap, isNode, LineCounter, parseDocument } from "yaml";
import type { z } from "zod";
import { explainIssue } from "../../config/explain-issue.ts";
import type { Preset } from "../../config/preset.ts";
import { Fault } from "../../kernel/fault.ts";
import {
  type DataFault,
  type DiagnosisData,
  type DiagnosisFile,
  type DiagnosisNode,
  fileShape,
  readNode,
  textsOf,
} from "./diagnosis-data.ts";
import { graphFaults } from "./diagnosis-graph.ts";
import { setFrenchSpaces } from "./french-spaces.ts";

const folder = "help/diagnosis";
const common = `${folder}/common.yaml`;

/** A file as it was read, with what is needed to say where a fault stands. */
interface ReadFile {
  name: string;
  content: DiagnosisFile;
  lineOf(path: PropertyKey[]): number | null;
  has(path: PropertyKey[]): boolean;
}

/** `own`: the nodes that the preset's own file replaces or adds. */
type DiagnosisRead = { ok: true; data: DiagnosisData; own: string[] } | { ok: false; faults: string[] };

/**
 * Reads the diagnosis of a preset: the common file, and over it the preset's own, if there is one; for null the
 * common file alone. Every fault is reported at once, each with file and line. Whether the pages exist that it leads
 * to, only a server can say.
 */
export function readDiagnosis(
  root: string,
  preset: Pick<Preset, "languages"> & { name: Preset["name"] | null },
): DiagnosisRead {
  const faults: string[] = [];
  const base = readFile(root, common, faults);
  const ownName = `${folder}/${preset.name}.yaml`;
  const own = existsSync(join(root, ownName)) ? readFile(root, ownName, faults) : null;
  if (!base || faults.length > 0) return { ok: false, faults };

  const languages = preset.languages.offered;
  const tell = (files: ReadFile[], found: DataFault[]) =>
    faults.push(...found.map((fault) => place(files, fault)));
  // The common file stands by itself: presets without a file of their own use it as it is.
  const data = assemble([base]);
  tell([base], graphFaults(data, Object.keys(base.content.nodes), languages));
  if (!own) return faults.length > 0 ? { ok: false, faults } : { ok: true, data, own: [] };
  const whole = assemble([base, own]);
  if (faults.length === 0) tell([own, base], graphFaults(whole, Object.keys(own.content.nodes), languages));
  if (faults.length > 0) return { ok: false, faults };
  return { ok: true, data: whole, own: Object.keys(own.content.nodes) };
}

/** The same for a start: refused with every fault in one sentence each. */
export function requireDiagnosis(root: string, preset: Pick<Preset, "name" | "languages">): DiagnosisData {
  const read = readDiagnosis(root, preset);
  if (!read.ok) throw new Fault(`The guided diagnosis has mistakes:\n  ${read.faults.join("\n  ")}`);
  return read.data;
}

/** The pages that ends lead to and that the server does not have, each with the node that names it. */
export function missingPages(data: DiagnosisData, hasPage: (path: string) => boolean): string[] {
  return [...data.nodes].flatMap(([name, node]) => {
    if (node.kind !== "action") return [];
    const path = node.to.split(/[?#]/)[0] as string;
    return hasPage(path) ? [] : [`nodes.${name}.to names ${path}, which is no page of this portal.`];
  });
}

/** `help/diagnosis/common.yaml:12: nodes.mail-which.answers.reset.go …` */
function place(files: ReadFile[], { path, sentence }: DataFault): string {
  const file = files.find((one) => one.has(path)) ?? (files[0] as ReadFile);
  const line = file.lineOf(path);
  return `${file.name}${line === null ? "" : `:${line}`}: ${path.map(String).join(".")} ${sentence}.`;
}

function assemble(files: ReadFile[]): DiagnosisData {
  const data: DiagnosisData = { groups: [], starts: {} as DiagnosisData["starts"], nodes: new Map() };
  for (const { content } of files) {
    if (content.groups) data.groups = content.groups;
    Object.assign(data.starts, content.symptoms ?? {});
    for (const [name, node] of Object.entries(content.nodes)) data.nodes.set(name, node);
  }
  return data;
}

/** What stands in a file is understood once, however many portals one process opens. */
const understood = new Map<string, ReadFile>();

function readFile(root: string, name: string, faults: string[]): ReadFile | null {
  let text: string;
  try {
    text = readFileSync(join(root, name), "utf8");
  } catch (cause) {
    faults.push(`${name}: cannot be read (${(cause as NodeJS.ErrnoException).code ?? "unreadable"}).`);
    return null;
  }
  const known = understood.get(`${name} ${text}`);
  if (known) return known;
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  if (document.errors.length > 0) {
    for (const error of document.errors) {
      faults.push(`${name}:${lines.linePos(error.pos[0]).line}: ${error.message}`);
    }
    return null;
  }
  const whole: unknown = document.toJS();
  const lineOf = (path: PropertyKey[]) => findLine(document, lines, path);
  const told: ReadFile = {
    name,
    content: { nodes: {} },
    lineOf,
    has: (path) => path.length > 0 && document.hasIn(path.slice(0, 2)),
  };
  const found = readContent(whole, told);
  faults.push(...found.map((fault) => place([told], fault)));
  if (found.length > 0) return null;
  understood.set(`${name} ${text}`, told);
  return told;
}

/** Fills `file.content`; answers what is wrong in it by itself. */
function readContent(whole: unknown, file: ReadFile): DataFault[] {
  const parsed = fileShape.safeParse(whole);
  if (!parsed.success) return explain(parsed.error.issues, whole, []);
  const faults: DataFault[] = [];
  const nodes: Record<string, DiagnosisNode> = {};
  for (const [name, value] of Object.entries(parsed.data.nodes)) {
    const read = readNode(value);
    if ("node" in read) nodes[name] = withFrenchSpaces(read.node);
    else if ("faults" in read) faults.push(...explain(read.faults, value, ["nodes", name]));
    else faults.push({ path: ["nodes", name], sentence: "is of no kind: it needs ask, check or do" });
  }
  const groups = parsed.data.groups?.map(({ title, symptoms }) => ({ title: spaced(title), symptoms }));
  file.content = { ...parsed.data, ...(groups ? { groups } : {}), nodes };
  return faults;
}

function explain(issues: z.core.$ZodIssue[], whole: unknown, at: PropertyKey[]): DataFault[] {
  return issues.flatMap((issue) =>
    explainIssue(issue, whole, () => []).map(({ path, sentence }) => ({ path: [...at, ...path], sentence })),
  );
}

/** Who writes these files types ordinary spaces. */
function spaced(words: Record<string, string>): Record<string, string> {
  return words.fr === undefined ? words : { ...words, fr: setFrenchSpaces(words.fr) };
}

function withFrenchSpaces(node: DiagnosisNode): DiagnosisNode {
  for (const { words } of textsOf(node)) {
    const { fr } = words;
    if (typeof fr === "string") words.fr = setFrenchSpaces(fr);
    if (Array.isArray(fr)) words.fr = fr.map(setFrenchSpaces);
  }
  return node;
}

/** The line of the nearest thing that exists on the way to `path`: what is missing stands nowhere. */
function findLine(document: Document, lines: LineCounter, path: PropertyKey[]): number | null {
  for (let length = path.length; length > 0; length--) {
    const parent = length === 1 ? document.contents : document.getIn(path.slice(0, length - 1), true);
    const key = path[length - 1];
    const range = isMap(parent)
      ? keyRange(parent.items.find((item) => isNode(item.key) && String(item.key) === String(key))?.key)
      : keyRange(document.getIn(path.slice(0, length), true));
    if (range) return lines.linePos(range[0]).line;
  }
  return null;
}

function keyRange(value: unknown): [number, number, number] | null {
  return isNode(value) && value.range ? value.range : null;
}
