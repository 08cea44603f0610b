import { describe, expect, test } from "vitest";
import { Button, PressButton, QuietButton } from "./buttons.tsx";
import { Checkbox, Radios } from "./choices.tsx";
import { Countdown } from "./countdown.tsx";
import { Exact, ItemList } from "./facts.tsx";
import { Form } from "./form.tsx";
import { Page } from "./page.tsx";
import { aView } from "./page-view.testing.ts";
import { PasswordField } from "./password-field.tsx";
import { renderPage } from "./render.ts";
import { CodeField, TextField } from "./text-fields.tsx";

const errors = [
  { field: "identifier", message: "Tapez votre identifiant." },
  { field: "channel", message: "Choisissez comment recevoir le message." },
];

const aForm = (view = aView()) => (
  <Page view={view} title="Se connecter" hasErrors>
    <Form view={view} action="/sign-in" errors={errors}>
      <TextField
        view={view}
        name="identifier"
        label="Identifiant"
        hint="Comme sur la lettre."
        required
        value={'l"&<b'}
      />
      <PasswordField
        view={view}
        name="password"
        label="Mot de passe"
        required
        autocomplete="current-password"
      />
      <Radios
        view={view}
        name="channel"
        legend="Comment ?"
        options={[
          { value: "sms", label: "Par SMS" },
          { value: "email", label: "Par e-mail" },
        ]}
      />
      <Checkbox view={view} name="stay" label="Rester connecté" />
      <Button>Se connecter</Button>
      <QuietButton>Annuler</QuietButton>
    </Form>
  </Page>
);

describe("a page", () => {
  test("begins with the way to its content, then the languages, then the rest", () => {
    const html = renderPage(<Page view={aView()} title="Aide" />);
    const order = ['href="#content"', 'action="/language"', 'class="brand"', '<main id="content"', "<footer"];
    const places = order.map((part) => html.indexOf(part));
    expect(places).toEqual([...places].sort((a, b) => a - b));
    expect(places[0]).toBeGreaterThan(0);
    expect(html.slice(html.indexOf("<body>") + 6)).toMatch(/^<a class="skip"/);
  });

  test("names each language in itself and comes back to the same place", () => {
    const html = renderPage(<Page view={aView({ path: "/sign-in?a=1&b=2" })} title="Aide" />);
    expect(html).toContain('name="return" value="/sign-in?a=1&amp;b=2"');
    expect(html).toMatch(/value="fr" lang="fr" aria-current="true">Français/);
    expect(html).toMatch(/value="ar" lang="ar">العربية/);
  });

  test("has one h1, its language and its direction", () => {
    const html = renderPage(
      <Page view={aView({ locale: "ar", dir: "rtl" })} title="Aide" heading="Besoin d’aide" />,
    );
    expect(html).toMatch(/^<!doctype html><html lang="ar" dir="rtl">/);
    expect(html.match(/<h1/g)).toHaveLength(1);
    expect(html).toContain("<h1>Besoin d’aide</h1>");
  });

  test("escapes whatever it is given", () => {
    const bad = '<script>alert(1)</script>"';
    const view = aView({ path: bad, incident: bad, signedInAs: bad, brand: { name: bad } });
    const html = renderPage(
      <Page view={view} title={bad}>
        <Exact>{bad}</Exact>
        <ItemList empty="" items={[{ key: "1", title: bad, lines: [bad] }]} />
        <PressButton action={bad} label={bad} fields={{ [bad]: bad }} />
      </Page>,
    );
    expect(html).not.toContain("<script>alert");
    expect(html.match(/<script/g)).toHaveLength(1);
  });

  test("carries no script or style of its own, so that the browser may refuse them all", () => {
    const html = renderPage(aForm());
    expect(html).not.toMatch(/<style|\sstyle=|\son[a-z]+=/);
    expect(html).toMatch(/<script type="module" src="[^"]+"><\/script>/);
  });

  test("says the reference of an incident, and only when there is one", () => {
    expect(renderPage(<Page view={aView({ incident: "7F3K-92QD" })} title="Aide" />)).toContain("7F3K-92QD");
    expect(renderPage(<Page view={aView()} title="Aide" />)).not.toContain("incident");
  });

  test("leads to the captured messages only in a trial", () => {
    expect(renderPage(<Page view={aView({ trial: true })} title="Aide" />)).toContain('href="/_trial"');
    expect(renderPage(<Page view={aView()} title="Aide" />)).not.toContain("/_trial");
  });

  test("lifts its latch when something has opened", () => {
    expect(renderPage(<Page view={aView()} title="Aide" tone="good" />)).toContain("latch is-open");
    expect(renderPage(<Page view={aView()} title="Aide" />)).not.toContain("is-open");
  });
});

