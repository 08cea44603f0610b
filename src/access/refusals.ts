import { longestPassword } from "../accounts/passwords/password-text.ts";
import type { Preset } from "../config/preset.ts";
import type { Visit } from "../http/visit.ts";
import type { MessageKey, MessageValues, Translate } from "../i18n/translations.ts";
import type { FieldError } from "../ui/view.ts";

/** The words of a refusal: its id is the key of its message. */
export function refusalText(t: Translate, refusal: string, values?: MessageValues): string {
  return t(refusal as MessageKey, values);
}

/** What the words of the rules of a password say of this portal: its lengths, and whether people have nicknames. */
export function passwordRuleValues({ password, registration }: Pick<Preset, "password" | "registration">) {
  return {
    min: password.minLength,
    max: longestPassword,
    nicknames: registration.asksNickname ? "yes" : "no",
  };
}

/** Each refusal with its words at its field; those of a password tell what this portal asks for. */
export function fieldErrors(
  visit: Visit,
  preset: Preset,
  refusals: { field: string; refusal: string }[],
): FieldError[] {
  const values = passwordRuleValues(preset);
  return refusals.map(({ field, refusal }) => ({ field, message: refusalText(visit.t, refusal, values) }));
}

/** What was wrong with a code, at its field; a wrong one tells the tries left. */
export function codeErrors(visit: Visit, refused: { refusal: string; triesLeft?: number }): FieldError[] {
  const values = refused.triesLeft === undefined ? undefined : { left: refused.triesLeft };
  return [{ field: "code", message: refusalText(visit.t, refused.refusal, values) }];
}

/** What the page of a form is answered with: 422 and the mistakes, if there are any. */
export function formStatus(visit: Visit, refusal: string, errors: FieldError[]) {
  if (errors.length === 0) return {};
  return { status: 422, data: { refusal, errors, incident: visit.caller.incident } };
}
