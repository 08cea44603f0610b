import { generateKeyPairSync } from "node:crypto";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { certificates } from "../../test/support/certificates.ts";
import { findProjectRoot } from "../kernel/root.ts";
import { readConfig } from "./config.ts";
import { listSettings } from "./settings.ts";

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "loquet-config-"));
  for (const folder of ["presets", "locales"])
    cpSync(join(findProjectRoot(), folder), join(root, folder), { recursive: true });
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const masterSecret = "a-master-secret-of-more-than-32-characters";

/** What a portal open to the world sets. */
const inTheOpen = {
  HOST: "0.0.0.0",
  LOQUET_URL: "https://acces.example.fr",
  SMTP_URL: "smtps://portal:mail-password@mail.example.fr:465",
  LOQUET_MAIL_FROM: "Portail <ne-pas-repondre@example.fr>",
  LOQUET_SMS_URL: "clicksend://portal%40example.fr:sms-key@rest.example.org",
  LOQUET_TRUSTED_PROXIES: "127.0.0.1, 10.0.0.0/8, ::1",
};

function accepted(environment: Record<string, string | undefined>) {
  const read = readConfig(environment, root);
  if (!read.ok) throw new Error(read.faults.join("\n"));
  return read;
}

function faultsOf(environment: Record<string, string | undefined>): string[] {
  const read = readConfig(environment, root);
  return read.ok ? [] : read.faults;
}

function writeOverride(content: unknown): string {
  const path = join(root, "own.json");
  writeFileSync(path, typeof content === "string" ? content : JSON.stringify(content));
  return path;
}

describe("a start without settings", () => {
  test("is a trial of the school preset, on loopback, with captured messages and invented people", () => {
    const { config, warnings } = accepted({});
    expect(config).toMatchObject({
      host: "127.0.0.1",
      port: 3000,
      url: "http://127.0.0.1:3000",
      isHttps: false,
      isLoopback: true,
      dataFolder: join(root, "data", "trial-school"),
      databaseUrl: null,
      presetName: "school",
      isDemo: true,
      sms: { kind: "captured" },
      secretPrevious: null,
      trustedProxies: [],
      timezone: "Europe/Paris",
      metricsToken: null,
      logLevel: "info",
    });
    expect(config.mail).toEqual({
      from: { name: "Portail scolaire", address: "no-reply@loquet.example" },
      smtpUrl: null,
      dkim: null,
    });
    expect(warnings).toEqual([]);
  });

  test("stays a trial when only port, host, address, folder or preset are said", () => {
    const { config } = accepted({
      PORT: "8080",
      HOST: "::1",
      LOQUET_PRESET: "community",
      LOQUET_DATA: "elsewhere",
      LOQUET_URL: "http://localhost:8080/",
    });
    expect(config).toMatchObject({ isDemo: true, isLoopback: true, url: "http://localhost:8080" });
    expect(config.dataFolder).toBe(join(root, "elsewhere"));
    expect(accepted({ LOQUET_PRESET: "service" }).config.dataFolder).toBe(
      join(root, "data", "trial-service"),
    );
  });

  test("takes its address from HOST and PORT", () => {
    expect(accepted({ HOST: "::1", PORT: "4000" }).config.url).toBe("http://[::1]:4000");
    expect(accepted({ HOST: "localhost", PORT: "80" }).config.url).toBe("http://localhost");
  });

  test("is no trial any more once another setting is there, unless it is asked for", () => {
    const { config } = accepted({ LOQUET_TIMEZONE: "Indian/Reunion" });
    expect(config).toMatchObject({
      isDemo: false,
      dataFolder: join(root, "data"),
      timezone: "Indian/Reunion",
    });
    expect(accepted({ LOQUET_TIMEZONE: "Indian/Reunion", LOQUET_DEMO: "1" }).config.isDemo).toBe(true);
    expect(accepted({ LOQUET_DEMO: "0" }).config.isDemo).toBe(false);
  });

  test("treats an empty setting as an unset one", () => {
    expect(accepted({ SMTP_URL: "", LOQUET_SMS_URL: "  ", DATABASE_URL: undefined }).config.isDemo).toBe(
      true,
    );
  });
});

