import type { CapturedMessage } from "../channels/capture.ts";
import type { Preset } from "../config/preset.ts";
import { type Answer, file, json, page, redirect } from "../http/answer.ts";
import { isDirectFromLoopback } from "../http/direct.ts";
import type { Http } from "../http/server.ts";
import { listTrialPeople } from "./people.ts";
import { writeTrialRegistry } from "./registry-file.ts";
import { TrialPage } from "./trial.pages.tsx";

export interface TrialRoutesDeps {
  preset: Preset;
  listMessages: () => Promise<CapturedMessage[]>;
  clearMessages: () => Promise<void>;
  /** What the telephones of the invented staff show now, and for how long. */
  showCode: () => { code: string; leftSeconds: number };
  /** As people of the service's country read it. */
  showNumber: (e164: string) => string;
}

/**
 * `/_trial`: the invented people, and what would have been sent to them. It shows codes and links of everybody, so
 * it is offered in a trial only (compose.ts), and only to who sits at the machine itself.
 */
export function trialRoutes(http: Http, deps: TrialRoutesDeps): void {
  // For all its addresses at once, before anything of theirs runs.
  http.app.addHook("onRequest", async (request) => {
    const isTrial = request.routeOptions.url?.startsWith("/_trial") ?? false;
    if (isTrial && !isDirectFromLoopback(request)) throw new NotHere();
  });

  const people = listTrialPeople(deps.preset.name);

  http.get("/_trial", async (visit): Promise<Answer> => {
    const messages = await deps.listMessages();
    const view = visit.view({ path: "/_trial" });
    return page(
      <TrialPage
        view={view}
        people={people}
        messages={messages.slice(0, shownAtMost)}
        hidden={Math.max(0, messages.length - shownAtMost)}
        showNumber={deps.showNumber}
        code={deps.showCode()}
        nameOfRole={(id) => deps.preset.roles.find((role) => role.id === id)?.name[view.locale] ?? id}
        isOpenToSignUp={deps.preset.registration.isOpen}
      />,
    );
  });

  http.get("/_trial/messages.json", async () => list(await deps.listMessages()));

  if (people.some(({ place }) => place !== undefined)) {
    http.get("/_trial/registry.csv", async () =>
      file(Buffer.from(writeTrialRegistry(people)), {
        type: "text/csv; charset=utf-8",
        filename: "registre.csv",
      }),
    );
  }

  http.post("/_trial/messages/clear", async () => {
    await deps.clearMessages();
    return redirect("/_trial");
  });

  http.app.get<{ Params: { id: string } }>("/_trial/messages/:id.html", async (request, reply) => {
    const message = (await deps.listMessages()).find(({ id }) => id === request.params.id);
    if (message?.channel !== "email") throw new NotHere();
    // A mail is shown as a mail program would: no script, nothing loaded, and no part of the portal's own pages.
    return reply
      .header("content-security-policy", mailPolicy)
      .header("cache-control", "no-store")
      .type("text/html; charset=utf-8")
      .send(message.html);
  });
}

const shownAtMost = 100;

const mailPolicy =
  "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox allow-popups allow-popups-to-escape-sandbox allow-top-navigation-by-user-activation";

/** The array itself is the answer: `GET /_trial/messages.json` is what tests and tools read (docs/interfaces.md). */
const list = (messages: CapturedMessage[]): Answer => json(messages);

/** Answered like any page that does not exist. */
class NotHere extends Error {
  readonly statusCode = 404;
}
