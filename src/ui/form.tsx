import { type ComponentChildren, createContext } from "preact";
import { HiddenFields } from "./buttons.tsx";
import { ErrorSummary } from "./notices.tsx";
import type { FieldError, View } from "./view.ts";

/** The fields find their own mistake here, so that summary and field cannot say different words. */
export const FormErrors = createContext<FieldError[]>([]);

export interface FormProps {
  view: View;
  action: string;
  /** Mistakes: a summary stands above the form, and each field shows its own. */
  errors?: FieldError[];
  /** Hidden fields. */
  fields?: Record<string, string>;
  /** Says how required fields are marked. False for a form that asks for nothing. */
  explainsRequired?: boolean;
  /** For a form that may bring files. */
  hasFiles?: boolean;
  children: ComponentChildren;
}

/** A POST form. The browser's own checks are off: our messages say more, in the language of the page. */
export function Form({
  view,
  action,
  errors = [],
  fields = {},
  explainsRequired = true,
  hasFiles = false,
  children,
}: FormProps) {
  return (
    <FormErrors.Provider value={errors}>
      <ErrorSummary view={view} errors={errors} />
      <form
        class="form"
        method="post"
        action={action}
        enctype={hasFiles ? "multipart/form-data" : undefined}
        novalidate
      >
        <HiddenFields fields={fields} />
        {explainsRequired && <p class="explain">{view.t("ui.required.explain")}</p>}
        {children}
      </form>
    </FormErrors.Provider>
  );
}
