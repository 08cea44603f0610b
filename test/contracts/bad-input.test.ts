import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Config } from "../../src/config/config.ts";
import type { Preset } from "../../src/config/preset.ts";
import { listTrialPeople, trialPassword } from "../../src/trial/people.ts";
import { PlainBrowser } from "../support/browser.ts";
import { onEachEngine } from "../support/engines.ts";
import { type FoundForm, findForms, postRoutes } from "../support/found-forms.ts";
import { startPortal, type TestPortal } from "../support/portal.ts";
import { type Answered, hasNothingSecondHand, refusalFaults, sendRaw } from "../support/raw-post.ts";

/** What strangers put into fields: each was once the end of some other program. */
const nastyValues: Record<string, string> = {
  empty: "",
  spaces: " \t\n ",
  "10,000 characters": "x".repeat(10_000),
  "an address of 10,000 characters": `${"x".repeat(9_980)}@example.org`,
  "a header of its own": "lea@example.org\r\nBcc: everybody@example.org",
  "a header in a display name": '"Léa\nBcc: all@example.org" <lea@example.org>',
  "two addresses": "lea@example.org,other@example.org",
  markup: '"><img src=x onerror=alert(1)><i>second-hand</i>',
  template: "{{7*7}}#{7*7}<%= 7*7 %>{name, plural, one {#} other {#}}",
  "another site": "https://elsewhere.example/",
  "another site without scheme": "//elsewhere.example",
  "another site with a backslash": "/\\elsewhere.example",
  "another site behind a tab": "/\t/elsewhere.example",
  script: "javascript:alert(1)",
  SQL: "' or 1=1; drop table accounts; --",
  prototype: "__proto__",
  "a number": "-1e309",
  "a path": "../../../../etc/passwd",
  "right to left": "\u202Egro.elpmaxe@ael\u202C",
  "beyond the basic plane": "👩‍👩‍👧‍👦".repeat(60),
  "what normalises to much more": "\uFDFA".repeat(500),
  "a marked letter": `e${"\u0301".repeat(3_000)}`,
};

/** What no form of a browser looks like. `encode` makes the body from the form's own fields. */
type Encode = (fields: Record<string, string>) => {
  body?: string | Buffer;
  headers?: Record<string, string>;
  query?: string;
};
const encoded = (fields: Record<string, string>) => new URLSearchParams(fields).toString();
const firstName = (fields: Record<string, string>) => Object.keys(fields)[0] ?? "token";

