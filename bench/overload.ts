import { type Bench, emailOf, median, password, startServer } from "./bench.ts";
import { formHeaders, load } from "./load.ts";

/** Far more sign-ins than the cores can judge: most are told so at once, and other pages stay quick. */
export async function measureOverload(bench: Bench): Promise<void> {
  const server = await startServer({ engine: "sqlite", accounts: 1000, postgresUrl: bench.postgresUrl });
  try {
    const calm: number[] = [];
    const crowded: number[] = [];
    const refusals: number[] = [];
    for (let visit = 0; visit < 20; visit++) calm.push(await timePage(server.url));
    let index = 0;
    const crowd = load(server.url, {
      connections: 600,
      seconds: 10,
      request: () => ({
        method: "POST",
        path: "/sign-in",
        headers: formHeaders,
        body: new URLSearchParams({ identifier: emailOf(index++ % 1000), password }).toString(),
      }),
    });
    await new Promise((resolve) => setTimeout(resolve, 4000));
    for (let visit = 0; visit < 20; visit++) {
      crowded.push(await timePage(server.url));
      const startedAt = performance.now();
      const answer = await fetch(`${server.url}/sign-in`, {
        method: "POST",
        redirect: "manual",
        headers: formHeaders,
        body: new URLSearchParams({ identifier: emailOf(1), password }),
      });
      await answer.text();
      if (answer.status === 503 && answer.headers.has("retry-after"))
        refusals.push(performance.now() - startedAt);
    }
    const { statuses } = await crowd;
    bench.say(`answers: ${JSON.stringify(statuses)}`);
    bench.say(`a page: ${median(calm).toFixed(0)} ms calm, ${median(crowded).toFixed(0)} ms in the crowd`);
    const prompt = refusals.length > 0 ? median(refusals) : Number.POSITIVE_INFINITY;
    bench.result(
      "503 with Retry-After in a crowd",
      refusals.length > 0 ? `after ${prompt.toFixed(0)} ms (${refusals.length} of 20)` : "none",
      "prompt",
      prompt < 1000,
    );
    const slowest = median(crowded);
    bench.result("other pages meanwhile", `${slowest.toFixed(0)} ms`, "quick (< 500 ms)", slowest < 500);
  } finally {
    await server.stop();
  }
}

async function timePage(url: string): Promise<number> {
  const startedAt = performance.now();
  await (await fetch(`${url}/forgot-password`)).text();
  return performance.now() - startedAt;
}
