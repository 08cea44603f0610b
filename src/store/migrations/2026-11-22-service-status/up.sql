-- How each part of the service is, as last measured: `state` is what is believed and said, since when; `candidate`
-- what the last measures saw instead, which is believed once it was seen often enough.
create table status_parts (
  part text primary key,
  state text not null,
  since bigint not null,
  delay_seconds integer,
  measured_at bigint not null,
  candidate text,
  candidate_since bigint,
  candidate_seen integer not null
);

-- The worst state of a part in each stretch of five minutes, for a day.
create table status_history (
  part text not null,
  at bigint not null,
  state text not null,
  primary key (part, at)
);

-- What staff write about an outage or planned work. Title and text by language, parts as a list: JSON.
create table status_incidents (
  id text primary key,
  is_public integer not null,
  parts text not null,
  concerns_everybody integer not null,
  title text not null,
  body text not null,
  starts_at bigint not null,
  ends_at bigint,
  resolved_at bigint,
  changed_at bigint not null,
  changed_by text not null
);
create index status_incidents_age on status_incidents (starts_at);

-- What was added to one afterwards. Append-only.
create table status_updates (
  id text primary key,
  incident_id text not null references status_incidents (id) on delete cascade,
  body text not null,
  at bigint not null,
  author_id text not null
);
create index status_updates_incident on status_updates (incident_id, at);

-- What left lately, and what was tried lately: measured each minute.
create index messages_left on messages (left_at) where left_at is not null;
create index message_attempts_age on message_attempts (started_at);
