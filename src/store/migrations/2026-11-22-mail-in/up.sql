alter table captured_messages add column reply_to text;

-- Mail that was accepted: committed before the sender is told so. `recipient` is the address that took it, in lower
-- case; `handler` the part of the portal that it is for; `fingerprint` tells a mail that is sent again.
create table inbound_mails (
  id text primary key,
  recipient text not null,
  handler text not null,
  fingerprint text not null unique,
  envelope_from text not null,
  bytes integer not null,
  received_at bigint not null,
  status text not null,
  result text,
  due_at bigint not null,
  lease_until bigint,
  lease_owner text,
  tries integer not null,
  ended_at bigint
);
create index inbound_mails_waiting on inbound_mails (due_at) where status = 'waiting';
create index inbound_mails_ended on inbound_mails (ended_at) where ended_at is not null;

-- Its bytes as they came, in pieces so that no row is large, each sealed: people write anything into a mail.
create table inbound_mail_parts (
  mail_id text not null references inbound_mails (id) on delete cascade,
  position integer not null,
  sealed text not null,
  primary key (mail_id, position)
);