describe("a portal in the open", () => {
  test("is accepted with its mail, its SMS and its proxies", () => {
    const { config, warnings } = accepted({ ...inTheOpen, LOQUET_SECRET: masterSecret });
    expect(config).toMatchObject({
      isHttps: true,
      isLoopback: false,
      isDemo: false,
      url: "https://acces.example.fr",
      trustedProxies: ["127.0.0.1/32", "10.0.0.0/8", "::1/128"],
    });
    expect(config.mail.from).toEqual({ name: "Portail", address: "ne-pas-repondre@example.fr" });
    expect(config.mail.smtpUrl?.reveal()).toBe(inTheOpen.SMTP_URL);
    expect(config.sms.kind === "clicksend" && config.sms.url.reveal()).toBe(inTheOpen.LOQUET_SMS_URL);
    expect(config.secret.reveal()).toBe(masterSecret);
    expect(warnings).toEqual([expect.stringMatching(/^legalFolder: /)]);
  });

  test("is refused without address, mail and SMS, and with invented people, all told at once", () => {
    expect(faultsOf({ HOST: "0.0.0.0", LOQUET_DEMO: "1" }).map(nameOf)).toEqual([
      "LOQUET_URL",
      "SMTP_URL",
      "LOQUET_SMS_URL",
      "LOQUET_DEMO",
    ]);
  });

  test("is refused as soon as either its host or its address is not loopback", () => {
    expect(faultsOf({ LOQUET_URL: "https://acces.example.fr" }).map(nameOf)).toEqual([
      "SMTP_URL",
      "LOQUET_SMS_URL",
    ]);
    expect(faultsOf({ HOST: "192.0.2.7", LOQUET_URL: "http://127.0.0.1:3000" }).map(nameOf)).toEqual([
      "SMTP_URL",
      "LOQUET_SMS_URL",
    ]);
  });

  test("refuses plain http, unless the operator takes it upon himself", () => {
    const plain = { ...inTheOpen, LOQUET_URL: "http://acces.example.fr" };
    expect(faultsOf(plain)).toEqual([expect.stringMatching(/^LOQUET_URL: must start with https:\/\//)]);
    const { config, warnings } = accepted({ ...plain, LOQUET_ALLOW_HTTP: "1" });
    expect(config.isHttps).toBe(false);
    expect(warnings.map(nameOf)).toContain("LOQUET_ALLOW_HTTP");
  });

  test("can do without SMS", () => {
    expect(accepted({ ...inTheOpen, LOQUET_SMS_URL: "off" }).config.sms).toEqual({ kind: "off" });
  });

  test("cannot do without SMS where a kind of person knows no other channel", () => {
    const LOQUET_CONFIG = writeOverride({ recoveryChannels: { guardian: ["sms"] } });
    expect(faultsOf({ ...inTheOpen, LOQUET_SMS_URL: "off", LOQUET_CONFIG })).toEqual([
      "LOQUET_SMS_URL: must not be off, since recoveryChannels.guardian of the preset holds only sms.",
    ]);
  });

  test("is warned of https without a believed proxy, of believing everybody, and of a signature for another domain", () => {
    expect(accepted({ ...inTheOpen, LOQUET_TRUSTED_PROXIES: "" }).warnings.map(nameOf)).toContain(
      "LOQUET_TRUSTED_PROXIES",
    );
    expect(accepted({ ...inTheOpen, LOQUET_TRUSTED_PROXIES: "0.0.0.0/0" }).warnings.map(nameOf)).toContain(
      "LOQUET_TRUSTED_PROXIES",
    );
    const signed = {
      LOQUET_DKIM_DOMAIN: "other.example",
      LOQUET_DKIM_SELECTOR: "loquet1",
      LOQUET_DKIM_KEY: rsaKey(),
    };
    expect(accepted({ ...inTheOpen, ...signed }).warnings.map(nameOf)).toContain("LOQUET_DKIM_DOMAIN");
  });

  test("needs the secret of all nodes with PostgreSQL, and a sender with a mail server", () => {
    const { LOQUET_MAIL_FROM: _, ...withoutSender } = inTheOpen;
    const DATABASE_URL = "postgres://loquet:db-password@127.0.0.1/loquet";
    expect(faultsOf({ ...withoutSender, DATABASE_URL }).map(nameOf)).toEqual([
      "LOQUET_MAIL_FROM",
      "LOQUET_SECRET",
    ]);
    const { config } = accepted({ ...inTheOpen, DATABASE_URL, LOQUET_SECRET: masterSecret });
    expect(config.databaseUrl?.reveal()).toBe(DATABASE_URL);
  });
});

describe("faults", () => {
  const broken = {
    PORT: "70000",
    HOST: "not a host",
    LOQUET_URL: "ftp://acces.example.fr",
    LOQUET_PRESET: "school",
    LOQUET_DEMO: "yes",
    DATABASE_URL: "mysql://root:hidden-in-database@127.0.0.1/loquet",
    SMTP_URL: "http://portal:hidden-in-smtp@mail.example.fr",
    LOQUET_MAIL_FROM: "Portail <nobody>",
    LOQUET_SMS_URL: "twilio://portal:hidden-in-sms@rest.example.org",
    LOQUET_SECRET: "hidden-but-too-short",
    LOQUET_SECRET_PREVIOUS: "hidden-previous",
    LOQUET_TRUSTED_PROXIES: "10.0.0.0/99",
    LOQUET_TIMEZONE: "Europe/Lutece",
    LOQUET_METRICS_TOKEN: "hidden-token",
    LOQUET_ALLOW_HTTP: "perhaps",
    LOQUET_DKIM_DOMAIN: "not a domain",
    LOQUET_DKIM_KEY: "hidden-key",
    LOQUET_LOG_LEVEL: "loud",
    LOQUET_TIMEZON: "Europe/Paris",
  };

  test("are reported all at once, each naming its setting", () => {
    const LOQUET_CONFIG = writeOverride({ password: { minLength: "12" } });
    const names = faultsOf({ ...broken, LOQUET_CONFIG }).map(nameOf);
    expect(new Set(names)).toEqual(
      new Set(
        [
          ...Object.keys(broken),
          `LOQUET_CONFIG (${LOQUET_CONFIG}) → password.minLength`,
          "LOQUET_DKIM_SELECTOR",
        ].filter((name) => name !== "LOQUET_PRESET"),
      ),
    );
    expect(new Set(names).size).toBe(names.length);
  });

  test("are one sentence each, and never hold a secret", () => {
    for (const fault of faultsOf(broken)) {
      expect(fault).toMatch(/^[A-Z_]+: [^\n]+[.?]$/);
      expect(fault).not.toContain("hidden");
    }
  });

  test("write nothing", () => {
    faultsOf(broken);
    expect(existsSync(join(root, "data"))).toBe(false);
  });

  test("name the setting that a mistyped one means", () => {
    expect(faultsOf({ LOQUET_TIMEZON: "Europe/Paris" })).toEqual([
      "LOQUET_TIMEZON: is not a setting of Loquet; did you mean LOQUET_TIMEZONE?",
    ]);
    expect(faultsOf({ LOQUET_SMTP_URL: "smtp://mail.example.fr" })[0]).toMatch(/did you mean SMTP_URL\?$/);
    expect(faultsOf({ loquet_data: "x" })[0]).toMatch(/did you mean LOQUET_DATA\?$/);
    expect(faultsOf({ LOQUET_SECRETFILE: "x" })[0]).toMatch(/did you mean LOQUET_SECRET_FILE\?$/);
    expect(faultsOf({ LOQUET_PURPLE_ELEPHANT: "x" })).toEqual([
      "LOQUET_PURPLE_ELEPHANT: is not a setting of Loquet.",
    ]);
  });

  test.each([
    ["LOQUET_URL", "https://user:pass@acces.example.fr"],
    ["LOQUET_URL", "https://acces.example.fr/portal"],
    ["LOQUET_URL", "https://acces.example.fr/?a"],
    ["LOQUET_URL", "acces.example.fr"],
    ["PORT", "0"],
    ["PORT", "3000.5"],
    ["HOST", "127.1"],
    ["HOST", "portal.1"],
    ["HOST", "fe80::1%eth0"],
    ["LOQUET_PRESET", "scool"],
    ["SMTP_URL", "smtp://"],
    ["SMTP_URL", "smtp://portal:100%@mail.example.fr"],
    ["SMTP_URL", "smtp://mail.example.fr:99999"],
    ["LOQUET_SMS_URL", "clicksend://only-a-user@rest.example.org"],
    ["LOQUET_SMS_URL", "clicksend+http://portal:key@rest.example.org"],
    ["LOQUET_SMS_URL", "smpp://only-a-system@127.0.0.1:2775"],
    ["LOQUET_SMS_URL", "smpp://system:password@"],
    ["LOQUET_SMS_URL", "smpp://system:password@127.0.0.1:2775/path"],
    ["LOQUET_SMS_URL", "smpp://system:100%@127.0.0.1:2775"],
    ["LOQUET_SMS_URL", "smpp://syst%C3%A8me:password@127.0.0.1:2775"],
    ["LOQUET_SMS_URL", "smpp://system:password@127.0.0.1:2775?window=0"],
    ["LOQUET_SMS_URL", "smpp://system:password@127.0.0.1:2775?from=A+much+too+long+name"],
    ["LOQUET_SMS_URL", "smpp://system:password@127.0.0.1:2775?sender=LOQUET"],
    ["LOQUET_MAIL_FROM", "Portail <a@example.fr>\r\nBcc: all@example.fr"],
    ["LOQUET_MAIL_FROM", "Por\ttail <a@example.fr>"],
    ["LOQUET_MAIL_FROM", "a@example.fr, b@example.fr"],
    ["LOQUET_TRUSTED_PROXIES", "0x7f.1/8"],
    ["LOQUET_TRUSTED_PROXIES", "loopback"],
    ["LOQUET_DKIM_KEY", "-----BEGIN PRIVATE KEY-----"],
  ])("refuse %s=%s", (name, value) => {
    expect(faultsOf({ LOQUET_DEMO: "0", [name]: value }).map(nameOf)).toContain(name);
  });

  test("take an SMPP provider, and warn where its password travels readable", () => {
    const read = (url: string) => accepted({ ...inTheOpen, LOQUET_SMS_URL: url, LOQUET_DATA: "data" });
    const near = read("smpp://system:pass%2Fword@127.0.0.1:2775?from=LOQUET&window=20");
    expect(near.config.sms).toMatchObject({ kind: "smpp" });
    const about = (warnings: string[]) => warnings.filter((one) => one.startsWith("LOQUET_SMS_URL"));
    expect(about(near.warnings)).toEqual([]);
    expect(about(read("smpps://system:password@smpp.example.org").warnings)).toEqual([]);
    const far = about(read("smpp://system:pass%2Fword@smpp.example.org").warnings);
    expect(far).toHaveLength(1);
    expect(far.join()).not.toMatch(/pass(%2F|\/)word/);
  });

  test("say of a data folder that it is a file", () => {
    writeFileSync(join(root, "taken"), "");
    expect(faultsOf({ LOQUET_DATA: "taken/inside" }).map(nameOf)).toEqual(["LOQUET_DATA"]);
  });

  test("say of a rotated secret that it is the same", () => {
    expect(
      faultsOf({ LOQUET_SECRET: masterSecret, LOQUET_SECRET_PREVIOUS: masterSecret }).map(nameOf),
    ).toEqual(["LOQUET_SECRET_PREVIOUS"]);
  });
});

describe("secrets in files", () => {
  const secretNames = listSettings()
    .filter((setting) => setting.isSecret)
    .map((setting) => setting.name);

  test("are read for every secret setting", () => {
    expect(secretNames).toEqual([
      "DATABASE_URL",
      "SMTP_URL",
      "LOQUET_SMS_URL",
      "LOQUET_SECRET",
      "LOQUET_SECRET_PREVIOUS",
      "LOQUET_METRICS_TOKEN",
      "LOQUET_DKIM_KEY",
    ]);
    const contents: Record<string, string> = {
      DATABASE_URL: "postgres://loquet:db-password@127.0.0.1/loquet",
      SMTP_URL: inTheOpen.SMTP_URL,
      LOQUET_SMS_URL: inTheOpen.LOQUET_SMS_URL,
      LOQUET_SECRET: masterSecret,
      LOQUET_SECRET_PREVIOUS: `${masterSecret}-before`,
      LOQUET_METRICS_TOKEN: "a-token-for-metrics",
      LOQUET_DKIM_KEY: rsaKey(),
    };
    const environment: Record<string, string> = {
      LOQUET_MAIL_FROM: "a@example.fr",
      LOQUET_DKIM_DOMAIN: "example.fr",
      LOQUET_DKIM_SELECTOR: "loquet1",
    };
    for (const [name, content] of Object.entries(contents)) {
      writeFileSync(join(root, name), `${content}\n`);
      environment[`${name}_FILE`] = name;
    }
    const { config } = accepted(environment);
    expect(config.databaseUrl?.reveal()).toBe(contents.DATABASE_URL);
    expect(config.mail.smtpUrl?.reveal()).toBe(contents.SMTP_URL);
    expect(config.mail.from).toEqual({ name: "Portail scolaire", address: "a@example.fr" });
    expect(config.sms.kind === "clicksend" && config.sms.url.reveal()).toBe(contents.LOQUET_SMS_URL);
    expect(config.secret.reveal()).toBe(contents.LOQUET_SECRET);
    expect(config.secretPrevious?.reveal()).toBe(contents.LOQUET_SECRET_PREVIOUS);
    expect(config.metricsToken?.reveal()).toBe(contents.LOQUET_METRICS_TOKEN);
    expect(config.mail.dkim?.privateKey.reveal().trim()).toBe(contents.LOQUET_DKIM_KEY?.trim());
  });

  test("are refused when the file is missing or empty, or the setting is there as well", () => {
    writeFileSync(join(root, "empty"), "\n");
    const faults = faultsOf({
      LOQUET_SECRET_FILE: "empty",
      LOQUET_METRICS_TOKEN: "a-token-for-metrics",
      LOQUET_METRICS_TOKEN_FILE: "empty",
      // A secret put where a path belongs must not end in the log.
      DATABASE_URL_FILE: "postgres://loquet:hidden-in-path@127.0.0.1/loquet",
    });
    expect(faults.map(nameOf)).toEqual([
      "DATABASE_URL_FILE",
      "LOQUET_SECRET_FILE",
      "LOQUET_METRICS_TOKEN_FILE",
    ]);
    expect(faults.join()).not.toContain("hidden");
  });
});

describe("the generated secret", () => {
  test("is made once, for its owner only, and used again", () => {
    const first = accepted({}).config;
    const path = join(first.dataFolder, "secret");
    expect(first.secret.reveal()).toMatch(/^[\w-]{43}$/);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readdirSync(first.dataFolder)).toEqual(["secret"]);
    expect(accepted({}).config.secret.reveal()).toBe(first.secret.reveal());
  });

  test("is not made when one is given", () => {
    const { config } = accepted({ LOQUET_SECRET: masterSecret });
    expect(readdirSync(config.dataFolder)).toEqual([]);
  });

  test("is refused when cut, and warned of when others can read it or another one replaces it", () => {
    mkdirSync(join(root, "kept"));
    const path = join(root, "kept", "secret");
    writeFileSync(path, "cut", { mode: 0o600 });
    expect(faultsOf({ LOQUET_DATA: "kept" }).map(nameOf)).toEqual(["LOQUET_SECRET"]);

    writeFileSync(path, `${masterSecret}\n`);
    chmodSync(path, 0o644);
    expect(accepted({ LOQUET_DATA: "kept" }).warnings.map(nameOf)).toEqual(["LOQUET_SECRET"]);

    const replaced = { LOQUET_DATA: "kept", LOQUET_SECRET: `${masterSecret}-new` };
    expect(accepted(replaced).warnings.map(nameOf)).toContain("LOQUET_SECRET");
    expect(
      accepted({ ...replaced, LOQUET_SECRET_PREVIOUS: masterSecret }).warnings.map(nameOf),
    ).not.toContain("LOQUET_SECRET");
  });
});

describe("the config", () => {
  test("is frozen to the bottom", () => {
    const { config } = accepted({});
    expect(() => Object.assign(config.preset.lockout, { triesBeforeLock: 1 })).toThrow(TypeError);
    expect(() => config.preset.kinds.push("member")).toThrow(TypeError);
    expect(() => Object.assign(config.mail.from, { name: "x" })).toThrow(TypeError);
  });

  test("prints no secret", () => {
    const { config } = accepted({
      ...inTheOpen,
      LOQUET_SECRET: masterSecret,
      LOQUET_METRICS_TOKEN: "a-token-for-metrics",
    });
    const printed = `${JSON.stringify(config)}${inspect(config, { depth: 9, showHidden: true })}`;
    for (const secret of [masterSecret, "mail-password", "sms-key", "a-token-for-metrics"]) {
      expect(printed).not.toContain(secret);
    }
  });
});

describe("the operator's own file", () => {
  test("is laid over the preset: groups merged, lists replaced", () => {
    writeFileSync(join(root, "logo.svg"), "<svg/>");
    mkdirSync(join(root, "legal"));
    const LOQUET_CONFIG = writeOverride({
      brandName: "Collège des Tilleuls",
      brandLogo: "logo.svg",
      legalFolder: "./legal",
      lockout: { lockForSeconds: 600 },
      slowedAddresses: ["192.0.2.0/24"],
      limits: { "sign-up.per-source": { max: 7 } },
    });
    const { preset } = accepted({ LOQUET_CONFIG }).config;
    expect(preset.lockout).toMatchObject({ lockForSeconds: 600, triesBeforeLock: 10 });
    expect(preset.limits["sign-up.per-source"]).toEqual({ max: 7, perSeconds: 3600 });
    expect(preset).toMatchObject({
      brandName: "Collège des Tilleuls",
      brandLogo: join(root, "logo.svg"),
      legalFolder: join(root, "legal"),
      slowedAddresses: ["192.0.2.0/24"],
    });
  });

  test("has its faults told with its name and the place in it", () => {
    const LOQUET_CONFIG = writeOverride({
      lockout: { lockForSecond: 60, triesBeforeLock: 1 },
      kinds: ["guardian", "puppil"],
      sessions: { absoluteForSeconds: 600 },
      brandLogo: "missing.svg",
      limits: { "sign-up.per-source": { max: 1.5 } },
      colour: "red",
    });
    const told = `LOQUET_CONFIG (${LOQUET_CONFIG})`;
    expect(faultsOf({ LOQUET_CONFIG }).sort()).toEqual(
      [
        `${told} → kinds[1]: must be one of guardian, pupil, member, staff.`,
        `${told} → lockout.triesBeforeLock: must be at least 3.`,
        `${told} → lockout.lockForSecond: is not a setting; did you mean lockForSeconds?`,
        `${told} → limits["sign-up.per-source"].max: must be a whole number.`,
        `${told} → sessions.idleForSeconds: is 1800, which is more than sessions.absoluteForSeconds (600).`,
        `${told} → colour: is not a setting.`,
      ].sort(),
    );
  });

  test("has missing files and languages told", () => {
    const named = { fr: "x", xx: "x" };
    const aRelay = {
      id: "desk",
      isShown: true,
      for: ["pupil"],
      hours: null,
      closedOn: [],
      firstAnswerWithinSeconds: 3600,
      resolveWithinSeconds: 3600,
      escalatesTo: null,
    };
    const LOQUET_CONFIG = writeOverride({
      brandLogo: "missing.svg",
      legalFolder: "missing",
      languages: { offered: ["fr", "xx"] },
      relays: [{ ...aRelay, name: named, lines: { fr: ["x"], xx: ["x"] } }],
      roles: [{ id: "r", level: 1, name: named, helps: [], reach: "everybody", relays: [], may: [] }],
      caseRouting: [{ symptoms: null, kinds: null, relay: "desk" }],
      name: "service",
    });
    expect(faultsOf({ LOQUET_CONFIG }).map((fault) => nameOf(fault).split(" → ")[1])).toEqual([
      "name",
      "brandLogo",
      "legalFolder",
      "languages.offered[1]",
    ]);
  });

  test("cannot reach beneath the settings through a prototype", () => {
    const LOQUET_CONFIG = writeOverride(
      '{"__proto__": {"isOpen": true}, "registration": {"__proto__": {"isOpen": true}}}',
    );
    expect(faultsOf({ LOQUET_CONFIG }).map((fault) => nameOf(fault).split(" → ")[1])).toEqual(
      expect.arrayContaining(["__proto__", "registration.__proto__"]),
    );
    expect(({} as Record<string, unknown>).isOpen).toBeUndefined();
  });

  test("is told when it cannot be read, is not JSON or is not a group, without repeating what it holds", () => {
    expect(faultsOf({ LOQUET_CONFIG: "nowhere.json" })).toEqual([
      `LOQUET_CONFIG (${join(root, "nowhere.json")}): cannot be read (ENOENT).`,
    ]);
    const broken = faultsOf({ LOQUET_CONFIG: writeOverride('{"brandName": hidden}') });
    expect(broken[0]).toMatch(/is not valid JSON/);
    expect(broken[0]).not.toContain("hidden");
    expect(faultsOf({ LOQUET_CONFIG: writeOverride("[]") })[0]).toMatch(/must hold one group of settings/);
  });

  test("is told of together with a broken preset", () => {
    writeFileSync(join(root, "presets", "school.json"), "{");
    const faults = faultsOf({ LOQUET_CONFIG: "nowhere.json" });
    expect(faults).toHaveLength(2);
    expect(faults[1]).toMatch(/^presets\/school\.json: is not valid JSON/);
  });
});

/** What stands before the first colon that ends a name: the setting that a sentence is about. */
function nameOf(sentence: string): string {
  return sentence.slice(0, sentence.indexOf(": "));
}

function rsaKey(): string {
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  return privateKey.export({ type: "pkcs8", format: "pem" }).toString();
}

describe("mail that arrives", () => {
  function writeCertificate() {
    writeFileSync(join(root, "mail.pem"), certificates.old.cert);
    writeFileSync(join(root, "mail.key"), certificates.old.key);
    return { LOQUET_INBOUND_TLS_CERT: "mail.pem", LOQUET_INBOUND_TLS_KEY: join(root, "mail.key") };
  }

  test("is not received unless a host and a port are named", () => {
    expect(accepted({}).config.inboundMail).toBeNull();
    expect(accepted({ LOQUET_INBOUND_MAIL: "127.0.0.1:2525" }).config.inboundMail).toEqual({
      host: "127.0.0.1",
      port: 2525,
      tls: null,
    });
    expect(accepted({ LOQUET_INBOUND_MAIL: "[::1]:25" }).config.inboundMail).toMatchObject({
      host: "::1",
      port: 25,
    });
    for (const wrong of [
      "2525",
      "127.0.0.1",
      ":25",
      "::1:25",
      "host:0",
      "host:70000",
      "smtp://host:25",
      "a b:25",
    ]) {
      expect(faultsOf({ LOQUET_INBOUND_MAIL: wrong })).toEqual([
        "LOQUET_INBOUND_MAIL: must be the host and port to listen on, such as 127.0.0.1:2525 or [::1]:2525.",
      ]);
    }
  });

  test("needs an address that people write to", () => {
    const settings = {
      LOQUET_INBOUND_MAIL: "127.0.0.1:2525",
      LOQUET_CONFIG: writeOverride({ support: { address: null } }),
    };
    expect(faultsOf(settings)).toEqual([
      "LOQUET_INBOUND_MAIL: needs support.address in LOQUET_CONFIG, such as aide@ecole.example.",
    ]);
  });

  test("comes encrypted with a certificate and its key, which belong together", () => {
    const at = { LOQUET_INBOUND_MAIL: "127.0.0.1:2525" };
    const tls = writeCertificate();
    expect(accepted({ ...at, ...tls }).config.inboundMail?.tls).toEqual({
      certFile: join(root, "mail.pem"),
      keyFile: join(root, "mail.key"),
    });
    expect(faultsOf({ ...at, LOQUET_INBOUND_TLS_CERT: "mail.pem" })).toEqual([
      "LOQUET_INBOUND_TLS_KEY: is mandatory with LOQUET_INBOUND_TLS_CERT; set both or none.",
    ]);
    expect(faultsOf(tls).map(nameOf)).toEqual(["LOQUET_INBOUND_TLS_CERT"]);
    expect(faultsOf({ ...at, ...tls, LOQUET_INBOUND_TLS_KEY: "missing.key" })).toEqual([
      "LOQUET_INBOUND_TLS_KEY: the file it names cannot be read (ENOENT).",
    ]);
    writeFileSync(join(root, "mail.key"), certificates.new.key);
    expect(faultsOf({ ...at, ...tls }).map(nameOf)).toEqual(["LOQUET_INBOUND_TLS_CERT"]);
  });

  test("in the clear over a network is worth a warning", () => {
    const open = { ...inTheOpen, LOQUET_INBOUND_MAIL: "0.0.0.0:25" };
    expect(accepted(open).warnings.map(nameOf)).toContain("LOQUET_INBOUND_TLS_CERT");
    expect(accepted({ ...open, ...writeCertificate() }).warnings.map(nameOf)).not.toContain(
      "LOQUET_INBOUND_TLS_CERT",
    );
    expect(
      accepted({ ...inTheOpen, LOQUET_INBOUND_MAIL: "127.0.0.1:25" }).warnings.map(nameOf),
    ).not.toContain("LOQUET_INBOUND_TLS_CERT");
  });
});
