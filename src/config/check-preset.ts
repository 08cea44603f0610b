import { actsWithinWalls } from "./acts.ts";
import { explainIssue, type PresetFault, valueAt } from "./explain-issue.ts";
import { kindsOfPerson, type Preset, presetShape } from "./preset.ts";

/** Lays the operator's own settings over the preset's: groups are merged, lists and all else are replaced. */
export function overlay(base: unknown, above: unknown): unknown {
  if (!isGroup(base) || !isGroup(above)) return above;
  const keys = new Set([...Object.keys(base), ...Object.keys(above)]);
  // fromEntries defines fields instead of assigning them, so that a key named __proto__ stays a key.
  return Object.fromEntries(
    [...keys].map((key) => [
      key,
      !Object.hasOwn(above, key)
        ? base[key]
        : Object.hasOwn(base, key)
          ? overlay(base[key], above[key])
          : above[key],
    ]),
  );
}

function isGroup(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * Checks a whole preset, the operator's settings already laid over it, and reports every fault at once. `example`
 * is the shipped preset: its fields are what a mistyped one is compared with.
 */
export function checkPreset(
  whole: unknown,
  example: unknown,
): { ok: true; preset: Preset } | { ok: false; faults: PresetFault[] } {
  const parsed = presetShape.safeParse(whole);
  const faults = (parsed.error?.issues ?? []).flatMap((issue) =>
    explainIssue(issue, whole, (path) => Object.keys(valueAt(example, path) ?? {})),
  );
  for (const rule of rules) faults.push(...rule(whole));
  if (!parsed.success || faults.length > 0) return { ok: false, faults };
  const { $schema: _, ...preset } = parsed.data;
  return { ok: true, preset };
}

type Rule = (whole: unknown) => PresetFault[];

/** A rule over several fields. It is asked only when those fields are sound by themselves, whatever the others are. */
function across<Name extends keyof Preset>(
  names: Name[],
  find: (preset: Pick<Preset, Name>) => PresetFault[],
): Rule {
  return (whole) => {
    const part: Record<string, unknown> = {};
    for (const name of names) {
      const parsed = presetShape.shape[name].safeParse(valueAt(whole, [name]));
      if (!parsed.success) return [];
      part[name] = parsed.data;
    }
    return find(part as Pick<Preset, Name>);
  };
}

function when(
  isWrong: boolean,
  path: PropertyKey[],
  sentence: string,
  ...involves: PropertyKey[][]
): PresetFault[] {
  return isWrong ? [{ path, sentence, involves }] : [];
}

/** The first of two numbers of one group must not be more than the second. */
function inOrder<Group extends "registration" | "lockout" | "sessions" | "messages">(
  group: Group,
  lesser: keyof Preset[Group] & string,
  greater: keyof Preset[Group] & string,
): Rule {
  return across([group], (preset) => {
    const [low, high] = [preset[group][lesser], preset[group][greater]];
    return when(
      Number(low) > Number(high),
      [group, lesser],
      `is ${low}, which is more than ${group}.${greater} (${high})`,
      [group, greater],
    );
  });
}

function everyKind(table: "recoveryChannels" | "recallChannels"): Rule {
  return across(["kinds", table], (preset) =>
    kindsOfPerson.flatMap((kind) =>
      when(
        preset.kinds.includes(kind) && preset[table][kind].length === 0,
        [table, kind],
        `is missing, since kinds names ${kind}`,
        ["kinds"],
      ),
    ),
  );
}

/** Things are named by their id: no two may have the same. */
function sameTwice(list: "relays" | "roles", things: readonly { id: string }[]): PresetFault[] {
  return things.flatMap(({ id }, index) =>
    when(
      things.findIndex((thing) => thing.id === id) < index,
      [list, index, "id"],
      `is ${id}, which another of ${list} is named already`,
    ),
  );
}

const rules: Rule[] = [
  across(["languages"], ({ languages }) =>
    when(
      !languages.offered.includes(languages.default),
      ["languages", "default"],
      "must be one of languages.offered",
      ["languages", "offered"],
    ),
  ),
  across(["languages", "relays"], ({ languages, relays }) =>
    relays.flatMap((relay, index) =>
      (["name", "lines"] as const).flatMap((field) =>
        languages.offered.flatMap((language) =>
          when(
            !Object.hasOwn(relay[field], language),
            ["relays", index, field, language],
            "is missing, since languages.offered names it",
            ["languages", "offered"],
          ),
        ),
      ),
    ),
  ),
  across(["languages", "roles"], ({ languages, roles }) =>
    roles.flatMap((role, index) =>
      languages.offered.flatMap((language) =>
        when(
          !Object.hasOwn(role.name, language),
          ["roles", index, "name", language],
          "is missing, since languages.offered names it",
          ["languages", "offered"],
        ),
      ),
    ),
  ),
  across(["relays"], ({ relays }) => sameTwice("relays", relays)),
  across(["roles"], ({ roles }) => sameTwice("roles", roles)),
  across(["relays", "roles", "caseRouting"], ({ relays, roles, caseRouting }) => {
    const isRelay = (id: string) => relays.some((relay) => relay.id === id);
    const unknown = (id: string, path: PropertyKey[]) =>
      when(!isRelay(id), path, `names the relay ${id}, which is not one of relays`, ["relays"]);
    return [
      ...relays.flatMap(({ escalatesTo }, index) =>
        escalatesTo === null ? [] : unknown(escalatesTo, ["relays", index, "escalatesTo"]),
      ),
      ...roles.flatMap((role, index) =>
        role.relays.flatMap((id, place) => unknown(id, ["roles", index, "relays", place])),
      ),
      ...caseRouting.flatMap(({ relay }, index) => unknown(relay, ["caseRouting", index, "relay"])),
    ];
  }),
  across(["roles"], ({ roles }) =>
    roles.flatMap((role, index) =>
      role.may.flatMap((act, place) =>
        when(
          role.reach === "establishment" && !actsWithinWalls.has(act),
          ["roles", index, "may", place],
          `is ${act}, which is about everybody: a role whose reach is establishment cannot have it`,
          ["roles", index, "reach"],
        ),
      ),
    ),
  ),
  across(["caseRouting"], ({ caseRouting }) => {
    const last = caseRouting.at(-1);
    return when(
      last?.symptoms !== null || last.kinds !== null,
      ["caseRouting", caseRouting.length - 1],
      "is the last line, and must take what no other line took: its symptoms and kinds must be null",
    );
  }),
  across(["kinds", "registration"], ({ kinds, registration }) =>
    when(
      registration.isOpen && !kinds.includes(registration.kind),
      ["registration", "kind"],
      "must be one of kinds, since registration.isOpen is true",
      ["kinds"],
      ["registration", "isOpen"],
    ),
  ),
  across(["identifier", "registration"], ({ identifier, registration }) =>
    when(
      registration.isOpen && identifier === "username",
      ["identifier"],
      "must be email or username-or-email, since registration.isOpen is true",
      ["registration", "isOpen"],
    ),
  ),
  across(["identifier", "sharedEmail"], ({ identifier, sharedEmail }) =>
    when(
      sharedEmail && identifier !== "username",
      ["sharedEmail"],
      `must be false, since identifier is ${identifier}: a shared address would name several accounts`,
      ["identifier"],
    ),
  ),
  everyKind("recoveryChannels"),
  everyKind("recallChannels"),
  inOrder("registration", "remindAfterSeconds", "unfinishedKeptForSeconds"),
  inOrder("lockout", "lockForSeconds", "countForgottenAfterSeconds"),
  inOrder("sessions", "idleForSeconds", "absoluteForSeconds"),
  inOrder("sessions", "idleForSeconds", "rememberedIdleForSeconds"),
  inOrder("sessions", "absoluteForSeconds", "rememberedAbsoluteForSeconds"),
  inOrder("sessions", "rememberedIdleForSeconds", "rememberedAbsoluteForSeconds"),
  inOrder("messages", "resendAfterSeconds", "resendCeilingSeconds"),
];
