-- Times are milliseconds since 1970 (UTC), flags 0 or 1, ids UUIDv7, digests base64url HMACs, sealed columns
-- AES-256-GCM text. The same statements serve both engines.

create table accounts (
  id text primary key,
  kind text not null,
  status text not null,
  name text not null,
  nickname text,
  locale text not null,
  password_hash text,
  password_changed_at bigint,
  contacts_frozen_until bigint,
  created_at bigint not null,
  activated_at bigint,
  closed_at bigint,
  reminded_at bigint
);
-- Accounts that were prepared for somebody have no password yet: there may be a million, and no job asks for them.
create index accounts_unfinished on accounts (status, created_at) where password_hash is not null;

-- What names an account when it is typed: one row a username or e-mail, unique over the whole portal.
create table identifiers (
  key text primary key,
  account_id text not null references accounts (id) on delete cascade,
  kind text not null,
  shown text not null
);
create index identifiers_account on identifiers (account_id);

-- A public nickname is reserved from the sign-up on; expires_at is null once the account is active.
create table nicknames (
  key text primary key,
  account_id text,
  challenge_id text,
  reserved_at bigint not null,
  expires_at bigint
);
create index nicknames_account on nicknames (account_id);

create table staff_roles (
  account_id text not null references accounts (id) on delete cascade,
  role text not null,
  granted_at bigint not null,
  primary key (account_id, role)
);

create table contact_points (
  id text primary key,
  account_id text not null references accounts (id) on delete cascade,
  channel text not null,
  address text not null,
  address_key text not null,
  state text not null,
  origin text not null,
  usable_from bigint,
  created_at bigint not null,
  verified_at bigint,
  obsolete_at bigint,
  dead_since bigint,
  dead_reason text,
  asked_at bigint
);
create index contact_points_account on contact_points (account_id);
create index contact_points_address on contact_points (address_key);

-- One secret record behind one request. A row of the same shape is made for everyone; account_id stays null on a decoy.
create table challenges (
  id text primary key,
  purpose text not null,
  subject_key text not null,
  account_id text,
  contact_point_id text,
  browser_digest text,
  link_digest text not null unique,
  code_digest text,
  code_tries_left integer not null,
  status text not null,
  status_at bigint not null,
  requested_at bigint not null,
  left_at bigint,
  expires_at bigint not null,
  context text,
  locale text not null,
  browser text,
  source_address text,
  resends integer not null,
  next_resend_at bigint
);
create index challenges_account on challenges (account_id, purpose, status);
create index challenges_browser on challenges (browser_digest, purpose, requested_at);
create index challenges_expiry on challenges (expires_at);

create table sessions (
  id text primary key,
  digest text not null unique,
  account_id text not null references accounts (id) on delete cascade,
  known_browser_id text,
  created_at bigint not null,
  last_seen_at bigint not null,
  idle_until bigint not null,
  absolute_until bigint not null,
  is_remembered integer not null,
  browser text,
  source_address text
);
create index sessions_account on sessions (account_id);

create table known_browsers (
  id text primary key,
  account_id text not null references accounts (id) on delete cascade,
  digest text not null unique,
  made_known_at bigint not null,
  last_used_at bigint not null,
  expires_at bigint not null,
  browser text
);
create index known_browsers_account on known_browsers (account_id);

-- Failures by HMAC of the identifier as typed, or of it and a known browser: never by account.
create table lockout_counters (
  key text primary key,
  failures integer not null,
  last_failure_at bigint not null,
  locked_until bigint,
  lock_id text
);

create table budgets (
  name text not null,
  key text not null,
  window_started_at bigint not null,
  spent integer not null,
  primary key (name, key)
);
create index budgets_age on budgets (window_started_at);

-- Public forms commit one request of the same shape for everyone; a worker resolves it.
create table requests (
  id text primary key,
  kind text not null,
  payload text,
  incident text,
  requested_at bigint not null,
  due_at bigint not null,
  lease_until bigint,
  lease_owner text,
  tries integer not null,
  resolved_at bigint,
  result text
);
create index requests_due on requests (resolved_at, due_at);

create table messages (
  id text primary key,
  correlation_id text not null,
  account_id text,
  contact_point_id text,
  challenge_id text,
  channel text not null,
  route text not null,
  recipient text not null,
  recipient_key text not null,
  template text not null,
  locale text not null,
  params text not null,
  secrets text,
  priority integer not null,
  status text not null,
  status_at bigint not null,
  queued_at bigint not null,
  due_at bigint not null,
  useful_until bigint not null,
  lease_until bigint,
  lease_owner text,
  tries integer not null,
  left_at bigint,
  provider_id text
);
create index messages_due on messages (status, priority, due_at);
create index messages_account on messages (account_id, queued_at);
create index messages_challenge on messages (challenge_id);
create index messages_age on messages (queued_at);

create table message_attempts (
  id text primary key,
  message_id text not null references messages (id) on delete cascade,
  route text not null,
  started_at bigint not null,
  ended_at bigint not null,
  outcome text not null,
  code text,
  detail text not null
);
create index message_attempts_message on message_attempts (message_id, started_at);

-- Addresses that refused for good; nothing unasked is sent to them.
create table suppressions (
  recipient_key text primary key,
  channel text not null,
  reason text not null,
  since bigint not null
);

-- That an unfinished sign-up was removed, so that a later request can be told when and why.
create table removed_addresses (
  address_key text primary key,
  reason text not null,
  removed_at bigint not null
);

create table journal (
  id text primary key,
  account_id text,
  event text not null,
  actor_kind text not null,
  actor_id text,
  at bigint not null,
  incident text,
  params text not null,
  reason text,
  browser text,
  source_address text
);
create index journal_account on journal (account_id, at);
create index journal_incident on journal (incident);

create table captured_messages (
  id text primary key,
  channel text not null,
  recipient text not null,
  locale text not null,
  subject text not null,
  body_text text not null,
  body_html text not null,
  links text not null,
  code text,
  queued_at bigint not null,
  sent_at bigint not null
);
create index captured_messages_age on captured_messages (sent_at);

create table jobs (
  name text primary key,
  due_at bigint not null,
  lease_until bigint,
  lease_owner text
);

-- Facts about this database itself: demo mark, restored and held, when it was made.
create table marks (
  name text primary key,
  value text not null
);
