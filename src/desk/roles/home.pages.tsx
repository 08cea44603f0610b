import type { Staff } from "../../kernel/caller.ts";
import { LinkList } from "../../ui/buttons.tsx";
import { DeskPage } from "../../ui/desk-page.tsx";
import { Notice } from "../../ui/notices.tsx";
import type { View } from "../../ui/view.ts";

/** Something that waits, with where to see it. */
export interface Waiting {
  href: string;
  /** Says how many, such as « 3 demandes en retard ». */
  label: string;
  hint?: string;
}

/** The first page of the desk: what waits for me, else where to go. */
export function DeskHomePage(props: {
  view: View;
  staff: Staff;
  roles: string[];
  /** Roles of theirs that end, each with its last day. */
  ending: string[];
  waiting: Waiting[];
  places: { href: string; label: string; hint: string }[];
  /** When a reset of one's own second factor takes effect. */
  resetAt: number | null;
}) {
  const { view, staff, waiting, resetAt } = props;
  const { t } = view;
  return (
    <DeskPage view={view} staff={staff} current="home" title={t("desk.title")}>
      {resetAt !== null && (
        <Notice view={view} tone="careful" title={t("second-factor-reset.waits.title")}>
          <p>{t("second-factor-reset.waits.what", { moment: view.moment(resetAt) })}</p>
          <p>
            <a href="/account/second-factor">{t("second-factor-reset.waits.link")}</a>
          </p>
        </Notice>
      )}
      <p>{t("desk.home.who", { name: staff.name, roles: props.roles.join(", ") })}</p>
      {props.ending.map((line) => (
        <p key={line}>{line}</p>
      ))}
      <h2>{t("desk.home.waiting")}</h2>
      {waiting.length === 0 ? (
        <p class="empty">{t("desk.home.nothing")}</p>
      ) : (
        <LinkList links={waiting} label={t("desk.home.waiting")} />
      )}
      <h2>{t("desk.home.places")}</h2>
      <div class="desk-places">
        <LinkList
          label={t("desk.home.places")}
          links={[
            ...props.places,
            { href: "/account/second-factor", label: t("second-factor.title"), hint: t("desk.home.factor") },
          ]}
        />
      </div>
    </DeskPage>
  );
}
