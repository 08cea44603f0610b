import { Button, LinkList } from "../../ui/buttons.tsx";
import { Checkbox, Radios } from "../../ui/choices.tsx";
import { DeskPage } from "../../ui/desk-page.tsx";
import { Form } from "../../ui/form.tsx";
import { SelectField } from "../../ui/select-field.tsx";
import { TextArea } from "../../ui/text-area.tsx";
import { EmailField, PhoneField, TextField } from "../../ui/text-fields.tsx";
import type { FieldError } from "../../ui/view.ts";
import { dayName } from "./establishment-words.ts";
import type { DeskProps } from "./establishments.pages.tsx";
import type { Establishment, EstablishmentForm } from "./establishments.ts";
import { daysOfWeek } from "./opening-hours.ts";

const path = "/desk/establishments";

/** Adding an establishment, or changing one. */
export function EstablishmentFormPage(
  props: DeskProps & {
    type: Establishment["type"];
    /** Null for one that is added. */
    id: string | null;
    /** What it is added to; null at the top. */
    parent: Pick<Establishment, "id" | "name"> | null;
    form: EstablishmentForm;
    timezones: string[];
    /** The zone that counts where none is chosen. */
    usualZone: string;
    errors: FieldError[];
  },
) {
  const { view, staff, type, id, parent, form, errors } = props;
  const { t } = view;
  const title =
    id === null ? t(`establishments.add.${type}`) : t("establishments.edit.title", { name: form.name });
  const back = id ?? parent?.id;
  return (
    <DeskPage view={view} staff={staff} current="establishments" title={title} hasErrors={errors.length > 0}>
      {id === null && parent && <p>{t("establishments.add.in", { name: parent.name })}</p>}
      <Form
        view={view}
        action={id === null ? `${path}/new` : `${path}/${id}/edit`}
        errors={errors}
        fields={id === null && parent ? { in: parent.id } : {}}
      >
        <TextField
          view={view}
          name="code"
          label={t(type === "school" ? "establishments.code.uai" : "establishments.code")}
          hint={t(`establishments.code.hint.${type}`)}
          value={form.code}
          autocomplete="off"
          required
        />
        <TextField
          view={view}
          name="name"
          label={t("establishments.name")}
          value={form.name}
          autocomplete="organization"
          required
        />
        {type === "school" && id !== null && (
          <TextField
            view={view}
            name="parent"
            label={t("establishments.parent")}
            hint={t("establishments.parent.hint")}
            value={form.parent}
            autocomplete="off"
            required
          />
        )}
        {type !== "class" && <DetailFields {...props} />}
        <Button>{t(id === null ? "establishments.add.submit" : "establishments.edit.submit")}</Button>
      </Form>
      <LinkList
        links={[
          { href: back === undefined ? path : `${path}/${back}`, label: t("establishments.edit.cancel") },
        ]}
      />
    </DeskPage>
  );
}

function DetailFields({ view, form, timezones, usualZone }: Parameters<typeof EstablishmentFormPage>[0]) {
  const { t } = view;
  const zones =
    form.timezone === "" || timezones.includes(form.timezone) ? timezones : [form.timezone, ...timezones];
  return (
    <>
      <SelectField
        view={view}
        name="timezone"
        label={t("establishments.timezone")}
        value={form.timezone}
        options={[
          { value: "", label: t("establishments.timezone.usual", { zone: usualZone }) },
          ...zones.map((zone) => ({ value: zone, label: zone, lang: "en" })),
        ]}
      />
      <TextArea
        view={view}
        name="postal"
        label={t("establishments.postal")}
        hint={t("establishments.postal.hint")}
        value={form.postal}
        rows={6}
      />
      <PhoneField view={view} name="phone" label={t("establishments.phone")} value={form.phone} />
      <EmailField view={view} name="email" label={t("establishments.email")} value={form.email} />
      <TextArea
        view={view}
        name="addresses"
        label={t("establishments.addresses")}
        hint={t("establishments.addresses.hint")}
        value={form.addresses}
        rows={3}
      />
    </>
  );
}

/** What stands in the fields of a relay, as typed. */
export interface RelayForm {
  choice: "usual" | "own" | "always";
  days: Record<(typeof daysOfWeek)[number], string>;
  hasOwnClosings: boolean;
  closedOn: string;
  /** By language. */
  lines: Record<string, string>;
}

/** The hours, closings and words of one relay at one establishment. */
export function RelayFormPage(
  props: DeskProps & {
    establishment: Pick<Establishment, "id" | "name">;
    relay: { id: string; name: string };
    form: RelayForm;
    zone: string;
    errors: FieldError[];
  },
) {
  const { view, staff, establishment, relay, form, errors } = props;
  const { t } = view;
  return (
    <DeskPage
      view={view}
      staff={staff}
      current="establishments"
      title={t("establishments.relay.title", { relay: relay.name })}
      hasErrors={errors.length > 0}
    >
      <p>
        <bdi>{establishment.name}</bdi>
      </p>
      <Form view={view} action={`${path}/${establishment.id}/relays/${relay.id}`} errors={errors}>
        <Radios
          view={view}
          name="hours"
          legend={t("establishments.hours")}
          hint={t("establishments.relays.zone", { zone: props.zone })}
          value={form.choice}
          options={(["usual", "own", "always"] as const).map((value) => ({
            value,
            label: t(`establishments.relay.hours.${value}`),
          }))}
        />
        <fieldset class="choices establishment-hours">
          <legend>{t("establishments.relay.days")}</legend>
          <p class="hint">{t("establishments.relay.days.hint")}</p>
          {daysOfWeek.map((day) => (
            <TextField
              key={day}
              view={view}
              name={`hours-${day}`}
              label={dayName(view.locale, day)}
              value={form.days[day]}
              autocomplete="off"
            />
          ))}
        </fieldset>
        <Checkbox
          view={view}
          name="own-closings"
          label={t("establishments.relay.closings")}
          hint={t("establishments.relay.closings.hint")}
          checked={form.hasOwnClosings}
        />
        <TextArea
          view={view}
          name="closed-on"
          label={t("establishments.relay.closed-on")}
          hint={t("establishments.relay.closed-on.hint")}
          value={form.closedOn}
          rows={4}
        />
        {view.languages.map(({ code, name }) => (
          <TextArea
            key={code}
            view={view}
            name={`lines-${code}`}
            label={t("establishments.relay.lines.in", { language: name })}
            hint={t("establishments.relay.lines.hint")}
            value={form.lines[code] ?? ""}
            lang={code}
            rows={3}
          />
        ))}
        <Button>{t("establishments.edit.submit")}</Button>
      </Form>
      <LinkList links={[{ href: `${path}/${establishment.id}`, label: t("establishments.edit.cancel") }]} />
    </DeskPage>
  );
}
