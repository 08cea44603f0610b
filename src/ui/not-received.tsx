import { Exact, Section } from "./facts.tsx";
import type { View } from "./view.ts";

/** What to look for when a message does not come: sender, subject, spam, contacts, filters. */
export function NotReceived({
  view,
  sender,
  subject,
}: {
  view: View;
  sender: { name: string; address: string };
  subject: string;
}) {
  const { t } = view;
  return (
    <Section title={t("not-received.title")}>
      <ul class="points">
        <li>
          {t("not-received.sender")} <Exact>{`${sender.name} <${sender.address}>`}</Exact>
        </li>
        <li>{t("not-received.subject", { subject })}</li>
        <li>{t("not-received.spam")}</li>
        <li>{t("not-received.contacts")}</li>
        <li>{t("not-received.filter")}</li>
      </ul>
    </Section>
  );
}

/** The same for an SMS: what there is to see to, a sentence each. */
export function SmsNotReceived({ view, advice }: { view: View; advice: string[] }) {
  return (
    <Section title={view.t("not-received.title")}>
      <ul>
        {advice.map((sentence) => (
          <li key={sentence}>{sentence}</li>
        ))}
      </ul>
    </Section>
  );
}
