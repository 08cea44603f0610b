import { resolve } from "node:path";
import { systemClock } from "../kernel/clock.ts";
import { afterRestore } from "../operate/backup/after-restore.ts";
import { restoreBackup } from "../operate/backup/restore-backup.ts";
import { uploadsOf } from "../operate/backup/write-backup.ts";
import { openStore } from "../store/open.ts";
import { type Command, Misuse } from "./command.ts";
import { readSettings, takeFolderOrRefuse } from "./open-portal.ts";

export const restoreCommand: Command = {
  usage: "<file>",
  summary: "Puts a backup into an empty database.",
  help: [
    "It is done whole or not at all. The backup may come from the other engine, or from an older version.",
    "Everybody is signed out, links and codes sent before expire, and unsent messages are held: see loquet outbox.",
    "Give it the master secret that goes with the backup (LOQUET_SECRET), or what is sealed stays sealed.",
  ],
  async run(words, terminal) {
    const [file, ...rest] = words;
    if (file === undefined || rest.length > 0) throw new Misuse("name one file to read.");
    const settings = readSettings(terminal);
    if (!settings) return 1;
    const { config, root } = settings;
    const lock = takeFolderOrRefuse(config, 0);
    const store = openStore(config);
    try {
      const restored = await restoreBackup({
        store,
        file: resolve(file),
        root,
        clock: systemClock,
        uploadsFolder: uploadsOf(config),
        afterwards: (tx) => afterRestore(tx, systemClock.now()),
      });
      const madeAt = new Date(restored.madeAt).toISOString();
      terminal.say(`Restored ${restored.rows} rows and ${restored.files} files, as they were at ${madeAt}.`);
      terminal.say(
        "Unsent messages are held. See them with: loquet outbox list; send them with: loquet outbox release",
      );
      return 0;
    } finally {
      await store.close();
      lock?.release();
    }
  },
};
