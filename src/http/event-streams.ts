import type { FastifyReply } from "fastify";

/** One browser that listens (HTML standard, server-sent events). */
export interface EventStream {
  /** `data` is sent as JSON; `id` comes back as `Last-Event-ID` when the browser connects again. */
  send(event: string, data: object, id?: string): void;
  /** Ends it; the browser connects again by itself. */
  close(): void;
}

const heartbeatMs = 20_000;
/** A stream that lives for ever would outlive the roles it was opened with. */
const longestMs = 5 * 60_000;
/** Of one source on this node: several schools behind one address would have room. */
const perSourceAtMost = 1000;
/** A browser that no longer reads is let go. */
const unreadBytesAtMost = 512 * 1024;

export function createEventStreams() {
  const open = new Set<() => void>();
  const perSource = new Map<string, number>();

  function count(sourceKey: string, change: 1 | -1): void {
    const now = (perSource.get(sourceKey) ?? 0) + change;
    if (now > 0) perSource.set(sourceKey, now);
    else perSource.delete(sourceKey);
  }

  /**
   * Turns `reply` into a stream of events and hands it to `begin`, which answers what to do when it ends.
   * `isAllowed` is asked at each heartbeat: whoever was signed out hears no more.
   */
  function start(
    reply: FastifyReply,
    begin: (events: EventStream) => () => void,
    { sourceKey, isAllowed }: { sourceKey: string; isAllowed: () => Promise<boolean> },
  ): void {
    const { raw } = reply;
    reply.hijack();
    raw.writeHead(200, {
      ...(reply.getHeaders() as Record<string, string>),
      "content-type": "text/event-stream; charset=utf-8",
      "cache-control": "no-store",
      // Proxies such as nginx would keep events back to send them together.
      "x-accel-buffering": "no",
    });
    raw.write("retry: 3000\n\n");
    let stop: (() => void) | undefined;
    let isEnded = false;

    function end(): void {
      if (isEnded) return;
      isEnded = true;
      clearInterval(heartbeat);
      clearTimeout(last);
      open.delete(end);
      count(sourceKey, -1);
      stop?.();
      raw.end();
    }
    function write(text: string): void {
      if (isEnded) return;
      raw.write(text);
      if (raw.writableLength > unreadBytesAtMost) {
        raw.destroy();
        end();
      }
    }
    const heartbeat = setInterval(() => {
      write(": still here\n\n");
      isAllowed().then(
        (isStill) => isStill || end(),
        () => end(),
      );
    }, heartbeatMs);
    const last = setTimeout(end, longestMs);
    heartbeat.unref();
    last.unref();
    open.add(end);
    count(sourceKey, 1);
    raw.on("close", end);
    raw.on("error", end);
    stop = begin({
      send: (event, data, id) =>
        write(`${id === undefined ? "" : `id: ${id}\n`}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`),
      close: end,
    });
    if (isEnded) stop();
  }

  return {
    start,
    /** False: so many are open from there that one more would take the place of others. */
    hasRoom: (sourceKey: string) => (perSource.get(sourceKey) ?? 0) < perSourceAtMost,
    /** Ends all of them: the server stops. */
    endAll(): void {
      for (const end of [...open]) end();
    },
  };
}
