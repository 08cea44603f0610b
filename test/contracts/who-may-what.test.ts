import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { DeskRoute } from "../../src/desk/roles/desk.ts";
import { anAccount } from "../support/an-account.ts";
import { PlainBrowser } from "../support/browser.ts";
import { startPortal, type TestPortal } from "../support/portal.ts";
import { anEstablishment } from "../support/schools.ts";
import { aStaffMember, atTheDesk, signInStaff } from "../support/staff.ts";
import { fold, words } from "../support/words.ts";

/**
 * Who may what on the desk: every route, tried by everybody, against one table that is computed from the preset.
 * Routes are found, not listed: one that is added later is tried without a change here.
 */

type Answered = "let in" | "to sign in" | "to the second factor" | "to set it up" | "refused";

interface Visitor {
  who: string;
  browser: PlainBrowser;
  /** What the preset lets them do; null: no role, or not let in yet whatever it is. */
  answered: (route: DeskRoute) => Answered;
}

/** Where a path has `:id`, somebody whom no row names: let in is then what is told that there is no such thing. */
const placeholder = "01890000-0000-7000-8000-000000000000";
const pathOf = (route: DeskRoute) => route.path.replaceAll(/:[A-Za-z]+(\([^)]*\))?|\*/g, placeholder);

/** Asks without reading on: a route may be a stream, which never ends by itself. */
async function drive(
  url: string,
  browser: PlainBrowser,
  route: DeskRoute,
): Promise<{ answered: Answered; status: number }> {
  const letGo = new AbortController();
  const response = await fetch(new URL(pathOf(route), url), {
    method: route.method,
    redirect: "manual",
    signal: letGo.signal,
    headers: {
      "accept-language": "fr",
      cookie: `loquet-session=${browser.cookie("loquet-session") ?? ""}`,
      ...(route.method === "GET"
        ? {}
        : { "content-type": "application/x-www-form-urlencoded", "sec-fetch-site": "same-origin" }),
    },
    ...(route.method === "GET" ? {} : { body: "" }),
  });
  const { status } = response;
  const location = response.headers.get("location") ?? "";
  // A rule behind the gate may answer 403 too: only the gate's own pages count as its refusal.
  const html = status === 403 ? await response.text() : "";
  letGo.abort();
  if (location.startsWith("/sign-in")) return { answered: "to sign in", status };
  if (location.startsWith("/desk/second-factor/set-up")) return { answered: "to set it up", status };
  if (location.startsWith("/desk/second-factor")) return { answered: "to the second factor", status };
  const isRefused = closedTitles.some((title) => fold(html).includes(`<h1>${title}</h1>`));
  return { answered: isRefused ? "refused" : "let in", status };
}

const closedTitles = [words("desk.no-role.title"), words("desk.no-act.title")];

