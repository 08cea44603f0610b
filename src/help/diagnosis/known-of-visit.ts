import type { Budgets } from "../../access/budgets/budgets.ts";
import type { Preset } from "../../config/preset.ts";
import type { Translate } from "../../i18n/translations.ts";
import type { Caller } from "../../kernel/caller.ts";
import type { Asked } from "../../store/store.ts";
import type { Fact, Know } from "./facts.ts";

/** What a request tells of its browser and its way here. Headers are the sender's word, and only about itself. */
export interface KnownOfVisit {
  caller: Caller;
  t: Translate;
  moment: (ms: number) => string;
  /** The cookie that it was given did not come back. */
  refusesCookies: boolean;
  /** The name under which the browser asked, and `http` or `https`, where a proxy says so. */
  host: string | null;
  scheme: string | null;
}

/** One line of the page of checks. */
export interface KnownLine {
  id: string;
  result: "good" | "bad" | "perhaps";
  text: string;
  remedy?: string;
  link?: { href: string; label: string };
}

type State = "well" | "quiet" | "late" | "down" | "unknown";

/**
 * What the portal knows by itself of a visitor: the browser's cookies, the network address, the address line, and
 * the state of the service. Never anything of an account (promise 2).
 */
export function createKnownOfVisit(deps: {
  db: Asked;
  preset: Pick<Preset, "identifier" | "registration">;
  /** Whether messages can be asked for by SMS here. */
  offersSms: boolean;
  /** The portal's own address. */
  url: string;
  budgets: Pick<Budgets, "look">;
  stateOf: (part: "email" | "sms") => Promise<State>;
}) {
  const { db, preset, budgets } = deps;

  /** Until when password tries from this network address are refused; null when they are not. */
  async function blockedUntil({ sourceKey, isSlowed }: Caller): Promise<number | null> {
    if (isSlowed) return null;
    const left = await budgets.look(db, "sign-in.failures-per-source", sourceKey);
    return left.ok ? null : left.until;
  }

  async function requestsSpentUntil({ sourceKey }: Caller): Promise<number | null> {
    const left = await budgets.look(db, "request.per-source", sourceKey);
    return left.ok ? null : left.until;
  }

  async function isTrue(fact: Fact, about: KnownOfVisit): Promise<boolean> {
    switch (fact) {
      case "address-blocked":
        return (await blockedUntil(about.caller)) !== null;
      case "cookies-refused":
        return about.refusesCookies;
      case "email-names-account":
        return preset.identifier === "email";
      case "mail-down":
        return (await deps.stateOf("email")) === "down";
      case "mail-late":
        return (await deps.stateOf("email")) === "late";
      case "sign-up-open":
        return preset.registration.isOpen;
      case "sms-down":
        return (await deps.stateOf("sms")) === "down";
      case "sms-offered":
        return deps.offersSms;
    }
  }

  /** Whether the page came by another address than the portal's own; null where the request does not tell. */
  function strayAddress({ host, scheme }: KnownOfVisit): boolean | null {
    const own = new URL(deps.url);
    const name = URL.parse(`http://${host ?? ""}`)?.hostname ?? "";
    // A proxy that asks by an internal name says nothing of what stands in the address line.
    const isInternal = name === "" || name === "localhost" || /^(127\.|\[::1\])/.test(name);
    if (isInternal && own.hostname !== name) return null;
    return name !== own.hostname || (scheme === "http" && own.protocol === "https:");
  }

  return function knownOf(about: KnownOfVisit): { know: Know; checks: () => Promise<KnownLine[]> } {
    const { t, caller, moment } = about;
    return {
      know: (fact) => isTrue(fact, about),

      async checks() {
        const lines: KnownLine[] = [
          about.refusesCookies
            ? {
                id: "cookies",
                result: "bad",
                text: t("browser-checks.cookies.bad"),
                remedy: t("browser-checks.cookies.bad.how"),
              }
            : { id: "cookies", result: "good", text: t("browser-checks.cookies.good") },
        ];
        const blocked = await blockedUntil(caller);
        lines.push(
          blocked === null
            ? { id: "network", result: "good", text: t("browser-checks.network.good") }
            : {
                id: "network",
                result: "bad",
                text: t("browser-checks.network.bad", { moment: moment(blocked) }),
                remedy: t("browser-checks.network.bad.how"),
                link: { href: "/forgot-password", label: t("recovery.title") },
              },
        );
        const spent = await requestsSpentUntil(caller);
        if (spent !== null) {
          lines.push({
            id: "requests",
            result: "bad",
            text: t("browser-checks.requests.bad", { moment: moment(spent) }),
            remedy: t("browser-checks.requests.bad.how"),
          });
        }
        if (strayAddress(about) === true) {
          lines.push({
            id: "address",
            result: "bad",
            text: t("browser-checks.address.bad"),
            remedy: t("browser-checks.address.bad.how"),
            link: { href: `${deps.url}/help/diagnosis/checks`, label: deps.url },
          });
        }
        const service = [await deps.stateOf("email"), await deps.stateOf("sms")];
        const isTroubled = service.some((state) => state === "late" || state === "down");
        lines.push({
          id: "service",
          result: isTroubled ? "bad" : "good",
          text: t(isTroubled ? "browser-checks.service.bad" : "browser-checks.service.good"),
          ...(isTroubled ? { link: { href: "/help/status", label: t("service-status.more") } } : {}),
        });
        return lines;
      },
    };
  };
}