const strangeRequests: Record<string, Encode> = {
  "nothing at all": () => ({}),
  "an oversized body": (fields) => ({ body: `${encoded(fields)}&padding=${"x".repeat(200_000)}` }),
  "a thousand fields": () => ({ body: Array.from({ length: 1000 }, (_, n) => `f${n}=1`).join("&") }),
  JSON: (fields) => ({ body: JSON.stringify(fields), headers: { "content-type": "application/json" } }),
  "broken JSON": () => ({ body: '{"email":', headers: { "content-type": "application/json" } }),
  "JSON with a lone surrogate": (fields) => ({
    body: `{"${firstName(fields)}":"\\ud800","__proto__":{"x":1}}`,
    headers: { "content-type": "application/json" },
  }),
  "plain text": (fields) => ({ body: encoded(fields), headers: { "content-type": "text/plain" } }),
  XML: () => ({
    body: "<!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/passwd'>]><x>&e;</x>",
    headers: { "content-type": "application/xml" },
  }),
  "a file": () => ({
    body: '--b\r\nContent-Disposition: form-data; name="email"; filename="x"\r\n\r\nx\r\n--b--\r\n',
    headers: { "content-type": "multipart/form-data; boundary=b" },
  }),
  "no type": (fields) => ({ body: encoded(fields), headers: { "content-type": "" } }),
  "an unreadable type": (fields) => ({ body: encoded(fields), headers: { "content-type": ";;/=" } }),
  "another character set": (fields) => ({
    body: Buffer.from(encoded(fields), "utf16le"),
    headers: { "content-type": "application/x-www-form-urlencoded; charset=utf-16" },
  }),
  "a repeated field": (fields) => ({
    body: `${encoded(fields)}&${firstName(fields)}=a&${firstName(fields)}=b`,
  }),
  "fields as lists and objects": (fields) => ({
    body: `${firstName(fields)}[]=a&${firstName(fields)}[x][y]=b`,
  }),
  "a NUL": (fields) => ({
    body: encoded(Object.fromEntries(Object.keys(fields).map((name) => [name, "a\0b"]))),
  }),
  "a NUL in a name": (fields) => ({ body: `${encoded(fields)}&a%00b=1` }),
  "broken UTF-8": (fields) => ({ body: `${firstName(fields)}=%ff%fe%c0%80` }),
  "raw broken bytes": (fields) => ({
    body: Buffer.from([...Buffer.from(`${firstName(fields)}=`), 0xff, 0xfe, 0xc3, 0x28]),
  }),
  "a lone surrogate": (fields) => ({ body: `${firstName(fields)}=%ED%A0%80` }),
  "half an escape": (fields) => ({ body: `${firstName(fields)}=%E2%8` }),
  "a field named __proto__": (fields) => ({
    body: `${encoded(fields)}&__proto__=1&constructor=2&toString=3`,
  }),
  "a form of another site": (fields) => ({
    body: encoded(fields),
    headers: { "sec-fetch-site": "cross-site" },
  }),
  "a form of a sister site": (fields) => ({
    body: encoded(fields),
    headers: { "sec-fetch-site": "same-site" },
  }),
  "another origin": (fields) => ({
    body: encoded(fields),
    headers: { "sec-fetch-site": "", origin: "https://elsewhere.example" },
  }),
  "no origin": (fields) => ({ body: encoded(fields), headers: { "sec-fetch-site": "", origin: "null" } }),
  "a forged press": (fields) => ({
    body: `${encoded(fields)}&_press=v1.AAAA`,
    headers: { "sec-fetch-site": "" },
  }),
  "strange cookies": (fields) => ({
    body: encoded(fields),
    headers: {
      cookie:
        "loquet-session=%00%ff; loquet-browser=../../x; loquet-notice=AAAA; loquet-known=1; loquet-language=__proto__; =; ;;a",
    },
  }),
  "a strange address line": (fields) => ({
    body: encoded(fields),
    query: "?token=%00&lang=__proto__&lang=xx&return=//x&%E0%A4%A",
  }),
  "strange wishes": (fields) => ({
    body: encoded(fields),
    headers: {
      "accept-language": `${"x-".repeat(2000)}, *;q=NaN`,
      "user-agent": `\u00ff${"A".repeat(3000)}`,
      "x-forwarded-for": "__proto__",
    },
  }),
};

/** Nobody here is staff: the gate of the desk turns them away before any field is read, whatever stands in it. */
const isGated = ({ action }: { action: string }) => action === "/desk" || action.startsWith("/desk/");
/** Of many tries those that a gate could stumble over: every fifth. */
const some = <Value>(tries: [string, Value][]) => tries.filter((_, index) => index % 5 === 0);

const presets = { sqlite: "school", postgres: "community" } as const;
const neverSpent = (preset: Preset): Preset => ({
  ...preset,
  limits: Object.fromEntries(
    Object.entries(preset.limits).map(([name, limit]) => [name, { ...limit, max: 10_000_000 }]),
  ) as Preset["limits"],
});

const noPage = "(no page)";

/** A fault of many forms is told once for each kind, with how many there are. */
function inShort(wrong: string[]): string[] {
  const kinds = Map.groupBy(wrong, (fault) => fault.slice(fault.lastIndexOf(": ", 200)).slice(0, 60));
  return [...kinds.values()].map(
    (faults) => `${faults.length} times, such as: ${faults.slice(0, 3).join(" | ")}`,
  );
}

