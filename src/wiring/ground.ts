import * as accountRows from "../accounts/accounts.store.ts";
import { createPasswordHashing, defaultHashParameters } from "../accounts/passwords/password-hash.ts";
import { createPasswordRules } from "../accounts/passwords/password-rules.ts";
import * as inboundRows from "../channels/inbound/inbound.store.ts";
import { openChannels } from "../delivery.ts";
import { countLate } from "../desk/cases/escalation.store.ts";
import { createActJournal } from "../desk/roles/establishment-acts.ts";
import { createTranslations } from "../i18n/translations.ts";
import { createJournal } from "../journal/journal.ts";
import { createIds } from "../kernel/ids.ts";
import { createKeys } from "../kernel/keys.ts";
import { releaseAll as releaseJobs } from "../operate/jobs.store.ts";
import { createMetrics } from "../operate/metrics.ts";
import { prepareDatabase } from "../operate/prepare-database.ts";
import * as outboxRows from "../outbox/outbox.store.ts";
import * as requestRows from "../outbox/requests.store.ts";
import { createSignals } from "../store/signals.ts";
import { loadAssets } from "../ui/assets.ts";
import type { World } from "./world.ts";

export type Ground = Awaited<ReturnType<typeof wireGround>>;

/** The world, and what is made of it alone: database, keys, words, channels, passwords, journal, metrics. */
export async function wireGround(world: World) {
  const { config, root, clock, random, log } = world;
  const { preset } = config;
  const ids = createIds(clock, random);
  const keys = createKeys(random, config.secret, config.secretPrevious);

  const store = await prepareDatabase({
    config,
    root,
    clock,
    mayMigrate: world.mayMigrate ?? true,
    hasAccounts: accountRows.hasAny,
    onBackup: (file) => log.info({ file }, "backup made before the migration"),
  });
  if (world.isAlone) {
    await store.transact(async (tx) => {
      await requestRows.releaseAll(tx);
      await outboxRows.releaseAll(tx);
      await inboundRows.releaseAll(tx);
      await releaseJobs(tx);
    });
  }
  const translations = createTranslations(root, config.timezone, preset.languages.offered);
  const signals = createSignals({ store, ids });
  const assets = loadAssets(root);
  const channels = openChannels(config, store, clock, log);

  const hashing = createPasswordHashing({
    clock,
    parameters: world.hashParameters ?? defaultHashParameters,
  });
  await hashing.prepare();
  const passwordRules = createPasswordRules({ minLength: preset.password.minLength });
  const failedPasswordRules = async (plain: string, unlike: string[]) =>
    (await passwordRules.check(plain, { unlike })).failed;

  const metrics = createMetrics({
    clock,
    countUnsent: () => outboxRows.countUnsent(store),
    oldestWaitingSince: () => outboxRows.oldestWaiting(store, clock.now()),
    hashingWaitMs: hashing.expectedWaitMs,
    countLateCases: () => countLate(store, clock.now()),
    countInboundWaiting: async () => (await inboundRows.countWaiting(store)).count,
  });
  const counted = metrics.countJournal(createJournal({ clock, ids }));
  // Where there are establishments, their heads see what staff do for their people.
  const journal = preset.kinds.includes("pupil")
    ? createActJournal({ journal: counted, ids, clock })
    : counted;
  const onFault = (cause: unknown, what: string) => {
    log.error({ err: cause, what }, "fault in the worker");
    metrics.faulted();
    world.onFault?.(cause);
  };

  return {
    config,
    preset,
    root,
    clock,
    random,
    log,
    requestDelay: world.requestDelay ?? { from: 100, to: 1500 },
    ids,
    keys,
    store,
    signals,
    translations,
    assets,
    channels,
    hasSms: channels.sms !== null,
    hashing,
    passwordRules,
    failedPasswordRules,
    metrics,
    journal,
    onFault,
  };
}
