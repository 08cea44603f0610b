import type { StaffAct } from "../../config/acts.ts";
import { page } from "../../http/answer.ts";
import type { MessageKey } from "../../i18n/translations.ts";
import type { Staff } from "../../kernel/caller.ts";
import type { Desk } from "./desk.ts";
import { DeskHomePage } from "./home.pages.tsx";

/** Something of a neighbour's that may wait for staff: shown on the first page of the desk when there is any. */
export interface DeskNews {
  /** Only for those who may do this. */
  act: StaffAct;
  href: string;
  /** Its words, with `{count}`. */
  key: MessageKey;
  count(staff: Staff): Promise<number>;
}

export interface HomeRoutesDeps {
  /** Looked up when asked: neighbours are wired later. */
  news: () => DeskNews[];
  roleNames: (staff: Staff, locale: string) => string[];
  resetAt: (accountId: string) => Promise<number | null>;
}

const places = [
  { act: "cases.see", href: "/desk/cases", label: "desk.nav.cases", hint: "desk.home.cases" },
  { act: "people.search", href: "/desk/people", label: "desk.nav.people", hint: "desk.home.people" },
  { act: "chat.answer", href: "/desk/chat", label: "desk.nav.chat", hint: "desk.home.chat" },
  { act: "articles.edit", href: "/desk/articles", label: "desk.nav.articles", hint: "desk.home.articles" },
  { act: "status.edit", href: "/desk/status", label: "desk.nav.status", hint: "desk.home.status" },
  { act: "cases.reports", href: "/desk/reports", label: "desk.nav.reports", hint: "desk.home.reports" },
  { act: "staff.see", href: "/desk/staff", label: "desk.nav.staff", hint: "desk.home.staff" },
] as const satisfies { act: StaffAct; href: string; label: MessageKey; hint: MessageKey }[];

export function homeRoutes(desk: Desk, deps: HomeRoutesDeps): void {
  desk.get("/desk", null, async (visit, staff) => {
    const { t } = visit;
    const counted = await Promise.all(
      deps
        .news()
        .filter(({ act }) => staff.may.has(act))
        .map(async ({ href, key, count }) => ({ href, key, found: await count(staff) })),
    );
    return page(
      <DeskHomePage
        view={visit.view({ person: staff })}
        staff={staff}
        roles={deps.roleNames(staff, visit.locale)}
        waiting={counted
          .filter(({ found }) => found > 0)
          .map(({ href, key, found }) => ({ href, label: t(key, { count: found }) }))}
        places={places
          .filter(({ act }) => staff.may.has(act))
          .map(({ href, label, hint }) => ({ href, label: t(label), hint: t(hint) }))}
        resetAt={await deps.resetAt(staff.accountId)}
      />,
    );
  });
}
