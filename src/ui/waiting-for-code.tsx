import type { ComponentChildren } from "preact";
import { Button } from "./buttons.tsx";
import { Countdown, Follow } from "./countdown.tsx";
import { Form } from "./form.tsx";
import { CodeField } from "./text-fields.tsx";
import type { FieldError, View } from "./view.ts";

export interface WaitingForCodeProps {
  view: View;
  /** Answers whether the link was opened elsewhere meanwhile, see `Follow`. */
  followPath: string;
  code: { action: string; submit: string; errors: FieldError[] };
  /** From when another message may be asked for, and now: milliseconds, both from the server's clock. */
  resend: { action: string; label: string; until: number; now: number };
  /** What to look for, and to do, when nothing comes. */
  children: ComponentChildren;
}

/** After a message with a link and a code has left: type the code here, or see why nothing comes, or ask again. */
export function WaitingForCode({ view, followPath, code, resend, children }: WaitingForCodeProps) {
  const { t } = view;
  return (
    <>
      <Follow view={view} path={followPath} />
      <Form view={view} action={code.action} errors={code.errors}>
        <CodeField
          view={view}
          name="code"
          label={t("challenge.code")}
          hint={t("challenge.code.hint")}
          required
        />
        <Button>{code.submit}</Button>
      </Form>
      {children}
      <Countdown view={view} {...resend} />
    </>
  );
}
