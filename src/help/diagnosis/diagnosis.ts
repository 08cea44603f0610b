import type { Preset } from "../../config/preset.ts";
import { type Symptom, symptoms } from "../../config/symptoms.ts";
import type { DiagnosisData, DiagnosisNode, Stop, Words } from "./diagnosis-data.ts";
import { type Answered, noHelp, readTrail, tidyWords, writeTrail } from "./diagnosis-trail.ts";
import type { Know } from "./facts.ts";

/**
 * The guided diagnosis: from a symptom, by a few questions, to the page that puts it right. The way is data
 * (`help/diagnosis/*.yaml`); the answers stand in the address, so that going back works and nothing is stored.
 * What the portal knows of this browser, its network address and the service it asks itself (`facts.ts`).
 *
 * Tables: none. Settings: help/diagnosis/*.yaml. Refusals: none; an answer that means nothing is left out.
 */
export interface Passed extends Answered {
  stop: Stop;
}

/** Where somebody is on the way. */
export interface Place {
  symptom: Symptom;
  /** What was answered so far, in order. */
  passed: Passed[];
  at: { name: string; stop: Stop };
}

export interface TrailLine {
  question: string;
  answer: string;
}

export type Diagnosis = ReturnType<typeof createDiagnosis>;

export function createDiagnosis(deps: {
  data: DiagnosisData;
  preset: Pick<Preset, "languages">;
  /** The words for an end that did not help. */
  sayNoHelp: (locale: string) => string;
  /** The question and the answer for what the browser's own checks found; null for a name that is none of theirs. */
  sayCheck: (locale: string, check: string) => TrailLine | null;
}) {
  const { data } = deps;
  const nodeOf = (name: string) => data.nodes.get(name) as DiagnosisNode;

  /** A text in the language, else in the default one. */
  function say(words: Words, locale: string): string {
    return words[locale] ?? words[deps.preset.languages.default] ?? Object.values(words)[0] ?? "";
  }

  /** Goes along what the portal knows, to the next question or end. */
  async function stopFrom(name: string, know: Know): Promise<{ name: string; stop: Stop }> {
    let here = name;
    for (let node = nodeOf(here); ; node = nodeOf(here)) {
      if (node.kind !== "check") return { name: here, stop: node };
      here = (await know(node.check)) ? node.yes : node.no;
    }
  }

  /**
   * Follows the answers of an address from the symptom on. An answer that does not fit is left out: the data, or
   * what the portal knows, may have changed since the address was written.
   */
  async function follow(symptom: Symptom, trail: string, know: Know): Promise<Place> {
    const answers = new Map(readTrail(trail).map(({ node, answer }) => [node, answer]));
    const passed: Passed[] = [];
    let at = await stopFrom(data.starts[symptom], know);
    for (;;) {
      const answer = answers.get(at.name);
      const next = answer === undefined ? null : nextAfter(at.stop, answer);
      if (answer === undefined || next === null) return { symptom, passed, at };
      passed.push({ node: at.name, stop: at.stop, answer });
      at = await stopFrom(next, know);
    }
  }

  /** One question with its answer, in words; null for what is none, or is none any more. */
  function lineOf({ node: name, answer }: Answered, locale: string): TrailLine | null {
    const node = data.nodes.get(name);
    if (name === "checks") return deps.sayCheck(locale, answer);
    if (!node || node.kind === "check" || nextAfter(node, answer) === null) return null;
    const question = say(node.kind === "choice" || node.kind === "text" ? node.ask : node.do, locale);
    if (node.kind === "text") return { question, answer };
    if (node.kind === "choice") {
      return { question, answer: say(node.answers[answer]?.says ?? {}, locale) };
    }
    return { question, answer: deps.sayNoHelp(locale) };
  }

  return {
    groups: data.groups,
    say,
    isSymptom: (text: string): text is Symptom => (symptoms as readonly string[]).includes(text),
    follow,

    /** The address of a place, with one answer more if given. */
    pathOf({ symptom, passed }: Pick<Place, "symptom"> & { passed: Answered[] }, more?: Answered): string {
      const trail = writeTrail(more ? [...passed, more] : passed);
      return `/help/diagnosis/${symptom}${trail === "" ? "" : `?a=${encodeURIComponent(trail)}`}`;
    },

    /** The contact form with everything said so far. Only names of the diagnosis, and the words of its text questions. */
    contactPath({ symptom, passed }: Place): string {
      const query = new URLSearchParams({ symptom });
      if (passed.length > 0) query.set("diagnosis", writeTrail(passed));
      for (const { stop, answer } of passed) {
        if (stop.kind === "choice") {
          const kind = stop.answers[answer]?.fills;
          if (kind) query.set("kind", kind);
        }
        if (stop.kind === "text" && stop.text.fills) query.set(stop.text.fills, answer);
      }
      return `/contact?${query}`;
    },

    /** What was answered, in words, for the person's own page. */
    wordsOf: (passed: Answered[], locale: string): TrailLine[] =>
      passed.flatMap((answered) => lineOf(answered, locale) ?? []),

    /**
     * What a contact form was given as `diagnosis`, in words: of strangers' texts only what the diagnosis knows,
     * and the few words of its text questions. `locale`: the default language unless given.
     */
    readDiagnosisTrail: (text: string, locale: string = deps.preset.languages.default): TrailLine[] =>
      readTrail(text).flatMap((answered) => lineOf(answered, locale) ?? []),
  };
}

/** The node after an answer; null for an answer that is none of this stop. */
function nextAfter(stop: Stop, answer: string): string | null {
  switch (stop.kind) {
    case "choice":
      return Object.hasOwn(stop.answers, answer) ? (stop.answers[answer]?.go ?? null) : null;
    case "text":
      return tidyWords(answer) === "" ? null : stop.text.go;
    case "action":
      return answer === noHelp ? stop.otherwise : null;
    case "contact":
      return null;
  }
}
