import { redirect } from "../../http/answer.ts";
import type { Http } from "../../http/server.ts";
import type { Visit } from "../../http/visit.ts";
import type { KnownBrowser, StartedSession } from "../../kernel/caller.ts";
import type { Store } from "../../store/store.ts";
import type { Sessions } from "./sessions.ts";

export interface SessionRoutesDeps {
  store: Pick<Store, "transact">;
  sessions: Sessions;
}

/** Gives the browser the cookie by which an account knows it. */
export function rememberBrowser(visit: Visit, known: KnownBrowser): void {
  visit.cookies.set("known", known.cookieValue, known.maxAgeSeconds);
}

/** Gives the browser the cookies of a session that was just started. */
export function signBrowserIn(visit: Visit, session: StartedSession): void {
  visit.cookies.set("session", session.cookiePlain, session.maxAgeSeconds ?? undefined);
  if (session.known) rememberBrowser(visit, session.known);
}

export function sessionRoutes(http: Http, deps: SessionRoutesDeps): void {
  const { sessions } = deps;

  http.get("/", async (visit) => redirect((await visit.person()) ? "/account" : "/sign-in"));

  http.post("/sign-out", async (visit) => {
    const person = await visit.person();
    if (person) await deps.store.transact((tx) => sessions.end(tx, person));
    visit.cookies.clear("session");
    visit.leaveNotice({ tone: "good", key: "sign-in.signed-out" });
    return redirect("/sign-in");
  });

  // Asked by other applications at each of their own requests: read from the database each time, never kept.
  http.machine("/api/session", async (request) => {
    const cookie = request.cookie("session");
    const person = cookie === null ? null : await sessions.describe(cookie);
    return person ? { status: 200, body: person } : { status: 401, body: { refusal: "session.none" } };
  });
}
