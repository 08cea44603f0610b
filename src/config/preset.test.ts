import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { findProjectRoot } from "../kernel/root.ts";
import { checkPreset, overlay } from "./check-preset.ts";
import { limitNames, renderPresetSchema } from "./preset.ts";

const folder = join(findProjectRoot(), "presets");
const shipped = (name: string): Record<string, unknown> =>
  JSON.parse(readFileSync(join(folder, `${name}.json`), "utf8"));

/** The sentences about a shipped preset with other values laid over it. */
function faultsOf(name: string, above: unknown): string[] {
  const checked = checkPreset(overlay(shipped(name), above), shipped(name));
  return checked.ok
    ? []
    : checked.faults.map((fault) => `${fault.path.map(String).join(".")}: ${fault.sentence}`);
}

describe.each(["school", "community", "service"])("the shipped preset %s", (name) => {
  test("is valid, whole and names its schema", () => {
    const checked = checkPreset(shipped(name), shipped(name));
    expect(checked).toMatchObject({ ok: true, preset: { name } });
    expect(shipped(name).$schema).toBe("./preset.schema.json");
    if (checked.ok) expect(Object.keys(checked.preset.limits).sort()).toEqual([...limitNames].sort());
  });

  test("keeps the figures that the promises name", () => {
    expect(shipped(name)).toMatchObject({
      lockout: { triesBeforeLock: 10, lockForSeconds: 3600 },
      messages: { codeValidForSeconds: 1800, resendAfterSeconds: 60, resendCeilingSeconds: 900 },
      sessions: { knownBrowserForSeconds: 180 * 86_400 },
      registration: { unfinishedKeptForSeconds: 7 * 86_400 },
      limits: {
        "lock-message.per-account": { max: 3, perSeconds: 86_400 },
        "code.wrong-per-account": { max: 15, perSeconds: 86_400 },
        "truth.per-address": { max: 1, perSeconds: 86_400 },
        "truth.per-source": { max: 5, perSeconds: 86_400 },
      },
      retention: {
        journalDays: 365,
        messagesDays: 365,
        rawReportsDays: 30,
        addressesDays: 90,
        casesDays: 730,
      },
    });
  });

  test("says whom to ask to every kind of person", () => {
    const { kinds, relays } = shipped(name) as { kinds: string[]; relays: { for: string[] }[] };
    for (const kind of kinds) expect(relays.some((relay) => relay.for.includes(kind))).toBe(true);
  });
});

describe("the schema for editors", () => {
  test("is up to date (otherwise run: npx node scripts/write-preset-schema.ts)", () => {
    expect(readFileSync(join(folder, "preset.schema.json"), "utf8")).toBe(renderPresetSchema());
  });

  test("describes every setting of the first level", () => {
    const { properties } = JSON.parse(renderPresetSchema()) as {
      properties: Record<string, { description?: string }>;
    };
    for (const [name, property] of Object.entries(properties))
      expect(property.description, name).toBeTruthy();
  });
});

