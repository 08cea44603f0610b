/** A browser without script or style: keeps cookies, follows redirects, posts forms as our pages would. */
export class PlainBrowser {
  readonly #portalUrl: string;
  readonly #cookies = new Map<string, string>();
  readonly #headers: Record<string, string>;

  constructor(portalUrl: string, headers: Record<string, string> = {}) {
    this.#portalUrl = portalUrl;
    this.#headers = { "accept-language": "fr", ...headers };
  }

  /** Opens a page; redirects are followed unless `follow` is false. */
  get(path: string, options: { follow?: boolean; headers?: Record<string, string> } = {}): Promise<Page> {
    return this.#ask("GET", path, undefined, options);
  }

  /** Posts a form the way a page of the portal does; `FormData` for one that brings files. */
  post(
    path: string,
    fields: Record<string, string> | FormData,
    options: { follow?: boolean; headers?: Record<string, string> } = {},
  ): Promise<Page> {
    const body = fields instanceof FormData ? fields : new URLSearchParams(fields).toString();
    return this.#ask("POST", path, body, options);
  }

  cookie(name: string): string | undefined {
    return this.#cookies.get(name);
  }

  /** Names and values. */
  cookies(): [string, string][] {
    return [...this.#cookies];
  }

  forgetCookies(): void {
    this.#cookies.clear();
  }

  async #ask(
    method: string,
    path: string,
    body: string | FormData | undefined,
    options: { follow?: boolean; headers?: Record<string, string> },
  ): Promise<Page> {
    const url = new URL(path, this.#portalUrl);
    const response = await fetch(url, {
      method,
      redirect: "manual",
      headers: {
        ...this.#headers,
        cookie: [...this.#cookies].map(([name, value]) => `${name}=${value}`).join("; "),
        ...(typeof body === "string" ? { "content-type": "application/x-www-form-urlencoded" } : {}),
        ...(body === undefined ? {} : { "sec-fetch-site": "same-origin" }),
        ...options.headers,
      },
      ...(body === undefined ? {} : { body }),
    });
    for (const line of response.headers.getSetCookie()) this.#keep(line);
    const location = response.headers.get("location");
    if (location !== null && options.follow !== false) {
      await response.arrayBuffer();
      return this.#ask("GET", location, undefined, options);
    }
    const bytes = Buffer.from(await response.arrayBuffer());
    const html = new TextDecoder().decode(bytes);
    return {
      status: response.status,
      path: url.pathname + url.search,
      location,
      headers: response.headers,
      html,
      bytes,
      text: textOf(html),
    };
  }

  #keep(line: string): void {
    const [pair = "", ...attributes] = line.split(";");
    const cut = pair.indexOf("=");
    const name = pair.slice(0, cut).trim();
    const value = pair.slice(cut + 1).trim();
    const isGone = value === "" || attributes.some((attribute) => /max-age=0/i.test(attribute));
    if (isGone) this.#cookies.delete(name);
    else this.#cookies.set(name, value);
  }
}

export interface Page {
  status: number;
  path: string;
  location: string | null;
  headers: Headers;
  html: string;
  /** As they came: of a file. */
  bytes: Buffer;
  /** What a person reads: the words of `main`, white space folded. */
  text: string;
}

function textOf(html: string): string {
  const main = /<main[^>]*>([\s\S]*)<\/main>/.exec(html)?.[1] ?? html;
  return main
    .replaceAll(/<[^>]+>/g, " ")
    .replaceAll("&#39;", "'")
    .replaceAll("&quot;", '"')
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&amp;", "&")
    .replaceAll(/\s+/g, " ")
    .trim();
}
