import type { Config } from "../config/config.ts";
import type { Clock } from "../kernel/clock.ts";
import { minute } from "../kernel/clock.ts";
import type { Keys } from "../kernel/keys.ts";
import { Button } from "../ui/buttons.tsx";
import { Form } from "../ui/form.tsx";
import { Page } from "../ui/page.tsx";
import { PasswordField } from "../ui/password-field.tsx";
import { type Answer, page } from "./answer.ts";
import type { Visit } from "./visit.ts";

interface Deps {
  config: Config;
  clock: Clock;
  keys: Keys;
}

const passField = "_press";
const secretFields = ["password", "current-password", "new-password"];
const passFor = 10 * minute;

/** True when the form carries the signed field that the page below gave to this browser for this address. */
export function isConfirmedPost(visit: Visit, { clock, keys }: Deps): boolean {
  const opened = keys.open("press-again", visit.field(passField));
  if (opened === null) return false;
  const pass = JSON.parse(opened) as { path: string; browser: string; until: number };
  return pass.path === visit.path && pass.browser === visit.caller.browserId && pass.until > clock.now();
}

/**
 * Some browsers and filters hide where a form came from. Rather than refuse the person, the form comes back with
 * its values, and one more press goes on: another site cannot read the signed field, nor make a person press.
 */
export function confirmPost(visit: Visit, { clock, keys }: Deps): Answer {
  const { t } = visit;
  const pass = keys.seal(
    "press-again",
    JSON.stringify({ path: visit.path, browser: visit.caller.browserId, until: clock.now() + passFor }),
  );
  const fields = Object.entries(visit.fields()).filter(([name]) => name !== passField);
  return page(
    <Page view={visit.view({ path: visit.path })} title={t("http.press-again.title")}>
      <p>{t("http.press-again.why")}</p>
      <Form
        view={visit.view()}
        action={visit.path}
        explainsRequired={fields.some(([name]) => secretFields.includes(name))}
      >
        <input type="hidden" name={passField} value={pass} />
        {fields.map(([name, value]) =>
          secretFields.includes(name) ? (
            <PasswordField
              view={visit.view()}
              name={name}
              required
              label={t("http.press-again.password")}
              autocomplete={name === "new-password" ? "new-password" : "current-password"}
            />
          ) : (
            <input type="hidden" name={name} value={value} />
          ),
        )}
        <Button>{t("http.press-again.go-on")}</Button>
      </Form>
    </Page>,
    { status: 403, data: { refusal: "http.press-again", incident: visit.caller.incident } },
  );
}
