import type { Ids } from "../kernel/ids.ts";
import type { Store, Tx } from "./store.ts";

/**
 * Tells whoever listens, here and on the other nodes, that something they show has changed. A signal carries no
 * content: whoever hears it reads the database, which is the one truth, so a signal lost or heard twice does no
 * harm.
 */
export interface Signals {
  /** Heard once the transaction is committed, and never if it is rolled back. */
  raise(tx: Tx, topic: string): Promise<void>;
  /** Answers what to call to hear no more. */
  on(topic: string, heard: () => void): () => void;
}

const channel = "loquet_signals";

export function createSignals({ store, ids }: { store: Store; ids: Ids }): Signals {
  const node = ids.uuid();
  const listeners = new Map<string, Set<() => void>>();
  let isListening = false;

  function tell(topic: string): void {
    for (const heard of [...(listeners.get(topic) ?? [])]) heard();
  }

  function tellFrom(payload: string | null): void {
    if (payload === null) {
      for (const topic of [...listeners.keys()]) tell(topic);
      return;
    }
    const cut = payload.indexOf(" ");
    // What this node raised was told already, at its commit.
    if (payload.slice(0, cut) !== node) tell(payload.slice(cut + 1));
  }

  return {
    async raise(tx, topic) {
      tx.afterCommit(() => tell(topic));
      if (tx.engine === "postgres") {
        await tx.ask("select pg_notify(?, ?)", [channel, `${node} ${topic}`]);
      }
    },
    on(topic, heard) {
      if (!isListening) {
        isListening = true;
        store.listen(channel, tellFrom);
      }
      const own = listeners.get(topic) ?? new Set();
      listeners.set(topic, own);
      own.add(heard);
      return () => {
        own.delete(heard);
        if (own.size === 0 && listeners.get(topic) === own) listeners.delete(topic);
      };
    },
  };
}
