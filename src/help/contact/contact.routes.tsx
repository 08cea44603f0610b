import { parseEmailAddress, withDomain } from "../../accounts/addresses/email-address.ts";
import { suggestDomain } from "../../accounts/addresses/mistyped-domain.ts";
import type { Preset } from "../../config/preset.ts";
import { type Symptom, symptoms } from "../../config/symptoms.ts";
import { type Answer, page, redirect } from "../../http/answer.ts";
import type { Http } from "../../http/server.ts";
import type { Visit } from "../../http/visit.ts";
import type { MessageKey } from "../../i18n/translations.ts";
import { type Clock, second } from "../../kernel/clock.ts";
import { NotReceived } from "../../ui/not-received.tsx";
import type { StatusNotice } from "../../ui/status-notices.tsx";
import type { FieldError } from "../../ui/view.ts";
import type { Attachments } from "./attachments.ts";
import type { Contact } from "./contact.ts";
import { ContactFormPage, type Suggestion, SymptomPage } from "./contact-form.pages.tsx";
import {
  asksAboutSchool,
  type ContactValues,
  contactFields,
  kindsAsked,
  mayHaveNoEmail,
  readContactForm,
  readKind,
  readSymptom,
} from "./contact-form.ts";
import { type ContactPlaces, type PlaceQuestion, readPlace, typedPlace } from "./contact-place.ts";
import type { Draft, EvidenceRules } from "./evidence.ts";
import { type PicturesRead, picturesOfForm } from "./form-pictures.ts";
import { pictureBytesAtMost, picturesAtMost } from "./pictures.ts";
import { SentPage } from "./sent.pages.tsx";

export interface ContactRoutesDeps {
  clock: Clock;
  preset: Preset;
  hasSms: boolean;
  sender: { name: string; address: string };
  host: string;
  contact: Contact;
  evidence: EvidenceRules;
  attachments: Attachments;
  /** Null where the portal knows no establishments. */
  places: ContactPlaces | null;
  routing: {
    route(symptom: Symptom, kind: ContactKind): string;
    relayOf(id: string): { name: Record<string, string>; lines: Record<string, string[]> };
    /** By when a case that comes in now can expect its first answer. */
    expectedAnswer(relayId: string): Promise<number>;
  };
  /** What concerns everybody now, such as mails that leave late. */
  currentNotices: (locale: string) => Promise<StatusNotice[]>;
  /** Articles that may help, the best first. */
  suggest: (symptom: Symptom, locale: string, kind: ContactKind) => Promise<Suggestion[]>;
  /** Whether somebody is there to chat with, and has room. */
  isChatOpen: () => Promise<boolean>;
  /** Null where there is no such article. */
  articleTitle: (slug: string, locale: string) => Promise<string | null>;
  /** Where the guided diagnosis of a symptom begins. */
  diagnosisPath: (symptom: Symptom) => string;
  /** The link of a case, for those who have no mailbox. */
  caseLinkToken: (caseId: string) => string;
}

type ContactKind = Preset["kinds"][number] | null;

export const uploadLimits = { maxBytes: pictureBytesAtMost, maxFiles: picturesAtMost };

const noValues = Object.fromEntries(contactFields.map((name) => [name, ""])) as ContactValues;

