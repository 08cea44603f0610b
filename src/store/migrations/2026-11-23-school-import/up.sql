-- One reading of a registry's files, from the upload to the report. status: reading, refused, ready, applying, applied,
-- cancelled. made_by: the account of who loaded it, null from the command line. files, counts, refusal: JSON. phase and
-- cursor: how far it is applied, committed with what was. marks_gone: whether people who are not in the files are gone.
create table imports (
  id text primary key,
  made_by text,
  made_at bigint not null,
  status text not null,
  status_at bigint not null,
  files text not null,
  refusal text,
  counts text not null,
  phase text not null,
  cursor text,
  done bigint not null,
  total bigint not null,
  marks_gone integer not null
);
create index imports_made on imports (made_at);
create index imports_status on imports (status) where status in ('reading', 'applying');

-- Of which schools an import lists which kind of person: whoever may not import into one of them does not see it.
create table import_schools (
  import_id text not null references imports (id) on delete cascade,
  establishment_id text not null references establishments (id),
  kind text not null,
  primary key (import_id, establishment_id, kind)
);
create index import_schools_establishment on import_schools (establishment_id);

-- What is refused of the files, and what is left out of lines that are not.
create table import_faults (
  import_id text not null references imports (id) on delete cascade,
  position bigint not null,
  file integer not null,
  line bigint not null,
  reason text not null,
  what text not null,
  is_refused integer not null,
  primary key (import_id, position)
);

-- Who answers for whom, as a registry says it: kept also while one of the two is not known yet, so that files may come
-- in any order. is_tied: a guardianship was made of it.
create table registry_links (
  establishment_id text not null references establishments (id),
  guardian_record_id text not null,
  pupil_record_id text not null,
  level integer not null,
  kinship text,
  is_tied integer not null,
  primary key (establishment_id, guardian_record_id, pupil_record_id)
);
create index registry_links_pupil on registry_links (establishment_id, pupil_record_id);
create index registry_links_waiting on registry_links (establishment_id) where is_tied = 0;

create index registry_records_gone on registry_records (gone_at) where gone_at is not null;