onEachEngine("bad input", (engine) => {
  const presetName = presets[engine];
  const people = listTrialPeople(presetName).filter(
    (person) => person.status === "active" && !person.isLocked,
  );
  const nameOf = (person: (typeof people)[number]) => person.username ?? person.contacts[0]?.address ?? "";
  const [visitor, witness] = [people[0], people.at(-1)] as [(typeof people)[number], (typeof people)[number]];
  let portal: TestPortal;
  let forms: (FoundForm & { isSignedIn: boolean })[];
  let before: string;
  let saved: Record<string, unknown>;

  /** What a person would type, so that a form is not refused for what was left empty. */
  const plausible: Record<string, string> = {
    identifier: nameOf(visitor),
    password: "sept-lampes-bleues-19",
    "current-password": trialPassword,
    "new-password": "huit-lampes-vertes-20",
    email: "someone@example.org",
    contact: "third@example.org",
    phone: "06 39 98 00 55",
    name: "Une Personne",
    nickname: "une_personne",
    code: "12345678",
  };

  /** The visitor's account as it was: a form may rightly have changed its password, or locked it. */
  async function restore(): Promise<void> {
    await portal.portal.store.transact(async (tx) => {
      const db = tx.tables<Record<string, Record<string, unknown>>>();
      const { id, ...rest } = saved;
      await db.updateTable("accounts").set(rest).where("id", "=", id).execute();
      await db.deleteFrom("lockout_counters").execute();
    });
  }

  async function signIn(): Promise<PlainBrowser> {
    await restore();
    const browser = new PlainBrowser(portal.url);
    await browser.post("/sign-in", { identifier: nameOf(visitor), password: trialPassword });
    if (!browser.cookie("loquet-session")) throw new Error("The visitor could not sign in.");
    return browser;
  }

  /** Everything that is the witness's, who does nothing all the while. */
  async function recordOf(identifier: string): Promise<string> {
    const { store } = portal.portal;
    const db = store.tables<Record<string, Record<string, unknown>>>();
    const [named] = await db
      .selectFrom("identifiers")
      .select("account_id")
      .where("key", "=", identifier)
      .execute();
    const id = named?.account_id as string;
    const rows: unknown[] = [await db.selectFrom("accounts").selectAll().where("id", "=", id).execute()];
    for (const table of ["identifiers", "contact_points", "sessions", "known_browsers", "nicknames"]) {
      rows.push(await db.selectFrom(table).selectAll().where("account_id", "=", id).execute());
    }
    return JSON.stringify(rows);
  }

  beforeAll(async () => {
    portal = await startPortal({
      engine,
      preset: presetName,
      demo: true,
      change: (config: Config) => ({ ...config, preset: neverSpent(config.preset) }),
    });
    before = await recordOf(nameOf(witness));
    [saved] = JSON.parse(await recordOf(nameOf(visitor)))[0];
    forms = await everyForm();
  });
  afterAll(() => portal?.close());

  /** Forms of pages signed out, signed in and behind links of messages, and routes that no page led to. */
  async function everyForm() {
    const stranger = new PlainBrowser(portal.url);
    const { email, sms } = { email: visitor.contacts[0]?.address ?? "", sms: "06 39 98 00 01" };
    await stranger.post("/sign-up", {
      email: "new@example.org",
      name: "N",
      nickname: "new_one",
      password: "sept-lampes-bleues-19",
    });
    await stranger.post("/forgot-password", { identifier: nameOf(visitor), channel: "email" });
    await stranger.post("/forgot-identifier", { kind: "guardian", channel: "email", email, phone: sms });
    await stranger.post("/unlock/ask", { identifier: nameOf(visitor) });
    const person = await signIn();
    await person.post("/account/contacts/add/email", {
      contact: "second@example.org",
      "current-password": trialPassword,
    });
    await portal.settle();
    const links = (await portal.messages()).flatMap((message) => message.links);
    const starts = [
      "/",
      "/sign-in",
      "/sign-up",
      "/confirm",
      "/unlock",
      "/unlock/sent",
      "/forgot-password",
      "/forgot-identifier",
      "/activate",
    ];
    const waiting = [
      "/sign-up/sent",
      "/forgot-password/sent",
      "/forgot-identifier/sent",
      "/account/contacts/waiting",
    ];
    const found = [
      ...(await findForms(stranger, [...starts, ...waiting, ...links])).map((form) => ({
        ...form,
        isSignedIn: false,
      })),
      ...(await findForms(person, ["/account", ...waiting])).map((form) => ({ ...form, isSignedIn: true })),
    ];
    const names = Object.fromEntries(
      found.flatMap(({ fields }) => Object.keys(fields)).map((name) => [name, "x"]),
    );
    for (const route of postRoutes(portal.portal.app.printRoutes({ commonPrefix: false }))) {
      if (route.startsWith("/_trial") || found.some(({ action }) => action === route)) continue;
      for (const isSignedIn of [false, true])
        found.push({ action: route, fields: names, on: noPage, isSignedIn });
    }
    return found.map((form) => ({ ...form, fields: filledIn(form.fields) }));
  }

  const filledIn = (fields: Record<string, string>) =>
    Object.fromEntries(
      Object.entries(fields).map(([name, value]) => [name, value === "" ? (plausible[name] ?? "") : value]),
    );

  const cookies = new Map<boolean, Promise<string>>();
  /** The cookies of a browser that is signed in, or of one that is not; new where the last was signed out. */
  function cookiesFor(isSignedIn: boolean): Promise<string> {
    const known = cookies.get(isSignedIn);
    if (known !== undefined) return known;
    const drawn = drawCookies(isSignedIn);
    cookies.set(isSignedIn, drawn);
    return drawn;
  }

  async function drawCookies(isSignedIn: boolean): Promise<string> {
    const browser = isSignedIn ? await signIn() : new PlainBrowser(portal.url);
    await browser.get("/sign-in");
    const names = ["session", "browser", "known"].map((name) => `loquet-${name}`);
    return names.map((name) => `${name}=${browser.cookie(name) ?? ""}`).join("; ");
  }

  async function post(form: (typeof forms)[number], request: ReturnType<Encode>): Promise<Answered> {
    const headers = { cookie: await cookiesFor(form.isSignedIn), ...request.headers };
    const path = `${form.action}${request.query ?? ""}`;
    const answer = await sendRaw(portal.url, path, { body: request.body, headers });
    if (answer.headers.get("location")?.startsWith("/sign-in")) cookies.delete(form.isSignedIn);
    return answer;
  }

  test("forms are found on every page that has one", () => {
    const actions = new Set(forms.filter(({ on }) => on !== noPage).map(({ action }) => action));
    const wanted = ["/sign-in", "/forgot-password", "/forgot-identifier", "/language", "/reset"];
    if (presetName === "community") wanted.push("/sign-up", "/confirm", "/confirm/code", "/confirm/refuse");
    expect([...actions]).toEqual(expect.arrayContaining(wanted));
    expect(forms.some(({ isSignedIn, fields }) => isSignedIn && "current-password" in fields)).toBe(true);
  });

  test("whatever stands in a field, the answer is a clear page or a way within the portal", async () => {
    const wrong: string[] = [];
    for (const form of forms) {
      // Where no page shows what a route reads, every name that any form has is tried at once.
      const targets =
        form.on === noPage ? [Object.keys(form.fields)] : Object.keys(form.fields).map((name) => [name]);
      for (const names of targets) {
        const values = Object.entries(nastyValues);
        const tries = (isGated(form) ? some(values) : values).map(async ([what, value]) => {
          const nasty = Object.fromEntries(names.map((name) => [name, value]));
          const answer = await post(form, { body: encoded({ ...form.fields, ...nasty }) });
          for (const fault of [...refusalFaults(answer, portal.url), ...hasNothingSecondHand(answer)]) {
            wrong.push(`${form.action}, ${names} is ${what}: ${fault}`);
          }
        });
        await Promise.all(tries);
      }
    }
    await portal.settle();
    expect(inShort(wrong)).toEqual([]);
  });

  test("whatever shape a request has, the answer is a clear page, or JSON where that is asked", async () => {
    const wrong: string[] = [];
    for (const form of forms) {
      const shapes = Object.entries(strangeRequests);
      const tries = (isGated(form) ? some(shapes) : shapes).flatMap(([what, encode]) =>
        ["text/html", "application/json"].map(async (accept) => {
          const request = encode(form.fields);
          const answer = await post(form, { ...request, headers: { accept, ...request.headers } });
          for (const fault of refusalFaults(answer, portal.url, accept)) {
            wrong.push(`${form.action}, ${what}, asked for ${accept}: ${fault}`);
          }
        }),
      );
      await Promise.all(tries);
    }
    await portal.settle();
    expect(inShort(wrong)).toEqual([]);
  });

  test("any mixture of these, tokens cut or padded, replayed or sent at once, is answered as clearly", async () => {
    const text = fc.oneof(
      fc.constantFrom(...Object.values(nastyValues)),
      fc.string({ unit: "binary", maxLength: 300 }),
      fc.string({ unit: "grapheme", maxLength: 300 }),
    );
    const change = fc.oneof(
      text.map((value) => () => value),
      fc.nat(40).map((length) => (value: string) => value.slice(0, length)),
      fc.string({ maxLength: 5 }).map((more) => (value: string) => `${value}${more}`),
      fc.constant((value: string) => value),
    );
    const story = fc.record({
      form: fc.nat().map((n) => forms[n % forms.length] as (typeof forms)[number]),
      changes: fc.infiniteStream(change),
      encode: fc.option(fc.constantFrom(...Object.values(strangeRequests)), { freq: 3 }),
      atOnce: fc.constantFrom(1, 1, 1, 4),
      accept: fc.constantFrom("text/html", "application/json", "*/*", ""),
    });
    await fc.assert(
      fc.asyncProperty(story, async ({ form, changes, encode, atOnce, accept }) => {
        const fields = Object.fromEntries(
          Object.entries(form.fields).map(([name, value]) => {
            const { value: made } = changes.next();
            return [name, made ? made(value) : value];
          }),
        );
        const request = encode ? encode(fields) : { body: encoded(fields) };
        const all = await Promise.all(
          Array.from({ length: atOnce }, () =>
            post(form, { ...request, headers: { accept, ...request.headers } }),
          ),
        );
        for (const answer of all) expect(refusalFaults(answer, portal.url, accept)).toEqual([]);
      }),
      { numRuns: 250, seed: 20_261_121 },
    );
    await portal.settle();
  });

  test("addresses of pages are answered as clearly as forms", async () => {
    const wrong: string[] = [];
    const paths = new Set(
      forms.flatMap(({ action, on }) => [action, on.startsWith("/") ? (on.split("?")[0] as string) : "/"]),
    );
    const lines = [
      "?token=%00",
      "?token=a&token=b",
      `?token=${"A".repeat(6_000)}`,
      "?token=%ff",
      "?lang=__proto__",
      "?lang[]=fr",
      "?return=%2F%2Felsewhere.example",
      "/%ff",
      "/%00",
      "/..%2f..%2f",
      "?%",
    ];
    for (const path of paths) {
      const tries = lines.flatMap((line) =>
        ["GET", "HEAD", "PUT", "DELETE", "OPTIONS"].map(async (method) => {
          const answer = await sendRaw(portal.url, `${path}${line}`, { method, headers: {} });
          for (const fault of refusalFaults(answer, portal.url))
            wrong.push(`${method} ${path}${line}: ${fault}`);
        }),
      );
      await Promise.all(tries);
    }
    expect(inShort(wrong)).toEqual([]);
  });

  test("after all this nothing is lost or half done", async () => {
    await portal.settle();
    expect(await recordOf(nameOf(witness))).toBe(before);
    const db = portal.portal.store.tables<Record<string, Record<string, unknown>>>();
    const requests = await db.selectFrom("requests").select(["kind", "resolved_at", "result"]).execute();
    expect(requests.filter(({ resolved_at, result }) => resolved_at === null || result === "failed")).toEqual(
      [],
    );
    const messages = await db.selectFrom("messages").select(["recipient", "status", "secrets"]).execute();
    expect(messages.filter(({ status, secrets }) => status !== "sent" && secrets !== null)).toEqual([]);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not stand there.
    expect(messages.filter(({ recipient }) => /[\s,<>\u0000-\u001f]/.test(String(recipient)))).toEqual([]);
    const accounts = await db.selectFrom("accounts").select(["id", "status", "password_hash"]).execute();
    const named = new Set(
      (await db.selectFrom("identifiers").select("account_id").execute()).map((row) => row.account_id),
    );
    expect(accounts.filter(({ id }) => !named.has(id))).toEqual([]);
    const browser = new PlainBrowser(portal.url);
    const page = await browser.post(
      "/sign-in",
      { identifier: nameOf(witness), password: trialPassword },
      { follow: false },
    );
    expect(page.status).toBe(303);
  });
});
