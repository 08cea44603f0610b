import type { ChannelKind, Kind, Preset } from "../config/preset.ts";
import type { Account, Accounts, ContactPoint } from "./accounts.ts";

/** By what a page may offer to send a message: every channel that some kind of person has, the usual ones first. */
export function offeredChannels(
  perKind: Record<Kind, ChannelKind[]>,
  preset: Pick<Preset, "kinds">,
  hasSms: boolean,
): ChannelKind[] {
  const all = preset.kinds.flatMap((kind) => perKind[kind]);
  return [...new Set(all)].filter((channel) => channel !== "sms" || hasSms);
}

/**
 * The contact points of an account that a secret may go to, the best first. Proved ones by the channel that was
 * chosen, then by the others; what a registry or staff declared counts alike on the usual channel of its kind
 * (`channels[0]`), and elsewhere only where nothing better is left. One that refused messages comes last of all:
 * it may have healed, and the person has no other.
 */
export function rankContactPoints(
  points: ContactPoint[],
  by: {
    usable: Accounts["usable"];
    /** Those of this kind of person, the usual one first. */
    channels: ChannelKind[];
    chosen: ChannelKind;
    acceptsDeclared: boolean;
  },
): ContactPoint[] {
  const awake = points.map((point) => ({ ...point, dead_since: null }));
  const allowed = new Set(
    by.channels.flatMap((channel) =>
      by.usable(awake, channel, { acceptsDeclared: by.acceptsDeclared }).map((point) => point.id),
    ),
  );
  const isTrusted = (point: ContactPoint) => point.state === "verified" || point.channel === by.channels[0];
  const placeOf = (point: ContactPoint) =>
    (point.dead_since === null ? 0 : 4) + (isTrusted(point) ? 0 : 2) + (point.channel === by.chosen ? 0 : 1);
  return points.filter((point) => allowed.has(point.id)).sort((one, other) => placeOf(one) - placeOf(other));
}

/**
 * The name of an account as a message to one of its contact points may say it; null where nobody but whoever asked
 * for the account says that the address is theirs. They chose the name too, and could have a stranger greeted by any
 * words that they like (promise 2).
 */
export const nameFor = (
  point: Pick<ContactPoint, "state" | "origin">,
  account: Pick<Account, "name">,
): string | null => (point.state === "verified" || point.origin !== "person" ? account.name : null);

/**
 * Whether a contact point may be told of its account, to whoever reads it: a proved one, one that staff declared and
 * that has waited (promise 7), or any declared one where the preset says so. An unfinished sign-up's too: its
 * activation message went there. One that refused messages may have healed.
 */
export function mayBeTold(
  point: ContactPoint & { account: Account },
  channel: ChannelKind,
  by: { preset: Pick<Preset, "recallChannels" | "recoverWithDeclared">; now: number },
): boolean {
  const { recallChannels, recoverWithDeclared } = by.preset;
  if (point.channel !== channel || !recallChannels[point.account.kind].includes(channel)) return false;
  if (point.usable_from !== null && point.usable_from > by.now) return false;
  if (point.state === "verified" || recoverWithDeclared || point.account.status === "pending") return true;
  return point.state === "declared" && point.origin === "staff";
}
