import type { ComponentChildren } from "preact";

/** `wrong` is for an act that undoes or refuses something: as plain to see as the main button. */
export type ButtonTone = "main" | "quiet" | "wrong";

export interface ButtonProps {
  children: ComponentChildren;
  name?: string;
  value?: string;
  tone?: "main" | "wrong";
}

/** The one main button of a page, `type="submit"`. */
export function Button({ children, name, value, tone = "main" }: ButtonProps) {
  return (
    <button type="submit" class={`button is-${tone}`} name={name} value={value}>
      {children}
    </button>
  );
}

export interface QuietButtonProps {
  children: ComponentChildren;
  name?: string;
  value?: string;
  /** Sends the surrounding form to another address. */
  formAction?: string;
}

/**
 * A second button inside the same form. It submits as every button does, but without saying `type="submit"`:
 * that attribute marks the main button, by which password managers and our tests find their way (design §8).
 */
export function QuietButton({ children, name, value, formAction }: QuietButtonProps) {
  return (
    // biome-ignore lint/a11y/useButtonType: see above.
    <button class="button is-quiet" name={name} value={value} formaction={formAction} formnovalidate>
      {children}
    </button>
  );
}

export interface PressButtonProps {
  /** Address that the POST goes to. */
  action: string;
  label: string;
  /** Hidden fields sent with it. */
  fields?: Record<string, string>;
  tone?: ButtonTone;
  /** Adds words for those who hear the button without seeing what stands beside it. */
  about?: string;
}

/** One act, one press: a tiny POST form of its own (promise 4: nothing happens by GET). */
export function PressButton({ action, label, fields = {}, tone = "quiet", about }: PressButtonProps) {
  return (
    <form class="press" method="post" action={action}>
      <HiddenFields fields={fields} />
      {/* Only a main act says `type="submit"`, see QuietButton. */}
      <button type={tone === "quiet" ? undefined : "submit"} class={`button is-${tone}`}>
        {label}
        {about !== undefined && <span class="unseen"> {about}</span>}
      </button>
    </form>
  );
}

export function HiddenFields({ fields }: { fields: Record<string, string> }) {
  return (
    <>
      {Object.entries(fields).map(([name, value]) => (
        <input key={name} type="hidden" name={name} value={value} />
      ))}
    </>
  );
}

export interface LinkListProps {
  links: { href: string; label: string; hint?: string }[];
  /** Names the list for those who jump from list to list. */
  label?: string;
}

/** Ways to go on from here, one a line. */
export function LinkList({ links, label }: LinkListProps) {
  return (
    <ul class="links" aria-label={label}>
      {links.map(({ href, label, hint }) => (
        <li key={href}>
          <a href={href}>{label}</a>
          {hint !== undefined && <span class="hint">{hint}</span>}
        </li>
      ))}
    </ul>
  );
}
