import { Notice } from "../ui/notices.tsx";
import { Page } from "../ui/page.tsx";
import type { View } from "../ui/view.ts";

export function LegalTextPage(props: {
  view: View;
  title: string;
  html: string;
  locale: string;
  dir: "ltr" | "rtl";
  hasGaps: boolean;
}) {
  const { view } = props;
  return (
    <Page view={view} title={props.title}>
      {props.hasGaps && (
        <Notice view={view} tone="careful">
          <p>{view.t("legal.has-gaps")}</p>
        </Notice>
      )}
      <div
        class="prose"
        lang={props.locale}
        dir={props.dir}
        // The operator's Markdown, rendered with every markup of its own escaped.
        dangerouslySetInnerHTML={{ __html: props.html }}
      />
    </Page>
  );
}
