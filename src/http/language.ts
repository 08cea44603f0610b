import { redirect } from "./answer.ts";
import { safeReturnPath } from "./return-path.ts";
import type { Http } from "./server.ts";
import type { Visit } from "./visit.ts";

export interface LanguageRouteDeps {
  offered: string[];
  /** Keeps the choice with the account of whoever is signed in. */
  storeLocale: (accountId: string, locale: string) => Promise<void>;
}

const choiceKeptForSeconds = 400 * 86_400;

/** The language switch that stands first on every page (promise 8): back to the same page, in that language. */
export function languageRoute(http: Http, deps: LanguageRouteDeps): void {
  http.post("/language", async (visit: Visit) => {
    const chosen = visit.field("language");
    const back = withoutLanguage(safeReturnPath(visit.field("return"), "/"));
    if (!deps.offered.includes(chosen)) return redirect(back);
    visit.cookies.set("language", chosen, choiceKeptForSeconds);
    const person = await visit.person();
    if (person && person.locale !== chosen) await deps.storeLocale(person.accountId, chosen);
    return redirect(back);
  });
}

/** The links of our messages say their language; the switch that was just pressed knows better. */
function withoutLanguage(path: string): string {
  const url = new URL(path, "http://portal.invalid");
  url.searchParams.delete("lang");
  return `${url.pathname}${url.search}`;
}
