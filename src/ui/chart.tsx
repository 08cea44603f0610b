import type { ComponentChildren } from "preact";
import { Details } from "./notices.tsx";
import type { View } from "./view.ts";

/**
 * Charts drawn on the server. Every one of them is a table as well: the same numbers, for who cannot see the picture,
 * who copies them, and who prints them. Nothing is told by colour alone: series differ in shape.
 */
export type ChartFormat = (value: number) => string;

export interface BarTableProps {
  view: View;
  /** Says what is counted, and names the table. */
  caption: string;
  /** Heading of the first column. */
  head: string;
  /** One number a row for each; `isBar`: drawn as a bar beside the number, measured by the largest of its column. */
  columns: { label: string; format?: ChartFormat; isBar?: boolean }[];
  /** `values` in the order of `columns`; null where nothing was measured. `hrefs`: where each of them leads, if anywhere. */
  rows: ({ label: string; href?: string } & LinkedValues)[];
  /** The row of all together: without bars. */
  total?: { label: string } & LinkedValues;
  /** Said when there is no row. */
  empty: string;
}

interface LinkedValues {
  values: (number | null)[];
  hrefs?: (string | undefined)[];
}

/** Things compared with each other, one a row. The table is the chart. */
export function BarTable({ view, caption, head, columns, rows, total, empty }: BarTableProps) {
  if (rows.length === 0) return <p class="empty">{empty}</p>;
  const largest = columns.map((_, index) => Math.max(0, ...rows.map(({ values }) => values[index] ?? 0)));
  const plain = plainNumber(view);
  return (
    <ScrollingTable caption={caption}>
      <thead>
        <tr>
          <th scope="col">{head}</th>
          {columns.map(({ label }) => (
            <th key={label} scope="col" class="chart-number">
              {label}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map(({ label, href, values, hrefs }) => (
          <tr key={label}>
            <th scope="row">{href === undefined ? label : <a href={href}>{label}</a>}</th>
            {columns.map((column, index) => (
              <td key={column.label} class="chart-number">
                <Figure
                  view={view}
                  value={values[index] ?? null}
                  format={column.format ?? plain}
                  href={hrefs?.[index]}
                />
                {column.isBar && <Bar share={shareOf(values[index], largest[index])} />}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
      {total && (
        <tfoot>
          <tr>
            <th scope="row">{total.label}</th>
            {columns.map((column, index) => (
              <td key={column.label} class="chart-number">
                <Figure
                  view={view}
                  value={total.values[index] ?? null}
                  format={column.format ?? plain}
                  href={total.hrefs?.[index]}
                />
              </td>
            ))}
          </tr>
        </tfoot>
      )}
    </ScrollingTable>
  );
}

const shareOf = (value: number | null | undefined, largest = 0) =>
  value && largest > 0 ? value / largest : 0;

/** Numbers as the language of the page writes them. */
export function plainNumber(view: View): ChartFormat {
  const format = new Intl.NumberFormat(view.locale === "en" ? "en-GB" : view.locale);
  return (value) => format.format(value);
}

function Figure(props: { view: View; value: number | null; format: ChartFormat; href: string | undefined }) {
  const { view, value, format, href } = props;
  if (value !== null)
    return href === undefined ? <span>{format(value)}</span> : <a href={href}>{format(value)}</a>;
  return (
    <span>
      <span aria-hidden="true">–</span>
      <span class="unseen">{view.t("chart.nothing")}</span>
    </span>
  );
}

/** Decoration: the number stands beside it. Stretched to the width of its cell, whatever that is. */
function Bar({ share }: { share: number }) {
  return (
    <svg
      class="chart-bar"
      viewBox="0 0 100 10"
      preserveAspectRatio="none"
      aria-hidden="true"
      focusable="false"
    >
      <rect class="chart-mark" x="0" y="0" width={round(share * 100)} height="10" />
    </svg>
  );
}

/** Wider than a telephone: it scrolls by itself, with the keyboard too (WCAG 2.1.1). */
function ScrollingTable({ caption, children }: { caption: string; children: ComponentChildren }) {
  return (
    <section class="chart-scroll" aria-label={caption} tabindex={0}>
      <table class="chart-table">
        <caption>{caption}</caption>
        {children}
      </table>
    </section>
  );
}

export interface TimeChartProps {
  view: View;
  caption: string;
  /** Heading of the column of times in the table. */
  head: string;
  /** One for each column of the chart, in order. */
  labels: string[];
  /** At most one of each shape. `values` in the order of `labels`. */
  series: { name: string; shape: "columns" | "line"; values: number[] }[];
  /** Words of the button that opens the table. */
  tableSummary: string;
  /** For paper, where nothing opens. */
  isTableOpen?: boolean;
  empty: string;
}

const chartHeight = 100;

/** How numbers went over time: columns, and a line over them. The table under it holds the same numbers. */
export function TimeChart(props: TimeChartProps) {
  const { view, caption, head, labels, series, tableSummary, isTableOpen = false, empty } = props;
  const top = niceTop(Math.max(0, ...series.flatMap(({ values }) => values)));
  const format = plainNumber(view);
  if (labels.length === 0 || series.every(({ values }) => values.every((value) => value === 0))) {
    return <p class="empty">{empty}</p>;
  }
  const [first, middle, last] = [labels[0], labels[Math.floor(labels.length / 2)], labels.at(-1)];
  return (
    <figure class="chart">
      <figcaption>{caption}</figcaption>
      <ul class="chart-legend" aria-hidden="true">
        {series.map(({ name, shape }) => (
          <li key={name}>
            <Sample shape={shape} /> {name}
          </li>
        ))}
      </ul>
      <div class="chart-plot" aria-hidden="true">
        <span class="chart-top">{format(top)}</span>
        <span class="chart-zero">{format(0)}</span>
        <svg
          class="chart-drawing"
          viewBox={`0 0 ${labels.length * 10} ${chartHeight}`}
          preserveAspectRatio="none"
          aria-hidden="true"
          focusable="false"
        >
          {[0, 0.5, 1].map((share) => (
            <line
              key={share}
              class="chart-rule"
              x1="0"
              x2={labels.length * 10}
              y1={share * chartHeight}
              y2={share * chartHeight}
            />
          ))}
          {series.map(({ name, shape, values }) =>
            shape === "columns" ? (
              <Columns key={name} values={values} top={top} />
            ) : (
              <Line key={name} values={values} top={top} />
            ),
          )}
        </svg>
        <div class="chart-labels">
          <span>{first}</span>
          {labels.length > 4 && <span>{middle}</span>}
          {labels.length > 1 && <span>{last}</span>}
        </div>
      </div>
      <Details summary={tableSummary} isOpen={isTableOpen}>
        <ScrollingTable caption={caption}>
          <thead>
            <tr>
              <th scope="col">{head}</th>
              {series.map(({ name }) => (
                <th key={name} scope="col" class="chart-number">
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {labels.map((label, index) => (
              <tr key={label}>
                <th scope="row">{label}</th>
                {series.map(({ name, values }) => (
                  <td key={name} class="chart-number">
                    {format(values[index] ?? 0)}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </ScrollingTable>
      </Details>
    </figure>
  );
}

function Columns({ values, top }: { values: number[]; top: number }) {
  return (
    <g class="chart-mark">
      {values.map((value, index) => {
        const height = round((value / top) * chartHeight);
        // Its place in time is what a column is.
        return <rect key={index} x={index * 10 + 1.5} y={chartHeight - height} width="7" height={height} />;
      })}
    </g>
  );
}

function Line({ values, top }: { values: number[]; top: number }) {
  const points = values.map((value, index) => `${index * 10 + 5},${round((1 - value / top) * chartHeight)}`);
  return <polyline class="chart-line" points={points.join(" ")} />;
}

function Sample({ shape }: { shape: "columns" | "line" }) {
  return (
    <svg class="chart-sample" viewBox="0 0 24 16" aria-hidden="true" focusable="false">
      {shape === "columns" ? (
        <rect class="chart-mark" x="4" y="0" width="16" height="16" />
      ) : (
        <polyline class="chart-line" points="0,12 8,5 16,10 24,3" />
      )}
    </svg>
  );
}

const round = (value: number) => Math.round(value * 100) / 100;

/** The first of 1, 2, 5, 10, 20, 50, … that is not less: what the top of a scale is labelled with. */
export function niceTop(largest: number): number {
  if (largest <= 1) return 1;
  const power = 10 ** Math.floor(Math.log10(largest));
  return ([1, 2, 5, 10].find((step) => step * power >= largest) ?? 10) * power;
}
