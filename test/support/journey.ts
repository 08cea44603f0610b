import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe } from "vitest";
import type { CapturedMessage } from "../../src/channels/capture.ts";
import { PlainBrowser } from "./browser.ts";
import { launchChromium } from "./chromium.ts";
import { has } from "./needs.ts";
import { closeLens } from "./page-check.ts";
import { startPortal, type TestPortal, type TestPortalOptions } from "./portal.ts";
import { nextAddress, Visitor, type VisitorOptions } from "./visitor.ts";

/** Where a journey takes place: one portal and one browser, shared by the stories of a file. */
export interface Scene {
  readonly portal: TestPortal;
  /** A person with a browser of their own. */
  visitor(options?: VisitorOptions): Promise<Visitor>;
  /** The newest message to an address or number, once everything due was sent. */
  messageTo(address: string): Promise<CapturedMessage>;
  /** The subjects of all e-mails to an address, oldest first. */
  subjectsTo(address: string): Promise<string[]>;
  /** An address, nickname or word that no other story of this file uses. */
  unused(word: string): string;
  /** Wrong passwords for an identifier, from a browser and a network address that nobody knows. */
  guess(identifier: string, times: number): Promise<void>;
  /** Lets time pass for the portal, and its jobs and messages follow. */
  wait(ms: number): Promise<void>;
}

/** Each visitor has a network address of their own, which only a trusted proxy can say. */
const throughProxy = { LOQUET_TRUSTED_PROXIES: "127.0.0.1/32" };

/** One browser for all the files of a worker; it ends with the worker. Each visitor has a profile of their own in it. */
let browser: Promise<Browser> | undefined;
function openBrowser(): Promise<Browser> {
  browser ??= launchChromium();
  return browser;
}

/**
 * A file's stories, told once for each engine. `tell` declares the tests; in them, `scene` is ready.
 * Skipped by name where Chromium or the engine is missing.
 */
export function journey(
  name: string,
  options: TestPortalOptions & { engines?: ("sqlite" | "postgres")[] },
  tell: (scene: Scene) => void,
): void {
  const { engines = ["sqlite"], ...portalOptions } = options;
  for (const engine of engines) {
    const missing = !has("chromium") ? "chromium" : engine === "postgres" && !has("postgres") ? engine : null;
    const place = engines.length > 1 ? ` on ${engine}` : "";
    describe.skipIf(missing !== null)(`${name}${place}${missing ? ` (needs ${missing})` : ""}`, () => {
      let portal: TestPortal;
      const visitors: Visitor[] = [];
      beforeAll(async () => {
        portal = await startPortal({
          ...portalOptions,
          engine,
          environment: { ...throughProxy, ...portalOptions.environment },
        });
      });
      afterAll(async () => {
        if (portal) await closeLens(portal.url);
        await portal?.close();
      });
      afterEach(async () => {
        const troubles = visitors.flatMap((visitor) => visitor.troubles);
        await Promise.all(visitors.splice(0).map((visitor) => visitor.leave()));
        if (troubles.length > 0) throw new Error(`The browser met trouble:\n${troubles.join("\n")}`);
      });

      tell({
        get portal() {
          return portal;
        },
        async visitor(visitorOptions) {
          const visitor = await Visitor.arrive(await openBrowser(), portal.url, visitorOptions);
          visitors.push(visitor);
          return visitor;
        },
        messageTo: (address) => portal.messageTo(address),
        async subjectsTo(address) {
          await portal.settle();
          return (await portal.messages(address)).map((message) => message.subject).reverse();
        },
        unused,
        async guess(identifier, times) {
          const stranger = new PlainBrowser(portal.url, { "x-forwarded-for": nextAddress() });
          for (let n = 0; n < times; n++) {
            await stranger.post("/sign-in", { identifier, password: `faux ${n}` }, { follow: false });
          }
        },
        async wait(ms) {
          portal.clock.advance(ms);
          await portal.settle();
        },
      });
    });
  }
}

let used = 0;
function unused(word: string): string {
  used += 1;
  return word.includes("@") ? word.replace("@", `${used}@`) : `${word}${used}`;
}

/** Both ways in which a page must work: with its script and without. */
export const scriptModes = [
  { mode: "with script", script: true },
  { mode: "without script", script: false },
] as const;
