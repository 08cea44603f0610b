import type { Browser, BrowserContext, Locator, Page } from "playwright-core";
import type { CapturedMessage } from "../../src/channels/capture.ts";
import { ask } from "./in-page.ts";
import { checkPage } from "./page-check.ts";

export interface VisitorOptions {
  /** False: the browser runs no script. Default true. */
  script?: boolean;
  /** Width of the window in CSS pixels; 1440 by default. */
  width?: number;
  colorScheme?: "light" | "dark";
  /** What the browser asks for: "fr-FR" by default. */
  locale?: string;
  /** The network address that the portal sees; each visitor has one of their own by default. */
  address?: string;
}

/** Standard autocomplete tokens, by which password managers and these tests find fields (design §8). */
export type FieldToken =
  | "username"
  | "email"
  | "tel"
  | "name"
  | "nickname"
  | "current-password"
  | "new-password"
  | "one-time-code";

let addresses = 0;

/** An address of the documentation range (RFC 5737), another for every visitor. */
export function nextAddress(): string {
  addresses += 1;
  return `198.51.${100 + Math.floor(addresses / 250)}.${1 + (addresses % 250)}`;
}

/** A person in front of a real browser of their own: cookies, window, language and network address. */
export class Visitor {
  readonly page: Page;
  readonly context: BrowserContext;
  readonly hasScript: boolean;
  readonly #url: string;
  readonly #troubles: string[] = [];
  #status = 0;
  #isFinished = false;

  private constructor(context: BrowserContext, page: Page, url: string, hasScript: boolean) {
    this.context = context;
    this.page = page;
    this.hasScript = hasScript;
    this.#url = url;
    page.on("console", (line) => {
      // Chromium calls every refusal an error; only those of our own programs count, and 5xx below.
      if (line.type() !== "error" || line.text().startsWith("Failed to load resource")) return;
      this.#note(`console: ${line.text()}`);
    });
    page.on("pageerror", (cause) => this.#note(`script: ${cause.message}`));
    page.on("response", (response) => {
      if (response.status() >= 500) this.#note(`${response.status()} from ${response.url()}`);
      const request = response.request();
      if (request.isNavigationRequest() && request.frame() === page.mainFrame()) {
        this.#status = response.status();
      }
    });
  }

  static async arrive(browser: Browser, url: string, options: VisitorOptions = {}): Promise<Visitor> {
    const hasScript = options.script ?? true;
    const context = await browser.newContext({
      baseURL: url,
      javaScriptEnabled: hasScript,
      viewport: { width: options.width ?? 1440, height: 900 },
      colorScheme: options.colorScheme ?? "light",
      locale: options.locale ?? "fr-FR",
      // Nothing moves, so that a picture or a measured contrast is never that of a half-way state.
      reducedMotion: "reduce",
      extraHTTPHeaders: { "x-forwarded-for": options.address ?? nextAddress() },
    });
    context.setDefaultTimeout(15_000);
    return new Visitor(context, await context.newPage(), url, hasScript);
  }

  #note(trouble: string): void {
    if (!this.#isFinished) this.#troubles.push(`${new URL(this.page.url()).pathname}: ${trouble}`);
  }

  /** What went wrong in the browser so far: faults of scripts, refusals by the content policy, any 5xx. */
  get troubles(): readonly string[] {
    return this.#troubles;
  }

  /** Status of the page that is open. */
  get status(): number {
    return this.#status;
  }

  /** Path and query of the page that is open. */
  get at(): string {
    return this.page.url().slice(this.#url.length);
  }

  /** Only the path. */
  get path(): string {
    return URL.parse(this.page.url())?.pathname ?? "";
  }

  /** Opens a path of the portal, or a whole address as a message has it; checks what is met. */
  async open(address: string): Promise<void> {
    await this.page.goto(address);
    await this.look();
  }

  async reload(): Promise<void> {
    await this.page.reload();
    await this.look();
  }

  /** Checks the page that is open (`checkPage`). Every act below does so by itself. */
  async look(): Promise<void> {
    await checkPage(this);
  }

  get main(): Locator {
    return this.page.locator("main");
  }

  /** The one main form of the page: that of the main button. */
  get mainForm(): Locator {
    return this.page.locator("main form:has(button[type=submit])").first();
  }

  field(token: FieldToken): Locator {
    return this.mainForm.locator(`[autocomplete~="${token}"]:visible`);
  }

  /** The words of `main`, white space folded. */
  async text(): Promise<string> {
    return (await this.main.innerText()).replaceAll(/\s+/g, " ").trim();
  }

  async heading(): Promise<string> {
    return (await this.page.locator("h1").innerText()).replaceAll(/\s+/g, " ").trim();
  }

  async fill(values: Partial<Record<FieldToken, string>>): Promise<void> {
    for (const [token, value] of Object.entries(values)) await this.field(token as FieldToken).fill(value);
  }

  async #goOn(act: () => Promise<void>): Promise<void> {
    await Promise.all([this.page.waitForEvent("load"), act()]);
    await this.look();
  }

  /** Presses the main button. */
  async submit(values: Partial<Record<FieldToken, string>> = {}): Promise<void> {
    await this.fill(values);
    await this.#goOn(() => this.mainForm.locator("button[type=submit]").first().click());
  }

  /** Takes one of several choices, such as « Par SMS ». */
  async choose(name: string, value: string): Promise<void> {
    await this.mainForm.locator(`input[name="${name}"][value="${value}"]`).check({ force: true });
  }

  async signIn(identifier: string, password: string): Promise<void> {
    if ((await this.field("current-password").count()) === 0) await this.open("/sign-in");
    await this.submit({ username: identifier, "current-password": password });
  }

  /** Presses the button with these words, wherever it stands; `within` narrows it to a part of the page. */
  async press(words: string, within: Locator = this.page.locator("body")): Promise<void> {
    await this.#goOn(() => within.getByRole("button", { name: words }).first().click());
  }

  /** Follows the link with these words. */
  async follow(words: string): Promise<void> {
    await this.#goOn(() => this.page.getByRole("link", { name: words }).first().click());
  }

  /** Opens a part of the page that is folded (`details`). */
  async unfold(words: string): Promise<void> {
    await this.page.locator("summary", { hasText: words }).click();
    await this.look();
  }

  /** Opens the link of a message: the one that carries its token. */
  async openLinkOf(message: Pick<CapturedMessage, "links">): Promise<void> {
    await this.open(linkOf(message));
  }

  async cookie(name: string): Promise<string | undefined> {
    const found = await this.context.cookies(this.#url);
    return found.find((cookie) => cookie.name === `loquet-${name}`)?.value;
  }

  /** The element that has the focus, as `#id`, or its words. */
  focused(): Promise<string> {
    return ask<string>(this.page, "focused");
  }

  async leave(): Promise<void> {
    this.#isFinished = true;
    await this.context.close();
  }
}

/** The address that holds the message's token. */
export function linkOf(message: Pick<CapturedMessage, "links">): string {
  const found = message.links.find((link) => new URL(link).searchParams.has("token"));
  if (!found) throw new Error(`No link with a token among: ${message.links.join(" ") || "none"}`);
  return found;
}
