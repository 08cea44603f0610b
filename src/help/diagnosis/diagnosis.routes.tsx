import type { Symptom } from "../../config/symptoms.ts";
import { type Answer, json, page, redirect } from "../../http/answer.ts";
import { problemAnswer } from "../../http/error-pages.tsx";
import type { Http } from "../../http/server.ts";
import type { Visit } from "../../http/visit.ts";
import type { StatusNotice } from "../../ui/status-notices.tsx";
import type { FieldError } from "../../ui/view.ts";
import { ChecksPage, type KnownCheck } from "./checks.pages.tsx";
import {
  ActionPage,
  type AnsweredLine,
  DiagnosisStartPage,
  QuestionPage,
  WordsQuestionPage,
} from "./diagnosis.pages.tsx";
import type { Diagnosis, Place } from "./diagnosis.ts";
import { noHelp, readTrail, tidyWords, writeTrail } from "./diagnosis-trail.ts";
import type { Know } from "./facts.ts";
import type { KnownOfVisit } from "./known-of-visit.ts";

export interface DiagnosisRoutesDeps {
  diagnosis: Diagnosis;
  /** What the portal knows, of this visitor and now. */
  knownOf: (about: KnownOfVisit) => { know: Know; checks: () => Promise<KnownCheck[]> };
  /** The portal's own address. */
  origin: string;
  currentNotices: (locale: string) => Promise<StatusNotice[]>;
  articlesAbout: (symptom: Symptom, locale: string) => Promise<{ href: string; title: string }[]>;
}

const start = "/help/diagnosis";
/** Beside the button, which is what the person came for. */
const articlesAtMost = 3;
/** Stands in the address of a browser that was asked to bring its cookie back. */
const asked = "c";

