-- Who may do what on the desk: a role of the preset, for good or until a day, everywhere or in one establishment.
create table staff_grants (
  id text primary key,
  account_id text not null references accounts (id) on delete cascade,
  role text not null,
  establishment_id text,
  granted_at bigint not null,
  granted_by text,
  expires_at bigint
);
create index staff_grants_account on staff_grants (account_id);

-- When this session was proved by a second factor; null until it was.
alter table sessions add column second_factor_at bigint;

-- The shared secret of an authenticator application, sealed. last_step: the last 30-second step whose code was
-- taken, which is never taken again (RFC 6238 §5.2).
create table second_factors (
  account_id text primary key references accounts (id) on delete cascade,
  secret text not null,
  set_up_at bigint not null,
  last_step bigint not null,
  codes_made_at bigint not null,
  codes_kept_at bigint
);

-- Recovery codes, as HMACs under the master secret. Each serves once.
create table second_factor_codes (
  digest text primary key,
  account_id text not null references second_factors (account_id) on delete cascade,
  used_at bigint
);
create index second_factor_codes_account on second_factor_codes (account_id);

-- Somebody of a higher role asked that a forgotten second factor be taken away. It waits, so that its owner can say no.
create table second_factor_resets (
  id text primary key,
  account_id text not null references accounts (id) on delete cascade,
  asked_by text not null,
  asked_at bigint not null,
  effective_at bigint not null,
  keep_digest text not null unique,
  status text not null,
  status_at bigint not null
);
create index second_factor_resets_account on second_factor_resets (account_id);
create index second_factor_resets_due on second_factor_resets (effective_at) where status = 'waiting';
create unique index second_factor_resets_one on second_factor_resets (account_id) where status = 'waiting';
