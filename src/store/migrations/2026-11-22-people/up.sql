-- What the waiting page of « Mot de passe oublié ? » shows to everybody alike: the caller reads it out, and staff
-- approve that one browser. approved_by: the staff account that did; no message needed to arrive.
alter table challenges add column pairing_number text;
alter table challenges add column approved_by text;
create index challenges_pairing on challenges (pairing_number) where pairing_number is not null;

-- A contact point that staff added or put in another's place. `waiting`: it serves from usable_from on, or once a
-- second member of staff approves it; the one that it replaces serves until then.
create table contact_corrections (
  id text primary key,
  account_id text not null references accounts (id) on delete cascade,
  contact_point_id text not null,
  replaces_id text,
  made_by text not null,
  made_at bigint not null,
  usable_from bigint,
  status text not null,
  status_at bigint not null,
  approved_by text
);
create index contact_corrections_account on contact_corrections (account_id);
create index contact_corrections_due on contact_corrections (usable_from) where status = 'waiting';

-- How far the words of accounts that were there before this table have come: one row.
create table people_index (
  name text primary key,
  after_id text,
  is_done integer not null
);

-- People who are not simply active, the newest first; who was locked lately; what an address received.
create index accounts_unusual on accounts (status, id) where status <> 'active';
create index journal_locked on journal (id) where event = 'lockout.locked';
create index messages_recipient on messages (recipient_key, queued_at);
