import type { ComponentChildren } from "preact";
import { Button } from "./buttons.tsx";
import { TextField } from "./text-fields.tsx";
import type { View } from "./view.ts";

/** The same for establishments, by code or name. */
export function EstablishmentSearch({ view, ...form }: { view: View; action: string; typed: string }) {
  const { t } = view;
  return (
    <SearchForm
      view={view}
      {...form}
      label={t("establishments.search.label")}
      hint={t("establishments.search.hint")}
    />
  );
}

/** A list that is looked through by what is typed, as the address of the page says: `?q=`. */
export function SearchForm(props: {
  view: View;
  action: string;
  label: string;
  hint: string;
  typed: string;
  /** What else the address says. */
  children?: ComponentChildren;
}) {
  const { view, action, label, hint, typed } = props;
  return (
    <search>
      <form class="search-form" method="get" action={action}>
        {props.children}
        <TextField view={view} name="q" label={label} hint={hint} value={typed} autocomplete="off" />
        <Button>{view.t("establishments.search.submit")}</Button>
      </form>
    </search>
  );
}