/** The form, and the page that says what was sent. */
export function contactRoutes(http: Http, deps: ContactRoutesDeps): void {
  const { contact, evidence, attachments, preset, routing } = deps;

  /** Those that can happen here. */
  const symptomsOffered = symptoms.filter(
    (symptom) =>
      (symptom !== "sms-not-received" || deps.hasSms) &&
      (symptom !== "confirmation-not-received" || preset.registration.isOpen),
  );

  /** The chat, where somebody is there for it. */
  async function chatOffer(visit: Visit, symptom: Symptom | null): Promise<Suggestion[]> {
    if (!(await deps.isChatOpen())) return [];
    const address = withQuery(visit, deps.host, symptom === null ? {} : { symptom });
    const href = address.replace("/contact", "/chat");
    return [{ title: visit.t("chat.title"), href, hint: visit.t("chat.offer.hint") }];
  }

  async function choose(visit: Visit): Promise<Answer> {
    const links = symptomsOffered.map((symptom) => ({
      symptom,
      href: withQuery(visit, deps.host, { symptom }),
    }));
    return page(
      <SymptomPage
        view={visit.view()}
        notices={await deps.currentNotices(visit.locale)}
        links={links}
        others={await chatOffer(visit, null)}
      />,
    );
  }

  interface Shown {
    values: ContactValues;
    place: PlaceQuestion | null;
    draft: Draft;
    isEvidenceKept: boolean;
    pictures: PicturesRead;
    errors: FieldError[];
    replaces: string;
    waitUntil: number | null;
  }

  async function form(visit: Visit, shown: Shown): Promise<Answer> {
    const symptom = readSymptom(shown.values.symptom) ?? "other";
    const kind = readKind(preset, shown.values.kind);
    const { errors, waitUntil, draft, pictures } = shown;
    const { browserId, incident } = visit.caller;
    const answer = page(
      <ContactFormPage
        view={visit.view({
          isRefusal: errors.length > 0 || waitUntil !== null,
          person: await visit.person(),
          path: `/contact?symptom=${symptom}`,
        })}
        notices={await deps.currentNotices(visit.locale)}
        values={{ ...shown.values, symptom }}
        errors={errors}
        symptoms={symptomsOffered.includes(symptom) ? symptomsOffered : [...symptomsOffered, symptom]}
        kinds={kindsAsked(preset)}
        asksAboutSchool={asksAboutSchool(preset)}
        place={shown.place}
        mayHaveNoEmail={mayHaveNoEmail(preset)}
        suggestions={[
          ...(await deps.suggest(symptom, visit.locale, kind)),
          ...(await chatOffer(visit, symptom)),
        ]}
        diagnosis={deps.diagnosisPath(symptom)}
        evidence={draft.evidence}
        articles={await titlesOf(draft.evidence.articlesRead, visit.locale)}
        isEvidenceKept={shown.isEvidenceKept}
        kept={pictures.kept}
        carried={{
          draft: evidence.sealDraft(draft, browserId),
          kept: attachments.carry(pictures.kept, browserId),
          replaces: shown.replaces,
          ...(deps.places === null ? {} : { "place-for": typedPlace(shown.values) }),
        }}
        expectedAt={await expectedFor(symptom, kind)}
        waitUntil={waitUntil}
        supportAddress={preset.support.address}
      />,
      waitUntil !== null
        ? {
            status: 429,
            retryAfterSeconds: Math.max(1, Math.ceil((waitUntil - deps.clock.now()) / second)),
            data: { refusal: "contact.too-many", until: waitUntil, incident },
          }
        : errors.length > 0
          ? { status: 422, data: { refusal: "contact.invalid", errors, incident } }
          : {},
    );
    return answer;
  }

  async function titlesOf(slugs: string[] = [], locale: string): Promise<string[]> {
    const titles = await Promise.all(slugs.map((slug) => deps.articleTitle(slug, locale)));
    return titles.filter((title) => title !== null);
  }

  /** The latest of those that may come to answer, while it is not known who writes. */
  async function expectedFor(symptom: Symptom, kind: ContactKind): Promise<number> {
    const kinds = kind === null && kindsAsked(preset).length > 0 ? kindsAsked(preset) : [kind];
    const relays = new Set(kinds.map((one) => routing.route(symptom, one)));
    return Math.max(...(await Promise.all([...relays].map((relay) => routing.expectedAnswer(relay)))));
  }

  /** What is known of whoever opens the form, put into its fields. */
  async function prefilled(visit: Visit, symptom: Symptom): Promise<ContactValues> {
    const person = await visit.person();
    const about = person && (await contact.aboutPerson(person));
    const asked = {
      symptom,
      kind: readKind(preset, visit.query("kind")) ?? "",
      establishment: visit.query("establishment").slice(0, 150),
    };
    if (!about) return { ...noValues, ...asked };
    const { name, kind, identifier, email } = about;
    return { ...noValues, ...asked, kind, name, identifier, email: email ?? "" };
  }

  const draftOf = (visit: Visit): Draft =>
    evidence.newDraft(
      evidence.gather({
        incident: visit.query("incident"),
        diagnosis: visit.query("diagnosis"),
        article: visit.query("article"),
        from: visit.query("from"),
        referer: visit.header("referer"),
        host: deps.host,
        userAgent: visit.header("user-agent"),
        browser: visit.caller.browser,
        locale: visit.locale,
      }),
    );

  http.get("/contact", async (visit) => {
    const again = visit.query("again");
    const corrected = again === "" ? null : await contact.valuesToCorrect(visit.caller, again);
    const symptom =
      readSymptom(visit.query("symptom")) ?? (corrected && readSymptom(corrected.symptom ?? ""));
    if (!symptom) return choose(visit);
    const values = { ...(await prefilled(visit, symptom)), ...corrected, ...(corrected && suggested(visit)) };
    return form(visit, {
      ...(await firstPlace(visit, values)),
      draft: draftOf(visit),
      isEvidenceKept: true,
      pictures: { kept: [], mistakes: [] },
      errors: [],
      replaces: corrected ? again : "",
      waitUntil: null,
    });
  });

  /** Whoever is signed in has their one school chosen already; anybody else types theirs first. */
  async function firstPlace(visit: Visit, values: ContactValues): Promise<Pick<Shown, "values" | "place">> {
    if (deps.places === null) return { values, place: null };
    const { question } = await readPlace(deps.places, values, await visit.person());
    if (question === null || (question.which !== "own" && values.place === ""))
      return { values, place: null };
    const [only] = question.options;
    const isChosen = question.which === "own" && question.answer === "" && question.options.length === 1;
    return { values, place: isChosen && only ? { ...question, answer: only.id } : question };
  }

  /** The address that was probably meant, where the person pressed it. */
  function suggested(visit: Visit): { email?: string } {
    const email = parseEmailAddress(visit.query("email"));
    return email.ok ? { email: email.address } : {};
  }

  http.postWithFiles("/contact", uploadLimits, async (visit) => {
    const values = { ...noValues };
    for (const name of contactFields) values[name] = visit.field(name);
    const draft = evidence.readDraft(visit.field("draft"), visit.caller.browserId) ?? draftOf(visit);
    const isEvidenceKept = visit.field("evidence") !== "";
    const replaces = visit.field("replaces");
    const pictures = await picturesOfForm(visit, { contact, attachments });
    const read = readContactForm(values, preset);
    const person = await visit.person();
    const where = deps.places && (await readPlace(deps.places, values, person));
    const mistakes = [...read.mistakes, ...(where?.mistake ? [where.mistake] : []), ...pictures.mistakes];
    const errors = errorsOf(visit, mistakes);
    const place = where?.question ?? null;
    const shown: Shown = {
      values,
      place,
      draft,
      isEvidenceKept,
      pictures,
      errors,
      replaces,
      waitUntil: null,
    };
    if (errors.length > 0) return form(visit, shown);
    const outcome = await contact.send(visit.caller, {
      request: read.request,
      draft,
      isEvidenceKept,
      pictures: pictures.kept,
      person,
      ...(where ? { placeId: where.placeId } : {}),
      replaces,
    });
    if (!outcome.ok) return form(visit, { ...shown, waitUntil: outcome.until });
    return redirect(outcome.sentPath);
  });

  http.get("/contact/sent", async (visit) => {
    const token = visit.query("case");
    const sent = await contact.justSent(visit.caller, token);
    if (!sent) return redirect("/contact");
    const { row } = sent;
    const relay = routing.relayOf(row.relay);
    const here =
      row.establishment_id === null ? null : await deps.places?.linesOf(row.establishment_id, row.relay);
    const view = visit.view({ person: await visit.person() });
    const correct = sent.mayCorrect ? `/contact?again=${encodeURIComponent(token)}` : null;
    const domain = row.email === null ? null : suggestDomain(row.email, preset.commonMailDomains);
    const meant = row.email === null || domain === null ? null : withDomain(row.email, domain);
    const subject = visit.t("cases.acknowledgement.subject", { number: row.number });
    return page(
      <SentPage
        view={view}
        number={row.number}
        expectedAt={row.expected_at ?? (await routing.expectedAnswer(row.relay))}
        relay={{ name: relay.name[visit.locale] ?? "", lines: (here ?? relay.lines)[visit.locale] ?? [] }}
        email={row.email}
        isAcknowledged={sent.isAcknowledged}
        isConfirmed={row.email_confirmed_at !== null}
        correct={correct}
        meant={
          meant === null || correct === null
            ? null
            : { email: meant, href: `${correct}&email=${encodeURIComponent(meant)}` }
        }
        followPath={sent.mayFollow ? `/contact/case?token=${deps.caseLinkToken(row.id)}` : null}
        notReceived={<NotReceived view={view} sender={deps.sender} subject={subject} />}
      />,
    );
  });
}

/** Each mistake with its words at its field. */
export function errorsOf(
  visit: Visit,
  mistakes: { field: string; refusal: string; values?: Record<string, string | number> }[],
): FieldError[] {
  return mistakes.map(({ field, refusal, values }) => ({
    field,
    message: visit.t(refusal as MessageKey, values),
  }));
}

/** The same page with something more said; only what the form knows is kept. */
function withQuery(visit: Visit, host: string, more: Record<string, string>): string {
  const query = new URLSearchParams(more);
  for (const name of ["incident", "diagnosis", "article", "from", "kind", "establishment"]) {
    const value = visit.query(name);
    if (value !== "" && value.length <= 1000) query.set(name, value);
  }
  const referer = URL.parse(visit.header("referer") ?? "");
  // What the browser said of where it came from is lost at the next press.
  if (!query.has("from") && referer?.host === host && /^\/[a-z0-9/-]{0,100}$/.test(referer.pathname)) {
    query.set("from", referer.pathname);
  }
  return `/contact?${query}`;
}
