import type { StaffAct } from "../config/acts.ts";
import type { MessageKey } from "../i18n/translations.ts";

interface DeskEntry {
  room: string;
  href: string;
  act: StaffAct | null;
  /** What it is called on the first page of the desk, and what is done there. */
  label: MessageKey;
  hint: MessageKey | null;
}

/**
 * The pages where work on the desk begins, in their order, each with the one act that opens it. The first page of the
 * desk lists all that a member of staff may open; the navigation has each room once, at the first of its pages that
 * they may.
 */
export const deskEntries = [
  { room: "home", href: "/desk", act: null, label: "desk.nav.home", hint: null },
  { room: "cases", href: "/desk/cases", act: "cases.see", label: "desk.nav.cases", hint: "desk.home.cases" },
  { room: "chat", href: "/desk/chat", act: "chat.answer", label: "desk.nav.chat", hint: "desk.home.chat" },
  {
    room: "people",
    href: "/desk/people",
    act: "people.search",
    label: "desk.nav.people",
    hint: "desk.home.people",
  },
  {
    room: "letters",
    href: "/desk/letters",
    act: "letters.print",
    label: "desk.nav.letters",
    hint: "desk.home.letters",
  },
  {
    room: "families",
    href: "/desk/families",
    act: "families.see",
    label: "desk.nav.families",
    hint: "desk.home.families",
  },
  {
    room: "imports",
    href: "/desk/imports",
    act: "registry.import",
    label: "desk.nav.imports",
    hint: "desk.home.imports",
  },
  {
    room: "statistics",
    href: "/desk/statistics",
    act: "statistics.see",
    label: "desk.nav.statistics",
    hint: "desk.home.statistics",
  },
  {
    room: "establishments",
    href: "/desk/establishments",
    act: "establishments.see",
    label: "desk.nav.establishments",
    hint: "desk.home.establishments",
  },
  {
    room: "articles",
    href: "/desk/articles",
    act: "articles.edit",
    label: "desk.nav.articles",
    hint: "desk.home.articles",
  },
  {
    room: "articles",
    href: "/desk/articles/feedback",
    act: "articles.feedback",
    label: "articles.reports.feedback",
    hint: "desk.home.feedback",
  },
  {
    room: "status",
    href: "/desk/status",
    act: "status.edit",
    label: "desk.nav.status",
    hint: "desk.home.status",
  },
  { room: "sms", href: "/desk/sms", act: "sms.see", label: "desk.nav.sms", hint: "desk.home.sms" },
  {
    room: "reports",
    href: "/desk/reports",
    act: "cases.reports",
    label: "desk.nav.reports",
    hint: "desk.home.reports",
  },
  { room: "staff", href: "/desk/staff", act: "staff.see", label: "desk.nav.staff", hint: "desk.home.staff" },
  {
    room: "staff",
    href: "/desk/staff/lent",
    act: "staff.lend",
    label: "staff.lent.title",
    hint: "desk.home.lent",
  },
  {
    room: "staff",
    href: "/desk/acts",
    act: "staff.acts",
    label: "staff.acts.title",
    hint: "desk.home.acts",
  },
] as const satisfies DeskEntry[];

export type DeskRoom = (typeof deskEntries)[number]["room"];
