import type { StaffAct } from "../../config/acts.ts";
import { page } from "../../http/answer.ts";
import type { MessageKey } from "../../i18n/translations.ts";
import type { Staff } from "../../kernel/caller.ts";
import { deskEntries } from "../../ui/desk-rooms.ts";
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
        places={deskEntries.flatMap(({ act, href, label, hint }) =>
          act !== null && staff.may.has(act) ? [{ href, label: t(label), hint: t(hint) }] : [],
        )}
        resetAt={await deps.resetAt(staff.accountId)}
      />,
    );
  });
}