describe.each(["school", "community", "service"] as const)("the desk of %s", (preset) => {
  let portal: TestPortal;
  const visitors: Visitor[] = [];
  let routes: DeskRoute[] = [];

  beforeAll(async () => {
    portal = await startPortal({ preset, change: withWideLimits });
    routes = portal.portal.deskRoutes();
    visitors.push({
      who: "nobody",
      browser: new PlainBrowser(portal.url),
      answered: () => "to sign in",
    });
    const person = await anAccount(portal, "Léa Martin")
      .username("lea.martin")
      .email("lea@example.fr")
      .made();
    const plain = await signInStaff(portal, { ...person, identifier: "lea.martin", email: "lea@example.fr" });
    visitors.push({ who: "a person without role", browser: plain, answered: () => "refused" });
    const school = await anEstablishment(portal, "school", "Collège des Tilleuls");
    for (const role of portal.config.preset.roles) {
      const where = role.reach === "establishment" ? { establishmentId: school } : {};
      const bare = await aStaffMember(portal, role.id, { ...where, hasSecondFactor: false });
      visitors.push({
        who: `${role.id} without a second factor`,
        browser: await signInStaff(portal, bare),
        answered: () => "to set it up",
      });
      const member = await aStaffMember(portal, role.id, where);
      visitors.push({
        who: `${role.id} who has not proved it`,
        browser: await signInStaff(portal, member),
        answered: () => "to the second factor",
      });
      visitors.push({
        who: `${role.id} at the desk`,
        browser: await atTheDesk(portal, member),
        answered: ({ act }) => (act === null || role.may.includes(act) ? "let in" : "refused"),
      });
    }
  });
  afterAll(() => portal?.close());

  test("has routes, each only once", () => {
    expect(routes.map(({ path }) => path)).toContain("/desk");
    expect(routes.length).toBeGreaterThan(5);
    expect(new Set(routes.map(({ method, path }) => `${method} ${path}`)).size).toBe(routes.length);
  });

  test("is tried whole: every route by everybody, exactly as the table says, and never with a fault", async () => {
    const wrong: string[] = [];
    for (const { who, browser, answered } of visitors) {
      for (const route of routes) {
        const met = await drive(portal.url, browser, route);
        const name = `${who}: ${route.method} ${route.path} (${route.act ?? "any role"})`;
        if (met.answered !== answered(route)) {
          wrong.push(`${name} should be ${answered(route)}, is ${met.answered} (${met.status})`);
        }
        if (met.status >= 500) wrong.push(`${name} answers ${met.status}`);
      }
    }
    expect(wrong).toEqual([]);
  });

  test("tells programs the same in their own words", async () => {
    const asProgram = { accept: "application/json" };
    const expected: Record<Answered, [number, string] | null> = {
      "to sign in": [401, "account.signed-out"],
      "to the second factor": [403, "second-factor.prove-first"],
      "to set it up": [403, "second-factor.set-up-first"],
      refused: [403, "desk.no-"],
      "let in": null,
    };
    for (const { browser, answered } of visitors) {
      for (const route of routes.filter(({ method, path }) => method === "GET" && path === "/desk")) {
        const told = expected[answered(route)];
        if (told === null) continue;
        const page = await browser.get(route.path, { follow: false, headers: asProgram });
        expect(page.status).toBe(told[0]);
        expect((JSON.parse(page.html) as { refusal: string }).refusal).toContain(told[1]);
      }
    }
  });

  test("a route that is no form and no page of the desk is none that anybody reaches past the gate", async () => {
    const offered = new Set(routes.map(({ method, path }) => `${method} ${path}`));
    const everything = portal.portal.app.printRoutes({ commonPrefix: false, includeHooks: false });
    const listed = listRoutes(everything);
    expect(listed).toContain("POST /desk/staff/:id/role");
    const past = listed.filter(
      (route) =>
        / \/desk(\/|$)/.test(route) && !route.includes(" /desk/second-factor") && !offered.has(route),
    );
    expect(past).toEqual([]);
  });
});

/** `GET /desk/staff` for each line of Fastify's tree of routes; HEAD goes with GET. */
function listRoutes(tree: string): string[] {
  const stack: { depth: number; path: string }[] = [];
  const found: string[] = [];
  for (const line of tree.split("\n")) {
    const match = /^([│ ├└─]*)(\S.*?) ?(?:\(([A-Z, ]+)\))?$/u.exec(line);
    if (!match) continue;
    const [, indent = "", part = "", methods] = match;
    const depth = indent.length;
    while (stack.length > 0 && (stack.at(-1) as { depth: number }).depth >= depth) stack.pop();
    const path = `${stack.at(-1)?.path ?? ""}${part}`;
    stack.push({ depth, path });
    for (const method of (methods ?? "").split(", ")) {
      if (method === "GET" || method === "POST") found.push(`${method} ${path}`);
    }
  }
  return found;
}

/** What is limited by staff or by source would stop the table half-way. */
function withWideLimits(config: TestPortal["config"]): TestPortal["config"] {
  const limits = { ...config.preset.limits };
  for (const name of Object.keys(limits) as (keyof typeof limits)[]) {
    limits[name] = { max: 1_000_000, perSeconds: 60 };
  }
  return { ...config, preset: { ...config.preset, limits } };
}
