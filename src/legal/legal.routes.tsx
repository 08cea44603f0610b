import { page } from "../http/answer.ts";
import type { Http } from "../http/server.ts";
import { LegalTextPage } from "./legal.pages.tsx";
import { type LegalPage, type LegalText, legalPages } from "./legal.ts";

export interface LegalRoutesDeps {
  read: (page: LegalPage, locale: string) => Promise<LegalText>;
  direction: (locale: string) => "ltr" | "rtl";
}

export function legalRoutes(http: Http, deps: LegalRoutesDeps): void {
  for (const name of legalPages) {
    http.get(`/${name}`, async (visit) => {
      const text = await deps.read(name, visit.locale);
      const person = await visit.person();
      return page(
        <LegalTextPage
          view={visit.view({ path: `/${name}`, person })}
          title={text.title ?? visit.t(`ui.footer.${name}`)}
          html={text.html}
          locale={text.locale}
          dir={deps.direction(text.locale)}
          hasGaps={text.hasGaps}
        />,
      );
    });
  }
}
