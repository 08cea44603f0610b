-- Codes of printed letters, by their digest alone: the plain code is nowhere but on the paper. status: live (one an
-- account at most), replaced by a newer letter, or used.
create table letter_codes (
  id text primary key,
  account_id text not null references accounts (id) on delete cascade,
  code_digest text not null,
  status text not null,
  status_at bigint not null,
  printed_at bigint not null,
  printed_by text not null,
  expires_at bigint not null
);
create unique index letter_codes_live on letter_codes (account_id) where status = 'live';
create index letter_codes_account on letter_codes (account_id, code_digest);
create index letter_codes_expiry on letter_codes (expires_at);

-- An activation that a browser began, from the proof (the code of a letter, or a mobile number with a birth date) until
-- the account is open. letter_id: the code proved, which must stay live. contact_point_id: the number proved.
-- password_hash: the password chosen, erased with the end.
create table activations (
  id text primary key,
  browser_digest text not null,
  account_id text not null references accounts (id) on delete cascade,
  letter_id text,
  contact_point_id text,
  password_hash text,
  status text not null,
  begun_at bigint not null,
  expires_at bigint not null
);
create index activations_browser on activations (browser_digest, begun_at);
create index activations_account on activations (account_id) where status = 'begun';
create index activations_expiry on activations (expires_at);
