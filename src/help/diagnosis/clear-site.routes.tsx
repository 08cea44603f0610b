import { type Answer, page, redirect } from "../../http/answer.ts";
import type { CookieName } from "../../http/cookies.ts";
import type { Http } from "../../http/server.ts";
import type { Visit } from "../../http/visit.ts";
import type { Person } from "../../kernel/caller.ts";
import { ClearedSitePage, ClearSitePage, type HowMuch } from "./clear-site.pages.tsx";

export interface ClearSiteDeps {
  /** Ends the session of who is signed in here. */
  signOut: (person: Person) => Promise<void>;
}

/**
 * What becomes of each cookie. The one by which accounts know this browser stays, unless everything is to go: it is
 * what keeps an owner in while strangers are locked (promise 6). So does the chosen language.
 */
const fates: Record<CookieName, "always" | "with everything"> = {
  session: "always",
  browser: "always",
  notice: "always",
  known: "with everything",
  language: "with everything",
};

/**
 * Clear-Site-Data (https only). `cookies` takes those of the whole domain, other applications included, so it goes
 * out only with everything: https://www.w3.org/TR/clear-site-data/#header-cookies.
 */
const clearSiteData: Record<HowMuch, string> = {
  portal: '"cache", "storage"',
  everything: '"cache", "cookies", "storage"',
};

const path = "/help/diagnosis/clear";

/** A button that clears what this browser keeps of the portal, for those whom it sends round in circles. */
export function clearSiteRoutes(http: Http, deps: ClearSiteDeps): void {
  async function ask(visit: Visit, person: Person | null): Promise<Answer> {
    return page(<ClearSitePage view={visit.view({ person, path })} signedInAs={person?.name ?? null} />);
  }

  http.get(path, async (visit) => ask(visit, await visit.person()));

  http.post(path, async (visit) => {
    const how: HowMuch = visit.field("how") === "everything" ? "everything" : "portal";
    const person = await visit.person();
    // Signed in since the page was opened, or a press from elsewhere on the site: first it is said.
    if (person && visit.field("sure") === "") return ask(visit, person);
    if (person) await deps.signOut(person);
    for (const [name, fate] of Object.entries(fates)) {
      if (fate === "always" || how === "everything") visit.cookies.clear(name as CookieName);
    }
    return redirect(`${path}ed?how=${how}&lang=${encodeURIComponent(visit.locale)}`, {
      headers: { "clear-site-data": clearSiteData[how] },
    });
  });

  http.get(`${path}ed`, async (visit) => {
    const how: HowMuch = visit.query("how") === "everything" ? "everything" : "portal";
    return page(<ClearedSitePage view={visit.view({ path: `${path}ed?how=${how}` })} how={how} />);
  });
}
