import { listedPasswordRules } from "../accounts/passwords/password-rules.ts";
import type { Visit } from "../http/visit.ts";
import type { PasswordRules } from "../ui/password-field.tsx";

/** The rules of a new password as a page lists them beside its field, each to be ticked as it is met. */
export function listPasswordRules(
  visit: Visit,
  minLength: number,
  about: { unlike?: string[] } = {},
): PasswordRules {
  return {
    list: listedPasswordRules.map((id) => ({ id, text: visit.t(`password.rule.${id}`, { min: minLength }) })),
    minLength,
    unlike: about.unlike ?? [],
    hints: ["email", "name", "nickname"],
  };
}
