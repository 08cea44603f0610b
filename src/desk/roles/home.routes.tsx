import type { StaffAct } from "../../config/acts.ts";
import { page } from "../../http/answer.ts";
import type { MessageKey } from "../../i18n/translations.ts";
import type { Staff } from "../../kernel/caller.ts";
import type { Desk } from "./desk.ts";
import { DeskHomePage } from "./home.pages.tsx";
import type { StaffRules } from "./staff.ts";
import { lastDayWords } from "./staff-words.ts";

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
  rules: Pick<StaffRules, "heldBy" | "titleOf">;
  resetAt: (accountId: string) => Promise<number | null>;
}

const places = [
  { act: "cases.see", href: "/desk/cases", label: "desk.nav.cases", hint: "desk.home.cases" },
  { act: "people.search", href: "/desk/people", label: "desk.nav.people", hint: "desk.home.people" },
  { act: "letters.print", href: "/desk/letters", label: "desk.nav.letters", hint: "desk.home.letters" },
  { act: "registry.import", href: "/desk/imports", label: "desk.nav.imports", hint: "desk.home.imports" },
  { act: "families.see", href: "/desk/families", label: "desk.nav.families", hint: "desk.home.families" },
  {
    act: "statistics.see",
    href: "/desk/statistics",
    label: "desk.nav.statistics",
    hint: "desk.home.statistics",
  },
  {
    act: "establishments.see",
    href: "/desk/establishments",
    label: "desk.nav.establishments",
    hint: "desk.home.establishments",
  },
  { act: "chat.answer", href: "/desk/chat", label: "desk.nav.chat", hint: "desk.home.chat" },
  { act: "articles.edit", href: "/desk/articles", label: "desk.nav.articles", hint: "desk.home.articles" },
  { act: "status.edit", href: "/desk/status", label: "desk.nav.status", hint: "desk.home.status" },
  { act: "cases.reports", href: "/desk/reports", label: "desk.nav.reports", hint: "desk.home.reports" },
  { act: "staff.see", href: "/desk/staff", label: "desk.nav.staff", hint: "desk.home.staff" },
  { act: "staff.lend", href: "/desk/staff/lent", label: "staff.lent.title", hint: "desk.home.lent" },
  { act: "staff.acts", href: "/desk/acts", label: "staff.acts.title", hint: "desk.home.acts" },
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
    const held = await deps.rules.heldBy(staff.accountId);
    const titled = held.map((given) => ({
      ...given,
      title: deps.rules.titleOf(given.role, given.place, visit.locale),
    }));
    return page(
      <DeskHomePage
        view={visit.view({ person: staff })}
        staff={staff}
        roles={titled.map(({ title }) => title)}
        ending={titled.flatMap(({ title, expiresAt, timezone }) =>
          expiresAt === null
            ? []
            : [
                t("desk.home.until", {
                  role: title,
                  until: lastDayWords(visit.locale, timezone, expiresAt),
                }),
              ],
        )}
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
