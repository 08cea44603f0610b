import type { ComponentChildren } from "preact";
import { ToneIcon } from "./icons.tsx";
import type { FieldError, Tone, View } from "./view.ts";

export interface NoticeProps {
  view: View;
  tone: Tone;
  title?: string;
  /** `status` is read out as soon as the page opens; leave it out for text that simply stands there. */
  role?: "status";
  children?: ComponentChildren;
}

/** Something to know before going on. The word of its tone is read out, its icon and colour are seen. */
export function Notice({ view, tone, title, role, children }: NoticeProps) {
  return (
    <div class={`notice is-${tone}`} role={role}>
      <ToneIcon tone={tone} />
      <div>
        <span class="unseen">{view.t(`ui.tone.${tone}`)} </span>
        {title !== undefined && <p class="notice-title">{title}</p>}
        {children}
      </div>
    </div>
  );
}

/** What the previous page left to say, if anything. */
export function FlashNotice({ view }: { view: View }) {
  if (!view.notice) return null;
  const { tone, key, values } = view.notice;
  return (
    <Notice view={view} tone={tone} role="status">
      <p>{view.t(key, values)}</p>
    </Notice>
  );
}

/** The mistakes of a form, each leading to its field. Takes the focus, with script or without. */
export function ErrorSummary({ view, errors }: { view: View; errors: FieldError[] }) {
  if (errors.length === 0) return null;
  return (
    <div id="errors" class="notice is-wrong" role="alert" tabindex={-1} autofocus>
      <ToneIcon tone="wrong" />
      <div>
        <h2 class="notice-title">{view.t("ui.errors.title", { count: errors.length })}</h2>
        <ul>
          {errors.map(({ field, message }) => (
            <li key={field}>
              <a href={`#${field}`}>{message}</a>
            </li>
          ))}
        </ul>
      </div>
    </div>
  );
}

/** The reference by which staff find what happened (promise 1). Page puts it at its end by itself. */
export function IncidentReference({ view }: { view: View }) {
  if (view.incident === null) return null;
  const [before, after] = view.t("ui.incident", { reference: "\n" }).split("\n");
  return (
    <p class="incident">
      {before}
      <bdi class="exact">{view.incident}</bdi>
      {after}
      {/* From the form itself it would only lose what was typed. */}
      {!view.path.startsWith("/contact") && (
        <>
          {" "}
          <a href={`/contact?incident=${encodeURIComponent(view.incident)}`}>
            {view.t("articles.still-need")}
          </a>
        </>
      )}
    </p>
  );
}

/** Whom to ask in person, from the preset's relays. Nothing where the preset names nobody. */
export function WhomToAsk({ view, title }: { view: View; title?: string }) {
  if (view.help.length === 0) return null;
  return (
    <section class="whom">
      <h2>{title ?? view.t("ui.help.title")}</h2>
      <ul>
        {view.help.map(({ name, lines }) => (
          <li key={name}>
            <strong>{name}</strong>
            {lines.map((line) => (
              <span key={line}>{line}</span>
            ))}
          </li>
        ))}
      </ul>
    </section>
  );
}

/** A part of the page opened by the person who wants it, or already open; works without script. */
export function Details({
  summary,
  isOpen = false,
  children,
}: {
  summary: string;
  isOpen?: boolean;
  children: ComponentChildren;
}) {
  return (
    <details class="details" open={isOpen}>
      <summary>{summary}</summary>
      <div>{children}</div>
    </details>
  );
}
