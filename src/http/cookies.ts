import type { FastifyReply, FastifyRequest } from "fastify";

/** The portal's cookies, by what they are for. Over https each carries the `__Host-` prefix (RFC 6265bis §4.1.3.2). */
export type CookieName = "session" | "browser" | "known" | "language" | "notice";

export interface Cookies {
  get(name: CookieName): string | null;
  /** Without `maxAgeSeconds` it ends with the browser. */
  set(name: CookieName, value: string, maxAgeSeconds?: number): void;
  clear(name: CookieName): void;
}

/** The name under which a browser keeps it. */
export function cookieNameOf(name: CookieName, isHttps: boolean): string {
  return `${isHttps ? "__Host-" : ""}loquet-${name}`;
}

/** Reads and writes the cookies of one request: HttpOnly, SameSite=Lax so that a link in a mail finds its browser. */
export function cookiesOf(request: FastifyRequest, reply: FastifyReply, isHttps: boolean): Cookies {
  const nameOf = (name: CookieName) => cookieNameOf(name, isHttps);
  const options = { path: "/", httpOnly: true, sameSite: "lax", secure: isHttps } as const;
  const written = new Map<CookieName, string | null>();
  return {
    get(name) {
      const now = written.get(name);
      return now !== undefined ? now : (request.cookies[nameOf(name)] ?? null);
    },
    set(name, value, maxAgeSeconds) {
      written.set(name, value);
      reply.setCookie(nameOf(name), value, {
        ...options,
        ...(maxAgeSeconds === undefined ? {} : { maxAge: maxAgeSeconds }),
      });
    },
    clear(name) {
      written.set(name, null);
      reply.clearCookie(nameOf(name), options);
    },
  };
}
