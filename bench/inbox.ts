import { createSecondFactor } from "../src/access/second-factor/second-factor.ts";
import { codeAt } from "../src/access/second-factor/totp.ts";
import { findByIdentifier } from "../src/accounts/accounts.store.ts";
import { type Symptom, symptoms } from "../src/config/symptoms.ts";
import type { CaseRow, CaseTables } from "../src/desk/cases/cases.store.ts";
import { insertGrant } from "../src/desk/roles/roles.store.ts";
import { type Clock, day, hour, systemClock } from "../src/kernel/clock.ts";
import { createIds } from "../src/kernel/ids.ts";
import { createKeys } from "../src/kernel/keys.ts";
import { systemRandom } from "../src/kernel/random.ts";
import { Secret } from "../src/kernel/secret.ts";
import type { Store } from "../src/store/store.ts";
import { foldWords } from "../src/store/words.ts";
import { type Bench, type BenchServer, benchSecret, emailOf, password, startServer } from "./bench.ts";
import { formHeaders, load } from "./load.ts";
import { nameOf } from "./people-names.ts";

const staffCount = 20;
const totpSecret = "BENCHSECRETOFBENCHSTAFFABCDEFGHI";
const casesAtOnce = 1000;

/** The first page of the inbox, as staff open it, with as many cases as the bench has accounts. */
export async function measureInbox(bench: Bench): Promise<void> {
  for (const engine of bench.engines) {
    let preparedIn = 0;
    const server = await startServer({
      engine,
      accounts: 1000,
      postgresUrl: bench.postgresUrl,
      async prepare(store) {
        const startedAt = performance.now();
        await fill(store, bench.accounts);
        preparedIn = performance.now() - startedAt;
      },
    });
    try {
      bench.say(`${engine}: ${bench.accounts} cases put in within ${(preparedIn / 1000).toFixed(0)} s`);
      const cookie = await signInAtTheDesk(server);
      const ask = (name: string, path: string) => askFor(bench, server, cookie, `${engine}, ${name}`, path);
      await ask("my team's, while every day is counted for the first time", "/desk/cases");
      await waitForCount(bench, server, cookie, engine);
      const firstPages = [
        await ask("my team's", "/desk/cases"),
        await ask("mine", "/desk/cases?view=mine"),
        await ask("to take", "/desk/cases?view=unassigned"),
        await ask("late", "/desk/cases?view=late"),
        await ask("all", "/desk/cases?view=all"),
      ];
      const worst = Math.max(...firstPages);
      bench.result(`inbox, first page, ${engine}`, `p99 ${worst.toFixed(0)} ms`, "< 50 ms", worst < 50);
      await ask("all, one rare symptom", "/desk/cases?view=all&symptom=network");
      await ask("all, solved by one", "/desk/cases?view=all&state=solved&kind=member");
      await ask("search, one common word", "/desk/cases?q=message");
      await ask("search, two common words", "/desk/cases?q=message+compte");
      await ask("search, a name", `/desk/cases?q=${encodeURIComponent(nameOf(77))}`);
      await ask("search, nothing found", "/desk/cases?q=zzzzz");
      await ask("report of a year", "/desk/reports?days=365");
    } finally {
      await server.stop();
    }
  }
}

async function askFor(
  bench: Bench,
  server: BenchServer,
  cookie: string,
  name: string,
  path: string,
): Promise<number> {
  const request = () => ({ path, headers: { cookie, "accept-language": "fr" } });
  await load(server.url, { connections: 1, seconds: 1, request });
  const { statuses, latencyMs, rate } = await load(server.url, { connections: 1, seconds: 5, request });
  if (Object.keys(statuses).join() !== "200") bench.say(`unexpected answers: ${JSON.stringify(statuses)}`);
  bench.say(
    `${name}: p50 ${latencyMs.p50.toFixed(1)} ms, p99 ${latencyMs.p99.toFixed(1)} ms, ${rate.toFixed(0)}/s`,
  );
  return latencyMs.p99;
}

