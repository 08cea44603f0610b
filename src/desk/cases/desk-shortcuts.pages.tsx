import { Details } from "../../ui/notices.tsx";
import type { View } from "../../ui/view.ts";

const shortcuts = {
  list: ["j", "k", "/", "?"],
  case: ["j", "k", "r", "n", "a", "/", "?"],
} as const;

const words = {
  j: "inbox.shortcut.next",
  k: "inbox.shortcut.previous",
  r: "inbox.shortcut.answer",
  n: "inbox.shortcut.note",
  a: "inbox.shortcut.take",
  "/": "inbox.shortcut.search",
  "?": "inbox.shortcut.help",
} as const;

/**
 * What keys do, and the way to turn them off (WCAG 2.1.4). Shown by the script that they need: without it there are
 * none.
 */
export function Shortcuts({ view, place }: { view: View; place: keyof typeof shortcuts }) {
  const { t } = view;
  return (
    <div class="case-shortcuts" data-shortcuts={place} hidden>
      <Details summary={t("inbox.shortcut.title")}>
        <dl class="facts">
          {shortcuts[place].map((key) => (
            <div key={key}>
              <dt>
                <kbd>{key}</kbd>
              </dt>
              <dd>{t(words[key])}</dd>
            </div>
          ))}
        </dl>
        <button
          type="button"
          class="button is-quiet"
          data-shortcuts-switch
          data-on={t("inbox.shortcut.turn-on")}
          data-off={t("inbox.shortcut.turn-off")}
        >
          {t("inbox.shortcut.turn-off")}
        </button>
      </Details>
    </div>
  );
}
