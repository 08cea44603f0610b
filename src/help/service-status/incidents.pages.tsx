import type { Staff } from "../../kernel/caller.ts";
import { Button, LinkList, PressButton, QuietButton } from "../../ui/buttons.tsx";
import { Checkbox } from "../../ui/choices.tsx";
import { DeskPage } from "../../ui/desk-page.tsx";
import { Acts, Facts, ItemList, Section, Tag } from "../../ui/facts.tsx";
import {
  describedBy,
  FieldFrame,
  FieldLabel,
  FieldNotes,
  type FieldProps,
  useFieldError,
} from "../../ui/field.tsx";
import { Form } from "../../ui/form.tsx";
import { Notice } from "../../ui/notices.tsx";
import { TextArea } from "../../ui/text-area.tsx";
import { TextField } from "../../ui/text-fields.tsx";
import type { FieldError, Tone, View } from "../../ui/view.ts";
import { type Incident, inLanguage, isOver } from "./incidents.ts";
import type { PartName } from "./parts.ts";
import { partName } from "./status-words.ts";

interface DeskProps {
  view: View;
  staff: Staff;
  now: number;
  defaultLanguage: string;
}

type Phase = "draft" | "planned" | "present" | "over";

function phaseOf(incident: Incident, now: number): Phase {
  if (!incident.isPublic) return "draft";
  if (isOver(incident, now)) return "over";
  return incident.startsAt > now ? "planned" : "present";
}

const tones: Record<Phase, Tone | undefined> = {
  draft: undefined,
  planned: "careful",
  present: "wrong",
  over: "good",
};

/** What was written about the service, the newest first. */
export function IncidentListPage({
  view,
  staff,
  incidents,
  now,
  defaultLanguage,
}: DeskProps & { incidents: Incident[] }) {
  const { t } = view;
  return (
    <DeskPage view={view} staff={staff} title={t("service-status.desk.title")} current="status">
      <p>{t("service-status.desk.intro")}</p>
      <LinkList
        links={[
          { href: "/desk/status/new", label: t("service-status.desk.new") },
          { href: "/help/status", label: t("service-status.desk.see") },
        ]}
      />
      <ItemList
        label={t("service-status.desk.title")}
        empty={t("service-status.desk.none")}
        items={incidents.map((incident) => {
          const { text, lang } = inLanguage(incident.title, view.locale, defaultLanguage);
          const phase = phaseOf(incident, now);
          return {
            key: incident.id,
            title: (
              <a href={`/desk/status/${incident.id}`} lang={lang}>
                {text}
              </a>
            ),
            tag: <Tag tone={tones[phase]}>{t(`service-status.phase.${phase}`)}</Tag>,
            lines: [
              view.moment(incident.startsAt),
              ...(incident.concernsEverybody ? [t("service-status.desk.everybody")] : []),
            ],
          };
        })}
      />
    </DeskPage>
  );
}

/** What stands in the fields: of a saved incident, or as it was typed. */
export interface IncidentValues {
  title: Record<string, string>;
  body: Record<string, string>;
  parts: PartName[];
  concernsEverybody: boolean;
  /** Local times, as a field of the type `datetime-local` holds them. */
  starts: string;
  ends: string;
}

export function IncidentPage(
  props: DeskProps & {
    /** Null for one that is not saved yet. */
    incident: Incident | null;
    values: IncidentValues;
    parts: PartName[];
    zone: string;
    errors: FieldError[];
    /** Set where somebody else saved meanwhile: what stands there now, while the fields hold what was typed. */
    theirs: IncidentValues | null;
  },
) {
  const { view, staff, incident, values, errors, theirs, now, defaultLanguage } = props;
  const { t } = view;
  const phase = incident && phaseOf(incident, now);
  const title = incident
    ? inLanguage(incident.title, view.locale, defaultLanguage).text
    : t("service-status.desk.new");
  return (
    <DeskPage
      view={view}
      staff={staff}
      title={title}
      current="status"
      hasErrors={errors.length > 0 || theirs !== null}
    >
      {theirs && <Conflict {...props} theirs={theirs} />}
      {phase && (
        <p>
          <Tag tone={tones[phase]}>{t(`service-status.phase.${phase}`)}</Tag>
        </p>
      )}
      {incident && phase !== "draft" && <UpdatePart {...props} incident={incident} phase={phase as Phase} />}
      <Form
        view={view}
        action={incident ? `/desk/status/${incident.id}` : "/desk/status/new"}
        errors={errors}
        fields={incident ? { seen: String(incident.changedAt) } : {}}
      >
        {languagesFirst(view, defaultLanguage).map(({ code, name }) => (
          <fieldset key={code} class="choices status-language">
            <legend>{name}</legend>
            <TextField
              view={view}
              name={`title-${code}`}
              label={t("service-status.desk.incident-title")}
              value={values.title[code] ?? ""}
              required={code === defaultLanguage}
            />
            <TextArea
              view={view}
              name={`body-${code}`}
              label={t("service-status.desk.body")}
              hint={code === defaultLanguage ? t("service-status.desk.body.hint") : undefined}
              value={values.body[code] ?? ""}
              rows={4}
              lang={code}
              required={code === defaultLanguage}
            />
          </fieldset>
        ))}
        <fieldset class="choices">
          <legend>{t("service-status.incident.parts")}</legend>
          {props.parts.map((part) => (
            <Checkbox
              key={part}
              view={view}
              name={`part-${part}`}
              label={partName(t, part)}
              checked={values.parts.includes(part)}
            />
          ))}
        </fieldset>
        <Checkbox
          view={view}
          name="everybody"
          label={t("service-status.desk.everybody")}
          hint={t("service-status.desk.everybody.hint")}
          checked={values.concernsEverybody}
        />
        <LocalTimeField
          view={view}
          name="starts"
          label={t("service-status.desk.starts")}
          hint={t("service-status.desk.zone", { zone: props.zone })}
          value={values.starts}
          required
        />
        <LocalTimeField
          view={view}
          name="ends"
          label={t("service-status.desk.ends")}
          hint={t("service-status.desk.ends.hint")}
          value={values.ends}
        />
        <Acts>
          <Button>{t(incident ? "service-status.desk.save" : "service-status.desk.save-draft")}</Button>
          {phase === "draft" && (
            <QuietButton name="act" value="published">
              {t("service-status.desk.publish")}
            </QuietButton>
          )}
        </Acts>
      </Form>
      {incident && phase === "draft" && (
        <PressButton
          action={`/desk/status/${incident.id}/discard`}
          label={t("service-status.desk.discard")}
        />
      )}
      <LinkList links={[{ href: "/desk/status", label: t("service-status.desk.back") }]} />
    </DeskPage>
  );
}

