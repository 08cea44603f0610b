import type { ComponentChildren } from "preact";
import { describedBy, FieldNotes, RequiredMark, useFieldError } from "./field.tsx";
import type { View } from "./view.ts";

export interface RadiosProps {
  view: View;
  name: string;
  legend: string;
  options: { value: string; label: string; hint?: string; lang?: string }[];
  value?: string;
  hint?: string;
  error?: string;
  required?: boolean;
}

/** One of a few. The first box carries the field's name as `id`: the error summary leads to it. */
export function Radios(props: RadiosProps) {
  const { view, name, legend, options, value, hint, required } = props;
  const error = useFieldError(props);
  return (
    <div class={error === undefined ? "field" : "field has-error"}>
      <fieldset class="choices" aria-describedby={describedBy(name, hint, error)}>
        <legend>
          {legend} <RequiredMark view={view} required={required} />
        </legend>
        <FieldNotes view={view} id={name} hint={hint} error={error} />
        {options.map((option, index) => {
          const id = index === 0 ? name : `${name}-${option.value}`;
          return (
            <Choice key={option.value} id={id} hint={option.hint} label={option.label} lang={option.lang}>
              <input
                id={id}
                type="radio"
                name={name}
                value={option.value}
                checked={option.value === value}
                required={required}
                aria-describedby={option.hint === undefined ? undefined : `${id}-about`}
              />
            </Choice>
          );
        })}
      </fieldset>
    </div>
  );
}

export interface CheckboxProps {
  view: View;
  name: string;
  label: string;
  /** Sent when ticked; `1` unless given. */
  value?: string;
  checked?: boolean;
  hint?: string;
  error?: string;
  required?: boolean;
}

/** Yes or nothing. */
export function Checkbox(props: CheckboxProps) {
  const { view, name, label, value = "1", checked = false, hint, required } = props;
  const error = useFieldError(props);
  return (
    <div class={error === undefined ? "field" : "field has-error"}>
      <FieldNotes view={view} id={name} error={error} />
      <Choice id={name} hint={hint} label={label} mark={<RequiredMark view={view} required={required} />}>
        <input
          id={name}
          type="checkbox"
          name={name}
          value={value}
          checked={checked}
          required={required}
          aria-invalid={error === undefined ? undefined : "true"}
          aria-describedby={
            [error !== undefined && `${name}-error`, hint !== undefined && `${name}-about`]
              .filter(Boolean)
              .join(" ") || undefined
          }
        />
      </Choice>
    </div>
  );
}

function Choice(props: {
  id: string;
  label: string;
  hint?: string;
  lang?: string;
  mark?: ComponentChildren;
  children: ComponentChildren;
}) {
  return (
    <div class="choice">
      {props.children}
      <label for={props.id} lang={props.lang}>
        {props.label} {props.mark}
      </label>
      {props.hint !== undefined && (
        <p class="hint" id={`${props.id}-about`}>
          {props.hint}
        </p>
      )}
    </div>
  );
}
