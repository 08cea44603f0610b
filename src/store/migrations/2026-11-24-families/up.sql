-- Staff ended the link between a guardian and a pupil: as long as a registry repeats it, it is not made again.
alter table guardianships add column refused_at bigint;

-- « Je ne suis pas le représentant légal de cet élève ». words: what the guardian added, may be empty. decision: null while
-- it waits, then removed or kept; reason: why, in the words of whoever decided.
create table family_reports (
  id text primary key,
  guardian_id text not null references accounts (id) on delete cascade,
  pupil_id text not null references accounts (id) on delete cascade,
  establishment_id text not null references establishments (id),
  words text not null,
  reported_at bigint not null,
  decision text,
  decided_at bigint,
  decided_by text,
  reason text
);
create unique index family_reports_open on family_reports (guardian_id, pupil_id, establishment_id)
  where decided_at is null;
create index family_reports_waiting on family_reports (establishment_id) where decided_at is null;
create index family_reports_guardian on family_reports (guardian_id);
create index family_reports_pupil on family_reports (pupil_id);
create index family_reports_decided on family_reports (decided_at) where decided_at is not null;

-- Accounts of which something changed by which another account may be the same guardian's: a contact point was proved, or
-- a registry brought another name. One row a change, so that none is lost while an earlier one is worked off.
create table family_checks (
  id text primary key,
  account_id text not null references accounts (id) on delete cascade
);

-- Two accounts that became one. how: alone (name and a proved contact point agree) or guardian (by the password of the
-- other). moved: JSON, all that went from the one to the other, to be taken back until undo_until. status: joined, undone,
-- or settled once it cannot be undone. *_link_digest: of the links by which either side undoes it.
create table family_joins (
  id text primary key,
  kept_id text not null references accounts (id) on delete cascade,
  joined_id text not null references accounts (id) on delete cascade,
  how text not null,
  joined_at bigint not null,
  undo_until bigint not null,
  kept_link_digest text not null unique,
  joined_link_digest text not null unique,
  moved text not null,
  status text not null,
  status_at bigint not null
);
create unique index family_joins_joined on family_joins (joined_id) where status <> 'undone';
create index family_joins_kept on family_joins (kept_id);
create index family_joins_pair on family_joins (joined_id, kept_id);
create index family_joins_due on family_joins (undo_until) where status = 'joined';

-- The establishments of both accounts when they were joined: staff of each see it.
create table family_join_places (
  establishment_id text not null references establishments (id),
  join_id text not null references family_joins (id) on delete cascade,
  primary key (establishment_id, join_id)
);
create index family_join_places_join on family_join_places (join_id);
