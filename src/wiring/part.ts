import type { AccountPart } from "../access/account-page/account-page.routes.tsx";
import type { PersonPart } from "../desk/people/people.routes.tsx";
import type { Desk } from "../desk/roles/desk.ts";
import type { DeskNews } from "../desk/roles/home.routes.tsx";
import type { Http } from "../http/server.ts";
import type { Resolver } from "../outbox/requests.ts";
import type { OwnWork } from "./work.ts";

/** A part of the portal that brings its own pages, work and resolvers; `compose.ts` lists them in order. */
export interface Part extends OwnWork {
  /** Who resolves what its forms commit, by the kind of request (promise 2). */
  resolvers?: Record<string, Resolver>;
  /** What of it may wait for staff: counted on the first page of the desk. */
  news?: DeskNews[];
  /** What it adds to a person's own page `/account`. */
  accountParts?: AccountPart[];
  /** What it adds to the page of a person on the desk. */
  personParts?: PersonPart[];
  /** Adds its pages: those of the desk through `desk`, which lets nobody past who may not. */
  routes(http: Http, desk: Desk): void;
}
