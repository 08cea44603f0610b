import { type Command, Misuse } from "./command.ts";
import { withPortal } from "./open-portal.ts";

const listedAtMost = 100;

export const outboxCommand: Command = {
  usage: "list | release",
  summary: "Shows the messages that have not been sent, or releases those held by a restore.",
  help: [
    "",
    "list      the oldest first; whom they go to is shown in part",
    "release   messages held by a restore are sent after all, if they are still of use",
  ],
  async run(words, terminal) {
    const [verb, ...rest] = words;
    if ((verb !== "list" && verb !== "release") || rest.length > 0) throw new Misuse("say list or release.");
    return withPortal(terminal, verb === "release" ? "messages" : "nothing", async ({ operator }) => {
      if (verb === "release") {
        const count = await operator.outbox.release();
        terminal.say(count === 0 ? "No message is held." : `Released: ${count}.`);
        return 0;
      }
      const unsent = await operator.outbox.list(listedAtMost);
      if (unsent.length === 0) terminal.say("No message waits.");
      for (const { status, queuedAt, tries, channel, template, to, why } of unsent) {
        const since = new Date(queuedAt).toISOString();
        terminal.say([status.padEnd(7), since, `${tries} tries`, channel.padEnd(5), template, to].join("  "));
        if (why !== null) terminal.say(`         last try: ${why}`);
      }
      if (unsent.length === listedAtMost) terminal.say(`… only the oldest ${listedAtMost} are shown.`);
      return 0;
    });
  },
};
