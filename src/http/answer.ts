import type { Readable } from "node:stream";
import type { VNode } from "preact";

/** What a route answers. `data` is what a program that asked for JSON receives instead of the page. */
export type Answer =
  | { kind: "page"; status: number; page: VNode; data: object | null; retryAfterSeconds: number | null }
  | { kind: "redirect"; to: string; headers?: Record<string, string> }
  | { kind: "json"; status: number; body: object; retryAfterSeconds: number | null }
  | { kind: "text"; status: number; body: string; type: string; headers: Record<string, string> }
  | {
      kind: "file";
      body: Buffer | Readable;
      type: string;
      filename: string;
      headers: Record<string, string>;
    };

export function page(
  content: VNode,
  options: { status?: number; data?: object; retryAfterSeconds?: number } = {},
): Answer {
  return {
    kind: "page",
    status: options.status ?? 200,
    page: content,
    data: options.data ?? null,
    retryAfterSeconds: options.retryAfterSeconds ?? null,
  };
}

/** 303: the browser goes on with a GET, and a reload repeats nothing. */
export function redirect(to: string, options: { headers?: Record<string, string> } = {}): Answer {
  return { kind: "redirect", to, ...options };
}

export function json(body: object, options: { status?: number; retryAfterSeconds?: number } = {}): Answer {
  return {
    kind: "json",
    status: options.status ?? 200,
    body,
    retryAfterSeconds: options.retryAfterSeconds ?? null,
  };
}

export function text(
  body: string,
  options: { status?: number; type?: string; headers?: Record<string, string> } = {},
): Answer {
  return {
    kind: "text",
    status: options.status ?? 200,
    body,
    type: options.type ?? "text/plain; charset=utf-8",
    headers: options.headers ?? {},
  };
}

/** Something to keep: always an attachment, never shown or run in the portal's own place (ASVS 5.0 §3.2.1). */
export function file(
  body: Buffer | Readable,
  options: { type: string; filename: string; headers?: Record<string, string> },
): Answer {
  return {
    kind: "file",
    body,
    type: options.type,
    filename: options.filename,
    headers: options.headers ?? {},
  };
}
