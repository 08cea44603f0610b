import type { Staff } from "../../kernel/caller.ts";
import { Button, LinkList, PressButton } from "../../ui/buttons.tsx";
import { Radios } from "../../ui/choices.tsx";
import { DeskPage } from "../../ui/desk-page.tsx";
import { Exact, Facts, ItemList, Section, Tag } from "../../ui/facts.tsx";
import { Form } from "../../ui/form.tsx";
import { Notice } from "../../ui/notices.tsx";
import type { FieldError, View } from "../../ui/view.ts";
import type { Place, PlaceForm } from "./places.ts";
import type { Role } from "./roles.ts";
import type { InviteForm, MemberRole, StaffMember, StaffRules } from "./staff.ts";
import {
  ActLink,
  InvitedFields,
  PlaceFields,
  ReasonField,
  roomsBeside,
  SomeLinks,
} from "./staff-fields.pages.tsx";
import { lastDayWords } from "./staff-words.ts";

interface StaffPageProps {
  view: View;
  staff: Staff;
  titleOf: StaffRules["titleOf"];
}

const titleIn = ({ view, titleOf }: Pick<StaffPageProps, "view" | "titleOf">, { role, place }: MemberRole) =>
  titleOf(role, place, view.locale);

/** Who opens the desk, with what, and since when. */
export function StaffListPage(
  props: StaffPageProps & { members: StaffMember[]; page: number; hasMore: boolean; mayInvite: boolean },
) {
  const { view, staff, members, page } = props;
  const { t } = view;
  const pageLink = (to: number) => (to === 1 ? "/desk/staff" : `/desk/staff?page=${to}`);
  return (
    <DeskPage view={view} staff={staff} current="staff" title={t("staff.title")}>
      <SomeLinks
        links={[
          ...(props.mayInvite ? [{ href: "/desk/staff/invite", label: t("staff.invite.title") }] : []),
          ...roomsBeside(view, staff),
        ]}
      />
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
              {member.given.map((given) => (
                <Tag key={given.grantId}>{titleIn(props, given)}</Tag>
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
    /** Whether roles may end at establishments. */
    hasPlaces: boolean;
    among: Place[];
    errors: FieldError[];
    typed: PlaceForm & { role: string; reason: string };
  },
) {
  const { view, staff, member, errors } = props;
  const { t } = view;
  const base = `/desk/staff/${member.id}`;
  const isPending = member.status === "pending";
  return (
    <DeskPage view={view} staff={staff} current="staff" title={member.name} hasErrors={errors.length > 0}>
      <Facts
        rows={[
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
      <Section title={t("staff.roles", { count: member.given.length })} id="roles">
        <ItemList
          label={t("staff.roles", { count: member.given.length })}
          empty={t("staff.role.none")}
          items={member.given.map((given) => ({
            key: given.grantId,
            title: titleIn(props, given),
            lines: rangeWords(props, given),
            ...(member.mayChange
              ? {
                  acts: (
                    <ActLink
                      href={`${base}/roles/${given.grantId}`}
                      label={t(isPending ? "staff.role.withdraw-invitation" : "staff.role.take")}
                      about={titleIn(props, given)}
                    />
                  ),
                }
              : {}),
          }))}
        />
      </Section>
      {member.mayChange && isPending && (
        <Section title={t("staff.invitation")} id="invitation">
          <p>{t("staff.invitation.what")}</p>
          <PressButton action={`${base}/invite-again`} label={t("staff.invitation.again")} />
        </Section>
      )}
      {member.mayReset && <Factor view={view} member={member} base={base} />}
      {member.mayChange && (
        <Section title={t("staff.role.title")} id="role-section">
          <p>{t(props.hasPlaces ? "staff.role.what.places" : "staff.role.what")}</p>
          <Form view={view} action={`${base}/role`} errors={errors}>
            <RoleFields {...props} />
            <ReasonField view={view} value={errors.length > 0 ? props.typed.reason : ""} />
            <Button>{t("staff.role.submit")}</Button>
          </Form>
        </Section>
      )}
      <LinkList links={[{ href: "/desk/staff", label: t("staff.back") }]} />
    </DeskPage>
  );
}

/** Where a role ends, and when. */
function rangeWords({ view }: Pick<StaffPageProps, "view">, given: MemberRole): string[] {
  const { t } = view;
  if (given.isNowhere) return [t("staff.role.nowhere")];
  if (given.expiresAt === null) return [];
  const until = lastDayWords(view.locale, given.timezone, given.expiresAt);
  return [t("staff.role.until", { until })];
}

/** Which role, and where for one that ends at an establishment. */
function RoleFields(
  props: StaffPageProps & {
    roles: Role[];
    among: Place[];
    typed: PlaceForm & { role: string };
  },
) {
  const { view, roles, typed } = props;
  const { t } = view;
  const isWalled = ({ reach }: Role) => reach === "establishment";
  const walled = roles.filter(isWalled);
  return (
    <>
      <Radios
        view={view}
        name="role"
        legend={t("staff.role.legend")}
        options={roles.map((role) => ({
          value: role.id,
          label: props.titleOf(role, null, view.locale),
          ...(walled.length > 0 && !isWalled(role) ? { hint: t("staff.role.everywhere") } : {}),
        }))}
        value={typed.role}
        required
      />
      {walled.length > 0 && (
        <PlaceFields view={view} hint={t("staff.establishment.hint")} typed={typed} among={props.among} />
      )}
    </>
  );
}

/** Its own page: one role is taken, with a reason. */
export function TakeRolePage(
  props: StaffPageProps & {
    member: StaffMember;
    given: MemberRole;
    errors: FieldError[];
    reason: string;
  },
) {
  const { view, staff, member, given } = props;
  const { t } = view;
  const base = `/desk/staff/${member.id}`;
  const isLast = member.given.length === 1;
  const then = !isLast ? "one" : member.status === "pending" ? "invitation" : "last";
  return (
    <DeskPage
      view={view}
      staff={staff}
      current="staff"
      title={t("staff.role.take.title", { role: titleIn(props, given), name: member.name })}
      hasErrors={props.errors.length > 0}
    >
      <p>{t(`staff.role.take.${then}`)}</p>
      <Form view={view} action={`${base}/roles/${given.grantId}`} errors={props.errors}>
        <ReasonField view={view} value={props.reason} />
        <Button tone="wrong">
          {t(then === "invitation" ? "staff.role.withdraw-invitation" : "staff.role.take")}
        </Button>
      </Form>
      <LinkList links={[{ href: base, label: t("staff.back-to", { name: member.name }) }]} />
    </DeskPage>
  );
}

function Factor(props: Pick<StaffPageProps, "view"> & { member: StaffMember; base: string }) {
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

export function InviteStaffPage(
  props: StaffPageProps & {
    roles: Role[];
    asksUsername: boolean;
    typed: InviteForm;
    among: Place[];
    errors: FieldError[];
  },
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
        <InvitedFields view={view} asksUsername={props.asksUsername} sharesEmail={false} typed={typed} />
        <RoleFields {...props} />
        <ReasonField view={view} value={typed.reason} />
        <Button>{t("staff.invite.submit")}</Button>
      </Form>
      <LinkList links={[{ href: "/desk/staff", label: t("staff.back") }]} />
    </DeskPage>
  );
}
