import { expect, test } from "vitest";
import preset from "../../../presets/school.json" with { type: "json" };
import type { Preset } from "../../config/preset.ts";
import { relayAt, routeCase } from "./routing.ts";

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

test.each([
  ["loop", "guardian", "it"],
  ["loop", null, "it"],
  ["sms-not-received", "guardian", "school-office"],
  ["sms-not-received", "pupil", "pupil-life-office"],
  ["sms-not-received", null, "school-office"],
  ["mail-not-received", "pupil", "pupil-life-office"],
  ["mail-not-received", "guardian", "school-office"],
  ["mail-not-received", null, "pupil-life-office"],
  ["identifier-refused", "guardian", "school-office"],
  ["identifier-refused", "pupil", "pupil-life-office"],
  ["identifier-refused", "staff", "head"],
  ["identifier-refused", null, "school-office"],
  ["other", null, "academic-support"],
] as const)(
  "in a school, %s of a %s goes to the %s, and stays there where the school is known",
  (symptom, kind, to) => {
    const school = preset as unknown as Pick<Preset, "relays" | "roles" | "caseRouting">;
    const relay = routeCase(school, symptom, kind);
    expect(relay).toBe(to);
    expect(relayAt(school, relay, { establishment_id: "a school" })).toBe(to);
  },
);

test("in a school, what an establishment does not solve goes up to the academic support", () => {
  const next = new Map(preset.relays.map(({ id, escalatesTo }) => [id, escalatesTo]));
  for (const from of ["school-office", "pupil-life-office"]) {
    const chain: string[] = [];
    for (let at = next.get(from); at && !chain.includes(at); at = next.get(at)) chain.push(at);
    expect(chain).toContain("academic-support");
  }
});
