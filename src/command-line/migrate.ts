import { type Command, Misuse } from "./command.ts";
import { openPortal, readSettings, takeFolderOrRefuse } from "./open-portal.ts";

export const migrateCommand: Command = {
  usage: "",
  summary: "Brings the database to this version's schema, after a backup. serve does it too.",
  help: ["The backup lies in the folder backups of the data folder. A newer database is refused."],
  async run(words, terminal) {
    if (words.length > 0) throw new Misuse(`"${words[0]}" is not understood.`);
    const settings = readSettings(terminal);
    if (!settings) return 1;
    const lock = takeFolderOrRefuse(settings.config, 0);
    try {
      const portal = await openPortal(settings, { isAlone: lock !== null, mayMigrate: true });
      await portal.close();
      terminal.say("The database has this version's schema.");
      return 0;
    } finally {
      lock?.release();
    }
  },
};
