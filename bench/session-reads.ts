import { spawn } from "node:child_process";
import { findFreePort } from "../test/support/postgres-server.ts";
import { type Bench, type BenchServer, emailOf, median, password, startServer } from "./bench.ts";
import { formHeaders, load } from "./load.ts";

/** A bare `node:http` answer of the same size, in a process of its own. */
async function startBare(): Promise<{ url: string; stop: () => void }> {
  const port = await findFreePort();
  const program = `
    import { createServer } from "node:http";
    const body = JSON.stringify({ accountId: "0198c0de-0000-7000-8000-000000000000", name: "Person 0", locale: "fr" });
    createServer((request, response) => {
      response.setHeader("content-type", "application/json; charset=utf-8");
      response.end(body);
    }).listen(${port}, "127.0.0.1");
  `;
  const child = spawn(process.execPath, ["--input-type=module", "-e", program], { stdio: "inherit" });
  const url = `http://127.0.0.1:${port}`;
  for (let tries = 0; tries < 400; tries++) {
    const isUp = await fetch(url).then(
      () => true,
      () => false,
    );
    if (isUp) break;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return { url, stop: () => child.kill() };
}

async function sessionCookie(server: BenchServer): Promise<string> {
  const answer = await fetch(`${server.url}/sign-in`, {
    method: "POST",
    redirect: "manual",
    headers: formHeaders,
    body: new URLSearchParams({ identifier: emailOf(0), password }),
  });
  const line = answer.headers.getSetCookie().find((cookie) => cookie.includes("loquet-session"));
  if (!line) throw new Error(`Signing in gave no session (${answer.status}).`);
  return line.split(";")[0] as string;
}

/** `GET /api/session` against a bare `node:http` answer, in turns. */
export async function measureSessions(bench: Bench): Promise<void> {
  const bare = await startBare();
  try {
    for (const engine of bench.engines) {
      const asked = engine === "sqlite" ? 0.5 : 0.25;
      const server = await startServer({ engine, accounts: bench.accounts, postgresUrl: bench.postgresUrl });
      try {
        const cookie = await sessionCookie(server);
        const ratios: number[] = [];
        for (let round = 0; round < 5; round++) {
          const plain = await load(bare.url, { connections: 32, seconds: 4, request: () => ({ path: "/" }) });
          const read = await load(server.url, {
            connections: 32,
            seconds: 4,
            request: () => ({ path: "/api/session", headers: { cookie } }),
          });
          if (Object.keys(read.statuses).some((status) => status !== "200")) {
            bench.say(`unexpected answers: ${JSON.stringify(read.statuses)}`);
          }
          ratios.push(read.rate / plain.rate);
          bench.say(`${engine}: ${read.rate.toFixed(0)}/s, bare ${plain.rate.toFixed(0)}/s`);
        }
        const ratio = median(ratios);
        bench.result(
          `GET /api/session, ${engine}`,
          `${ratio.toFixed(2)} of bare node:http`,
          `>= ${asked}`,
          ratio >= asked,
        );
      } finally {
        await server.stop();
      }
    }
  } finally {
    bare.stop();
  }
}
