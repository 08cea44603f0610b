import { listedPasswordRules } from "../accounts/passwords/password-rules.ts";
import type { Preset } from "../config/preset.ts";
import type { Visit } from "../http/visit.ts";
import type { PasswordRules } from "../ui/password-field.tsx";
import { passwordRuleValues } from "./refusals.ts";

/** The rules of a new password as a page lists them beside its field, each to be ticked as it is met. */
export function listPasswordRules(
  visit: Visit,
  preset: Pick<Preset, "password" | "registration">,
  about: { unlike?: string[] } = {},
): PasswordRules {
  const values = passwordRuleValues(preset);
  return {
    list: listedPasswordRules.map((id) => ({ id, text: visit.t(`password.rule.${id}`, values) })),
    minLength: values.min,
    unlike: about.unlike ?? [],
    hints: ["email", "name", "nickname"],
  };
}
