import type { ComponentChildren } from "preact";
import { ToneIcon } from "./icons.tsx";
import type { Tone } from "./view.ts";

export interface FactsProps {
  rows: { label: string; value: ComponentChildren }[];
}

/** What is known, as pairs of a label and a value. */
export function Facts({ rows }: FactsProps) {
  return (
    <dl class="facts">
      {rows.map(({ label, value }) => (
        <div key={label}>
          <dt>{label}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

/** An address, a number, an identifier or a code: kept together, in its own direction, and easy to compare. */
export function Exact({ children }: { children: ComponentChildren }) {
  const exact = <bdi class="exact">{children}</bdi>;
  const isNumber = typeof children === "string" && /^\+?[\d ]{1,20}$/.test(children);
  return isNumber ? <span class="whole">{exact}</span> : exact;
}

/** A short state, such as « vérifiée ». Icon and word, never the colour alone. Without a tone: a plain word. */
export function Tag({ tone, children }: { tone?: Tone; children: ComponentChildren }) {
  return (
    <span class={tone ? `tag is-${tone}` : "tag"}>
      {tone && <ToneIcon tone={tone} />}
      {children}
    </span>
  );
}

/** A part of a longer page with its own heading. */
export function Section({
  title,
  id,
  children,
}: {
  title: string;
  id?: string;
  children: ComponentChildren;
}) {
  return (
    <section class="section" id={id} aria-labelledby={id === undefined ? undefined : `${id}-title`}>
      <h2 id={id === undefined ? undefined : `${id}-title`}>{title}</h2>
      {children}
    </section>
  );
}

export interface ItemListProps {
  items: {
    key: string;
    title: ComponentChildren;
    /** One sentence a line. */
    lines?: ComponentChildren[];
    tag?: ComponentChildren;
    /** Buttons or links. */
    acts?: ComponentChildren;
  }[];
  /** Said when there is nothing to list. */
  empty: string;
  label?: string;
}

/** Things of one kind, each with what can be done to it: contact points, devices, events. */
export function ItemList({ items, empty, label }: ItemListProps) {
  if (items.length === 0) return <p class="empty">{empty}</p>;
  return (
    <ul class="items" aria-label={label}>
      {items.map(({ key, title, lines = [], tag, acts }) => (
        <li key={key}>
          <div class="item-words">
            <p class="item-title">
              {title} {tag}
            </p>
            {lines.map((line, index) => (
              <p key={index} class="hint">
                {line}
              </p>
            ))}
          </div>
          {acts !== undefined && <div class="acts">{acts}</div>}
        </li>
      ))}
    </ul>
  );
}

/** Buttons side by side where there is room. */
export function Acts({ children }: { children: ComponentChildren }) {
  return <div class="acts">{children}</div>;
}