export function diagnosisRoutes(http: Http, deps: DiagnosisRoutesDeps): void {
  const { diagnosis } = deps;

  /**
   * The round trip by which cookies are tried: a browser that brought none is given one and sent to the same page
   * once more. Null: it brought one, or was asked before.
   */
  function tryCookies(visit: Visit, path: string): Answer | null {
    if (visit.isBrowserBound || visit.query(asked) !== "") return null;
    return redirect(`${path}${path.includes("?") ? "&" : "?"}${asked}=1`);
  }

  function knownOf(visit: Visit) {
    return deps.knownOf({
      caller: visit.caller,
      t: visit.t,
      moment: visit.view().moment,
      refusesCookies: !visit.isBrowserBound && visit.query(asked) !== "",
      host: visit.header("x-forwarded-host") ?? visit.header("host"),
      scheme: visit.header("x-forwarded-proto"),
    });
  }

  http.get(start, async (visit) => {
    const first = tryCookies(visit, start);
    if (first) return first;
    const known = await knownOf(visit).checks();
    return page(
      <DiagnosisStartPage
        view={visit.view({ path: start })}
        groups={diagnosis.groups.map(({ title, symptoms }) => ({
          title: diagnosis.say(title, visit.locale),
          symptoms,
        }))}
        notices={await deps.currentNotices(visit.locale)}
        known={known.filter(({ result }) => result === "bad")}
        origin={deps.origin}
      />,
    );
  });

  http.get(`${start}/checks`, async (visit) => {
    const first = tryCookies(visit, `${start}/checks`);
    if (first) return first;
    const known = await knownOf(visit).checks();
    const view = visit.view({ path: `${start}/checks` });
    return page(<ChecksPage view={view} known={known} origin={deps.origin} />, {
      data: { checks: known.map(({ id, result }) => ({ id, result })) },
    });
  });

  // What a browser asks to learn whether answers, and forms, arrive as they were sent.
  const probe = async (word: string) =>
    json({ probe: "loquet", word: word.replaceAll(/\D/g, "").slice(0, 20) });
  http.get(`${start}/probe`, (visit) => probe(visit.query("word")));
  http.post(`${start}/probe`, (visit) => probe(visit.field("word")));

  http.get(`${start}/:symptom`, async (visit) => {
    const symptom = visit.path.split("/")[3] ?? "";
    if (!diagnosis.isSymptom(symptom)) return problemAnswer(visit, 404);
    const trail = visit.query("a");
    const written = readWords(visit);
    if (written?.words) {
      const passed = readTrail(trail).filter(({ node }) => node !== written.question);
      return redirect(
        diagnosis.pathOf({ symptom, passed }, { node: written.question, answer: written.words }),
      );
    }
    const first = tryCookies(visit, diagnosis.pathOf({ symptom, passed: readTrail(trail) }));
    if (first) return first;
    const place = await diagnosis.follow(symptom, trail, knownOf(visit).know);
    return show(visit, place, written !== null);
  });

  /** The words of a question that is answered by a few of them; null on a page that only was opened. */
  function readWords(visit: Visit): { question: string; words: string } | null {
    const question = visit.query("question");
    return /^[a-z0-9-]{1,40}$/.test(question) ? { question, words: tidyWords(visit.query("words")) } : null;
  }

  async function show(visit: Visit, place: Place, isEmptySent: boolean): Promise<Answer> {
    const { locale } = visit;
    const { name, stop } = place.at;
    const say = (words: Record<string, string>) => diagnosis.say(words, locale);
    const answered = linesOf(visit, place);
    const errors: FieldError[] =
      isEmptySent && stop.kind === "text"
        ? [{ field: "words", message: visit.t("diagnosis.words.missing") }]
        : [];
    const view = visit.view({ path: diagnosis.pathOf(place), isRefusal: errors.length > 0 });
    switch (stop.kind) {
      case "choice":
        return page(
          <QuestionPage
            view={view}
            question={say(stop.ask)}
            {...(stop.hint ? { hint: say(stop.hint) } : {})}
            answers={Object.entries(stop.answers).map(([answer, { says }]) => ({
              href: diagnosis.pathOf(place, { node: name, answer }),
              says: say(says),
            }))}
            answered={answered}
          />,
        );
      case "text":
        return page(
          <WordsQuestionPage
            view={view}
            question={say(stop.ask)}
            {...(stop.hint ? { hint: say(stop.hint) } : {})}
            action={`${start}/${place.symptom}`}
            trail={writeTrail(place.passed)}
            node={name}
            answered={answered}
            errors={errors}
          />,
          errors.length === 0
            ? {}
            : {
                status: 422,
                data: { refusal: "diagnosis.words.missing", errors, incident: visit.caller.incident },
              },
        );
      case "action":
      case "contact": {
        const isContact = stop.kind === "contact";
        return page(
          <ActionPage
            view={view}
            title={say(stop.do)}
            why={say(stop.why)}
            steps={stop.steps?.[locale] ?? Object.values(stop.steps ?? {})[0] ?? []}
            button={{
              href: isContact ? diagnosis.contactPath(place) : stop.to,
              says: say(stop.says),
              isContact,
            }}
            otherwise={isContact ? null : diagnosis.pathOf(place, { node: name, answer: noHelp })}
            articles={(await deps.articlesAbout(place.symptom, locale)).slice(0, articlesAtMost)}
            answered={answered}
          />,
        );
      }
    }
  }

  /** The symptom first, then each answer, with the way back to its question. */
  function linesOf(visit: Visit, { symptom, passed }: Place): AnsweredLine[] {
    const { t, locale } = visit;
    const first = { question: t("diagnosis.symptom"), answer: t(`symptom.${symptom}`), change: start };
    const others = passed.flatMap((one, index) => {
      const [line] = diagnosis.wordsOf([one], locale);
      const change = diagnosis.pathOf({ symptom, passed: passed.slice(0, index) });
      return line ? [{ ...line, change }] : [];
    });
    return [first, ...others];
  }
}