describe("a preset is refused", () => {
  test("with open registration of a kind that does not exist", () => {
    expect(faultsOf("community", { registration: { kind: "pupil" } })).toEqual([
      "registration.kind: must be one of kinds, since registration.isOpen is true",
    ]);
  });

  test("with open registration where only a given username is an identifier", () => {
    expect(faultsOf("community", { identifier: "username" })).toEqual([
      "identifier: must be email or username-or-email, since registration.isOpen is true",
    ]);
  });

  test("with a shared address that is also the identifier", () => {
    expect(faultsOf("community", { sharedEmail: true })).toEqual([
      "sharedEmail: must be false, since identifier is email: a shared address would name several accounts",
    ]);
  });

  test("without channels for a kind that exists", () => {
    expect(faultsOf("community", { kinds: ["member", "staff", "guardian"] })).toEqual([
      "recoveryChannels.guardian: is missing, since kinds names guardian",
      "recallChannels.guardian: is missing, since kinds names guardian",
    ]);
    expect(faultsOf("community", { recoveryChannels: { member: [] } })).toEqual([
      "recoveryChannels.member: must have at least 1 entry",
    ]);
  });

  test("with delays in the wrong order", () => {
    expect(
      faultsOf("service", {
        registration: { remindAfterSeconds: 700_000 },
        lockout: { lockForSeconds: 90_000 },
        sessions: { idleForSeconds: 50_000, rememberedIdleForSeconds: 5_000_000 },
        messages: { resendAfterSeconds: 1000 },
      }),
    ).toEqual([
      "registration.remindAfterSeconds: is 700000, which is more than registration.unfinishedKeptForSeconds (604800)",
      "lockout.lockForSeconds: is 90000, which is more than lockout.countForgottenAfterSeconds (86400)",
      "sessions.idleForSeconds: is 50000, which is more than sessions.absoluteForSeconds (43200)",
      "sessions.rememberedIdleForSeconds: is 5000000, which is more than sessions.rememberedAbsoluteForSeconds (2592000)",
      "messages.resendAfterSeconds: is 1000, which is more than messages.resendCeilingSeconds (900)",
    ]);
  });

  test("with a default language that is not offered, or a relay without one that is", () => {
    expect(faultsOf("service", { languages: { default: "es", offered: ["fr", "en"] } })).toEqual([
      "languages.default: must be one of languages.offered",
    ]);
    expect(faultsOf("service", { languages: { offered: ["fr", "br"] } })).toEqual([
      "relays.0.name.br: is missing, since languages.offered names it",
      "relays.0.lines.br: is missing, since languages.offered names it",
      "relays.1.name.br: is missing, since languages.offered names it",
      "relays.1.lines.br: is missing, since languages.offered names it",
      "roles.0.name.br: is missing, since languages.offered names it",
      "roles.1.name.br: is missing, since languages.offered names it",
    ]);
  });

  test("with a relay, role or line of routing that leads nowhere, or two of one name", () => {
    const { relays, roles } = shipped("service") as { relays: object[]; roles: object[] };
    expect(
      faultsOf("service", {
        relays: [{ ...relays[0], escalatesTo: "nobody" }, relays[1], relays[1]],
        roles: [{ ...roles[0], relays: ["support", "elsewhere"] }, roles[1], roles[1]],
        caseRouting: [
          { symptoms: null, kinds: null, relay: "lost" },
          { symptoms: ["loop"], kinds: null, relay: "operator" },
        ],
      }),
    ).toEqual([
      "relays.2.id: is operator, which another of relays is named already",
      "roles.2.id: is operator, which another of roles is named already",
      "relays.0.escalatesTo: names the relay nobody, which is not one of relays",
      "roles.0.relays.1: names the relay elsewhere, which is not one of relays",
      "caseRouting.0.relay: names the relay lost, which is not one of relays",
      "caseRouting.1: is the last line, and must take what no other line took: its symptoms and kinds must be null",
    ]);
  });

  test("with hours that are none, or an act that does not exist", () => {
    const { relays, roles } = shipped("service") as { relays: object[]; roles: object[] };
    const hours = { mon: ["9:00-12:00"], tue: ["14:00-13:00"], wed: ["22:00-24:00"] };
    const may = ["people.search", "people.read-passwords"];
    const faults = faultsOf("service", {
      relays: [{ ...relays[0], hours, closedOn: ["2026-02-30"] }, relays[1]],
      roles: [{ ...roles[0], may }, roles[1]],
    });
    expect(faults.map((fault) => fault.split(":")[0])).toEqual([
      "relays.0.hours.mon.0",
      "relays.0.hours.tue.0",
      "relays.0.closedOn.0",
      "roles.0.may.1",
    ]);
  });

  test("with an act about everybody in a role that ends at the walls of an establishment", () => {
    const { roles } = shipped("school") as { roles: { id: string; may: string[] }[] };
    const changed = roles.map((role) =>
      role.id === "head" ? { ...role, may: ["people.search", "sms.see", "staff.manage"] } : role,
    );
    const index = roles.findIndex(({ id }) => id === "head");
    const why = "which is about everybody: a role whose reach is establishment cannot have it";
    expect(faultsOf("school", { roles: changed })).toEqual([
      `roles.${index}.may.1: is sms.see, ${why}`,
      `roles.${index}.may.2: is staff.manage, ${why}`,
    ]);
    const everywhere = changed.map((role) => (role.id === "head" ? { ...role, reach: "everybody" } : role));
    expect(faultsOf("school", { roles: everywhere })).toEqual([]);
  });

  test("with nobody's time left to come back from a registry that forgot them", () => {
    expect(faultsOf("school", { registry: { closesAfterDays: 0 } })).toEqual([
      "registry.closesAfterDays: must be at least 1",
    ]);
  });

  test("with a figure for a budget outside the table of limits", () => {
    expect(faultsOf("service", { lockout: { lockMessagesPerDay: 3 } })).toEqual([
      "lockout.lockMessagesPerDay: is not a setting",
    ]);
  });

  test("with unknown, missing, mistyped or repeated values, all told with the rules over several fields", () => {
    const { password: _, ...whole } = overlay(shipped("school"), {
      brandNam: "x",
      accent: { light: "red", dark: "#ffffff" },
      kinds: ["guardian", "guardian", "pupil"],
      recoverWithDeclared: "yes",
      slowedAddresses: ["10.0.0.1"],
      phoneCountry: "France",
      commonMailDomains: ["Laposte.net"],
      languages: { default: "es" },
      limits: { "sign-up.per-sauce": { max: 1, perSeconds: 1 } },
    }) as Record<string, unknown>;
    const checked = checkPreset(whole, shipped("school"));
    const found = checked.ok
      ? []
      : checked.faults.map((fault) => `${fault.path.map(String).join(".")}: ${fault.sentence}`);
    expect(found.sort()).toEqual(
      [
        "accent.light: must be a colour such as #1f5f8b",
        "brandNam: is not a setting; did you mean brandName?",
        "commonMailDomains.0: must be a domain such as example.fr, in lower case",
        "kinds: must not name the same thing twice",
        "languages.default: must be one of languages.offered",
        "limits.sign-up.per-sauce: is not a setting; did you mean sign-up.per-source?",
        "password: is missing",
        "phoneCountry: must be a country code such as FR",
        "recoverWithDeclared: must be true or false",
        "slowedAddresses.0: must be a range of addresses such as 192.0.2.0/24 or 2001:db8::/48",
      ].sort(),
    );
  });
});
