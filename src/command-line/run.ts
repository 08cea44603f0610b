import { Fault } from "../kernel/fault.ts";
import { accountCommand } from "./account.ts";
import { backupCommand } from "./backup.ts";
import { type Command, Misuse, type Terminal } from "./command.ts";
import { doctorCommand } from "./doctor.ts";
import { establishmentsCommand } from "./establishments.ts";
import { importCommand } from "./import.ts";
import { migrateCommand } from "./migrate.ts";
import { outboxCommand } from "./outbox.ts";
import { restoreCommand } from "./restore.ts";
import { serveCommand } from "./serve.ts";

const commands: Record<string, Command> = {
  serve: serveCommand,
  migrate: migrateCommand,
  backup: backupCommand,
  restore: restoreCommand,
  account: accountCommand,
  outbox: outboxCommand,
  establishments: establishmentsCommand,
  import: importCommand,
  doctor: doctorCommand,
};

/** Does what was typed after `loquet`; answers the exit code. */
export async function runCommand(words: string[], terminal: Terminal): Promise<number> {
  const [verb = "help", ...rest] = words;
  if (["help", "--help", "-h"].includes(verb)) return help(rest[0], terminal);
  const command = Object.hasOwn(commands, verb) ? commands[verb] : undefined;
  if (!command) {
    terminal.complain(`loquet: there is no command "${verb}".`);
    listCommands(terminal.complain);
    return 2;
  }
  if (rest.includes("--help") || rest.includes("-h")) return help(verb, terminal);
  try {
    return await command.run(rest, terminal);
  } catch (cause) {
    if (cause instanceof Misuse) {
      terminal.complain(`loquet ${verb}: ${cause.message}`);
      terminal.complain(`Usage: loquet ${verb} ${command.usage}`);
      return 2;
    }
    if (!(cause instanceof Fault)) throw cause;
    terminal.complain(cause.message);
    return 1;
  }
}

function help(verb: string | undefined, terminal: Terminal): number {
  const command = verb !== undefined && Object.hasOwn(commands, verb) ? commands[verb] : undefined;
  if (!command) {
    listCommands(terminal.say);
    return 0;
  }
  terminal.say(`Usage: loquet ${verb} ${command.usage}`.trimEnd());
  terminal.say("");
  for (const line of [command.summary, ...command.help]) terminal.say(line);
  return 0;
}

function listCommands(write: (line: string) => void): void {
  write("Usage: loquet <command>");
  write("");
  for (const [verb, { summary }] of Object.entries(commands)) write(`  ${verb.padEnd(14)} ${summary}`);
  write("");
  write("loquet help <command> says more. Settings come from the environment: see docs/operating.md.");
}
