/** Who is asking, as far as a request tells. Rules record it; none of it proves anything about the person. */
export interface Caller {
  /** The reference shown if this request is refused. */
  incident: string;
  /** Language of the page that asked: stored with what the request causes. */
  locale: string;
  /** Such as "Firefox (Windows)"; null when the request does not say. */
  browser: string | null;
  /** The browser's binding cookie: a code works only in the browser that asked (promise 4). A secret. */
  browserId: string;
  /** What this browser is known by to the accounts that signed in here; null when to none. A secret. */
  knownCookie: string | null;
  sourceAddress: string;
  /** What budgets count by: the IPv4 address, or the /64 of an IPv6 one (promise 6). */
  sourceKey: string;
  /** From an establishment's addresses: slowed, never blocked (promise 6). */
  isSlowed: boolean;
}

/** Who is signed in. */
export interface Person {
  accountId: string;
  sessionId: string;
  name: string;
  locale: string;
  /** When this session was proved by a second factor; null when it was not. */
  secondFactorAt: number | null;
}

/** A member of staff who is signed in and has proved a second factor, with what their roles allow. */
export interface Staff {
  accountId: string;
  sessionId: string;
  name: string;
  locale: string;
  /** Ids of the preset's roles. */
  roles: string[];
  /** Each role with the establishment at whose walls it ends; null: everywhere that the role reaches. */
  grants: { role: string; establishmentId: string | null }[];
  /** Acts of `config/acts.ts`. */
  may: ReadonlySet<string>;
  /** Kinds of person they may help. */
  helps: string[];
  /** Ids of the relays whose cases they answer. */
  relays: string[];
}

/** Relays of which they see or answer the cases: all of a relay's, or those of one establishment. */
export interface RelayReach {
  everywhere: string[];
  within: { relay: string; establishmentId: string }[];
}

/** A session that was just started, for its cookie. */
export interface StartedSession {
  /** A secret. */
  cookiePlain: string;
  /** Null: the cookie ends with the browser. */
  maxAgeSeconds: number | null;
  sessionId: string;
  /** Set where the browser was made known with it. */
  known?: KnownBrowser;
}

/** A browser that an account knows, for its cookie. */
export interface KnownBrowser {
  knownBrowserId: string;
  /** A secret. */
  cookieValue: string;
  maxAgeSeconds: number;
}
