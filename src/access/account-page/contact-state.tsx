import type { ContactPoint } from "../../accounts/accounts.ts";
import type { Tone, View } from "../../ui/view.ts";

/** The state of a contact point in words: a short one, its tone, and a sentence that says since when. */
export function contactState(
  view: View,
  point: ContactPoint,
  now: number,
): { tone: Tone; word: string; line: string } {
  const { t } = view;
  if (point.dead_since !== null) {
    const line = t("contacts.state.dead", { moment: view.moment(point.dead_since) });
    return { tone: "wrong", word: t("contacts.word.dead"), line };
  }
  if (point.state === "verified") {
    const line = t("contacts.state.verified", { moment: view.moment(point.verified_at ?? point.created_at) });
    return { tone: "good", word: t("contacts.word.verified"), line };
  }
  if (point.usable_from !== null && point.usable_from > now) {
    const line = t("contacts.state.usable-from", { moment: view.moment(point.usable_from) });
    return { tone: "careful", word: t("contacts.word.declared"), line };
  }
  const line = t(`contacts.state.declared.${point.origin}`);
  return { tone: "careful", word: t("contacts.word.declared"), line };
}
