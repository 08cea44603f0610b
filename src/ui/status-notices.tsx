import { Notice } from "./notices.tsx";
import type { View } from "./view.ts";

/** Something about the service that concerns everybody now. */
export interface StatusNotice {
  id: string;
  tone: "careful" | "wrong";
  text: string;
  /** Where more is said. */
  href: string;
  /** Language of the text where it is not the page's. */
  lang?: string;
}

/** A line for each, with the way to the page that says more. Nothing where all is well. */
export function StatusNotices({ view, notices }: { view: View; notices: StatusNotice[] }) {
  return (
    <>
      {notices.map(({ id, tone, text, href, lang }) => (
        <Notice key={id} view={view} tone={tone}>
          <p>
            <span lang={lang}>{text}</span> <a href={href}>{view.t("service-status.more")}</a>
          </p>
        </Notice>
      ))}
    </>
  );
}
