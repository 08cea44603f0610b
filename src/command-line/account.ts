import { type ParseArgsOptionsConfig, parseArgs } from "node:util";
import { kindsOfPerson } from "../config/preset.ts";
import type {
  AccountActs,
  AccountShown,
  ActRefusal,
  CreateRefusal,
  PlaceRefusal,
} from "../operate/account-acts.ts";
import { type Command, Misuse, type Terminal } from "./command.ts";
import { withPortal } from "./open-portal.ts";

const acts = {
  unlock: ["unlock", "is unlocked for everybody."],
  disable: ["disable", "is disabled, and signed out everywhere."],
  enable: ["enable", "is active again."],
  close: ["close", "is closed for good, and signed out everywhere."],
  "sign-out": ["signOut", "is signed out everywhere."],
  "reset-second-factor": [
    "resetSecondFactor",
    "has no second factor any more, is signed out everywhere, and is told.",
  ],
} as const satisfies Record<string, [keyof AccountActs, string]>;

const roleActs = {
  grant: "has the role now, and is signed out everywhere.",
  revoke: "has the role no more, and is signed out everywhere.",
} as const;

export const accountCommand: Command = {
  usage:
    "create --email <address> [options] | <act> <identifier> | grant|revoke <identifier> <role> [--establishment <code>]",
  summary: "Makes or changes one account. Works while the server runs.",
  help: [
    "",
    "create --email <address>   makes an account without password and sends its person an invitation to choose one",
    "       --name <name>       how the person is called; the address unless given",
    `       --kind <kind>       ${kindsOfPerson.join(", ")}: what the preset has; staff with a role`,
    "       --username <name>   what the person types to sign in, where the preset has usernames",
    "       --role operator     what the person may do to others: operator, or another role of the preset",
    "       --establishment <code>   the academy or school of that role, where the role ends at one, such as 0750001A",
    "       --language <code>   the language of messages, such as fr",
    "show <identifier>          what is known of an account",
    "unlock <identifier>        ends every lock and count of wrong passwords",
    "disable, enable, close     as said; closing cannot be undone",
    "sign-out <identifier>      ends every session",
    "reset-second-factor <identifier>   takes a lost second factor away at once; every contact point is told",
    "grant|revoke <identifier> <role>   gives a role to an account that is there, or takes it away",
    "       --establishment <code>   at which academy or school, where the role ends at one",
    "",
    "<identifier> is a username, or an e-mail address that one account alone has.",
  ],
  async run(words, terminal) {
    const [verb, ...rest] = words;
    if (verb === "create") return create(rest, terminal);
    if (verb === "grant" || verb === "revoke") return changeRole(verb, rest, terminal);
    const [identifier, ...surplus] = rest;
    const isKnown = verb === "show" || (verb !== undefined && Object.hasOwn(acts, verb));
    if (!isKnown) throw new Misuse(verb === undefined ? "say what to do." : `there is no act "${verb}".`);
    if (identifier === undefined || surplus.length > 0) throw new Misuse(`name one account to ${verb}.`);
    const sends = verb === "reset-second-factor" ? "messages" : "nothing";
    return withPortal(terminal, sends, async ({ operator }) => {
      if (verb === "show") {
        const shown = await operator.accounts.show(identifier);
        if (!shown.ok) return refuse(terminal, identifier, shown.refusal);
        for (const line of describe(shown.shown)) terminal.say(line);
        return 0;
      }
      const [act, sentence] = acts[verb as keyof typeof acts];
      const outcome = await operator.accounts[act](identifier);
      if (!outcome.ok) return refuse(terminal, identifier, outcome.refusal);
      terminal.say(`${identifier} ${sentence}`);
      return 0;
    });
  },
};

async function changeRole(verb: keyof typeof roleActs, words: string[], terminal: Terminal): Promise<number> {
  const { values, positionals } = read(words, { establishment: options.establishment }, true);
  const [identifier, role, ...surplus] = positionals;
  if (identifier === undefined || role === undefined || surplus.length > 0) {
    throw new Misuse(`name one account and one role to ${verb}.`);
  }
  return withPortal(terminal, "messages", async ({ operator }) => {
    const outcome = await operator.accounts[verb](identifier, {
      role,
      establishment: values.establishment ?? null,
    });
    if (!outcome.ok) return refuse(terminal, identifier, outcome.refusal);
    terminal.say(`${identifier} ${roleActs[verb]}`);
    return 0;
  });
}

const options = {
  email: { type: "string" },
  name: { type: "string" },
  kind: { type: "string" },
  username: { type: "string" },
  role: { type: "string" },
  establishment: { type: "string" },
  language: { type: "string" },
} as const;

