import { afterAll, beforeAll, expect, test } from "vitest";
import { startPortal, type TestPortal } from "../support/portal.ts";

let portal: TestPortal;
beforeAll(async () => {
  portal = await startPortal({ preset: "service" });
});
afterAll(() => portal.close());

/** Pages, a redirect, what is not found, what cannot be read, a refused form, and a file. */
const asked: [string, RequestInit][] = [
  ["/sign-in", {}],
  ["/account", {}],
  ["/nowhere", {}],
  ["/%E0%A4%A", {}],
  ["/sign-in", { method: "POST", headers: { "sec-fetch-site": "cross-site" } }],
  ["/sign-in", { method: "POST", headers: { "content-type": "application/xml" }, body: "<x/>" }],
  ["/assets/none.css", {}],
];

test.each(asked)("%s %o carries what keeps other sites and scripts out", async (path, request) => {
  const { headers } = await fetch(portal.url + path, { redirect: "manual", ...request });
  const policy = headers.get("content-security-policy") ?? "";
  expect(policy).toContain("default-src 'none'");
  expect(policy).toContain("frame-ancestors 'none'");
  expect(policy).toContain("form-action 'self'");
  expect(policy).not.toContain("unsafe");
  expect(headers.get("referrer-policy")).toBe("same-origin");
  expect(headers.get("x-content-type-options")).toBe("nosniff");
  expect(headers.get("x-powered-by")).toBeNull();
});
