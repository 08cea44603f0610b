import type { Staff } from "../kernel/caller.ts";
import { type DeskRoom, deskEntries } from "./desk-rooms.ts";
import { Page, type PageProps } from "./page.tsx";

export interface DeskPageProps extends Omit<PageProps, "wide" | "look" | "navigation"> {
  staff: Pick<Staff, "may">;
  /** The room that this page belongs to. */
  current: DeskRoom;
}

/** A page of the desk: denser than what the public sees, of the same family, with its rooms at hand. */
export function DeskPage({ staff, current, scripts = [], ...page }: DeskPageProps) {
  const { t, assets } = page.view;
  const allowed = deskEntries.filter(({ act }) => act === null || staff.may.has(act));
  const rooms = allowed.filter(({ room }, index) => allowed.findIndex((one) => one.room === room) === index);
  return (
    <Page
      {...page}
      look="is-desk"
      scripts={[assets.deskJs, ...scripts]}
      navigation={
        <nav class="desk-rooms" aria-label={t("desk.nav.label")}>
          <ul>
            {rooms.map(({ room, href }) => (
              <li key={room}>
                <a href={href} aria-current={room === current ? "page" : undefined}>
                  {t(`desk.nav.${room}`)}
                </a>
              </li>
            ))}
          </ul>
        </nav>
      }
    />
  );
}
