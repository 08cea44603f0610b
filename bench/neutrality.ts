import { Agent, request } from "node:http";
import { systemClock } from "../src/kernel/clock.ts";
import { createIds } from "../src/kernel/ids.ts";
import { systemRandom } from "../src/kernel/random.ts";
import type { Store, Tx } from "../src/store/store.ts";
import { type Bench, type Engine, emailOf, startServer } from "./bench.ts";
import { formHeaders } from "./load.ts";

const pairs = 2000;
/** The first of each form warm caches and compilers up. */
const warming = 50;

interface Form {
  name: string;
  path: string;
  fields: (name: string) => Record<string, string>;
  /** Who has an account, and who has none; by address unless it says otherwise. */
  namesOf?: (index: number) => { known: string; unknown: string };
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

/** Numbers that are nobody's, of those kept free for films: the first half are guardians' here. */
const numberOf = (index: number) => `+3363998${String(index).padStart(4, "0")}`;

/** Where a registry made the accounts. The first form asks for those who have a letter, the second for guardians. */
const schoolForms: Form[] = [
  {
    name: "letter",
    path: "/activate/letter",
    fields: (identifier) => ({ identifier, code: "0000-0000-0000" }),
  },
  {
    name: "mobile number",
    path: "/activate/mobile",
    fields: (phone) => ({ phone }),
    namesOf: (index) => ({ known: numberOf(index), unknown: numberOf(index + 5000) }),
  },
];

/** As many people as the forms of a school ask for, as a registry and a printed letter leave them. */
async function waitForActivation(store: Store): Promise<void> {
  const ids = createIds(systemClock, systemRandom);
  const now = systemClock.now();
  const each = pairs + warming;
  const waits = async (tx: Tx, index: number) => {
    const [{ account_id: id } = { account_id: "" }] = await tx.ask<{ account_id: string }>(
      "select account_id from identifiers where key = ?",
      [emailOf(index)],
    );
    await tx.ask(
      "update accounts set kind = 'guardian', status = 'pending', password_hash = null where id = ?",
      [id],
    );
    await tx.ask(
      `insert into letter_codes (id, account_id, code_digest, status, status_at, printed_at, printed_by, expires_at)
        values (?, ?, 'of another code', 'live', ?, ?, ?, ?)`,
      [ids.uuid(), id, now, now, id, now * 2],
    );
    await tx.ask(
      `insert into contact_points (id, account_id, channel, address, address_key, state, origin, created_at)
        values (?, ?, 'sms', ?, ?, 'declared', 'registry', ?)`,
      [ids.uuid(), id, numberOf(index), numberOf(index), now],
    );
  };
  await store.transact(async (tx) => {
    for (let index = 0; index < each * schoolForms.length; index++) await waits(tx, index);
  });
}

/** Milliseconds from sending a form to the end of its answer, over one kept connection. */
function time(agent: Agent, port: number, form: Form, name: string): Promise<number> {
  const body = new URLSearchParams(form.fields(name)).toString();
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
    await measureForms(bench, engine, forms, {});
    await measureForms(bench, engine, schoolForms, { preset: "school", prepare: waitForActivation });
  }
}

async function measureForms(
  bench: Bench,
  engine: Engine,
  asked: Form[],
  more: Pick<Parameters<typeof startServer>[0], "preset" | "prepare">,
): Promise<void> {
  const { accounts, postgresUrl } = bench;
  const server = await startServer({ engine, accounts, postgresUrl, ...more });
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  try {
    let index = 0;
    for (const form of asked) {
      let slower = 0;
      for (let pair = 0; pair < pairs + warming; pair++, index++) {
        const isKnownFirst = pair % 2 === 0;
        const { known, unknown } = form.namesOf?.(index) ?? {
          known: emailOf(index),
          unknown: `stranger${index}@bench.example`,
        };
        const first = await time(agent, server.port, form, isKnownFirst ? known : unknown);
        const second = await time(agent, server.port, form, isKnownFirst ? unknown : known);
        if (pair < warming) continue;
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