/** The hourly count of days has all of them to count the first time; later only those that something happened to. */
async function waitForCount(
  bench: Bench,
  server: BenchServer,
  cookie: string,
  engine: string,
): Promise<void> {
  const startedAt = performance.now();
  for (;;) {
    const page = await fetch(`${server.url}/desk/reports?days=365`, {
      headers: { cookie, "accept-language": "en" },
    });
    // Until the first count is done, the page says that it comes within the hour.
    if (!(await page.text()).includes("within the hour")) break;
    if (performance.now() - startedAt > 1_200_000) return bench.say("the days were not counted in time");
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  bench.say(`${engine}: every day counted ${((performance.now() - startedAt) / 1000).toFixed(0)} s later`);
}

async function signInAtTheDesk({ url }: BenchServer): Promise<string> {
  const jar = new Map<string, string>();
  const post = async (path: string, fields: Record<string, string>) => {
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join("; ");
    const answer = await fetch(url + path, {
      method: "POST",
      redirect: "manual",
      headers: { ...formHeaders, cookie },
      body: new URLSearchParams(fields),
    });
    for (const line of answer.headers.getSetCookie()) {
      const [name = "", value = ""] = (line.split(";")[0] as string).split("=");
      jar.set(name, value);
    }
    return answer;
  };
  await post("/sign-in", { identifier: emailOf(0), password });
  const proved = await post("/desk/second-factor", { code: codeAt(totpSecret, systemClock.now()).code });
  if (proved.headers.get("location") !== "/desk")
    throw new Error(`The desk stayed closed (${proved.status}).`);
  return [...jar].map(([name, value]) => `${name}=${value}`).join("; ");
}

export async function fill(store: Store, count: number): Promise<void> {
  const staff = await appoint(store);
  const now = systemClock.now();
  let at = now - 365 * day;
  const clock: Clock = { now: () => at };
  const ids = createIds(clock, systemRandom);
  for (let from = 0; from < count; from += casesAtOnce) {
    const rows = Array.from({ length: Math.min(casesAtOnce, count - from) }, (_, offset) => {
      at = now - 365 * day + Math.floor(((from + offset) / count) * 365 * day);
      return aCase(ids, from + offset, count, staff, now);
    });
    await store.transact(async (tx) => {
      const tables = tx.tables<CaseTables>();
      for (let part = 0; part < rows.length; part += 250) {
        await tables
          .insertInto("cases")
          .values(rows.slice(part, part + 250))
          .execute();
      }
      const words = rows.flatMap((row) =>
        [...new Set(foldWords(`${row.name} ${row.subject} ${row.email} ${row.number}`))].map((word) => ({
          word,
          case_id: row.id,
        })),
      );
      for (let part = 0; part < words.length; part += 5000) {
        await tables
          .insertInto("case_words")
          .values(words.slice(part, part + 5000))
          .execute();
      }
    });
  }
}

/** Twenty members of staff; the first one's telephone is known. */
async function appoint(store: Store): Promise<string[]> {
  const ids = createIds(systemClock, systemRandom);
  const unused = () => Promise.reject(new Error("not needed to plant a second factor"));
  const factor = createSecondFactor({
    store,
    clock: systemClock,
    random: systemRandom,
    keys: createKeys(systemRandom, new Secret(benchSecret), null),
    journal: { record: unused },
    budgets: { spend: unused, look: unused },
    brandName: "Bench",
    identifiersOf: unused,
    holdSignedIn: unused,
    renewProved: unused,
    forgetProofs: unused,
    endOtherSessions: unused,
    keepWaiting: unused,
    newestLineOf: unused,
    tellContacts: unused,
  });
  return store.transact(async (tx) => {
    const staff: string[] = [];
    for (let index = 0; index < staffCount; index++) {
      const accountId = (await findByIdentifier(tx, emailOf(index)))?.id ?? "";
      staff.push(accountId);
      await insertGrant(tx, {
        id: ids.uuid(),
        account_id: accountId,
        role: "operator",
        establishment_id: null,
        granted_at: systemClock.now(),
        granted_by: null,
        expires_at: null,
      });
    }
    await factor.plant(tx, staff[0] as string, totpSecret);
    return staff;
  });
}

const vocabulary = (
  "message compte adresse code lien page erreur connexion mot passe identifiant téléphone numéro école " +
  "élève portail confirmation attente réception filtre ordinateur navigateur tablette ancien nouveau change " +
  "parent fils fille classe lundi mardi mercredi jeudi vendredi matin soir urgent merci bonjour"
).split(" ");

/** Nine in ten of the newest twentieth are live; the older ones are over, as in a portal of some years. */
function aCase(
  ids: ReturnType<typeof createIds>,
  index: number,
  count: number,
  staff: string[],
  now: number,
): CaseRow {
  const chance = (n: number, of: number) => ((index * 2_654_435_761) >>> (n % 7)) % of;
  const id = ids.uuid();
  const openedAt = now - 365 * day + Math.floor((index / count) * 365 * day);
  const isLive = index > count * 0.95 && chance(1, 10) > 0;
  const status = isLive ? (chance(2, 3) > 0 ? "open" : "waiting") : chance(3, 15) > 0 ? "closed" : "solved";
  const isOpen = status === "open";
  const answeredAt = openedAt + (1 + chance(4, 30)) * hour;
  const word = (n: number) => vocabulary[chance(n, vocabulary.length)] as string;
  const due = now + (chance(5, 96) - 24) * hour;
  const hex = index.toString(16).toUpperCase().padStart(8, "0");
  return {
    id,
    number: `${hex.slice(0, 4)}-${hex.slice(4)}`,
    status,
    origin: chance(1, 2) > 0 ? "form" : "mail",
    relay: chance(6, 10) > 0 ? "support" : "operator",
    assignee_id: isOpen && chance(3, 3) > 0 ? null : (staff[chance(4, staff.length)] as string),
    symptom: (chance(5, 500) === 0 ? "network" : symptoms[chance(2, 18)]) as Symptom,
    kind: chance(1, 50) > 0 ? "member" : "staff",
    identifier: null,
    locale: "fr",
    subject: `${word(1)} ${word(2)} ${word(3)} ${word(4)} ${word(5)}`,
    account_id: null,
    tied_at: null,
    identity_proved_at: null,
    identity_proved_by: null,
    name: nameOf(index),
    email: emailOf(index),
    email_key: emailOf(index),
    email_confirmed_at: null,
    email_confirmed_by: null,
    phone: null,
    establishment: null,
    establishment_id: null,
    academy_id: null,
    pupil: null,
    pupil_class: null,
    relation: null,
    new_email: null,
    new_phone: null,
    details_applied_at: null,
    evidence: "{}",
    incident: null,
    opened_at: openedAt,
    first_answer_due_at: isOpen ? due : null,
    expected_at: null,
    first_answered_at: isOpen ? null : answeredAt,
    resolution_due_at: isLive ? due + day : null,
    solved_at: isLive ? null : answeredAt + day,
    closed_at: status === "closed" ? answeredAt + 8 * day : null,
    last_message_at: isLive ? openedAt : answeredAt + day,
    person_wrote_at: openedAt,
    waits_for: isOpen ? "staff" : status === "waiting" ? "person" : "nobody",
    closes_on_sign_in: 0,
    escalation_step: 0,
    escalate_at: null,
    reopened: 0,
    satisfaction: chance(6, 4) === 0 ? 3 : null,
    satisfaction_at: chance(6, 4) === 0 ? answeredAt + 2 * day : null,
    merged_into: null,
    follows: null,
  };
}
