import type { MessageKey } from "../i18n/translations.ts";
import type { Staff } from "../kernel/caller.ts";
import { Page, type PageProps } from "./page.tsx";

/** The rooms of the desk in their order: each stands in the navigation of whoever may do one of its acts. */
const rooms = [
  { id: "home", href: "/desk", label: "desk.nav.home", acts: [] },
  { id: "cases", href: "/desk/cases", label: "desk.nav.cases", acts: ["cases.see", "cases.see-all"] },
  { id: "chat", href: "/desk/chat", label: "desk.nav.chat", acts: ["chat.answer"] },
  { id: "people", href: "/desk/people", label: "desk.nav.people", acts: ["people.search"] },
  {
    id: "articles",
    href: "/desk/articles",
    label: "desk.nav.articles",
    acts: ["articles.edit", "articles.feedback"],
  },
  { id: "status", href: "/desk/status", label: "desk.nav.status", acts: ["status.edit"] },
  { id: "reports", href: "/desk/reports", label: "desk.nav.reports", acts: ["cases.reports"] },
  { id: "staff", href: "/desk/staff", label: "desk.nav.staff", acts: ["staff.see", "staff.manage"] },
] as const satisfies { id: string; href: string; label: MessageKey; acts: readonly string[] }[];

export type DeskRoom = (typeof rooms)[number]["id"];

export interface DeskPageProps extends Omit<PageProps, "wide" | "look" | "navigation"> {
  staff: Pick<Staff, "may">;
  /** The room that this page belongs to. */
  current: DeskRoom;
}

/** A page of the desk: denser than what the public sees, of the same family, with its rooms at hand. */
export function DeskPage({ staff, current, scripts = [], ...page }: DeskPageProps) {
  const { t, assets } = page.view;
  const open = rooms.filter(({ acts }) => acts.length === 0 || acts.some((act) => staff.may.has(act)));
  return (
    <Page
      {...page}
      look="is-desk"
      scripts={[assets.deskJs, ...scripts]}
      navigation={
        <nav class="desk-rooms" aria-label={t("desk.nav.label")}>
          <ul>
            {open.map(({ id, href, label }) => (
              <li key={id}>
                <a href={href} aria-current={id === current ? "page" : undefined}>
                  {t(label)}
                </a>
              </li>
            ))}
          </ul>
        </nav>
      }
    />
  );
}
