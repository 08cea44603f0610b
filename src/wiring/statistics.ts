import type { Roles } from "../desk/roles/roles.ts";
import { statisticsRoutes } from "../desk/statistics/statistics.routes.tsx";
import { createStatistics } from "../desk/statistics/statistics.ts";
import { receiptsOf } from "../outbox/receipts.store.ts";
import { listBelow, searchEstablishments } from "../school/establishments/establishment-lists.store.ts";
import * as establishmentRows from "../school/establishments/establishments.store.ts";
import { foldWords } from "../store/words.ts";
import type { Door } from "./door.ts";
import type { Foundations } from "./foundations.ts";
import type { Ground } from "./ground.ts";
import type { Part } from "./part.ts";

const wordsAtMost = 8;

/** The figures of establishments; nothing of it where the preset knows no pupils. */
export function wireStatistics(
  ground: Ground,
  _foundations: Foundations,
  { roles, door }: { roles: Roles; door: Pick<Door, "lockout"> },
): Part {
  const { config, preset, clock, store, hasSms, onFault } = ground;
  if (!preset.kinds.includes("pupil")) return { routes: () => undefined };

  const statistics = createStatistics({
    store,
    clock,
    preset,
    hasSms,
    timezone: config.timezone,
    wallsFor: roles.wallsFor,
    reachFor: roles.reachFor,
    staffAmong: roles.staffAmong,
    lineOf: establishmentRows.lineOf,
    classesOf: (db, schoolId) => establishmentRows.classesOfMany(db, [schoolId]),
    async tops(walls, page) {
      if (walls === null) return listBelow(store, null, page);
      const tops = await establishmentRows.topsOf(store, walls);
      const found = [...(await establishmentRows.findEstablishments(store, tops)).values()];
      return found.sort((a, b) => (a.code < b.code ? -1 : 1)).slice(page.offset, page.offset + page.limit);
    },
    search: (typed, walls, limit) =>
      searchEstablishments(store, [...new Set(foldWords(typed))].slice(0, wordsAtMost), walls, limit),
    lockedIdentifiers: door.lockout.lockedIdentifiers,
    receiptsOf,
    onFault,
  });
  return {
    jobs: [{ name: "statistics.count", everySeconds: 300, run: statistics.countDue }],
    routes: (_http, desk) => statisticsRoutes(desk, { statistics }),
  };
}
