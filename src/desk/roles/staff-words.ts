import type { Visit } from "../../http/visit.ts";
import { formatDay } from "../../i18n/moment.ts";
import type { MessageKey } from "../../i18n/translations.ts";
import type { FieldError } from "../../ui/view.ts";
import type { StaffFieldRefusal } from "./staff-acts.ts";

/** What is wrong with a form about staff, in words, each at its field. */
export const fieldErrorsOf = (visit: Visit, fields: StaffFieldRefusal[]): FieldError[] =>
  fields.map(({ field, refusal }) => ({ field, message: visit.t(refusal as MessageKey) }));

/** The last day of something that ends, in words; what ends with a day ends at the first moment of the next. */
export const lastDayWords = (locale: string, timezone: string, expiresAt: number): string =>
  formatDay(locale, timezone, expiresAt - 1);
