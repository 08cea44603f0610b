import type { ComponentChildren } from "preact";
import { LinkList } from "../../ui/buttons.tsx";
import { Exact, Facts } from "../../ui/facts.tsx";
import { Notice } from "../../ui/notices.tsx";
import { Page } from "../../ui/page.tsx";
import type { View } from "../../ui/view.ts";

/** What was sent, what happens next, and how to follow it. */
export function SentPage(props: {
  view: View;
  number: string;
  expectedAt: number;
  relay: { name: string; lines: string[] };
  email: string | null;
  /** The address that was probably meant. */
  meant: { email: string; href: string } | null;
  /** Whether a mail says that it has arrived. */
  isAcknowledged: boolean;
  isConfirmed: boolean;
  /** Where a mistyped address is corrected; null when it was confirmed, or read since. */
  correct: string | null;
  /** Only where there is no mailbox to send it to. */
  followPath: string | null;
  notReceived: ComponentChildren;
}) {
  const { view, number, email, relay, correct, followPath } = props;
  const { t } = view;
  return (
    <Page view={view} title={t("contact.sent.title")} tone="good">
      <Facts
        rows={[
          { label: t("cases.number"), value: <Exact>{number}</Exact> },
          { label: t("contact.sent.relay"), value: relay.name },
        ]}
      />
      <p>{t("contact.expected", { at: new Date(props.expectedAt) })}</p>
      {email === null ? (
        <>
          <p>{t("contact.sent.note")}</p>
          {followPath !== null && (
            <LinkList
              links={[
                { href: followPath, label: t("contact.sent.follow"), hint: t("contact.sent.follow.hint") },
              ]}
            />
          )}
          <section class="whom">
            <h2>{t("contact.sent.place")}</h2>
            <ul>
              <li>
                <strong>{relay.name}</strong>
                {relay.lines.map((line) => (
                  <span key={line}>{line}</span>
                ))}
              </li>
            </ul>
          </section>
        </>
      ) : (
        <>
          <p>
            {t(props.isAcknowledged ? "contact.sent.mail" : "contact.sent.answer-to")} <Exact>{email}</Exact>
          </p>
          {props.meant !== null && (
            <Notice view={view} tone="careful" title={t("registration.waiting.suggestion")}>
              <p>
                <a href={props.meant.href}>
                  <Exact>{props.meant.email}</Exact>
                </a>
              </p>
            </Notice>
          )}
          {props.isAcknowledged ? (
            <p>{t(props.isConfirmed ? "contact.sent.open" : "contact.sent.confirm")}</p>
          ) : (
            <>
              <p>{t("contact.sent.many")}</p>
              <p>{t("contact.sent.note")}</p>
            </>
          )}
          {correct !== null && <LinkList links={[{ href: correct, label: t("contact.sent.correct") }]} />}
          {props.isAcknowledged && props.notReceived}
        </>
      )}
    </Page>
  );
}
