import type { ComponentChildren } from "preact";
import { Button, LinkList } from "./buttons.tsx";
import { Form } from "./form.tsx";
import { WhomToAsk } from "./notices.tsx";
import { Page } from "./page.tsx";
import type { View } from "./view.ts";

export interface SpentLinkPageProps {
  view: View;
  title: string;
  what: string;
  /** Where to go on from here. */
  links: { href: string; label: string }[];
  /** The press that brings a new link, where there may be one. */
  children?: ComponentChildren;
}

/** A link that serves no more: which way, and a new one in one press (promise 4). */
export function SpentLinkPage({ view, title, what, links, children }: SpentLinkPageProps) {
  return (
    <Page view={view} title={title} tone="careful">
      <p>{what}</p>
      {children}
      <LinkList links={links} />
      <WhomToAsk view={view} />
    </Page>
  );
}

/** Asks for a new link: the one act of the page, with nothing to fill in. */
export function NewLinkForm(props: { view: View; action: string; fields: Record<string, string> }) {
  const { view, action, fields } = props;
  return (
    <Form view={view} action={action} fields={fields} explainsRequired={false}>
      <Button>{view.t("challenge.new-link")}</Button>
    </Form>
  );
}
