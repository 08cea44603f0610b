import { resolve } from "node:path";
import { systemClock } from "../kernel/clock.ts";
import { uploadsOf, writeBackup } from "../operate/backup/write-backup.ts";
import { openStore } from "../store/open.ts";
import { type Command, Misuse } from "./command.ts";
import { readSettings } from "./open-portal.ts";

export const backupCommand: Command = {
  usage: "<file>",
  summary: "Writes the whole database and the uploads into one file, while the server runs.",
  help: [
    "The file restores on SQLite and on PostgreSQL. It is one moment of the database, compressed, readable by you only.",
    "The master secret is not in it: keep LOQUET_SECRET, or the file secret of the data folder, in another place.",
  ],
  async run(words, terminal) {
    const [file, ...rest] = words;
    if (file === undefined || rest.length > 0) throw new Misuse("name one file to write.");
    const settings = readSettings(terminal);
    if (!settings) return 1;
    const { config } = settings;
    const store = openStore(config);
    try {
      const count = await writeBackup({
        store,
        file: resolve(file),
        clock: systemClock,
        uploadsFolder: uploadsOf(config),
      });
      terminal.say(`${file} holds ${count.rows} rows and ${count.files} files.`);
      terminal.say(
        "It does not hold the master secret: keep that in another place, or what is sealed stays sealed.",
      );
      return 0;
    } finally {
      await store.close();
    }
  },
};
