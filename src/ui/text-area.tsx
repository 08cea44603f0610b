import { describedBy, FieldFrame, FieldLabel, FieldNotes, type FieldProps, useFieldError } from "./field.tsx";

export interface TextAreaProps extends FieldProps {
  value?: string;
  /** Lines shown at once; more can be written. */
  rows?: number;
  autocomplete?: string;
  /** Language of what is written in it, where it is not the page's. */
  lang?: string;
}

/** Several lines of text, in the words of whoever writes. */
export function TextArea(props: TextAreaProps) {
  const { name, view, hint, id = name, rows = 5 } = props;
  const error = useFieldError(props);
  return (
    <FieldFrame error={error}>
      <FieldLabel field={props} id={id} />
      <FieldNotes view={view} id={id} hint={hint} error={error} />
      {/* A browser drops the first line end inside: one is given for it to drop. */}
      <textarea
        id={id}
        name={name}
        rows={rows}
        lang={props.lang}
        autocomplete={props.autocomplete}
        required={props.required}
        aria-invalid={error === undefined ? undefined : "true"}
        aria-describedby={describedBy(id, hint, error)}
        dir="auto"
        value={`\n${props.value ?? ""}`}
      />
    </FieldFrame>
  );
}
