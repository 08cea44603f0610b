import { describedBy, FieldFrame, FieldLabel, FieldNotes, type FieldProps, useFieldError } from "./field.tsx";

export interface TextFieldProps extends FieldProps {
  value?: string;
  type?: "text" | "email" | "tel" | "date";
  /** The standard token, so that browsers and password managers can fill it in (WCAG 1.3.5). */
  autocomplete?: string;
  inputMode?: "text" | "email" | "tel" | "numeric";
  /** A link at the field, such as « Identifiant oublié ? ». */
  aside?: { href: string; label: string };
}

/** One line of text. What identifies a person is never corrected, capitalised or spell-checked on the way. */
export function TextField(props: TextFieldProps) {
  const { view, name, hint, id = name, type = "text", aside } = props;
  const error = useFieldError(props);
  return (
    <FieldFrame error={error}>
      <FieldLabel field={props} id={id} />
      <FieldNotes view={view} id={id} hint={hint} error={error} />
      <input
        id={id}
        name={name}
        type={type as "text"}
        value={props.value}
        autocomplete={props.autocomplete}
        inputmode={props.inputMode}
        required={props.required}
        aria-invalid={error === undefined ? undefined : "true"}
        aria-describedby={describedBy(id, hint, error)}
        {...(isVerbatim(props) ? verbatim : {})}
        dir={type === "email" || type === "tel" ? "ltr" : "auto"}
      />
      {aside && (
        <a class="aside" href={aside.href}>
          {aside.label}
        </a>
      )}
    </FieldFrame>
  );
}

const verbatim = { autocapitalize: "none", autocorrect: "off", spellcheck: false } as const;
const namesOfPeople = new Set(["name", "given-name", "family-name"]);

function isVerbatim({ autocomplete = "" }: TextFieldProps): boolean {
  return !namesOfPeople.has(autocomplete);
}

/** An e-mail address, with the keyboard and the suggestions for it. */
export function EmailField(props: Omit<TextFieldProps, "type" | "inputMode" | "autocomplete">) {
  return <TextField {...props} type="email" inputMode="email" autocomplete="email" />;
}

/** A telephone number, with the keyboard and the suggestions for it. */
export function PhoneField(props: Omit<TextFieldProps, "type" | "inputMode" | "autocomplete">) {
  return <TextField {...props} type="tel" inputMode="tel" autocomplete="tel" />;
}

export interface CodeFieldProps extends FieldProps {
  value?: string;
  /** Letters as well as digits, for the codes of letters. */
  letters?: boolean;
}

/** One field for a whole code (WCAG 3.3.8: it can be pasted and filled in). Spaces are welcome. */
export function CodeField(props: CodeFieldProps) {
  const { view, name, hint, id = name, letters = false } = props;
  const error = useFieldError(props);
  return (
    <FieldFrame error={error}>
      <FieldLabel field={props} id={id} />
      <FieldNotes view={view} id={id} hint={hint} error={error} />
      <input
        id={id}
        name={name}
        class={letters ? "code is-long" : "code"}
        type="text"
        value={props.value}
        inputmode={letters ? "text" : "numeric"}
        autocomplete="one-time-code"
        autocapitalize={letters ? "characters" : "none"}
        autocorrect="off"
        spellcheck={false}
        required={props.required}
        aria-invalid={error === undefined ? undefined : "true"}
        aria-describedby={describedBy(id, hint, error)}
        dir="ltr"
      />
    </FieldFrame>
  );
}