/** Two wrote at once: both texts are on the page, and the next save is a decision. */
function Conflict(props: DeskProps & { theirs: IncidentValues; parts: PartName[] }) {
  const { view, theirs, defaultLanguage } = props;
  const { t } = view;
  const parts = theirs.parts.map((part) => partName(t, part));
  return (
    <Notice view={view} tone="wrong" title={t("service-status.conflict")} role="status">
      <p>{t("service-status.conflict.next")}</p>
      <Facts
        rows={[
          ...languagesFirst(view, defaultLanguage).flatMap(({ code, name }) =>
            theirs.title[code] === undefined && theirs.body[code] === undefined
              ? []
              : [{ label: name, value: <Theirs lang={code} words={theirs} /> }],
          ),
          ...(parts.length === 0
            ? []
            : [{ label: t("service-status.incident.parts"), value: parts.join(", ") }]),
          { label: t("service-status.desk.starts"), value: theirs.starts.replace("T", " ") },
          ...(theirs.ends === ""
            ? []
            : [{ label: t("service-status.desk.ends"), value: theirs.ends.replace("T", " ") }]),
        ]}
      />
      {theirs.concernsEverybody && <p>{t("service-status.desk.everybody")}</p>}
    </Notice>
  );
}

function Theirs({ lang, words }: { lang: string; words: Pick<IncidentValues, "title" | "body"> }) {
  return (
    <span lang={lang}>
      <strong>{words.title[lang] ?? ""}</strong>
      <br />
      {words.body[lang] ?? ""}
    </span>
  );
}

/** What is new about an announced incident, and its end. */
function UpdatePart(props: DeskProps & { incident: Incident; phase: Phase }) {
  const { view, incident, phase, defaultLanguage } = props;
  const { t } = view;
  return (
    <Section title={t("service-status.desk.news")} id="news">
      {incident.updates.length > 0 && (
        <Facts
          rows={incident.updates.map(({ at, body }) => ({
            label: view.moment(at),
            value: inLanguage(body, view.locale, defaultLanguage).text,
          }))}
        />
      )}
      {phase === "over" ? (
        <PressButton action={`/desk/status/${incident.id}/reopen`} label={t("service-status.desk.reopen")} />
      ) : (
        <form class="form" method="post" action={`/desk/status/${incident.id}/update`} novalidate>
          {languagesFirst(view, defaultLanguage).map(({ code, name }) => (
            <TextArea
              key={code}
              view={view}
              name={`news-${code}`}
              label={t("service-status.desk.news.label", { language: name })}
              rows={2}
              lang={code}
            />
          ))}
          <Acts>
            <QuietButton>{t("service-status.desk.news.add")}</QuietButton>
            <QuietButton name="resolved" value="1">
              {t("service-status.desk.resolve")}
            </QuietButton>
          </Acts>
        </form>
      )}
    </Section>
  );
}

function languagesFirst(view: View, defaultLanguage: string): View["languages"] {
  return [
    ...view.languages.filter(({ code }) => code === defaultLanguage),
    ...view.languages.filter(({ code }) => code !== defaultLanguage),
  ];
}

function LocalTimeField(props: FieldProps & { value: string }) {
  const { view, name, hint, value, required } = props;
  const error = useFieldError(props);
  return (
    <FieldFrame error={error}>
      <FieldLabel field={props} id={name} />
      <FieldNotes view={view} id={name} hint={hint} error={error} />
      <input
        id={name}
        name={name}
        type="datetime-local"
        value={value}
        required={required}
        aria-invalid={error === undefined ? undefined : "true"}
        aria-describedby={describedBy(name, hint, error)}
      />
    </FieldFrame>
  );
}
