-- The people of an import as its files say it, in data (JSON), and what would be done: action new, changed, moved,
-- returned, same or gone. changes: JSON, what differs.
create table import_people (
  import_id text not null,
  establishment_id text not null,
  kind text not null,
  record_id text not null,
  file integer not null,
  line bigint not null,
  data text not null,
  digest text not null,
  address_id text,
  action text not null,
  account_id text,
  changes text,
  primary key (import_id, establishment_id, kind, record_id)
) without rowid;

-- What stands elsewhere in a file than the person it is about: classes by pupil, addresses by their own number.
create table import_details (
  import_id text not null,
  kind text not null,
  file integer not null,
  ref text not null,
  value text not null,
  primary key (import_id, kind, file, ref)
) without rowid;

-- Who answers for whom. action: new, changed, same, gone, or unmatched where one of the two is not known.
create table import_links (
  import_id text not null,
  establishment_id text not null,
  guardian_record_id text not null,
  pupil_record_id text not null,
  file integer not null,
  line bigint not null,
  level integer not null,
  kinship text,
  action text not null,
  primary key (import_id, establishment_id, guardian_record_id, pupil_record_id)
) without rowid;
