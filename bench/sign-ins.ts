import { spawn } from "node:child_process";
import { availableParallelism } from "node:os";
import { defaultHashParameters } from "../src/accounts/passwords/password-hash.ts";
import { type Bench, type Engine, emailOf, median, password, startServer } from "./bench.ts";
import { formHeaders, type Load, load } from "./load.ts";

/** Verifications a second by the bare library in a process of its own, as many at once as there are cores. */
function rawRate(seconds: number, atOnce: number): Promise<number> {
  const { memoryKib, passes, parallelism } = defaultHashParameters;
  const program = `
    import { hash, verify } from "@node-rs/argon2";
    const known = await hash("x", { memoryCost: ${memoryKib}, timeCost: ${passes}, parallelism: ${parallelism} });
    const until = performance.now() + ${seconds * 1000};
    let count = 0;
    const started = performance.now();
    await Promise.all(Array.from({ length: ${atOnce} }, async () => {
      while (performance.now() < until) { await verify(known, "x"); count++; }
    }));
    process.stdout.write(String(count / ((performance.now() - started) / 1000)));
  `;
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ["--input-type=module", "-e", program], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    let printed = "";
    child.stdout.on("data", (chunk) => {
      printed += chunk;
    });
    child.once("exit", (code) =>
      code === 0 ? resolve(Number(printed)) : reject(new Error("raw argon2 failed")),
    );
  });
}

/** Sign-ins a second against what bare argon2id gives with the same parameters and cores, taken in turns. */
export async function measureSignIns(bench: Bench): Promise<void> {
  for (const engine of bench.engines) {
    const server = await startServer({ engine, accounts: bench.accounts, postgresUrl: bench.postgresUrl });
    try {
      // A portal that has been up for a minute, not one that is still compiling itself.
      await signInFor(bench, server.url, { connections: 32, seconds: 30 });
      for (const connections of [8, 32]) await measure(bench, engine, server.url, connections);
    } finally {
      await server.stop();
    }
  }
}

function signInFor(
  bench: Bench,
  url: string,
  crowd: { connections: number; seconds: number },
): Promise<Load> {
  let index = 0;
  return load(url, {
    ...crowd,
    request: () => ({
      method: "POST",
      path: "/sign-in",
      headers: formHeaders,
      body: new URLSearchParams({ identifier: emailOf(index++ % bench.accounts), password }).toString(),
    }),
  });
}

async function measure(bench: Bench, engine: Engine, url: string, connections: number): Promise<void> {
  const ratios: number[] = [];
  for (let round = 0; round < 5; round++) {
    const raw = await rawRate(5, availableParallelism());
    const signedIn = await signInFor(bench, url, { connections, seconds: 5 });
    const others = Object.keys(signedIn.statuses).filter((status) => status !== "303");
    if (others.length > 0) bench.say(`unexpected answers: ${JSON.stringify(signedIn.statuses)}`);
    ratios.push(signedIn.rate / raw);
    bench.say(`${connections} connections: ${signedIn.rate.toFixed(1)}/s, raw ${raw.toFixed(1)}/s`);
  }
  const ratio = median(ratios);
  bench.result(
    `sign-ins, ${engine}, ${connections} connections`,
    `${ratio.toFixed(2)} of raw argon2id`,
    ">= 0.90",
    ratio >= 0.9,
  );
}
