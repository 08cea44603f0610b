import type { z } from "zod";
import { nearSpelling } from "./near-spelling.ts";

/** One thing wrong in a preset: where, and what, in words that follow the place's name. */
export interface PresetFault {
  path: PropertyKey[];
  /** Such as `must be at least 8`: no capital, no full stop. Never holds the value that was given. */
  sentence: string;
  /** The other places that it is about. */
  involves?: PropertyKey[][];
}

/**
 * Turns an issue of zod about a preset into what an operator can act on.
 * `knownAt` names the settings that exist at a path, for the suggestion beside an unknown one.
 */
export function explainIssue(
  issue: z.core.$ZodIssue,
  whole: unknown,
  knownAt: (path: PropertyKey[]) => string[],
): PresetFault[] {
  const path = issue.path;
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => {
      const near = nearSpelling(key, knownAt(path));
      return {
        path: [...path, key],
        sentence: near ? `is not a setting; did you mean ${near}?` : "is not a setting",
      };
    });
  }
  if (valueAt(whole, path) === undefined) return [{ path, sentence: "is missing" }];
  return [{ path, sentence: describe(issue) }];
}

function describe(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case "invalid_type":
      return `must be ${expectations[issue.expected] ?? issue.expected}`;
    case "invalid_value":
      return `must be one of ${issue.values.map(String).join(", ")}`;
    case "too_small":
      return `must ${countOf(issue.origin, "at least", issue.minimum)}`;
    case "too_big":
      return `must ${countOf(issue.origin, "at most", issue.maximum)}`;
    case "invalid_key":
      return "must be a language code such as fr";
    default:
      return issue.message;
  }
}

function countOf(origin: string, bound: string, count: number | bigint): string {
  if (origin === "string") return `have ${bound} ${count} characters`;
  if (origin === "array") return `have ${bound} ${count} ${count === 1 ? "entry" : "entries"}`;
  return `be ${bound} ${count}`;
}

const expectations: Record<string, string> = {
  int: "a whole number",
  number: "a whole number",
  string: "a text",
  boolean: "true or false",
  array: "a list",
  object: "a group of settings in { }",
  record: "a group of settings in { }",
};

/** What stands at a path, following only a value's own fields; undefined where nothing does. */
export function valueAt(whole: unknown, path: readonly PropertyKey[]): unknown {
  let value = whole;
  for (const step of path) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, step)) return undefined;
    value = (value as Record<PropertyKey, unknown>)[step];
  }
  return value;
}
