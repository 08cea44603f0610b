import { Document, isMap, isScalar, LineCounter, parseDocument } from "yaml";
import type { z } from "zod";
import type { ArticleFault } from "./article-fault.ts";
import { type ArticleFront, frontFields, frontShape, longestBody } from "./article-shape.ts";

/** An article as it was written: front matter between two lines of `---`, then Markdown. */
export interface ReadArticle {
  /** Null when something of it is wrong or missing. */
  front: ArticleFront | null;
  /** What stands in the front matter, right or wrong: an editor shows it again. */
  values: Record<string, unknown>;
  body: string;
  /** Line of the source on which the body begins, from 1. */
  bodyLine: number;
  faults: ArticleFault[];
}

/** Reads one article's source and tells every fault of its front matter with its line. Never throws. */
export function readArticle(source: string): ReadArticle {
  const text = source.replace(/^\uFEFF/, "").replaceAll(/\r\n?/g, "\n");
  const nothing = { front: null, values: {}, bodyLine: 1 };
  if (!/^---[ \t]*\n/.test(text)) return { ...nothing, body: text, faults: [{ line: 1, says: "no-front" }] };
  const end = /\n---[ \t]*(?:\n|$)/.exec(text);
  if (!end) return { ...nothing, body: "", faults: [{ line: 1, says: "front-open" }] };
  const head = text.slice(text.indexOf("\n") + 1, end.index + 1);
  const body = text.slice(end.index + end[0].length);
  const bodyLine = text.slice(0, end.index + end[0].length).split("\n").length;
  const read = readFront(head);
  const faults = [...read.faults];
  if (body.trim() === "") faults.push({ line: bodyLine, says: "empty" });
  if (body.length > longestBody) faults.push({ line: bodyLine, says: "too-long", values: { longestBody } });
  return { front: read.front, values: read.values, body, bodyLine, faults };
}

type ReadFront = Pick<ReadArticle, "front" | "values" | "faults">;

/** Aliases, and nesting deeper than the stack, are refused by the YAML reader itself, which throws. */
function readFront(head: string): ReadFront {
  try {
    return readFields(head);
  } catch {
    return { front: null, values: {}, faults: [{ line: 2, says: "front-unreadable" }] };
  }
}

function readFields(head: string): ReadFront {
  const lines = new LineCounter();
  const document = parseDocument(head, { lineCounter: lines });
  /** The front matter begins on the second line of the file. */
  const lineAt = (offset: number) => lines.linePos(offset).line + 1;
  const [unreadable] = document.errors;
  if (unreadable || !isMap(document.contents)) {
    const line = unreadable ? lineAt(unreadable.pos[0]) : 2;
    return { front: null, values: {}, faults: [{ line, says: "front-unreadable" }] };
  }
  const places = new Map<string, number>();
  for (const { key } of document.contents.items) {
    if (isScalar(key) && key.range) places.set(String(key.value), lineAt(key.range[0]));
  }
  const values = document.toJS({ maxAliasCount: 0 }) as Record<string, unknown>;
  const checked = frontShape.safeParse(values);
  if (checked.success) return { front: checked.data, values, faults: [] };
  const faults = checked.error.issues.flatMap((issue) => faultsOf(issue, values, places));
  return { front: null, values, faults };
}

function faultsOf(
  issue: z.core.$ZodIssue,
  values: Record<string, unknown>,
  places: Map<string, number>,
): ArticleFault[] {
  const [field, part] = issue.path.map(String);
  if (field === undefined) {
    const unknown = issue.code === "unrecognized_keys" ? issue.keys : [];
    return unknown.map((name) => ({
      line: places.get(name) ?? 2,
      field: name,
      says: "field-unknown",
      values: { field: name, fields: frontFields.join(", ") },
    }));
  }
  const value = issue.path.reduce<unknown>(
    (whole, key) => (whole as Record<PropertyKey, unknown> | null | undefined)?.[key],
    values,
  );
  const isMissing = value === undefined || value === null || value === "";
  const shown = part === undefined || /^\d+$/.test(part) ? field : `${field}.${part}`;
  return [
    {
      line: places.get(field) ?? 2,
      field,
      says: isMissing ? "field-missing" : "field-wrong",
      values: isMissing ? { field: shown } : { field: shown, value: showValue(value) },
    },
  ];
}

function showValue(value: unknown): string {
  const text = typeof value === "string" ? value : (JSON.stringify(value) ?? "");
  return text.length > 80 ? `${text.slice(0, 79)}…` : text;
}

/** Writes an article as `readArticle` reads it: fields in their fixed order, lists on one line, none that is empty. */
export function writeArticle(values: Record<string, unknown>, body: string): string {
  const document = new Document({});
  for (const field of frontFields) {
    const value = values[field];
    if (value === undefined || value === null || value === "") continue;
    if (Array.isArray(value) && value.length === 0) continue;
    const node = document.createNode(value, typeof value === "object" ? { flow: true } : {});
    document.set(field, node);
  }
  const head = document.toString({ lineWidth: 0, flowCollectionPadding: true });
  const trimmed = body.replaceAll(/\r\n?/g, "\n").replace(/^\n+/, "").trimEnd();
  return `---\n${head}---\n\n${trimmed}\n`;
}
