import { setTimeout as pause } from "node:timers/promises";
import { beforeAll, expect, test } from "vitest";
import { build, isStale } from "../../scripts/build.js";
import { onEachEngine } from "../support/engines.ts";
import { aProgramFolder, manyPeople, tree, whatIsThere } from "../support/registry-program.ts";
import { seededRandom } from "../support/world.ts";

const kills = 5;
const pairs = 9000;

beforeAll(async () => {
  if (isStale()) await build();
});

onEachEngine("a registry", (engine) => {
  test("killed five times while it is applied leaves what an undisturbed import leaves", async () => {
    const random = seededRandom(4);
    const [killed, undisturbed] = [await aProgramFolder(engine), await aProgramFolder(engine)];
    try {
      const words = (path: string) => ["import", path, "--school", "0752387M", "--apply"];
      for (const one of [killed, undisturbed]) await one.run("establishments", one.write("tree.csv", tree));
      const whole = await undisturbed.run(...words(undisturbed.write("all.csv", manyPeople(pairs))));
      expect(whole, whole.err).toMatchObject({ code: 0 });

      const path = killed.write("all.csv", manyPeople(pairs));
      const stood: string[] = [];
      const progress = () =>
        killed.look(async (store) => {
          const [row] = await store.ask<{ phase: string; done: number; total: number }>(
            "select phase, done, total from imports where status = 'applying' order by made_at limit 1",
            [],
          );
          return row;
        });
      for (let kill = 0; kill < kills; kill++) {
        const share = (kill + random.below(1000) / 1000) / kills;
        const program = killed.start(...words(path));
        let now = await progress();
        while (now === undefined || now.done < share * now.total) {
          await pause(5);
          now = await progress();
          expect(program.child.exitCode, "it was over before it could be killed").toBeNull();
        }
        await program.kill();
        const at = await progress();
        stood.push(at ? `${at.phase} ${at.done}` : "over");
      }
      expect(new Set(stood).size, stood.join(", ")).toBe(kills);
      const last = await killed.run(...words(path));
      expect(last, last.err).toMatchObject({ code: 0 });
      const [is, should] = [await whatIsThere(killed), await whatIsThere(undisturbed)];
      expect(is.accounts).toHaveLength(2 * pairs);
      expect(is).toEqual(should);
      console.log(`${engine}: killed at ${stood.join(", ")}`);
    } finally {
      await killed.close();
      await undisturbed.close();
    }
  });
});
