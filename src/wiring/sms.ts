import { smsCountriesOf } from "../config/sms-countries.ts";
import { smsRoutes } from "../desk/sms/sms.routes.tsx";
import { createSmsWatch } from "../desk/sms/sms.ts";
import { createDayOf } from "../i18n/moment.ts";
import { day } from "../kernel/clock.ts";
import { forgetReceipts } from "../outbox/receipts.store.ts";
import type { Foundations } from "./foundations.ts";
import type { Ground } from "./ground.ts";
import type { Part } from "./part.ts";

/** How many SMS go where, for the operator and the metrics; and the receipts of SMS, forgotten with their messages. */
export function wireSms(ground: Ground, { budgets }: Foundations): Part {
  const { config, preset, clock, store, hasSms, metrics } = ground;
  const watch = createSmsWatch({
    store,
    clock,
    preset,
    countries: smsCountriesOf(preset),
    measure: budgets.measure,
    dayOf: createDayOf(config.timezone),
  });
  metrics.watchSms(watch.shares);
  return {
    forget: [watch.forget, (tx) => forgetReceipts(tx, clock.now() - preset.retention.messagesDays * day)],
    routes: (_http, desk) => smsRoutes(desk, { hasSms, watch }),
  };
}
