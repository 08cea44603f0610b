import { Agent, request } from "node:http";
import { type Bench, emailOf, startServer } from "./bench.ts";
import { formHeaders } from "./load.ts";

const pairs = 2000;

interface Form {
  name: string;
  path: string;
  fields: (email: string) => Record<string, string>;
}

const forms: Form[] = [
  {
    name: "sign-in",
    path: "/sign-in",
    fields: (identifier) => ({ identifier, password: "not-the-right-password" }),
  },
  {
    name: "sign-up",
    path: "/sign-up",
    fields: (email) => ({ email, name: "Quelqu’un", password: "onze-clochers-sous-la-neige" }),
  },
  {
    name: "forgotten password",
    path: "/forgot-password",
    fields: (identifier) => ({ identifier, channel: "email" }),
  },
  {
    name: "forgotten identifier",
    path: "/forgot-identifier",
    fields: (email) => ({ channel: "email", email }),
  },
];

/** Milliseconds from sending a form to the end of its answer, over one kept connection. */
function time(agent: Agent, port: number, form: Form, email: string): Promise<number> {
  const body = new URLSearchParams(form.fields(email)).toString();
  return new Promise((resolve, reject) => {
    const startedAt = performance.now();
    const sent = request(
      {
        agent,
        host: "127.0.0.1",
        port,
        method: "POST",
        path: form.path,
        headers: { ...formHeaders, "content-length": Buffer.byteLength(body) },
      },
      (answer) => {
        answer.resume();
        answer.once("end", () => resolve(performance.now() - startedAt));
      },
    );
    sent.once("error", reject);
    sent.end(body);
  });
}

/**
 * Can a stranger tell by time who has an account? 2,000 pairs, the known one first in every second pair; the chance
 * that it was the slower of its pair (design §10). Nobody is asked for twice: a counter would tell them apart.
 */
export async function measureNeutrality(bench: Bench): Promise<void> {
  for (const engine of bench.engines) {
    const server = await startServer({ engine, accounts: bench.accounts, postgresUrl: bench.postgresUrl });
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    try {
      let index = 0;
      for (const form of forms) {
        let slower = 0;
        for (let pair = 0; pair < pairs + 50; pair++, index++) {
          const isKnownFirst = pair % 2 === 0;
          const known = emailOf(index);
          const unknown = `stranger${index}@bench.example`;
          const first = await time(agent, server.port, form, isKnownFirst ? known : unknown);
          const second = await time(agent, server.port, form, isKnownFirst ? unknown : known);
          // The first fifty warm caches and compilers up.
          if (pair < 50) continue;
          if ((isKnownFirst ? first : second) > (isKnownFirst ? second : first)) slower++;
        }
        const chance = slower / pairs;
        bench.result(
          `known slower than unknown, ${form.name}, ${engine}`,
          chance.toFixed(3),
          "0.45 to 0.55",
          chance >= 0.45 && chance <= 0.55,
        );
      }
    } finally {
      agent.destroy();
      await server.stop();
    }
  }
}
