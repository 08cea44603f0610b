import type { FastifyReply, FastifyRequest } from "fastify";
import type { Config } from "../config/config.ts";
import { chooseLocale } from "../i18n/choose-locale.ts";
import { formatMoment } from "../i18n/moment.ts";
import type { Locale, MessageKey, Translate, Translations } from "../i18n/translations.ts";
import type { Caller, Person } from "../kernel/caller.ts";
import { type Clock, day, minute, second } from "../kernel/clock.ts";
import type { Ids } from "../kernel/ids.ts";
import type { Keys } from "../kernel/keys.ts";
import { drawToken, type Random } from "../kernel/random.ts";
import type { Assets } from "../ui/assets.ts";
import type { Tone, View } from "../ui/view.ts";
import { nameBrowser } from "./browser-name.ts";
import { type Cookies, cookiesOf } from "./cookies.ts";
import { hasControls } from "./form-body.ts";
import { sourceKeyOf } from "./source.ts";
import type { FilledForm, Upload } from "./uploads.ts";

/** Said once, on the next page; `identifier` is put into its form. */
export interface FlashNotice {
  tone: Tone;
  key: MessageKey;
  values?: Record<string, string | number>;
  identifier?: string;
}

/** One request, as a route sees it. */
export interface Visit {
  path: string;
  locale: Locale;
  t: Translate;
  wantsJson: boolean;
  /** A value of the address line; "" when absent or repeated, or with characters that a form may not hold. */
  query(name: string): string;
  /** A value of the posted form; "" when absent. */
  field(name: string): string;
  fields(): Record<string, string>;
  /** The files of a posted form, by the name of their field; only where the route takes files. */
  files(name: string): Upload[];
  /** A header of the request; null when absent. What it says is the sender's word. */
  header(name: string): string | null;
  /** The last event that this browser heard before it connected again; null at the first time. */
  lastEventId: string | null;
  caller: Caller;
  cookies: Cookies;
  /** Whether the browser sent back a binding cookie: false for a first visit, or where cookies are refused. */
  isBrowserBound: boolean;
  /** The person signed in, or null. Read from the database at each request: a revocation holds at once. */
  person(): Promise<Person | null>;
  /** What a page needs; with `isRefusal` it shows the incident reference. */
  view(options?: { isRefusal?: boolean; person?: Pick<Person, "name"> | null; path?: string }): View;
  /** What the page before left to say; said once. */
  notice: FlashNotice | null;
  leaveNotice(notice: FlashNotice): void;
}

export interface VisitDeps {
  config: Config;
  clock: Clock;
  random: Random;
  ids: Ids;
  keys: Keys;
  translations: Translations;
  assets: Assets;
  readPerson: ReadPerson;
  isSlowed: (address: string) => boolean;
}

/** Who a session belongs to; null when to nobody any more. */
export type ReadPerson = (sessionCookie: string) => Promise<Person | null>;

const bindingCookieSeconds = (400 * day) / second;
const noticeSeconds = (10 * minute) / second;
const token = /^[A-Za-z0-9_-]{22}$/;

