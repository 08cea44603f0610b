import { json } from "../../http/answer.ts";
import type { Http } from "../../http/server.ts";
import { type Clock, second } from "../../kernel/clock.ts";
import type { CheckPassword } from "./password-check.ts";

/** Fields of the same form that a new password must be unlike. */
const hints = ["email", "name", "nickname", "identifier"];

/** `POST /password/check` answers `{ rules: { [rule]: met }, score: 0…4 }`, for the script of our own pages. */
export function passwordCheckRoutes(
  http: Http,
  deps: {
    clock: Clock;
    checkPassword: CheckPassword;
    /** Names and identifiers of whoever is signed in. */
    wordsOf: (accountId: string) => Promise<string[]>;
  },
): void {
  http.post("/password/check", async (visit) => {
    const person = await visit.person();
    const own = person ? await deps.wordsOf(person.accountId) : [];
    const outcome = await deps.checkPassword(visit.caller, {
      plain: visit.field("password"),
      current: visit.field("current-password"),
      words: [...hints.map((name) => visit.field(name)).filter((word) => word !== ""), ...own],
    });
    if (outcome.ok) return json({ rules: outcome.rules, score: outcome.score });
    const { refusal, until } = outcome;
    return json(
      { refusal, until, incident: visit.caller.incident },
      { status: 429, retryAfterSeconds: Math.max(1, Math.ceil((until - deps.clock.now()) / second)) },
    );
  });
}
