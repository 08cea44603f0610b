import type { ComponentChildren } from "preact";
import type { MessageKey } from "../../i18n/translations.ts";
import { Exact } from "../../ui/facts.tsx";
import type { View } from "../../ui/view.ts";
import type { ChatEvidence } from "./chat.ts";

/** What came with a conversation by itself, in words: the same for whoever sends it and whoever reads it. */
export function evidenceRows(
  view: View,
  evidence: ChatEvidence,
): { label: string; value: ComponentChildren }[] {
  const { t } = view;
  const rows: [label: string, value: ComponentChildren | undefined][] = [
    [t("contact.evidence.at"), view.moment(evidence.at)],
    [t("contact.evidence.path"), evidence.path && <Exact>{evidence.path}</Exact>],
    [t("contact.evidence.incident"), evidence.incident && <Exact>{evidence.incident}</Exact>],
    [t("contact.evidence.browser"), evidence.browser],
    [t("contact.evidence.device"), evidence.device && t(`contact.device.${evidence.device}` as MessageKey)],
    [t("contact.evidence.articles"), evidence.articlesRead?.join(", ")],
    [
      t("contact.evidence.diagnosis"),
      evidence.diagnosis && (
        <ul>
          {evidence.diagnosis.map(({ question, answer }) => (
            <li key={question}>
              {question} <strong>{answer}</strong>
            </li>
          ))}
        </ul>
      ),
    ],
  ];
  return rows.flatMap(([label, value]) => (value === undefined || value === "" ? [] : [{ label, value }]));
}
