import { describedBy, FieldFrame, FieldLabel, FieldNotes, type FieldProps, useFieldError } from "./field.tsx";

export interface SelectFieldProps extends FieldProps {
  options: SelectOption[];
  value?: string;
}

export interface SelectOption {
  value: string;
  label: string;
  lang?: string;
}

/** One of many. For a few, `Radios` shows them all at once. */
export function SelectField(props: SelectFieldProps) {
  const { name, view, hint, id = name, options, value } = props;
  const error = useFieldError(props);
  return (
    <FieldFrame error={error}>
      <FieldLabel field={props} id={id} />
      <FieldNotes view={view} id={id} hint={hint} error={error} />
      <select
        id={id}
        name={name}
        required={props.required}
        aria-invalid={error === undefined ? undefined : "true"}
        aria-describedby={describedBy(id, hint, error)}
      >
        {options.map((option) => (
          <option
            key={option.value}
            value={option.value}
            lang={option.lang}
            selected={option.value === value}
          >
            {option.label}
          </option>
        ))}
      </select>
    </FieldFrame>
  );
}