describe("a form with mistakes", () => {
  const html = renderPage(aForm());

  test("says so in the title of the window", () => {
    expect(html).toContain("<title>Erreur\u00a0: Se connecter");
  });

  test("lists them in a summary that takes the focus and leads to each field", () => {
    expect(html).toMatch(/id="errors"[^>]*role="alert"[^>]*tabindex="-1"[^>]*autofocus/);
    for (const { field, message } of errors) {
      expect(html).toContain(`<a href="#${field}">${message}</a>`);
      expect(html).toContain(`id="${field}"`);
    }
  });

  test("says the same words beside the field and ties them to it", () => {
    expect(html).toMatch(/id="identifier-error">.*?Tapez votre identifiant\./);
    expect(html).toMatch(
      /<input id="identifier"[^>]*aria-invalid="true"[^>]*aria-describedby="identifier-hint identifier-error"/,
    );
    expect(html).toMatch(/<fieldset[^>]*aria-describedby="channel-error"/);
  });

  test("keeps what was typed, as text", () => {
    expect(html).toContain('value="l&quot;&amp;&lt;b"');
  });

  test("leaves the checks to us, and marks and explains what is required", () => {
    expect(html).toMatch(/<form class="form"[^>]*novalidate/);
    expect(html).toContain("Remplissez les champs marqués");
    expect(html).toMatch(/<label for="identifier">Identifiant <span class="mark">\(obligatoire\)<\/span>/);
    expect(html).toMatch(/<input id="identifier"[^>]*required/);
  });

  test("has one button of type submit, the main one", () => {
    expect(html.match(/type="submit"/g)).toHaveLength(1);
  });
});

describe("fields", () => {
  test("a password is shown by a button that waits for the script", () => {
    const html = renderPage(aForm());
    expect(html).toMatch(
      /<button type="button" class="show" hidden aria-controls="password" aria-pressed="false"/,
    );
    expect(html).toMatch(/<input id="password"[^>]*type="password" autocomplete="current-password"/);
  });

  test("a new password comes with its rules and a strength", () => {
    const view = aView();
    const rules = {
      list: [{ id: "length", text: "Au moins 12 caractères" }],
      minLength: 12,
      unlike: ["l'été"],
    };
    const html = renderPage(
      <PasswordField
        view={view}
        name="password"
        label="Mot de passe"
        autocomplete="new-password"
        rules={rules}
      />,
    );
    expect(html).toContain('data-password-rules="password" data-min-length="12"');
    expect(html).toContain('data-rule="length"');
    expect(html).toContain('aria-describedby="password-rules"');
    expect(html).toMatch(/<p class="strength" hidden>.*<meter/);
  });

  test("a code is one field that a telephone can fill in", () => {
    const html = renderPage(<CodeField view={aView()} name="code" label="Code" required />);
    expect(html).toMatch(/<input id="code" name="code"[^>]*inputmode="numeric" autocomplete="one-time-code"/);
  });

  test("a name may be corrected on the way, an identifier never", () => {
    const view = aView();
    const name = renderPage(<TextField view={view} name="name" label="Nom" autocomplete="name" />);
    const identifier = renderPage(
      <TextField view={view} name="id" label="Identifiant" autocomplete="username" />,
    );
    expect(name).not.toContain("autocapitalize");
    expect(identifier).toContain('autocapitalize="none"');
    expect(identifier).toContain('spellcheck="false"');
  });
});

describe("a countdown", () => {
  const until = Date.UTC(2026, 10, 21, 22, 5);

  test("tells the wait and leaves the button usable without script", () => {
    const html = renderPage(
      <Countdown view={aView()} until={until} now={until - 41_500} action="/again" label="Renvoyer" />,
    );
    expect(html).toContain('data-countdown="42"');
    expect(html).toContain("42\u00a0secondes");
    expect(html).not.toMatch(/<button[^>]*disabled/);
  });

  test("is a plain button once the wait is over", () => {
    const html = renderPage(
      <Countdown view={aView()} until={until} now={until + 1} action="/again" label="Renvoyer" />,
    );
    expect(html).not.toContain("data-countdown");
    expect(html).toContain("Renvoyer");
  });
});
