import { expect, test } from "vitest";
import type { Preset } from "../../config/preset.ts";
import { relayAt } from "./routing.ts";

type Given = Parameters<typeof relayAt>[0];

const relay = (id: string, escalatesTo: string | null) => ({ id, escalatesTo }) as Preset["relays"][number];
const role = (reach: "everybody" | "establishment", relays: string[], may = ["cases.answer"]) =>
  ({ reach, relays, may }) as Preset["roles"][number];

const relays = [relay("office", "support"), relay("support", "operator"), relay("operator", null)];
const all = role("everybody", ["office", "support", "operator"]);
const office = role("establishment", ["office"]);
const support = role("establishment", ["support"]);
const nowhere = { establishment_id: null };

test("what stands nowhere goes up to the first relay that somebody answers who reaches everybody", () => {
  const went = (roles: Given["roles"], from = "office") => relayAt({ relays, roles }, from, nowhere);
  expect(went([office, support, all])).toBe("operator");
  expect(went([office, role("everybody", ["support"]), all])).toBe("support");
  expect(went([office, role("everybody", ["office"]), all])).toBe("office");
  // To hold a relay without answering its cases is not enough.
  expect(went([office, role("everybody", ["office"], ["cases.see"]), support, all])).toBe("operator");
});

test("what stands somewhere stays, and so does everything where no role has walls", () => {
  expect(relayAt({ relays, roles: [office, support, all] }, "office", { establishment_id: "e" })).toBe(
    "office",
  );
  expect(relayAt({ relays, roles: [all] }, "office", nowhere)).toBe("office");
});

test("a chain that leads in a circle ends", () => {
  const circle = [relay("office", "support"), relay("support", "office")];
  expect(["office", "support"]).toContain(
    relayAt({ relays: circle, roles: [office, support] }, "office", nowhere),
  );
});
