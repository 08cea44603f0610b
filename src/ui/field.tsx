import type { ComponentChildren } from "preact";
import { useContext } from "preact/hooks";
import { FormErrors } from "./form.tsx";
import { ToneIcon } from "./icons.tsx";
import type { View } from "./view.ts";

/** What every field has. Its `id` is its name, unless two forms of one page share a name. */
export interface FieldProps {
  view: View;
  name: string;
  label: string;
  hint?: string;
  /** Only for a field outside `<Form errors>`; inside one it is found by name. */
  error?: string;
  required?: boolean;
  id?: string;
}

/** Words of the mistake of this field, or undefined. */
export function useFieldError({ name, error }: { name: string; error?: string }): string | undefined {
  const errors = useContext(FormErrors);
  if (error !== undefined) return error;
  // A field may have several mistakes at once, such as a password that breaks two rules.
  const own = errors.filter(({ field }) => field === name).map(({ message }) => message);
  return own.length > 0 ? own.join(" ") : undefined;
}

/** Ids of the hint and of the mistake, for `aria-describedby`. */
export function describedBy(
  id: string,
  hint: string | undefined,
  error: string | undefined,
  ...more: string[]
) {
  const ids = [hint !== undefined && `${id}-hint`, error !== undefined && `${id}-error`, ...more];
  return ids.filter(Boolean).join(" ") || undefined;
}

export function FieldLabel({ field, id }: { field: FieldProps; id: string }) {
  return (
    <label for={id}>
      {field.label} <RequiredMark view={field.view} required={field.required} />
    </label>
  );
}

export function RequiredMark({ view, required = false }: { view: View; required?: boolean }) {
  return required ? <span class="mark">{view.t("ui.required.mark")}</span> : null;
}

/** Hint, then mistake, both above the box: neither is hidden by an on-screen keyboard. */
export function FieldNotes({
  view,
  id,
  hint,
  error,
}: {
  view: View;
  id: string;
  hint?: string;
  error?: string;
}) {
  return (
    <>
      {hint !== undefined && (
        <p class="hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
      {error !== undefined && (
        <p class="field-error" id={`${id}-error`}>
          <ToneIcon tone="wrong" />
          <span>
            <span class="unseen">{view.t("ui.error.prefix")} </span>
            {error}
          </span>
        </p>
      )}
    </>
  );
}

export function FieldFrame({ error, children }: { error?: string; children: ComponentChildren }) {
  return <div class={error === undefined ? "field" : "field has-error"}>{children}</div>;
}
