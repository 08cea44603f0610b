-- A file of establishments that was read but not applied yet. body: JSON, what its lines say.
create table establishment_files (
  id text primary key,
  filename text not null,
  body text not null,
  loaded_by text not null,
  loaded_at bigint not null
);
create index establishment_files_age on establishment_files (loaded_at);
