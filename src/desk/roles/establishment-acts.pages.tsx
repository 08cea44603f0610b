import { eventWords } from "../../access/account-page/event-words.ts";
import type { MessageKey, Translate } from "../../i18n/translations.ts";
import type { Staff } from "../../kernel/caller.ts";
import { Button } from "../../ui/buttons.tsx";
import { DeskPage } from "../../ui/desk-page.tsx";
import { ItemList } from "../../ui/facts.tsx";
import { SelectField } from "../../ui/select-field.tsx";
import { TextField } from "../../ui/text-fields.tsx";
import type { View } from "../../ui/view.ts";
import { type ActsFilter, actKinds, type SeenAct } from "./establishment-acts.ts";
import { SomeLinks } from "./staff-fields.pages.tsx";

const path = "/desk/acts";

/** Events whose words in the journal speak to the person. */
const saidToOthers: Record<string, MessageKey> = {
  "letters.printed": "staff.acts.letter",
  "cases.tied": "staff.acts.case-tied",
  "cases.untied": "staff.acts.case-untied",
  "cases.identity-asked": "staff.acts.identity-asked",
  "second-factor.reset-asked": "staff.acts.reset-asked",
  "second-factor.reset-refused": "staff.acts.reset-refused",
  // Who and why stand beside them.
  "staff.invited": "staff.acts.invited",
  "staff.invited-again": "staff.acts.invited-again",
  "staff.invitation-withdrawn": "staff.acts.invitation-withdrawn",
  "staff.lent": "staff.acts.lent",
  "staff.role-changed": "staff.acts.role-given",
  "staff.role-taken": "staff.acts.role-taken",
  "staff.role-withdrawn": "staff.acts.role-withdrawn",
};

/** What was done, said to somebody else than its person. */
export function actWords(t: Translate, { event, params }: SeenAct): string {
  const key = saidToOthers[event];
  return key === undefined ? eventWords(t, event, params) : t(key, params);
}

export const doerWords = (t: Translate, { by, isByStaff }: SeenAct): string =>
  by?.name ?? t(isByStaff ? "staff.acts.gone" : "staff.acts.command-line");

export const personWords = (t: Translate, { person }: SeenAct): string => person ?? t("staff.acts.gone");

/** Every act of staff for the people of the viewer's establishments, the newest first. */
export function EstablishmentActsPage(props: {
  view: View;
  staff: Staff;
  filter: ActsFilter;
  doers: { id: string; name: string }[];
  acts: SeenAct[];
  /** Whose page the viewer may open. */
  helped: ReadonlySet<string>;
  older: string | null;
  isNewest: boolean;
}) {
  const { view, staff, filter, acts, older } = props;
  const { t } = view;
  const query = (more: Record<string, string> = {}) => {
    const asked = Object.entries({ ...filter, ...more }).filter(([, value]) => value !== "");
    return asked.length === 0 ? "" : `?${new URLSearchParams(asked)}`;
  };
  return (
    <DeskPage view={view} staff={staff} current="staff" title={t("staff.acts.title")}>
      <p>{t("staff.acts.what")}</p>
      <form class="form acts-filter" method="get" action={path}>
        <SelectField
          view={view}
          name="by"
          label={t("staff.acts.who")}
          options={[
            { value: "", label: t("staff.acts.everybody") },
            ...props.doers.map(({ id, name }) => ({ value: id, label: name })),
          ]}
          value={filter.by}
        />
        <SelectField
          view={view}
          name="kind"
          label={t("staff.acts.kind")}
          options={[
            { value: "", label: t("staff.acts.kind.every") },
            ...actKinds.map((kind) => ({ value: kind, label: t(`staff.acts.kind.${kind}`) })),
          ]}
          value={filter.kind}
        />
        <TextField view={view} name="day" type="date" label={t("staff.acts.day")} value={filter.day} />
        <Button>{t("staff.acts.show")}</Button>
      </form>
      <ItemList
        label={t("staff.acts.title")}
        empty={t("staff.acts.none")}
        items={acts.map((act) => ({
          key: act.id,
          title: actWords(t, act),
          lines: [
            ...(act.person === "" ? [] : [<Whom key="whom" view={view} act={act} helped={props.helped} />]),
            <>
              {t("staff.acts.by", { name: doerWords(t, act) })} · <bdi>{view.moment(act.at)}</bdi>
            </>,
            ...(act.reason === null ? [] : [t("staff.acts.reason", { reason: act.reason })]),
          ],
        }))}
      />
      <SomeLinks
        label={t("staff.pages")}
        links={[
          ...(older === null
            ? []
            : [{ href: `${path}${query({ before: older })}`, label: t("staff.acts.older") }]),
          ...(props.isNewest ? [] : [{ href: `${path}${query()}`, label: t("staff.acts.newest") }]),
          ...(acts.length === 0 ? [] : [{ href: `/desk/acts.csv${query()}`, label: t("staff.acts.csv") }]),
        ]}
      />
    </DeskPage>
  );
}

/** For whom it was done, with their page where the viewer may open it. */
function Whom({ view, act, helped }: { view: View; act: SeenAct; helped: ReadonlySet<string> }) {
  const words = view.t("staff.acts.for", { name: personWords(view.t, act) });
  return helped.has(act.personId) ? (
    <a href={`/desk/people/${act.personId}`}>{words}</a>
  ) : (
    <span>{words}</span>
  );
}
