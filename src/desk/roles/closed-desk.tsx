import { type Answer, page } from "../../http/answer.ts";
import type { Visit } from "../../http/visit.ts";
import type { Person } from "../../kernel/caller.ts";
import { LinkList } from "../../ui/buttons.tsx";
import { Page } from "../../ui/page.tsx";

/** Why the desk, or this part of it, stays closed to somebody who is signed in. */
export type ClosedDesk = "desk.no-role" | "desk.no-act";

/** 403: what happened, and where to go instead (promise 1). */
export function closedDeskAnswer(visit: Visit, person: Person, refusal: ClosedDesk): Answer {
  const { t } = visit;
  const view = visit.view({ isRefusal: true, person });
  const title = t(`${refusal}.title`);
  return page(
    <Page view={view} title={title} tone="wrong">
      <p>{t(`${refusal}.what`)}</p>
      <p>{t(`${refusal}.next`)}</p>
      <LinkList
        links={
          refusal === "desk.no-role"
            ? [
                { href: "/account", label: t("desk.to-account") },
                { href: "/help", label: t("desk.to-help") },
                { href: "/contact", label: t("desk.to-contact") },
              ]
            : [
                { href: "/desk", label: t("desk.to-desk") },
                { href: "/account", label: t("desk.to-account") },
              ]
        }
      />
    </Page>,
    { status: 403, data: { refusal, message: title, incident: visit.caller.incident } },
  );
}
