/** One setting of the environment, as `doctor` and docs/operating.md show it. */
export interface Setting {
  name: string;
  /** One line for operators. */
  meaning: string;
  /** In words, since some depend on others. */
  default: string;
  /** A secret setting has a twin named `<name>_FILE`: the path of a file that holds the value. */
  isSecret: boolean;
}

const plain = (name: string, fallback: string, meaning: string): Setting => ({
  name,
  meaning,
  default: fallback,
  isSecret: false,
});
const secret = (name: string, fallback: string, meaning: string): Setting => ({
  name,
  meaning,
  default: fallback,
  isSecret: true,
});

const settings: readonly Setting[] = [
  plain("PORT", "3000", "Port to listen on."),
  plain("HOST", "127.0.0.1", "Address to listen on."),
  plain("LOQUET_URL", "http://127.0.0.1:<PORT>", "Public base address, such as https://acces.example.fr."),
  plain(
    "LOQUET_DATA",
    "./data, or ./data/trial-<preset> for a trial",
    "Folder for the database, keys and uploads. A relative path starts at the program's folder.",
  ),
  secret("DATABASE_URL", "SQLite in LOQUET_DATA", "PostgreSQL database: postgres://user:password@host/name."),
  plain("LOQUET_PRESET", "school", "What kind of portal this is: school, community or service."),
  plain("LOQUET_CONFIG", "none", "JSON file with the operator's own values, laid over the preset."),
  plain(
    "LOQUET_DEMO",
    "1 when nothing is set but PORT, HOST, LOQUET_URL, LOQUET_DATA and LOQUET_PRESET, else 0",
    "1 loads invented people, on loopback only.",
  ),
  secret("SMTP_URL", "captured (loopback only)", "Mail server: smtp://user:password@host:port, or smtps://."),
  plain(
    "LOQUET_MAIL_FROM",
    "an invented address while mail is captured",
    "Sender of every mail: Name <address>, or the address. Mandatory with SMTP_URL.",
  ),
  plain(
    "LOQUET_INBOUND_MAIL",
    "no mail is received",
    "Where mails to the support address arrive: host:port to listen on, such as 127.0.0.1:2525.",
  ),
  plain(
    "LOQUET_INBOUND_TLS_CERT",
    "STARTTLS is not offered",
    "PEM file with the certificate and its chain, for STARTTLS there. Goes with the key.",
  ),
  plain("LOQUET_INBOUND_TLS_KEY", "none", "PEM file with its private key, without passphrase."),
  secret(
    "LOQUET_SMS_URL",
    "captured (loopback only)",
    "SMS provider: clicksend://user:key@host, smpp://system:password@host:port, or off to offer SMS nowhere.",
  ),
  secret(
    "LOQUET_SECRET",
    "made once, in LOQUET_DATA/secret",
    "Master secret of 32 characters or more. Mandatory with DATABASE_URL.",
  ),
  secret(
    "LOQUET_SECRET_PREVIOUS",
    "none",
    "The master secret being rotated out: it still reads, and never writes.",
  ),
  plain(
    "LOQUET_TRUSTED_PROXIES",
    "none",
    "Address ranges (CIDR, comma-separated) whose forwarding headers are believed.",
  ),
  plain("LOQUET_TIMEZONE", "Europe/Paris", "Time zone in which people read times."),
  secret(
    "LOQUET_METRICS_TOKEN",
    "none",
    "Token for /metrics from elsewhere than loopback, 16 characters or more.",
  ),
  plain("LOQUET_ALLOW_HTTP", "0", "1 accepts a plain http LOQUET_URL off loopback."),
  plain("LOQUET_DKIM_DOMAIN", "none", "Domain that signs mails. Goes with the two others."),
  plain("LOQUET_DKIM_SELECTOR", "none", "Selector under which the domain publishes its key."),
  secret("LOQUET_DKIM_KEY", "none", "Private RSA key, in PEM."),
  plain("LOQUET_LOG_LEVEL", "info", "fatal, error, warn, info, debug or silent."),
];

/** Every setting that the environment may hold, in the order of docs/operating.md. Twins are not listed apart. */
export function listSettings(): Setting[] {
  return settings.map((setting) => ({ ...setting }));
}
