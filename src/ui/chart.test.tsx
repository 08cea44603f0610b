import { renderToString } from "preact-render-to-string";
import { describe, expect, test } from "vitest";
import { BarTable, niceTop, TimeChart } from "./chart.tsx";
import { aView } from "./page-view.testing.ts";

const view = aView();

describe("a chart", () => {
  test("of things compared is a table: heading, number and bar of each, and all together", () => {
    const html = renderToString(
      <BarTable
        view={view}
        caption="Demandes par motif"
        head="Motif"
        columns={[
          { label: "Arrivées", isBar: true },
          { label: "Part", format: (share) => `${share * 100} %` },
        ]}
        rows={[
          { label: "Mot de passe", values: [1200, 0.5] },
          { label: "Autre", values: [300, null] },
        ]}
        total={{ label: "Ensemble", values: [1500, 1] }}
        empty="Rien"
      />,
    );
    expect(html).toContain('<th scope="row">Mot de passe</th>');
    expect(html).toContain("1\u202F200");
    expect(html).toContain("50 %");
    // Measured by the largest: the second is a quarter of it.
    expect(html).toMatch(/width="100"[\s\S]*width="25"/);
    expect(html).toContain(view.t("chart.nothing"));
    expect(html).toContain("<tfoot>");
    // The bars say nothing that the numbers beside them do not say.
    expect(html.match(/<svg/g)).toHaveLength(html.match(/aria-hidden="true"(?=[^>]*><rect)/g)?.length ?? 0);
  });

  test("over time has a table with the same numbers, and series that differ in shape", () => {
    const html = renderToString(
      <TimeChart
        view={view}
        caption="Au fil du temps"
        head="Jour"
        labels={["lundi", "mardi", "mercredi"]}
        series={[
          { name: "Arrivées", shape: "columns", values: [7, 0, 4] },
          { name: "Réglées", shape: "line", values: [3, 1, 2] },
        ]}
        tableSummary="Voir les nombres"
        empty="Rien"
      />,
    );
    const rows = [...html.matchAll(/<tr><th scope="row">([^<]*)<\/th>(.*?)<\/tr>/g)].map(
      ([, label, cells]) => [
        label,
        ...[...(cells ?? "").matchAll(/>([\d\s]+)<\/td>/g)].map((match) => Number(match[1])),
      ],
    );
    expect(rows).toEqual([
      ["lundi", 7, 3],
      ["mardi", 0, 1],
      ["mercredi", 4, 2],
    ]);
    expect(html.match(/<rect class="chart-mark"|<rect x=/g)?.length).toBe(4);
    expect(html).toContain('points="5,70 15,90 25,80"');
  });

  test("of nothing says so", () => {
    const none = <BarTable view={view} caption="c" head="h" columns={[]} rows={[]} empty="Rien encore" />;
    expect(renderToString(none)).toBe('<p class="empty">Rien encore</p>');
    const time = (
      <TimeChart
        view={view}
        caption="c"
        head="h"
        labels={["lundi"]}
        series={[{ name: "a", shape: "line", values: [0] }]}
        tableSummary="s"
        empty="Rien encore"
      />
    );
    expect(renderToString(time)).toBe('<p class="empty">Rien encore</p>');
  });

  test.each([
    [0, 1],
    [1, 1],
    [1.5, 2],
    [7, 10],
    [10, 10],
    [11, 20],
    [480, 500],
    [1001, 2000],
  ])("of at most %d has a scale to %d", (largest, top) => {
    expect(niceTop(largest)).toBe(top);
  });
});
