import type { Staff } from "../../kernel/caller.ts";
import { Button, LinkList, PressButton } from "../../ui/buttons.tsx";
import { Radios } from "../../ui/choices.tsx";
import { DeskPage } from "../../ui/desk-page.tsx";
import { Exact, Facts, ItemList, Section, Tag } from "../../ui/facts.tsx";
import { Form } from "../../ui/form.tsx";
import { Notice } from "../../ui/notices.tsx";
import { TextField } from "../../ui/text-fields.tsx";
import type { FieldError, View } from "../../ui/view.ts";
import type { Role } from "./roles.ts";
import type { InviteForm, StaffMember } from "./staff.ts";

interface StaffPageProps {
  view: View;
  staff: Staff;
  nameOf: (role: Role) => string;
}

/** Who opens the desk, with what, and since when. */
export function StaffListPage(
  props: StaffPageProps & { members: StaffMember[]; page: number; hasMore: boolean; mayInvite: boolean },
) {
  const { view, staff, members, page } = props;
  const { t } = view;
  const pageLink = (to: number) => (to === 1 ? "/desk/staff" : `/desk/staff?page=${to}`);
  return (
    <DeskPage view={view} staff={staff} current="staff" title={t("staff.title")}>
      {props.mayInvite && (
        <LinkList links={[{ href: "/desk/staff/invite", label: t("staff.invite.title") }]} />
      )}
      <ItemList
        label={t("staff.title")}
        empty={t("staff.none")}
        items={members.map((member) => ({
          key: member.id,
          title: (
            <a href={`/desk/staff/${member.id}`}>
              <bdi>{member.name}</bdi>
            </a>
          ),
          tag: (
            <>
              {member.roles.map((role) => (
                <Tag key={role.id}>{props.nameOf(role)}</Tag>
              ))}
              <StateTag view={view} member={member} />
              {member.isYou && <Tag tone="good">{t("staff.you")}</Tag>}
            </>
          ),
          lines: [
            ...(member.email === null ? [] : [<bdi key="email">{member.email}</bdi>]),
            signedInWords(view, member),
            factorWords(view, member),
          ],
        }))}
      />
      {(page > 1 || props.hasMore) && (
        <LinkList
          label={t("staff.pages")}
          links={[
            ...(page > 1 ? [{ href: pageLink(page - 1), label: t("staff.page.before") }] : []),
            ...(props.hasMore ? [{ href: pageLink(page + 1), label: t("staff.page.after") }] : []),
          ]}
        />
      )}
    </DeskPage>
  );
}

function StateTag({ view, member }: { view: View; member: StaffMember }) {
  if (member.status === "pending") return <Tag tone="careful">{view.t("staff.state.pending")}</Tag>;
  if (member.status === "disabled") return <Tag tone="wrong">{view.t("staff.state.disabled")}</Tag>;
  return null;
}

function signedInWords({ t, moment }: View, member: StaffMember): string {
  if (member.status === "pending") return t("staff.signed-in.pending");
  return member.signed_in_at === null
    ? t("staff.signed-in.never")
    : t("staff.signed-in.last", { moment: moment(member.signed_in_at) });
}

function factorWords({ t, moment }: View, member: StaffMember): string {
  if (member.resetAt !== null) return t("staff.factor.reset", { moment: moment(member.resetAt) });
  return member.secondFactorAt === null
    ? t("staff.factor.none")
    : t("staff.factor.since", { moment: moment(member.secondFactorAt) });
}