function read<Options extends ParseArgsOptionsConfig>(
  words: string[],
  known: Options,
  allowPositionals = false,
) {
  try {
    return parseArgs({ args: words, options: known, strict: true, allowPositionals });
  } catch (cause) {
    throw new Misuse((cause as Error).message);
  }
}

async function create(words: string[], terminal: Terminal): Promise<number> {
  const given = read(words, options).values;
  if (given.email === undefined) throw new Misuse("create needs --email.");
  const kind = kindsOfPerson.find((known) => known === given.kind) ?? null;
  if (given.kind !== undefined && kind === null) throw new Misuse(createSentences.kind);
  const asked = {
    email: given.email,
    name: given.name?.trim() || null,
    kind,
    username: given.username ?? null,
    role: given.role ?? null,
    establishment: given.establishment ?? null,
    language: given.language ?? null,
  };
  return withPortal(terminal, "messages", async ({ operator }) => {
    const outcome = await operator.accounts.create(asked);
    if (!outcome.ok) {
      terminal.complain(`No account was made: ${createSentences[outcome.refusal]}`);
      return 1;
    }
    terminal.say(`The account is made. An invitation to choose a password goes to ${asked.email}.`);
    return 0;
  });
}

const placeSentences: Record<PlaceRefusal, string> = {
  "establishment-missing": "this role ends at an establishment; add --establishment with its code.",
  "establishment-unknown": "--establishment is the code of no open academy or school.",
  "establishment-unused": "this role reaches everybody; leave out --establishment.",
};

const createSentences: Record<CreateRefusal, string> = {
  email: "--email is not an e-mail address.",
  kind: "--kind must be one of the kinds that the preset has.",
  language: "--language must be one of the languages that the preset offers.",
  role: "--role must be one of the roles that the preset has.",
  ...placeSentences,
  "establishment-unused": "--establishment is only for a --role that ends at an establishment; leave it out.",
  "username-missing": "this preset's people sign in with a username; add --username.",
  "username-unused": "this preset's people sign in with their e-mail address; leave out --username.",
  "username-malformed": "--username must be 2 to 63 small letters, digits, dots, dashes or underscores.",
  taken: "the username or the e-mail address names another account already.",
};

const actSentences: Record<ActRefusal, string> = {
  unknown: "names no account.",
  several: "reaches several accounts: name one by its username.",
  status: "is in a state that does not allow this; see: loquet account show.",
  joined:
    "is one with another account: separate the two instead, on the desk under Familles, or as their owner.",
  role: "was left as it is: the preset has no such role.",
  "establishment-missing": `was left as it is: ${placeSentences["establishment-missing"]}`,
  "establishment-unknown": `was left as it is: ${placeSentences["establishment-unknown"]}`,
  "establishment-unused": `was left as it is: ${placeSentences["establishment-unused"]}`,
  "no-role": "does not have that role.",
  "no-factor": "has no second factor.",
};

function refuse(terminal: Terminal, identifier: string, refusal: ActRefusal): number {
  terminal.complain(`${identifier} ${actSentences[refusal]}`);
  return 1;
}

const moment = (ms: number) => new Date(ms).toISOString();

const roleShown = ({ role, establishment, expiresAt }: AccountShown["roles"][number]): string =>
  [
    role,
    ...(establishment === null ? [] : [`at ${establishment}`]),
    ...(expiresAt === null ? [] : [`until ${moment(expiresAt)}`]),
  ].join(" ");

function describe(shown: AccountShown): string[] {
  const { account, identifiers, contacts, roles, lockedUntil, sessions, hasSecondFactor } = shown;
  return [
    `Name        ${account.name}${account.nickname === null ? "" : ` (${account.nickname})`}`,
    `Kind        ${[account.kind, ...roles.map(roleShown)].join(", ")}`,
    `Status      ${account.status}${lockedUntil === null ? "" : `, locked until ${moment(lockedUntil)}`}`,
    `Made        ${moment(account.created_at)}`,
    ...identifiers.map(({ shown }) => `Identifier  ${shown}`),
    ...contacts.map(
      ({ channel, address, state, dead_reason }) =>
        `Reached by  ${channel} ${address} (${state}${dead_reason === null ? "" : `, refused: ${dead_reason}`})`,
    ),
    `Password    ${account.password_hash === null ? "none yet" : "set"}`,
    ...(roles.length > 0 || hasSecondFactor
      ? [`2nd factor  ${hasSecondFactor ? "set up" : "none yet"}`]
      : []),
    `Sessions    ${sessions}`,
  ];
}
