import type { StaffAct } from "../../config/acts.ts";
import { type Answer, json, redirect } from "../../http/answer.ts";
import type { EventStream } from "../../http/event-streams.ts";
import type { Http } from "../../http/server.ts";
import { toSignIn } from "../../http/signed-in.ts";
import type { UploadLimits } from "../../http/uploads.ts";
import type { Visit } from "../../http/visit.ts";
import type { Person, Staff } from "../../kernel/caller.ts";
import { closedDeskAnswer } from "./closed-desk.tsx";

/**
 * The gate of the desk. Every page, form and stream of the desk is offered through it, each with the one act that
 * its visitor's role must allow, so that one table says who may what, and one test tries every line of it.
 *
 * The order of the checks is the order in which somebody can put right what is missing: sign in, have a role, set
 * up a second factor, prove it in this session, have the act (ASVS 5.0 §6.3.3, §8.2.1).
 */
export interface Desk {
  get(path: string, act: NeededAct, handle: StaffHandler): void;
  /** What a page asks by itself while it is open: by that nobody stays signed in. */
  watch(path: string, act: NeededAct, handle: StaffHandler): void;
  post(path: string, act: NeededAct, handle: StaffHandler): void;
  postWithFiles(path: string, act: NeededAct, limits: UploadLimits, handle: StaffHandler): void;
  stream(
    path: string,
    act: NeededAct,
    open: (visit: Visit, staff: Staff) => Promise<Answer | ((events: EventStream) => () => void)>,
  ): void;
  /** Every route offered so far. */
  routes(): DeskRoute[];
}

/** Null: what every role may do, such as opening the desk itself. */
export type NeededAct = StaffAct | null;

export type StaffHandler = (visit: Visit, staff: Staff) => Promise<Answer>;

export interface DeskRoute {
  method: "GET" | "POST";
  path: string;
  act: NeededAct;
}

export interface DeskDeps {
  /** Who this person is on the desk; null without a role. */
  staffOf(person: Person): Promise<Staff | null>;
  hasSecondFactor(accountId: string): Promise<boolean>;
}

/** Where the person comes back to: the page itself, or the page whose form was sent. */
function returnPathOf(visit: Visit, method: DeskRoute["method"]): string {
  if (method === "GET") return visit.path;
  const from = URL.parse(visit.header("referer") ?? "");
  return from?.pathname.startsWith("/desk") ? from.pathname : "/desk";
}

export function createDesk(http: Http, deps: DeskDeps): Desk {
  const routes: DeskRoute[] = [];

  /** The staff member who may do this here and now, or what the visitor is answered instead. */
  async function admit(visit: Visit, route: DeskRoute): Promise<{ staff: Staff } | { answer: Answer }> {
    const back = returnPathOf(visit, route.method);
    const person = await visit.person();
    if (!person) return { answer: toSignIn(visit, back) };
    const staff = await deps.staffOf(person);
    if (!staff) return { answer: closedDeskAnswer(visit, person, "desk.no-role") };
    if (person.secondFactorAt === null) {
      const isSetUp = await deps.hasSecondFactor(person.accountId);
      return { answer: toSecondFactor(visit, isSetUp ? "prove" : "set-up", back) };
    }
    if (route.act !== null && !staff.may.has(route.act))
      return { answer: closedDeskAnswer(visit, person, "desk.no-act") };
    return { staff };
  }

  function gated(route: DeskRoute, handle: StaffHandler): (visit: Visit) => Promise<Answer> {
    routes.push(route);
    return async (visit) => {
      const admitted = await admit(visit, route);
      return "answer" in admitted ? admitted.answer : handle(visit, admitted.staff);
    };
  }

  return {
    get: (path, act, handle) => http.get(path, gated({ method: "GET", path, act }, handle)),
    watch: (path, act, handle) => http.watch(path, gated({ method: "GET", path, act }, handle)),
    post: (path, act, handle) => http.post(path, gated({ method: "POST", path, act }, handle)),
    postWithFiles(path, act, limits, handle) {
      const route: DeskRoute = { method: "POST", path, act };
      // Asked before a byte of the files is read as well: they may be large.
      http.postWithFiles(path, limits, gated(route, handle), async (visit) => {
        const admitted = await admit(visit, route);
        return "answer" in admitted ? admitted.answer : null;
      });
    },
    stream(path, act, open) {
      const route: DeskRoute = { method: "GET", path, act };
      routes.push(route);
      http.stream(path, async (visit) => {
        const admitted = await admit(visit, route);
        return "answer" in admitted ? admitted.answer : open(visit, admitted.staff);
      });
    },
    routes: () => [...routes],
  };
}

/** Programs are told; people are led to the page, and from there back to where they were going. */
function toSecondFactor(visit: Visit, step: "set-up" | "prove", back: string): Answer {
  if (visit.wantsJson) {
    return json({ refusal: `second-factor.${step}-first`, incident: visit.caller.incident }, { status: 403 });
  }
  const page = step === "set-up" ? "/desk/second-factor/set-up" : "/desk/second-factor";
  return redirect(`${page}?return=${encodeURIComponent(back)}`);
}
