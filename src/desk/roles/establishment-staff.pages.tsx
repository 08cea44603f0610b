import type { Staff } from "../../kernel/caller.ts";
import { Button, LinkList, PressButton } from "../../ui/buttons.tsx";
import { Radios } from "../../ui/choices.tsx";
import { DeskPage } from "../../ui/desk-page.tsx";
import { ItemList, Tag } from "../../ui/facts.tsx";
import { Form } from "../../ui/form.tsx";
import { EstablishmentSearch } from "../../ui/search-form.tsx";
import { TextField } from "../../ui/text-fields.tsx";
import type { FieldError, View } from "../../ui/view.ts";
import type { LoanForm, Worker, WorkerRole } from "./establishment-staff.ts";
import type { Place } from "./places.ts";
import type { Role } from "./roles.ts";
import type { StaffRules } from "./staff.ts";
import { ActLink, InvitedFields, PlaceFields, ReasonField, SomeLinks } from "./staff-fields.pages.tsx";
import type { InvitedForm } from "./staff-invitations.ts";
import { lastDayWords } from "./staff-words.ts";

interface PageProps {
  view: View;
  staff: Staff;
  titleOf: StaffRules["titleOf"];
}

const path = "/desk/staff/lent";

/** Which establishment, for whoever may look at several. */
export function LentPlacesPage(props: PageProps & { typed: string; found: Place[]; hasMore: boolean }) {
  const { view, staff, typed, found, hasMore } = props;
  const { t } = view;
  return (
    <DeskPage view={view} staff={staff} current="staff" title={t("staff.lent.title")}>
      <p>{t("staff.lent.what")}</p>
      <EstablishmentSearch view={view} action={path} typed={typed} />
      {hasMore && <p role="status">{t("staff.establishment.too-many")}</p>}
      <ItemList
        label={t("staff.establishment.which")}
        empty={t(typed === "" ? "staff.lent.search-first" : "staff.establishment.unknown")}
        items={found.map(({ id, name, code }) => ({
          key: id,
          title: (
            <a href={`${path}/${id}`}>
              <bdi>{name}</bdi>
            </a>
          ),
          lines: [<bdi key="code">{code}</bdi>],
        }))}
      />
    </DeskPage>
  );
}

