import type { Page } from "playwright-core";
import { words } from "./words.ts";

/** A picture of a help article: how its page is met, what of it is shown, and where its numbered points stand. */
export interface HelpFigure {
  preset: "school" | "community";
  /** Brings the page into the state that is shown. */
  open(page: Page, locale: string, known: { identifier: string; password: string }): Promise<void>;
  /** What is shown: from the top of `from` to the bottom of `to`. */
  from: string;
  to: string;
  /** In the order of the article's points. Where two stand on one line, their numbers stand at their corners. */
  points: string[];
  /** Where the numbers stand: in a column of their own, or at the corner of what they name. */
  numbers?: "column" | "corner";
  /** What is left out, so that the picture stays small. */
  without?: string;
}

const press = async (page: Page, selector = "main form button[type=submit]") => {
  await Promise.all([page.waitForEvent("load"), page.locator(selector).first().click()]);
};
const fill = (page: Page, token: string, text: string) =>
  page.locator(`main [autocomplete~="${token}"]:visible`).fill(text);

async function signIn(page: Page, identifier: string, password: string): Promise<void> {
  await page.goto("/sign-in");
  await fill(page, "username", identifier);
  await fill(page, "current-password", password);
  await press(page);
}

/** Each is drawn for every language in which an article shows it. */
export const helpFigures: Record<string, HelpFigure> = {
  "sign-in": {
    preset: "school",
    open: async (page) => {
      await page.goto("/sign-in");
    },
    from: "h1",
    to: "main > .links",
    points: [
      "#identifier",
      'main a[href="/forgot-identifier"]',
      ".password",
      'main a[href="/forgot-password"]',
      "main form button[type=submit]",
      "main > .links",
    ],
  },
  "forgot-password": {
    preset: "school",
    open: async (page) => {
      await page.goto("/forgot-password");
    },
    from: "h1",
    to: "main form button[type=submit]",
    points: [
      "#identifier",
      'main a[href="/forgot-identifier"]',
      "main fieldset.choices",
      "main form button[type=submit]",
    ],
  },
  "forgot-password-sent": {
    preset: "school",
    async open(page, _locale, { identifier }) {
      await page.goto("/forgot-password");
      await fill(page, "username", identifier);
      await page.locator('main input[name="channel"][value="email"]').check({ force: true });
      await press(page);
    },
    from: "h1",
    to: "main form.countdown",
    points: [
      "main h1 + p",
      "#code",
      "main form:has(#code) button[type=submit]",
      "main .section h2",
      "main form.countdown button",
    ],
  },
  "sign-up": {
    preset: "community",
    open: async (page) => {
      await page.goto("/sign-up");
    },
    from: "h1",
    to: "main > .links",
    points: [
      "#email",
      ".password",
      "main form button[type=submit]",
      'main a[href="/sign-in"]',
      'main a[href="/confirm"]',
    ],
  },
  language: {
    preset: "school",
    open: async (page) => {
      await page.goto("/sign-in");
    },
    from: ".languages",
    to: ".brand-row",
    points: [".languages button:not([aria-current])", ".languages [aria-current]"],
    numbers: "corner",
  },
  locked: {
    preset: "school",
    async open(page, locale, { identifier }) {
      for (let tries = 0; tries < 12; tries++) {
        await signIn(page, identifier, `faux ${tries}`);
        const heading = (await page.locator("h1").innerText()).replaceAll(/\s+/g, " ").trim();
        if (heading === words("lockout.locked", {}, locale)) return;
      }
      throw new Error("The account was not locked.");
    },
    from: "h1",
    to: 'main > .links li:has(a[href="/forgot-password"])',
    without: "main .section, main .explain, main h1 ~ p:nth-of-type(3)",
    points: [
      "main h1 + p",
      "main h1 + p + p",
      "#code",
      "main form:has(#code) button[type=submit]",
      "main form.countdown button",
      'main > .links a[href="/forgot-password"]',
    ],
  },
  account: {
    preset: "school",
    async open(page, _locale, { identifier, password }) {
      await signIn(page, identifier, password);
    },
    from: "#contacts",
    to: "#contacts",
    points: [
      "#contacts h2",
      "#contacts .items .tag",
      '#contacts .items a[href$="/correct"]',
      '#contacts a[href="/account/contacts/add"]',
    ],
  },
};
