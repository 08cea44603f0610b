import { page } from "../../http/answer.ts";
import type { Http } from "../../http/server.ts";
import type { Visit } from "../../http/visit.ts";
import { day } from "../../kernel/clock.ts";
import { NotMeDonePage, NotMePage, SpentNotMePage } from "./not-me.pages.tsx";
import { frozenFor, type NotMe } from "./not-me.ts";
import { notMeForDays } from "./warn-contacts.ts";

/** « Ce n'est pas moi » : open to whoever holds the link of a warning, signed in or not. */
export function notMeRoutes(http: Http, { notMe }: { notMe: NotMe }): void {
  const spent = (visit: Visit, condition: Parameters<typeof SpentNotMePage>[0]["condition"]) =>
    page(
      <SpentNotMePage
        view={visit.view({ isRefusal: true, path: "/account/not-me" })}
        condition={condition}
        days={notMeForDays}
      />,
      { status: 410, data: { refusal: `not-me.${condition}`, incident: visit.caller.incident } },
    );

  http.get("/account/not-me", async (visit) => {
    const token = visit.query("token");
    const { condition, context } = await notMe.look(token);
    if (condition !== "open" || !context) return spent(visit, condition === "open" ? "unknown" : condition);
    return page(<NotMePage view={visit.view()} token={token} days={frozenFor / day} {...context} />);
  });

  http.post("/account/not-me", async (visit) => {
    const outcome = await notMe.freeze(visit.caller, visit.field("token"));
    if (!outcome.ok) return spent(visit, outcome.condition);
    return page(<NotMeDonePage view={visit.view({ path: "/account/not-me" })} until={outcome.until} />);
  });
}
