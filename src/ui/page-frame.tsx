import { PressButton } from "./buttons.tsx";
import type { View } from "./view.ts";

/** One button per language, each named in itself; choosing one comes back to the same page. */
export function LanguageSwitch({ view }: { view: View }) {
  if (view.languages.length < 2) return null;
  return (
    <form class="languages" method="post" action="/language" aria-label={view.t("ui.language.label")}>
      <input type="hidden" name="return" value={view.path} />
      {view.languages.map(({ code, name }) => (
        // biome-ignore lint/a11y/useButtonType: submits by default; `type="submit"` is kept for the main button.
        <button
          key={code}
          name="language"
          value={code}
          lang={code}
          aria-current={code === view.locale ? "true" : undefined}
        >
          {name}
        </button>
      ))}
    </form>
  );
}

export function PageHeader({ view }: { view: View }) {
  const { t, brand, assets } = view;
  return (
    <>
      <div class="brand-row">
        <a class="brand" href="/" aria-label={t("ui.home", { brand: brand.name })}>
          <img src={assets.mark} alt="" width={40} height={40} />
          <span>{brand.name}</span>
        </a>
        {view.signedInAs !== null && (
          <div class="signed-in">
            <a href="/account">
              <bdi>{t("ui.signed-in", { name: view.signedInAs })}</bdi>
            </a>
            <PressButton action="/sign-out" label={t("ui.sign-out")} />
          </div>
        )}
      </div>
      {view.trial && (
        <p class="trial">
          {t("ui.trial.text")} <a href="/_trial">{t("ui.trial.link")}</a>
        </p>
      )}
    </>
  );
}

export function PageFooter({ view }: { view: View }) {
  const { t } = view;
  return (
    <footer class="page-footer">
      <nav aria-label={t("ui.footer.label")}>
        <ul>
          <li>
            <a href="/help">{t("ui.footer.help")}</a>
          </li>
          <li>
            <a href="/legal">{t("ui.footer.legal")}</a>
          </li>
          <li>
            <a href="/privacy">{t("ui.footer.privacy")}</a>
          </li>
          <li>
            <a href="/accessibility">{t("ui.footer.accessibility")}</a>
          </li>
        </ul>
      </nav>
    </footer>
  );
}
