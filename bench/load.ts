import autocannon from "autocannon";

export interface Load {
  /** Answers a second. */
  rate: number;
  /** Answers by status, such as `{ 303: 812 }`. */
  statuses: Record<string, number>;
  latencyMs: { p50: number; p99: number; max: number };
}

/** Keeps `connections` busy for `seconds`; `request` makes each request anew. */
export async function load(
  url: string,
  options: {
    connections: number;
    seconds: number;
    request: () => { method?: "GET" | "POST"; path: string; headers?: Record<string, string>; body?: string };
  },
): Promise<Load> {
  const result = await autocannon({
    url,
    connections: options.connections,
    duration: options.seconds,
    requests: [
      {
        // A copy of the headers: their length is written into them.
        setupRequest(request) {
          const made = options.request();
          return { ...request, ...made, headers: { ...made.headers } };
        },
      },
    ],
  });
  const statuses = Object.fromEntries(
    Object.entries(result.statusCodeStats ?? {}).map(([status, { count }]) => [status, count ?? 0]),
  );
  return {
    rate: result.requests.total / result.duration,
    statuses,
    latencyMs: { p50: result.latency.p50, p99: result.latency.p99, max: result.latency.max },
  };
}

export const formHeaders = {
  "content-type": "application/x-www-form-urlencoded",
  "sec-fetch-site": "same-origin",
  "accept-language": "fr",
};
