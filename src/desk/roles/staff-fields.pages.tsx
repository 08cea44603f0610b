import type { Staff } from "../../kernel/caller.ts";
import { LinkList, type LinkListProps } from "../../ui/buttons.tsx";
import { Radios } from "../../ui/choices.tsx";
import { TextField } from "../../ui/text-fields.tsx";
import type { View } from "../../ui/view.ts";
import type { Place, PlaceForm } from "./places.ts";
import type { InvitedForm } from "./staff-invitations.ts";

/** What the forms about staff have in common. */

export function ReasonField({ view, value }: { view: View; value: string }) {
  return (
    <TextField
      view={view}
      name="reason"
      label={view.t("staff.reason")}
      hint={view.t("staff.reason.hint")}
      value={value}
      required
    />
  );
}

/** An establishment by its code or name; where several have the name, they are offered below. */
export function PlaceFields(props: {
  view: View;
  hint: string;
  typed: PlaceForm;
  among: Place[];
  required?: boolean;
}) {
  const { view, typed, among } = props;
  const { t } = view;
  return (
    <>
      <TextField
        view={view}
        name="establishment"
        label={t("staff.establishment")}
        hint={props.hint}
        value={typed.establishment}
        autocomplete="off"
        {...(props.required ? { required: true } : {})}
      />
      {among.length > 0 && (
        <Radios
          view={view}
          name="place"
          legend={t("staff.establishment.which")}
          options={among.map(({ id, name, code }) => ({ value: id, label: name, hint: code }))}
          value={typed.place}
        />
      )}
    </>
  );
}

/** Who is invited: name, address, and an identifier where people have one. */
export function InvitedFields(props: {
  view: View;
  asksUsername: boolean;
  /** Whether several accounts may have one address. */
  sharesEmail: boolean;
  typed: InvitedForm;
}) {
  const { view, typed } = props;
  const { t } = view;
  return (
    <>
      <TextField
        view={view}
        name="name"
        label={t("staff.name")}
        autocomplete="off"
        value={typed.name}
        required
      />
      <TextField
        view={view}
        name="email"
        type="email"
        inputMode="email"
        autocomplete="off"
        label={t("staff.email")}
        hint={t(props.sharesEmail ? "staff.invite.email.hint.shared" : "staff.invite.email.hint")}
        value={typed.email}
        required
      />
      {props.asksUsername && (
        <TextField
          view={view}
          name="username"
          autocomplete="off"
          label={t("staff.invite.username")}
          hint={t("staff.invite.username.hint")}
          value={typed.username ?? ""}
          required
        />
      )}
    </>
  );
}

/** A link to the page of one act; `about` is heard by those who do not see what stands beside it. */
export function ActLink({ href, label, about }: { href: string; label: string; about: string }) {
  return (
    <a class="button is-quiet" href={href}>
      {label}
      <span class="unseen"> {about}</span>
    </a>
  );
}

/** Ways to go on from here, where there are any. */
export function SomeLinks(props: LinkListProps) {
  return props.links.length === 0 ? null : <LinkList {...props} />;
}

/** The other pages about staff that somebody may open. */
export const roomsBeside = ({ t }: View, { may }: Pick<Staff, "may">) => [
  ...(may.has("staff.lend") ? [{ href: "/desk/staff/lent", label: t("staff.lent.title") }] : []),
  ...(may.has("staff.acts") ? [{ href: "/desk/acts", label: t("staff.acts.title") }] : []),
];