/** Who works at an establishment, with the roles that they hold there. */
export function LentStaffPage(
  props: PageProps & {
    place: Place;
    workers: Worker[];
    page: number;
    hasMore: boolean;
    mayInvite: boolean;
    /** Whether the viewer may look at other establishments. */
    hasOthers: boolean;
  },
) {
  const { view, staff, place, workers, page } = props;
  const { t } = view;
  const base = `${path}/${place.id}`;
  const pageLink = (to: number) => (to === 1 ? base : `${base}?page=${to}`);
  return (
    <DeskPage view={view} staff={staff} current="staff" title={t("staff.lent.at", { place: place.name })}>
      <p>{t("staff.lent.what")}</p>
      <SomeLinks
        links={[
          ...(props.mayInvite ? [{ href: `${base}/invite`, label: t("staff.lent.invite") }] : []),
          ...(staff.may.has("staff.acts") ? [{ href: "/desk/acts", label: t("staff.acts.title") }] : []),
          ...(props.hasOthers ? [{ href: `${path}?q=`, label: t("staff.lent.elsewhere") }] : []),
        ]}
      />
      <ItemList
        label={t("staff.lent.at", { place: place.name })}
        empty={t("staff.lent.nobody")}
        items={workers.map((worker) => ({
          key: worker.id,
          title: <bdi>{worker.name}</bdi>,
          tag: (
            <>
              {worker.status === "pending" && <Tag tone="careful">{t("staff.state.pending")}</Tag>}
              {worker.isYou && <Tag tone="good">{t("staff.you")}</Tag>}
            </>
          ),
          lines: [
            ...(worker.identifier === null ? [] : [<bdi key="identifier">{worker.identifier}</bdi>]),
            ...worker.roles.map((role) => roleWords(props, role)),
          ],
          ...(hasActs(worker) ? { acts: <WorkerActs {...props} base={base} worker={worker} /> } : {}),
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

const hasActs = (worker: Worker) =>
  worker.mayBeLent ||
  worker.mayInviteAgain ||
  worker.mayWithdraw ||
  worker.roles.some(({ mayTakeBack }) => mayTakeBack);

const titleIn = ({ view, titleOf }: PageProps, role: Role) => titleOf(role, null, view.locale);

function roleWords(props: PageProps, { role, expiresAt, timezone }: WorkerRole): string {
  const { t, locale } = props.view;
  const title = titleIn(props, role);
  if (expiresAt === null) return title;
  return t("desk.home.until", { role: title, until: lastDayWords(locale, timezone, expiresAt) });
}

function WorkerActs(props: PageProps & { base: string; worker: Worker }) {
  const { base, worker } = props;
  const { t } = props.view;
  return (
    <>
      {worker.roles
        .filter(({ mayTakeBack }) => mayTakeBack)
        .map(({ grantId, role }) => (
          <ActLink
            key={grantId}
            href={`${base}/end/${grantId}`}
            label={t("staff.lent.take-back", { role: titleIn(props, role) })}
            about={worker.name}
          />
        ))}
      {worker.mayBeLent && (
        <ActLink href={`${base}/to/${worker.id}`} label={t("staff.lent.give")} about={worker.name} />
      )}
      {worker.mayInviteAgain && (
        <PressButton
          action={`${base}/again/${worker.id}`}
          label={t("staff.invitation.again")}
          about={worker.name}
        />
      )}
      {worker.mayWithdraw && (
        <ActLink
          href={`${base}/withdraw/${worker.id}`}
          label={t("staff.role.withdraw-invitation")}
          about={worker.name}
        />
      )}
    </>
  );
}

/** Which role, until which day, and why. */
function LoanFields(props: PageProps & { roles: Role[]; typed: LoanForm }) {
  const { view, roles, typed } = props;
  const { t } = view;
  return (
    <>
      <Radios
        view={view}
        name="role"
        legend={t("staff.role.legend")}
        options={roles.map((role) => ({ value: role.id, label: titleIn(props, role) }))}
        value={typed.role || (roles.length === 1 ? roles[0]?.id : undefined)}
        required
      />
      <TextField
        view={view}
        name="until"
        type="date"
        label={t("staff.until")}
        hint={t("staff.until.hint")}
        value={typed.until}
        required
      />
    </>
  );
}

export function LendPage(
  props: PageProps & {
    place: Place;
    worker: Worker;
    roles: Role[];
    /** Whether it may be lent at another establishment. */
    asksPlace: boolean;
    typed: LoanForm;
    among: Place[];
    errors: FieldError[];
  },
) {
  const { view, staff, place, worker, typed } = props;
  const { t } = view;
  const base = `${path}/${place.id}`;
  return (
    <DeskPage
      view={view}
      staff={staff}
      current="staff"
      title={t("staff.lent.to", { name: worker.name })}
      hasErrors={props.errors.length > 0}
    >
      <p>{t(props.asksPlace ? "staff.lent.then.several" : "staff.lent.then", { place: place.name })}</p>
      <Form view={view} action={`${base}/to/${worker.id}`} errors={props.errors}>
        <LoanFields {...props} />
        {props.asksPlace && (
          <PlaceFields
            view={view}
            hint={t("staff.lent.place.hint", { place: place.name })}
            typed={typed}
            among={props.among}
          />
        )}
        <ReasonField view={view} value={typed.reason} />
        <Button>{t("staff.lent.submit")}</Button>
      </Form>
      <LinkList links={[{ href: base, label: t("staff.lent.back", { place: place.name }) }]} />
    </DeskPage>
  );
}

export function InviteForTimePage(
  props: PageProps & {
    place: Place;
    roles: Role[];
    asksUsername: boolean;
    sharesEmail: boolean;
    typed: InvitedForm & LoanForm;
    errors: FieldError[];
  },
) {
  const { view, staff, place, typed } = props;
  const { t } = view;
  const base = `${path}/${place.id}`;
  return (
    <DeskPage
      view={view}
      staff={staff}
      current="staff"
      title={t("staff.lent.invite")}
      hasErrors={props.errors.length > 0}
    >
      <p>{t("staff.invite.what")}</p>
      <p>{t("staff.lent.then", { place: place.name })}</p>
      <Form view={view} action={`${base}/invite`} errors={props.errors}>
        <InvitedFields
          view={view}
          asksUsername={props.asksUsername}
          sharesEmail={props.sharesEmail}
          typed={typed}
        />
        <LoanFields {...props} />
        <ReasonField view={view} value={typed.reason} />
        <Button>{t("staff.invite.submit")}</Button>
      </Form>
      <LinkList links={[{ href: base, label: t("staff.lent.back", { place: place.name }) }]} />
    </DeskPage>
  );
}

/** What ends at a press, with a reason. */
function EndingPage(
  props: PageProps & {
    place: Place;
    title: string;
    /** What it means. */
    what: string[];
    /** Below the page of the establishment. */
    action: string;
    button: string;
    errors: FieldError[];
    reason: string;
  },
) {
  const { view, staff, place } = props;
  const { t } = view;
  const base = `${path}/${place.id}`;
  return (
    <DeskPage
      view={view}
      staff={staff}
      current="staff"
      title={props.title}
      hasErrors={props.errors.length > 0}
    >
      {props.what.map((line) => (
        <p key={line}>{line}</p>
      ))}
      <Form view={view} action={`${base}/${props.action}`} errors={props.errors}>
        <ReasonField view={view} value={props.reason} />
        <Button tone="wrong">{props.button}</Button>
      </Form>
      <LinkList links={[{ href: base, label: t("staff.lent.back", { place: place.name }) }]} />
    </DeskPage>
  );
}

interface EndingProps extends PageProps {
  place: Place;
  worker: Worker;
  errors: FieldError[];
  reason: string;
}

/** A role that was lent ends now. */
export function TakeBackPage(props: EndingProps & { role: WorkerRole }) {
  const { worker, role } = props;
  const { t } = props.view;
  const isUnused = worker.status === "pending" && worker.roles.length === 1;
  return (
    <EndingPage
      {...props}
      title={t("staff.role.take.title", { role: titleIn(props, role.role), name: worker.name })}
      what={[roleWords(props, role), t(isUnused ? "staff.role.take.invitation" : "staff.role.take.one")]}
      action={`end/${role.grantId}`}
      button={t("staff.role.take")}
    />
  );
}

/** An invitation that nobody followed is taken back. */
export function WithdrawInvitationPage(props: EndingProps) {
  const { worker } = props;
  const { t } = props.view;
  return (
    <EndingPage
      {...props}
      title={t("staff.lent.withdraw", { name: worker.name })}
      what={[t("staff.role.take.invitation")]}
      action={`withdraw/${worker.id}`}
      button={t("staff.role.withdraw-invitation")}
    />
  );
}
