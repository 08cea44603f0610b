import { nearSpelling } from "../../config/near-spelling.ts";
import { symptoms } from "../../config/symptoms.ts";
import { type DataFault, type DiagnosisData, type DiagnosisNode, textsOf, waysOf } from "./diagnosis-data.ts";

/** A person answers no more questions than this before something to press is offered. */
export const questionsAtMost = 5;

/**
 * What is wrong with a diagnosis as a whole: a way that leads nowhere or in a circle, a node that nothing leads
 * to, too many questions, a symptom without beginning or place, a language that is missing. Each fault names its
 * place; `own` are the nodes that must be reachable (a preset may leave some of the common ones aside).
 */
export function graphFaults(data: DiagnosisData, own: Iterable<string>, languages: string[]): DataFault[] {
  const dangling = danglingWays(data);
  return [
    ...symptomFaults(data),
    ...dangling,
    ...languageFaults(data, languages),
    // What follows goes along the ways, so they must lead somewhere first.
    ...(dangling.length > 0 ? [] : [...circles(data), ...unreached(data, own)]),
    ...(dangling.length > 0 || circles(data).length > 0 ? [] : longWays(data)),
  ];
}

const knownNodes = ({ nodes }: DiagnosisData) => [...nodes.keys()];

function leadsNowhere(data: DiagnosisData, path: PropertyKey[], to: string): DataFault[] {
  if (data.nodes.has(to)) return [];
  const near = nearSpelling(to, knownNodes(data));
  return [{ path, sentence: `names ${to}, which is no node${near ? `; did you mean ${near}?` : ""}` }];
}

function danglingWays(data: DiagnosisData): DataFault[] {
  const fromSymptoms = Object.entries(data.starts).flatMap(([symptom, to]) =>
    leadsNowhere(data, ["symptoms", symptom], to),
  );
  const fromNodes = [...data.nodes].flatMap(([name, node]) =>
    waysOf(node).flatMap(({ path, to }) => leadsNowhere(data, ["nodes", name, ...path], to)),
  );
  return [...fromSymptoms, ...fromNodes];
}

function symptomFaults({ starts, groups }: DiagnosisData): DataFault[] {
  const listed = groups.flatMap((group) => group.symptoms);
  return symptoms.flatMap((symptom): DataFault[] => {
    const places = listed.filter((one) => one === symptom).length;
    return [
      ...(Object.hasOwn(starts, symptom)
        ? []
        : [{ path: ["symptoms"], sentence: `must say where ${symptom} begins` }]),
      ...(places === 1
        ? []
        : [{ path: ["groups"], sentence: `must list ${symptom} once; it stands there ${places} times` }]),
    ];
  });
}

function languageFaults({ nodes, groups }: DiagnosisData, languages: string[]): DataFault[] {
  const texts = [
    ...groups.map(({ title }, index) => ({
      path: ["groups", index, "title"] as PropertyKey[],
      words: title,
    })),
    ...[...nodes].flatMap(([name, node]) =>
      textsOf(node).map(({ path, words }) => ({ path: ["nodes", name, ...path] as PropertyKey[], words })),
    ),
  ];
  return texts.flatMap(({ path, words }) =>
    languages
      .filter((language) => !Object.hasOwn(words, language))
      .map((language) => ({ path, sentence: `is not said in the language ${language}` })),
  );
}

function circles({ nodes }: DiagnosisData): DataFault[] {
  const faults: DataFault[] = [];
  const done = new Set<string>();
  const visit = (name: string, trail: string[]): void => {
    if (done.has(name)) return;
    for (const { path, to } of waysOf(nodes.get(name) as DiagnosisNode)) {
      const from = [...trail, name].indexOf(to);
      if (from < 0) visit(to, [...trail, name]);
      else {
        const circle = [...trail, name].slice(from).concat(to).join(" → ");
        faults.push({ path: ["nodes", name, ...path], sentence: `goes round in a circle: ${circle}` });
      }
    }
    done.add(name);
  };
  for (const name of nodes.keys()) visit(name, []);
  return faults;
}

function unreached({ nodes, starts }: DiagnosisData, own: Iterable<string>): DataFault[] {
  const reached = new Set<string>();
  const queue = Object.values(starts);
  for (let name = queue.pop(); name !== undefined; name = queue.pop()) {
    if (reached.has(name)) continue;
    reached.add(name);
    for (const { to } of waysOf(nodes.get(name) as DiagnosisNode)) queue.push(to);
  }
  return [...own]
    .filter((name) => !reached.has(name))
    .map((name) => ({ path: ["nodes", name], sentence: "is never reached: no answer leads to it" }));
}

/** How many questions at most stand before the first end, from each node on. Needs a diagnosis without circles. */
function longWays({ nodes, starts }: DiagnosisData): DataFault[] {
  const known = new Map<string, number>();
  const questionsFrom = (name: string): number => {
    const found = known.get(name);
    if (found !== undefined) return found;
    const node = nodes.get(name) as DiagnosisNode;
    const isEnd = node.kind === "action" || node.kind === "contact";
    const further = isEnd ? 0 : Math.max(...waysOf(node).map(({ to }) => questionsFrom(to)));
    const count = further + (node.kind === "choice" || node.kind === "text" ? 1 : 0);
    known.set(name, count);
    return count;
  };
  return Object.entries(starts)
    .map(([symptom, name]) => ({ symptom, count: questionsFrom(name) }))
    .filter(({ count }) => count > questionsAtMost)
    .map(({ symptom, count }) => ({
      path: ["symptoms", symptom],
      sentence: `needs up to ${count} questions before something can be pressed; ${questionsAtMost} are the most`,
    }));
}