export function createVisits(deps: VisitDeps) {
  const { config, clock, keys, translations } = deps;
  const offered = config.preset.languages.offered;

  /** The relays that the operator named, in the language of the page. */
  function relaysIn(locale: Locale): View["help"] {
    const fallback = config.preset.languages.default;
    return config.preset.relays
      .filter(({ isShown }) => isShown)
      .map((relay) => ({
        name: relay.name[locale] ?? relay.name[fallback] ?? "",
        lines: relay.lines[locale] ?? relay.lines[fallback] ?? [],
      }));
  }

  function readNotice(cookies: Cookies): FlashNotice | null {
    const sealed = cookies.get("notice");
    if (!sealed) return null;
    const opened = keys.open("notice", sealed);
    if (opened === null) return null;
    const { until, notice } = JSON.parse(opened) as { until: number; notice: FlashNotice };
    return until > clock.now() ? notice : null;
  }

  /** The browser's binding id: made at its first visit, so that the form it posts is already bound to it. */
  function bind(cookies: Cookies): { id: string; isBound: boolean } {
    const known = cookies.get("browser");
    if (known && token.test(known)) return { id: known, isBound: true };
    const id = drawToken(deps.random);
    cookies.set("browser", id, bindingCookieSeconds);
    return { id, isBound: false };
  }

  return function visitOf(
    request: FastifyRequest,
    reply: FastifyReply,
    form?: FilledForm,
    readPerson: ReadPerson = deps.readPerson,
  ): Visit {
    const cookies = cookiesOf(request, reply, config.isHttps);
    const queries = request.query as Record<string, unknown>;
    const fields = (form?.fields ?? request.body ?? {}) as Record<string, unknown>;
    const text = (values: Record<string, unknown>, name: string) =>
      Object.hasOwn(values, name) && typeof values[name] === "string" ? (values[name] as string) : "";
    const query = (name: string) => {
      const value = text(queries, name);
      return hasControls(value) ? "" : value;
    };
    const locale = chooseLocale({
      query: query("lang"),
      cookie: cookies.get("language") ?? undefined,
      acceptLanguage: request.headers["accept-language"],
      offered,
      fallback: config.preset.languages.default,
    });
    // The link of a message says its language: what is behind it keeps it, unless one was chosen in this browser.
    if (query("lang") === locale && !cookies.get("language")) cookies.set("language", locale);
    const t = translations.to(locale);
    const path = request.url.split("?")[0] as string;
    const incident = request.id;
    const browser = bind(cookies);
    let person: Promise<Person | null> | undefined;
    const notice = request.method === "GET" ? readNotice(cookies) : null;

    const visit: Visit = {
      path,
      locale,
      t,
      wantsJson: prefersJson(request.headers.accept),
      query,
      field: (name) => text(fields, name),
      files: (name) => form?.files.get(name) ?? [],
      header: (name) => {
        const value = request.headers[name.toLowerCase()];
        return typeof value === "string" ? value : null;
      },
      get lastEventId() {
        return visit.header("last-event-id");
      },
      fields: () => Object.fromEntries(Object.keys(fields).map((name) => [name, text(fields, name)])),
      caller: {
        incident,
        locale,
        browser: nameBrowser(request.headers["user-agent"]),
        browserId: browser.id,
        knownCookie: cookies.get("known"),
        sourceAddress: request.ip,
        sourceKey: sourceKeyOf(request.ip),
        isSlowed: deps.isSlowed(request.ip),
      },
      cookies,
      isBrowserBound: browser.isBound,
      person() {
        const session = cookies.get("session");
        if (!session) return Promise.resolve(null);
        person ??= readPerson(session);
        return person;
      },
      view(options = {}) {
        if (notice) cookies.clear("notice");
        return {
          t,
          locale,
          dir: translations.direction(locale),
          languages: translations.languages,
          brand: { name: config.preset.brandName },
          path: options.path ?? request.url,
          incident: options.isRefusal ? incident : null,
          moment: (ms) => formatMoment(locale, config.timezone, ms),
          signedInAs: options.person?.name ?? null,
          notice: notice ? { tone: notice.tone, key: notice.key, values: notice.values } : null,
          help: relaysIn(locale),
          trial: config.isDemo,
          assets: deps.assets,
        };
      },
      notice,
      leaveNotice(left) {
        const until = clock.now() + noticeSeconds * second;
        cookies.set("notice", keys.seal("notice", JSON.stringify({ until, notice: left })), noticeSeconds);
      },
    };
    return visit;
  };
}

function prefersJson(accept: string | undefined): boolean {
  if (!accept) return false;
  const json = accept.indexOf("application/json");
  const html = accept.indexOf("text/html");
  return json >= 0 && (html < 0 || json < html);
}
