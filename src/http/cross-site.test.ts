import { expect, test } from "vitest";
import { judgeFormOrigin } from "./cross-site.ts";

const portal = "https://acces.example.org";

test.each([
  [{ "sec-fetch-site": "same-origin" }, "ours"],
  [{ "sec-fetch-site": "none" }, "ours"],
  [{ "sec-fetch-site": "same-site" }, "foreign"],
  [{ "sec-fetch-site": "cross-site" }, "foreign"],
  // The browser's word decides, whatever else is claimed.
  [{ "sec-fetch-site": "cross-site", origin: portal, referer: `${portal}/sign-in` }, "foreign"],
  [{ origin: portal }, "ours"],
  [{ origin: "https://evil.example" }, "foreign"],
  [{ origin: "https://acces.example.org.evil.example" }, "foreign"],
  [{ origin: "http://acces.example.org" }, "foreign"],
  [{ origin: "not an address" }, "foreign"],
  [{ referer: `${portal}/sign-in?return=/` }, "ours"],
  [{ referer: "https://evil.example/https://acces.example.org" }, "foreign"],
  [{ origin: "null" }, "unknown"],
  [{ origin: "null", referer: `${portal}/sign-in` }, "unknown"],
  [{}, "unknown"],
] as const)("%o is %s", (headers, verdict) => {
  expect(judgeFormOrigin(headers, portal)).toBe(verdict);
});
