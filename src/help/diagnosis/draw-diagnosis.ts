import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Symptom, symptoms } from "../../config/symptoms.ts";
import { Fault } from "../../kernel/fault.ts";
import { type DiagnosisData, type DiagnosisNode, type Words, waysOf } from "./diagnosis-data.ts";
import { factMeanings, factNames } from "./facts.ts";
import { readDiagnosis } from "./read-diagnosis.ts";

const language = "en";
const say = (words: Words) => words[language] ?? Object.values(words)[0] ?? "";

/** Every node that can be reached from one, in the order of the ways, without going past those of `drawn`. */
function reachedFrom({ nodes }: DiagnosisData, from: string, drawn: Set<string>): Set<string> {
  const reached = new Set<string>();
  const visit = (name: string): void => {
    if (reached.has(name) || drawn.has(name)) return;
    reached.add(name);
    for (const { to } of waysOf(nodes.get(name) as DiagnosisNode)) visit(to);
  };
  visit(from);
  return reached;
}

const idOf = (name: string) => `n_${name.replaceAll("-", "_")}`;
const quote = (text: string) => `"${text.replaceAll('"', "#quot;")}"`;

function shapeOf(name: string, node: DiagnosisNode): string {
  switch (node.kind) {
    case "check":
      return `${idOf(name)}{{${quote(factMeanings[node.check])}}}`;
    case "choice":
    case "text":
      return `${idOf(name)}[${quote(say(node.ask))}]`;
    case "action":
      return `${idOf(name)}([${quote(`${say(node.do)}<br>${node.to}`)}])`;
    case "contact":
      return `${idOf(name)}([${quote(`${say(node.do)}<br>/contact, filled in`)}])`;
  }
}

function arrowsOf(name: string, node: DiagnosisNode): string[] {
  const arrow = (words: string, to: string, line = "-->") =>
    `${idOf(name)} ${line}|${quote(words)}| ${idOf(to)}`;
  switch (node.kind) {
    case "check":
      return [arrow("yes", node.yes), arrow("no", node.no)];
    case "choice":
      return Object.values(node.answers).map(({ says, go }) => arrow(say(says), go));
    case "text":
      return [arrow("written in a few words", node.text.go)];
    case "action":
      return [arrow("does not help", node.otherwise, "-.->")];
    case "contact":
      return [];
  }
}

/** A node that is drawn elsewhere, by its words. */
function mentionOf(name: string, node: DiagnosisNode): string {
  const words =
    node.kind === "check"
      ? factMeanings[node.check]
      : say(node.kind === "choice" || node.kind === "text" ? node.ask : node.do);
  return `${idOf(name)}>${quote(words)}]`;
}

/** These nodes with the ways on from them; what lies beyond is only mentioned. */
function drawNodes(data: DiagnosisData, drawn: string[], first: string[]): string {
  const nodeOf = (name: string) => data.nodes.get(name) as DiagnosisNode;
  const beyond = new Set(
    drawn.flatMap((name) => waysOf(nodeOf(name)).map(({ to }) => to)).filter((to) => !drawn.includes(to)),
  );
  const lines = [
    ...first,
    ...drawn.map((name) => shapeOf(name, nodeOf(name))),
    ...[...beyond].map((name) => mentionOf(name, nodeOf(name))),
    ...drawn.flatMap((name) => arrowsOf(name, nodeOf(name))),
  ];
  return ["```mermaid", "flowchart TD", ...lines.map((line) => `  ${line}`), "```"].join("\n");
}

/** One symptom; what was drawn before is only mentioned. Adds what it draws to `drawn`. */
function drawSymptom(data: DiagnosisData, symptom: Symptom, words: string, drawn: Set<string>): string {
  const start = data.starts[symptom];
  const fresh = [...reachedFrom(data, start, drawn)].filter((name) => !drawn.has(name));
  const arrow = `start((${quote(words)})) --> ${idOf(start)}`;
  const mention = drawn.has(start) ? [mentionOf(start, data.nodes.get(start) as DiagnosisNode)] : [];
  for (const name of fresh) drawn.add(name);
  return drawNodes(data, fresh, [arrow, ...mention]);
}

/** The text of `docs/diagnosis.md`. Refuses (`Fault`) a diagnosis with mistakes. */
export function renderDrawing(root: string): string {
  const words = JSON.parse(readFileSync(join(root, "locales", `${language}.json`), "utf8"));
  const read = (name: "school" | "community" | "service" | null) => {
    const found = readDiagnosis(root, { name, languages: { default: language, offered: [language] } });
    if (!found.ok) throw new Fault(found.faults.join("\n"));
    return found;
  };
  const presets = (["school", "community", "service"] as const).map((name) => ({ name, ...read(name) }));
  return drawDiagnosis(read(null).data, presets, (symptom) => words[`symptom.${symptom}`] ?? symptom);
}

/** What is common to all presets, and of each preset's own file the symptoms that it changes. */
function drawDiagnosis(
  common: DiagnosisData,
  presets: { name: string; data: DiagnosisData; own: string[] }[],
  symptomWords: (symptom: Symptom) => string,
): string {
  const drawn = new Set<string>();
  const parts = [
    "# The guided diagnosis",
    "<!-- Made by `npx node scripts/write-diagnosis-drawing.ts` from help/diagnosis/*.yaml: change it there. -->",
    [
      "What `/help/diagnosis` asks and where it leads, drawn from the files in `help/diagnosis/`. `common.yaml` says in",
      "its head how to change them, without programming; the start and `npx loquet doctor` name each mistake with its",
      "file and line.",
    ].join("\n"),
    [
      "| Drawn as | Is |",
      "|---|---|",
      "| a box | a question to the person; each arrow is an answer |",
      "| a hexagon | a question that the portal answers by itself |",
      "| a rounded box | an end: a button to the page named below its title |",
      "| a dotted arrow | the way on for those whom it did not help |",
      "| a flag | what is drawn under an earlier symptom |",
    ].join("\n"),
    [
      "What the portal can be asked (`check`):",
      "",
      "| Name | True when |",
      "|---|---|",
      ...factNames.map((fact) => `| \`${fact}\` | ${factMeanings[fact]} |`),
    ].join("\n"),
    "## All presets",
    ...symptoms.flatMap((symptom) => [
      `### ${symptomWords(symptom)} (\`${symptom}\`)`,
      drawSymptom(common, symptom, symptomWords(symptom), drawn),
    ]),
    ...presets.flatMap(({ name, data, own }) =>
      own.length === 0
        ? []
        : [
            `## Preset \`${name}\`: what differs`,
            `\`${name}.yaml\` replaces or adds what is drawn here; flags are nodes of the common file.`,
            drawNodes(data, own, []),
          ],
    ),
  ];
  return `${parts.join("\n\n")}\n`;
}
