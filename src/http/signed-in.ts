import type { Person } from "../kernel/caller.ts";
import { type Answer, json, redirect } from "./answer.ts";
import type { Visit } from "./visit.ts";

/** Where somebody who is not signed in goes first, and comes back from to `returnPath`. */
export function toSignIn(visit: Visit, returnPath: string): Answer {
  if (visit.wantsJson) {
    return json({ refusal: "account.signed-out", incident: visit.caller.incident }, { status: 401 });
  }
  return redirect(`/sign-in?return=${encodeURIComponent(returnPath)}`);
}

/**
 * Opens a route only to somebody who is signed in. Others are sent to sign in, and come back to the same page:
 * to `returnPath` where the route only receives a form.
 */
export function signedIn(
  handle: (visit: Visit, person: Person) => Promise<Answer>,
  returnPath?: string,
): (visit: Visit) => Promise<Answer> {
  return async (visit) => {
    const person = await visit.person();
    return person ? handle(visit, person) : toSignIn(visit, returnPath ?? visit.path);
  };
}
