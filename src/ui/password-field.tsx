import { describedBy, FieldFrame, FieldLabel, FieldNotes, type FieldProps, useFieldError } from "./field.tsx";
import { RuleIcon } from "./icons.tsx";
import type { View } from "./view.ts";

export interface PasswordRules {
  /** Shown in this order. `length` is ticked in the browser; the others by the answer of `/password/check`. */
  list: { id: string; text: string }[];
  /** In characters after NFKC. */
  minLength: number;
  /** Words that the password must not contain, if the page may show them. */
  unlike?: string[];
  /** Names of other fields of the form that the password must be unlike: sent along with each check. */
  hints?: string[];
}

export interface PasswordFieldProps extends FieldProps {
  autocomplete: "new-password" | "current-password";
  rules?: PasswordRules;
  aside?: { href: string; label: string };
  /** Whose password it is, where the form does not ask: lets password managers store it under the right name. */
  username?: string;
}

/**
 * A password with a button that shows it. The button needs script and stays hidden without it.
 * The value is never sent back to the browser.
 */
export function PasswordField(props: PasswordFieldProps) {
  const { view, name, hint, id = name, rules, aside } = props;
  const error = useFieldError(props);
  return (
    <FieldFrame error={error}>
      <FieldLabel field={props} id={id} />
      <FieldNotes view={view} id={id} hint={hint} error={error} />
      {props.username !== undefined && (
        <input type="text" autocomplete="username" value={props.username} readonly hidden />
      )}
      <div class="password">
        <input
          id={id}
          name={name}
          type="password"
          autocomplete={props.autocomplete}
          autocapitalize="none"
          autocorrect="off"
          spellcheck={false}
          required={props.required}
          aria-invalid={error === undefined ? undefined : "true"}
          aria-describedby={describedBy(id, hint, error, ...(rules ? [`${id}-rules`] : []))}
          dir="ltr"
        />
        <ShowButton view={view} label={props.label} field={id} />
      </div>
      {aside && (
        <a class="aside" href={aside.href}>
          {aside.label}
        </a>
      )}
      {rules && <RuleList view={view} id={id} rules={rules} />}
    </FieldFrame>
  );
}

function ShowButton({ view, label, field }: { view: View; label: string; field: string }) {
  const { t } = view;
  return (
    <button
      type="button"
      class="show"
      hidden
      aria-controls={field}
      aria-pressed="false"
      data-show={t("ui.password.show")}
      data-hide={t("ui.password.hide")}
    >
      <span>{t("ui.password.show")}</span>
      <span class="unseen"> ({label})</span>
    </button>
  );
}

function RuleList({ view, id, rules }: { view: View; id: string; rules: PasswordRules }) {
  const { t } = view;
  const strengths = [0, 1, 2, 3, 4] as const;
  return (
    <div
      class="rules"
      data-password-rules={id}
      data-min-length={rules.minLength}
      data-unlike={JSON.stringify(rules.unlike ?? [])}
      data-hints={JSON.stringify(rules.hints ?? [])}
      data-met={t("ui.password.met")}
      data-unmet={t("ui.password.unmet")}
      data-strengths={JSON.stringify(strengths.map((score) => t(`ui.password.strength.${score}`)))}
    >
      <ul id={`${id}-rules`} aria-label={t("ui.password.rules")}>
        {rules.list.map((rule) => (
          <li key={rule.id} data-rule={rule.id}>
            <RuleIcon />
            <span>
              <span class="unseen" data-state />
              {rule.text}
            </span>
          </li>
        ))}
      </ul>
      <p class="strength" hidden>
        <label for={`${id}-strength`}>{t("ui.password.strength")}</label>
        <meter id={`${id}-strength`} min={0} max={4} low={2} high={3} optimum={4} value={0} />
        <output for={id} />
      </p>
    </div>
  );
}
