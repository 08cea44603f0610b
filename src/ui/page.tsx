import type { ComponentChildren } from "preact";
import { Latch } from "./mark.tsx";
import { FlashNotice, IncidentReference } from "./notices.tsx";
import { LanguageSwitch, PageFooter, PageHeader } from "./page-frame.tsx";
import type { Tone, View } from "./view.ts";

export interface PageProps {
  view: View;
  /** Title of the window and, unless `heading` is given, the words of the one `h1`. */
  title: string;
  heading?: ComponentChildren;
  /** What this page tells as a whole: the latch is lifted for `good`. */
  tone?: Tone;
  /** Puts « Erreur : » in front of the title of the window. */
  hasErrors?: boolean;
  /** For pages that list things, such as the account page. */
  wide?: boolean;
  /** Further programs of this page, addresses of `view.assets`. */
  scripts?: string[];
  /** Stands between the header and the content, such as the rooms of the desk. */
  navigation?: ComponentChildren;
  /** Further elements of `head`. */
  head?: ComponentChildren;
  /** Of the document, for the style sheet. */
  look?: "is-wide" | "is-desk";
  children?: ComponentChildren;
}

/** A whole document. First the way past the header, then the language switch, then the rest (promise 8). */
export function Page(props: PageProps) {
  const { view, title, heading, tone, hasErrors = false, wide = false, scripts = [], children } = props;
  const { t } = view;
  const windowTitle = t("ui.title", { title, brand: view.brand.name });
  return (
    <html lang={view.locale} dir={view.dir}>
      <head>
        <meta charset="utf-8" />
        <title>{hasErrors ? t("ui.title.error", { title: windowTitle }) : windowTitle}</title>
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        {/* The font has Latin letters only: a page in another script would fetch it for nothing. */}
        {view.dir === "ltr" && (
          <link rel="preload" href={view.assets.font} as="font" type="font/woff2" crossorigin="anonymous" />
        )}
        <link rel="stylesheet" href={view.assets.css} />
        <link rel="icon" href={view.assets.mark} type="image/svg+xml" />
        <script type="module" src={view.assets.js} />
        {scripts.map((src) => (
          <script key={src} type="module" src={src} />
        ))}
        {props.head}
      </head>
      <body class={props.look ?? (wide ? "is-wide" : undefined)}>
        <a class="skip" href="#content">
          {t("ui.skip")}
        </a>
        <header class="page-header">
          <LanguageSwitch view={view} />
          <PageHeader view={view} />
        </header>
        {props.navigation}
        <main id="content" class="sheet" tabindex={-1}>
          <Latch open={(tone ?? view.notice?.tone) === "good"} />
          <FlashNotice view={view} />
          <h1>{heading ?? title}</h1>
          {children}
          <IncidentReference view={view} />
        </main>
        <PageFooter view={view} />
      </body>
    </html>
  );
}
