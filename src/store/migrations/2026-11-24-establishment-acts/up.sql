-- Each act of staff on a person, once for every establishment that the person belonged to then: what its head sees.
-- journal_id: the line of the journal that says what was done. staff_id null: the operator's command line.
create table establishment_acts (
  establishment_id text not null references establishments (id) on delete cascade,
  at bigint not null,
  journal_id text not null,
  staff_id text,
  account_id text not null,
  primary key (establishment_id, at, journal_id)
);
create index establishment_acts_at on establishment_acts (at, journal_id);

-- Who has a role at an establishment.
create index staff_grants_establishment on staff_grants (establishment_id) where establishment_id is not null;
