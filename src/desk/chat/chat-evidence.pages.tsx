import type { ComponentChildren } from "preact";
import type { MessageKey } from "../../i18n/translations.ts";
import { Exact } from "../../ui/facts.tsx";
import type { View } from "../../ui/view.ts";
import type { ChatEvidence } from "./chat.ts";

/** What came with a conversation by itself, in words for whoever sends it, or for staff who read it. */
export function evidenceRows(
  view: View,
  evidence: ChatEvidence,
  reader: "person" | "staff",
): { label: string; value: ComponentChildren }[] {
  const { t } = view;
  const label = (name: "at" | "path" | "incident" | "browser" | "device" | "articles") =>
    t(reader === "staff" ? `inbox.evidence.${name}` : `contact.evidence.${name}`);
  const rows: [name: string, value: ComponentChildren | undefined][] = [
    [label("at"), view.moment(evidence.at)],
    [label("path"), evidence.path && <Exact>{evidence.path}</Exact>],
    [label("incident"), evidence.incident && <Exact>{evidence.incident}</Exact>],
    [label("browser"), evidence.browser],
    [label("device"), evidence.device && t(`contact.device.${evidence.device}` as MessageKey)],
    [label("articles"), evidence.articlesRead?.join(", ")],
    ...(evidence.diagnosis ?? []).map(({ question, answer }): [string, string] => [question, answer]),
  ];
  return rows.flatMap(([name, value]) =>
    value === undefined || value === "" ? [] : [{ label: name, value }],
  );
}
