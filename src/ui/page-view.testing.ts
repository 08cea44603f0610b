import { dirname } from "node:path";
import { formatMoment } from "../i18n/moment.ts";
import { createTranslations } from "../i18n/translations.ts";
import type { View } from "./view.ts";

const root = dirname(dirname(import.meta.dirname));
const translations = createTranslations(root, "Europe/Paris");

/** A view with the real words, for tests of pages. */
export function aView(changes: Partial<View> = {}): View {
  const locale = changes.locale ?? "fr";
  return {
    t: translations.to(locale),
    locale,
    dir: translations.direction(locale),
    languages: translations.languages,
    brand: { name: "Portail" },
    path: "/sign-in",
    incident: null,
    moment: (ms) => formatMoment(locale, "Europe/Paris", ms),
    signedInAs: null,
    notice: null,
    help: [],
    trial: false,
    assets: {
      css: "/assets/a.css",
      js: "/assets/a.js",
      deskJs: "/assets/d.js",
      helpJs: "/assets/h.js",
      chatJs: "/assets/c.js",
      font: "/assets/a.woff2",
      mark: "/assets/a.svg",
    },
    ...changes,
  };
}
