import type { StaffAct } from "../config/acts.ts";
import type { MessageKey } from "../i18n/translations.ts";
import type { Staff } from "../kernel/caller.ts";
import { Page, type PageProps } from "./page.tsx";

/** The rooms of the desk in their order: each stands in the navigation of whoever may open it, at the first page that they may. */
const rooms = [
  { id: "home", href: "/desk", label: "desk.nav.home", act: null },
  { id: "cases", href: "/desk/cases", label: "desk.nav.cases", act: "cases.see" },
  { id: "chat", href: "/desk/chat", label: "desk.nav.chat", act: "chat.answer" },
  { id: "people", href: "/desk/people", label: "desk.nav.people", act: "people.search" },
  { id: "letters", href: "/desk/letters", label: "desk.nav.letters", act: "letters.print" },
  { id: "articles", href: "/desk/articles", label: "desk.nav.articles", act: "articles.edit" },
  { id: "articles", href: "/desk/articles/feedback", label: "desk.nav.articles", act: "articles.feedback" },
  { id: "status", href: "/desk/status", label: "desk.nav.status", act: "status.edit" },
  { id: "sms", href: "/desk/sms", label: "desk.nav.sms", act: "sms.see" },
  { id: "reports", href: "/desk/reports", label: "desk.nav.reports", act: "cases.reports" },
  {
    id: "establishments",
    href: "/desk/establishments",
    label: "desk.nav.establishments",
    act: "establishments.see",
  },
  { id: "imports", href: "/desk/imports", label: "desk.nav.imports", act: "registry.import" },
  { id: "families", href: "/desk/families", label: "desk.nav.families", act: "families.see" },
  { id: "statistics", href: "/desk/statistics", label: "desk.nav.statistics", act: "statistics.see" },
  { id: "staff", href: "/desk/staff", label: "desk.nav.staff", act: "staff.see" },
  { id: "staff", href: "/desk/staff/lent", label: "desk.nav.staff", act: "staff.lend" },
  { id: "staff", href: "/desk/acts", label: "desk.nav.staff", act: "staff.acts" },
] as const satisfies { id: string; href: string; label: MessageKey; act: StaffAct | null }[];

export type DeskRoom = (typeof rooms)[number]["id"];

export interface DeskPageProps extends Omit<PageProps, "wide" | "look" | "navigation"> {
  staff: Pick<Staff, "may">;
  /** The room that this page belongs to. */
  current: DeskRoom;
}

/** A page of the desk: denser than what the public sees, of the same family, with its rooms at hand. */
export function DeskPage({ staff, current, scripts = [], ...page }: DeskPageProps) {
  const { t, assets } = page.view;
  const allowed = rooms.filter(({ act }) => act === null || staff.may.has(act));
  const open = allowed.filter(({ id }, index) => allowed.findIndex((room) => room.id === id) === index);
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
