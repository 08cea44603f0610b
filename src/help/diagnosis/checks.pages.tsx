import type { MessageKey } from "../../i18n/translations.ts";
import { LinkList } from "../../ui/buttons.tsx";
import { ToneIcon } from "../../ui/icons.tsx";
import { Notice } from "../../ui/notices.tsx";
import { Page } from "../../ui/page.tsx";
import type { Tone, View } from "../../ui/view.ts";
import { type BrowserCheck, browserChecks, type CheckResult, resultsOf } from "./checks.ts";

/** Something that the server itself knows of this visit. */
export interface KnownCheck {
  id: string;
  result: CheckResult;
  text: string;
  /** What to do about it, and where. */
  remedy?: string;
  link?: { href: string; label: string };
}

export interface ChecksProps {
  view: View;
  known: KnownCheck[];
  /** The portal's own address: another one in the address line is a trouble of its own. */
  origin: string;
}

const order: CheckResult[] = ["bad", "perhaps", "good"];
const tones: Record<CheckResult, Tone> = { bad: "wrong", perhaps: "careful", good: "good" };

/** « Ce qui va bien / ce qui gêne »: what the server knows, and what the browser's own script finds. */
export function ChecksPage({ view, known, origin }: ChecksProps) {
  const { t } = view;
  return (
    <Page view={view} title={t("browser-checks.title")} scripts={[view.assets.helpJs]}>
      <p>{t("browser-checks.intro")}</p>
      <noscript>
        <Notice view={view} tone="careful" title={t("browser-checks.no-script.title")}>
          <p>{t("browser-checks.no-script.what")}</p>
        </Notice>
      </noscript>
      <section {...checksData(view, origin)} aria-label={t("browser-checks.results")}>
        <p class="checks-waiting">{t("browser-checks.waiting")}</p>
        <p class="checks-said" role="status" />
        {order.map((result) => (
          <ResultList key={result} view={view} result={result} known={known} />
        ))}
      </section>
      <p>
        <a class="button is-quiet" href="/help/diagnosis/clear">
          {t("clear-site.title")}
        </a>
      </p>
      <LinkList
        links={[
          { href: "/help/diagnosis", label: t("diagnosis.go-on") },
          { href: "/help/status", label: t("service-status.more") },
        ]}
      />
    </Page>
  );
}

/** For the first page of the diagnosis: nothing is seen unless something is in the way. */
export function QuietChecks({ view, known, origin }: ChecksProps) {
  const { t } = view;
  return (
    <section {...checksData(view, origin)} data-quiet="" aria-label={t("browser-checks.bad")}>
      <p class="unseen" role="status" />
      <ResultList view={view} result="bad" known={known} />
    </section>
  );
}

function checksData({ t }: View, origin: string) {
  return {
    class: "checks",
    "data-browser-checks": "/help/diagnosis/probe",
    "data-origin": origin,
    "data-said-none": t("browser-checks.said.none"),
    "data-said-some": t("browser-checks.said.some", { count: "{count}" }),
  };
}

/** Everything that can be found is written here, and hidden: the script only chooses what is shown. */
function ResultList({ view, result, known }: { view: View; result: CheckResult; known: KnownCheck[] }) {
  const { t } = view;
  const own = known.filter((one) => one.result === result);
  return (
    <div data-result={result} hidden={own.length === 0}>
      <h2>{t(`browser-checks.${result}`)}</h2>
      <ul class="check-list">
        {own.map((one) => (
          <li key={one.id} data-known={one.id}>
            <ToneIcon tone={tones[result]} />
            <div>
              <p class="check-name">{one.text}</p>
              {one.remedy !== undefined && <p>{one.remedy}</p>}
              {one.link && (
                <p>
                  <a href={one.link.href}>{one.link.label}</a>
                </p>
              )}
            </div>
          </li>
        ))}
        {browserChecks
          .filter((check) => resultsOf[check].includes(result))
          .map((check) => (
            <BrowserCheckLine key={check} view={view} check={check} result={result} />
          ))}
      </ul>
    </div>
  );
}

function BrowserCheckLine(props: { view: View; check: BrowserCheck; result: CheckResult }) {
  const { view, check, result } = props;
  const { t } = view;
  const say = (part: string) => t(`browser-checks.${check}.${part}` as MessageKey);
  return (
    <li data-check={check} hidden>
      <ToneIcon tone={tones[result]} />
      <div>
        <p class="check-name">{say(result)}</p>
        {result !== "good" && <p>{say(`${result}.how`)}</p>}
      </div>
    </li>
  );
}
