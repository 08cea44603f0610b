import pg from "pg";
import type { Secret } from "../kernel/secret.ts";

const firstPauseMs = 200;
const longestPauseMs = 10_000;

/** How a connection that died without a word, as when a firewall forgets it, is found out. */
const usualCare = { askEveryMs: 30_000, answersWithinMs: 10_000 };

/**
 * Listens on a channel of PostgreSQL over a connection of its own, and connects again when it is lost: `heard` is
 * told `null` each time it begins to hear, since what was announced before is gone. Answers what ends it.
 */
export function listenOn(
  url: Secret,
  channel: string,
  heard: (payload: string | null) => void,
  { askEveryMs, answersWithinMs } = usualCare,
): () => void {
  let isStopped = false;
  let pause = firstPauseMs;
  let client: pg.Client | undefined;
  let timer: NodeJS.Timeout | undefined;

  async function connect(): Promise<void> {
    const own = new pg.Client({
      connectionString: url.reveal(),
      application_name: "loquet signals",
      keepAlive: true,
      keepAliveInitialDelayMillis: answersWithinMs,
      connectionTimeoutMillis: answersWithinMs,
      query_timeout: answersWithinMs,
    });
    client = own;
    let isLost = false;
    let asking: NodeJS.Timeout | undefined;
    const lost = () => {
      clearInterval(asking);
      if (isLost || isStopped) return;
      isLost = true;
      own.end().catch(() => {});
      timer = setTimeout(connect, pause);
      timer.unref();
      pause = Math.min(pause * 2, longestPauseMs);
    };
    own.on("error", lost);
    own.on("end", lost);
    own.on("notification", ({ payload }) => heard(payload ?? ""));
    try {
      await own.connect();
      if (isStopped) return void own.end().catch(() => {});
      await own.query(`listen ${own.escapeIdentifier(channel)}`);
      asking = setInterval(() => void own.query("select 1").catch(lost), askEveryMs);
      asking.unref();
      pause = firstPauseMs;
      heard(null);
    } catch {
      lost();
    }
  }
  void connect();

  return () => {
    isStopped = true;
    clearTimeout(timer);
    client?.end().catch(() => {});
  };
}
