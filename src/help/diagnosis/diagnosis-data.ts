import { z } from "zod";
import { kindsOfPerson } from "../../config/preset.ts";
import { type Symptom, symptoms } from "../../config/symptoms.ts";
import { factNames } from "./facts.ts";

/** The shape of `help/diagnosis/*.yaml`; common.yaml says in its head how to change it. */
const idShape = /^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/;
const id = z
  .string()
  .max(40)
  .regex(idShape, "must be made of small letters, digits and hyphens, such as mail-which");
const nodeName = id.describe("the name of a node");
const line = z
  .string()
  .trim()
  .min(1)
  .max(200)
  .regex(/^[^\p{Cc}<>]*$/u, "must be one line of text");
const inLanguages = z.record(z.string(), line);
/** `/page`, `/page?name=value`, `/page#part`: only pages of the portal, which the start looks for. */
const path = z
  .string()
  .regex(
    /^\/[a-z0-9/-]*(\?[a-z-]+=[a-z-]+)?(#[a-z-]+)?$/,
    "must be a page of the portal, such as /forgot-password",
  );

const answer = z.strictObject({
  says: inLanguages,
  /** Whom the person says to be, for the contact form. */
  fills: z.enum(kindsOfPerson).optional(),
  go: nodeName,
});
const answers = z
  .record(id, answer)
  .refine((given) => Object.keys(given).length >= 2, "must offer two answers or more")
  .refine((given) => Object.keys(given).length <= 8, "must offer eight answers or fewer");

const choice = z.strictObject({ ask: inLanguages, hint: inLanguages.optional(), answers });
const writing = z.strictObject({
  ask: inLanguages,
  hint: inLanguages.optional(),
  text: z.strictObject({
    /** The field of the contact form that the words go into. */
    fills: z.enum(["establishment"]).optional(),
    go: nodeName,
  }),
});
const check = z.strictObject({ check: z.enum(factNames), yes: nodeName, no: nodeName });
const end = {
  do: inLanguages,
  why: inLanguages,
  steps: z.record(z.string(), z.array(line).min(1).max(6)).optional(),
  says: inLanguages,
};
const action = z.strictObject({ ...end, to: path, otherwise: nodeName });
const contact = z.strictObject({ ...end, contact: z.literal(true) });

/** Each kind of node by the setting that only it has, so that a mistake is told in the words of its kind. */
const nodeKinds = [
  ["check", check],
  ["text", writing],
  ["ask", choice],
  ["contact", contact],
  ["do", action],
] as const;

type Written = { [Name in keyof typeof nodeShapes]: z.output<(typeof nodeShapes)[Name]> };
const nodeShapes = { check, text: writing, ask: choice, contact, do: action };

export type CheckNode = Written["check"] & { kind: "check" };
export type TextNode = Written["text"] & { kind: "text" };
export type ChoiceNode = Written["ask"] & { kind: "choice" };
export type ContactNode = Written["contact"] & { kind: "contact" };
export type ActionNode = Written["do"] & { kind: "action" };
export type DiagnosisNode = CheckNode | TextNode | ChoiceNode | ContactNode | ActionNode;
/** Where a person stops: at a question, or at an end. */
export type Stop = Exclude<DiagnosisNode, CheckNode>;

/** By language. */
export type Words = Record<string, string>;

export interface DiagnosisData {
  groups: { title: Words; symptoms: Symptom[] }[];
  /** With which node each symptom begins. */
  starts: Record<Symptom, string>;
  nodes: Map<string, DiagnosisNode>;
}

export const fileShape = z.strictObject({
  groups: z
    .array(z.strictObject({ title: inLanguages, symptoms: z.array(z.enum(symptoms)).min(1) }))
    .optional(),
  symptoms: z.partialRecord(z.enum(symptoms), nodeName).optional(),
  nodes: z.record(id, z.unknown()).default({}),
});
export type DiagnosisFile = Omit<z.output<typeof fileShape>, "nodes"> & {
  nodes: Record<string, DiagnosisNode>;
};

/** One thing wrong at a place of a file. `sentence` follows the name of the place. */
export interface DataFault {
  path: PropertyKey[];
  sentence: string;
}

const names = { check: "check", text: "text", ask: "choice", contact: "contact", do: "action" } as const;

/** Reads one node by the shape of its kind. */
export function readNode(
  value: unknown,
): { node: DiagnosisNode } | { faults: z.core.$ZodIssue[] } | { isNone: true } {
  const keys = typeof value === "object" && value !== null ? Object.keys(value) : [];
  const found = nodeKinds.find(([key]) => keys.includes(key));
  if (!found) return { isNone: true };
  const [key, shape] = found;
  const parsed = shape.safeParse(value);
  if (!parsed.success) return { faults: parsed.error.issues };
  return { node: { ...parsed.data, kind: names[key] } as DiagnosisNode };
}

/** Where a node can lead, with the setting that says so. */
export function waysOf(node: DiagnosisNode): { path: string[]; to: string }[] {
  switch (node.kind) {
    case "check":
      return [
        { path: ["yes"], to: node.yes },
        { path: ["no"], to: node.no },
      ];
    case "text":
      return [{ path: ["text", "go"], to: node.text.go }];
    case "choice":
      return Object.entries(node.answers).map(([name, { go }]) => ({
        path: ["answers", name, "go"],
        to: go,
      }));
    case "action":
      return [{ path: ["otherwise"], to: node.otherwise }];
    case "contact":
      return [];
  }
}

/** Every text of a node, with its place. */
export function textsOf(node: DiagnosisNode): { path: string[]; words: Record<string, unknown> }[] {
  const listed: { path: string[]; words: Record<string, unknown> | undefined }[] = [];
  if (node.kind === "choice" || node.kind === "text") {
    listed.push({ path: ["ask"], words: node.ask }, { path: ["hint"], words: node.hint });
  }
  if (node.kind === "choice") {
    for (const [name, { says }] of Object.entries(node.answers)) {
      listed.push({ path: ["answers", name, "says"], words: says });
    }
  }
  if (node.kind === "action" || node.kind === "contact") {
    for (const part of ["do", "why", "steps", "says"] as const)
      listed.push({ path: [part], words: node[part] });
  }
  return listed.flatMap(({ path, words }) => (words === undefined ? [] : [{ path, words }]));
}
