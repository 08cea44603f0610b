import { formatDuration } from "../i18n/moment.ts";
import { HiddenFields } from "./buttons.tsx";
import type { View } from "./view.ts";

export interface CountdownProps {
  view: View;
  /** From when the button works, and now: milliseconds, both from the server's clock. */
  until: number;
  now: number;
  action: string;
  label: string;
  fields?: Record<string, string>;
}

/**
 * A button that has to wait. Without script the wait is told and the button can be pressed: too early, the answer
 * says so. With script the seconds run beside it, and only the end is read out.
 */
export function Countdown({ view, until, now, action, label, fields = {} }: CountdownProps) {
  const { t } = view;
  const seconds = Math.max(0, Math.ceil((until - now) / 1000));
  const waitId = `wait${action.replace(/\W+/g, "-")}`;
  return (
    <form
      class="press countdown"
      method="post"
      action={action}
      data-countdown={seconds > 0 ? seconds : undefined}
      data-in={t("ui.countdown.in", { time: "{time}" })}
      data-ready={t("ui.countdown.ready")}
    >
      <HiddenFields fields={fields} />
      {seconds > 0 && (
        <p class="hint" id={waitId}>
          {t("ui.countdown.wait", {
            duration: formatDuration(view.locale, seconds),
            moment: view.moment(until),
          })}
        </p>
      )}
      {/* biome-ignore lint/a11y/useButtonType: submits by default; `type="submit"` is kept for the main button. */}
      <button class="button is-quiet" aria-describedby={seconds > 0 ? waitId : undefined}>
        <span>
          {label} <span class="time" aria-hidden="true" />
        </span>
      </button>
      <p class="unseen" role="status" />
    </form>
  );
}

/**
 * Follows what happens elsewhere (the link opened on another device). `path` answers
 * `{ state: "waiting" | "finished", next: "/path" }`; the page then goes on by itself. Hidden without script.
 */
export function Follow({ view, path }: { view: View; path: string }) {
  return (
    <p class="follow" data-follow={path} hidden>
      <span class="follow-dot" aria-hidden="true" />
      {view.t("ui.follow")}
    </p>
  );
}