/** One member of staff, and what may be done: each act in a form of its own, with its reason. */
export function StaffMemberPage(
  props: StaffPageProps & {
    member: StaffMember;
    roles: Role[];
    /** Whose mistakes: that of the role, or that of the second factor. */
    errors: { form: "role" | "factor"; list: FieldError[] };
    typed: { role: string; reason: string };
  },
) {
  const { view, staff, member, errors } = props;
  const { t } = view;
  const base = `/desk/staff/${member.id}`;
  const isPending = member.status === "pending";
  const errorsOf = (form: "role" | "factor") => (errors.form === form ? errors.list : []);
  return (
    <DeskPage
      view={view}
      staff={staff}
      current="staff"
      title={member.name}
      hasErrors={errors.list.length > 0}
    >
      <Facts
        rows={[
          {
            label: t("staff.roles", { count: member.roles.length }),
            value: member.roles.map(props.nameOf).join(", "),
          },
          ...(member.email === null
            ? []
            : [{ label: t("staff.email"), value: <Exact>{member.email}</Exact> }]),
          {
            label: t("staff.signed-in"),
            value:
              member.signed_in_at === null ? signedInWords(view, member) : view.moment(member.signed_in_at),
          },
          {
            label: t("second-factor.title"),
            value:
              member.secondFactorAt === null
                ? t("staff.factor.not-yet")
                : t("staff.factor.ready", { moment: view.moment(member.secondFactorAt) }),
          },
        ]}
      />
      {member.isYou && (
        <>
          <p>{t("staff.you.what")}</p>
          <LinkList links={[{ href: "/account/second-factor", label: t("second-factor.title") }]} />
        </>
      )}
      {!member.isYou && !member.mayChange && !member.mayReset && <p>{t("staff.above")}</p>}
      {member.mayChange && isPending && (
        <Section title={t("staff.invitation")} id="invitation">
          <p>{t("staff.invitation.what")}</p>
          <PressButton action={`${base}/invite-again`} label={t("staff.invitation.again")} />
        </Section>
      )}
      {member.mayReset && <Factor {...props} base={base} errors={errorsOf("factor")} />}
      {member.mayChange && (
        <Section title={t("staff.role.title")} id="role-section">
          <Form view={view} action={`${base}/role`} errors={errorsOf("role")}>
            <Radios
              view={view}
              name="role"
              legend={t("staff.role.legend")}
              value={props.typed.role || member.roles[0]?.id}
              options={[
                ...props.roles.map((role) => ({ value: role.id, label: props.nameOf(role) })),
                {
                  value: "none",
                  label: t(isPending ? "staff.role.withdraw-invitation" : "staff.role.none"),
                  hint: t(isPending ? "staff.role.withdraw-invitation.hint" : "staff.role.none.hint"),
                },
              ]}
            />
            <ReasonField view={view} value={errors.form === "role" ? props.typed.reason : ""} />
            <Button>{t("staff.role.submit")}</Button>
          </Form>
        </Section>
      )}
      <LinkList links={[{ href: "/desk/staff", label: t("staff.back") }]} />
    </DeskPage>
  );
}

function Factor(
  props: Pick<StaffPageProps, "view"> & {
    member: StaffMember;
    base: string;
    errors: FieldError[];
    typed: { reason: string };
  },
) {
  const { view, member, base } = props;
  const { t } = view;
  if (member.resetAt !== null) {
    return (
      <Section title={t("second-factor.title")} id="factor-section">
        <Notice view={view} tone="careful" title={t("staff.reset.waits")}>
          <p>{t("staff.factor.reset", { moment: view.moment(member.resetAt) })}</p>
          <PressButton action={`${base}/second-factor/keep`} label={t("staff.reset.take-back")} />
        </Notice>
      </Section>
    );
  }
  if (member.secondFactorAt === null) return null;
  return (
    <Section title={t("staff.reset.title")} id="factor-section">
      <p>{t("staff.reset.what")}</p>
      <p>{t("staff.reset.how")}</p>
      <LinkList links={[{ href: `${base}/second-factor/reset`, label: t("staff.reset.link") }]} />
    </Section>
  );
}

/** Its own page: one act, one main button. */
export function ResetFactorPage(
  props: Pick<StaffPageProps, "view" | "staff"> & {
    member: StaffMember;
    errors: FieldError[];
    reason: string;
  },
) {
  const { view, staff, member } = props;
  const { t } = view;
  return (
    <DeskPage
      view={view}
      staff={staff}
      current="staff"
      title={t("staff.reset.page", { name: member.name })}
      hasErrors={props.errors.length > 0}
    >
      <p>{t("staff.reset.what")}</p>
      <p>{t("staff.reset.how")}</p>
      <p>{t("staff.reset.identify")}</p>
      <Form view={view} action={`/desk/staff/${member.id}/second-factor/reset`} errors={props.errors}>
        <ReasonField view={view} value={props.reason} />
        <Button tone="wrong">{t("staff.reset.submit")}</Button>
      </Form>
      <LinkList
        links={[{ href: `/desk/staff/${member.id}`, label: t("staff.back-to", { name: member.name }) }]}
      />
    </DeskPage>
  );
}

function ReasonField({ view, value }: { view: View; value: string }) {
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

export function InviteStaffPage(
  props: StaffPageProps & { roles: Role[]; asksUsername: boolean; typed: InviteForm; errors: FieldError[] },
) {
  const { view, staff, typed, errors } = props;
  const { t } = view;
  return (
    <DeskPage
      view={view}
      staff={staff}
      current="staff"
      title={t("staff.invite.title")}
      hasErrors={errors.length > 0}
    >
      <p>{t("staff.invite.what")}</p>
      <Form view={view} action="/desk/staff/invite" errors={errors}>
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
          hint={t("staff.invite.email.hint")}
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
            value={typed.username}
            required
          />
        )}
        <Radios
          view={view}
          name="role"
          legend={t("staff.role.legend")}
          options={props.roles.map((role) => ({ value: role.id, label: props.nameOf(role) }))}
          value={typed.role}
          required
        />
        <ReasonField view={view} value={typed.reason} />
        <Button>{t("staff.invite.submit")}</Button>
      </Form>
      <LinkList links={[{ href: "/desk/staff", label: t("staff.back") }]} />
    </DeskPage>
  );
}
