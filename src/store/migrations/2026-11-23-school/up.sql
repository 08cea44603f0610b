-- Schools with what stands above and below them. type: academy, school or class. code: an academy's own, a school's UAI,
-- or that of a class within its school. details: JSON (postal lines, telephone, e-mail, hours and lines of its relays,
-- network addresses). parent_id refers to a row of the same table, which a restore may bring later. timezone null: that of what stands above, at last the portal's.
create table establishments (
  id text primary key,
  parent_id text,
  type text not null,
  code text not null,
  name text not null,
  timezone text,
  details text not null,
  created_at bigint not null,
  closed_at bigint
);
create unique index establishments_code on establishments (code) where type <> 'class';
create unique index establishments_class on establishments (parent_id, code) where type = 'class';
create index establishments_parent on establishments (parent_id);

-- Each establishment with itself and all that stands above it: whether one lies within another is one look.
create table establishments_above (
  establishment_id text not null references establishments (id) on delete cascade,
  above_id text not null references establishments (id) on delete cascade,
  primary key (establishment_id, above_id)
);
create index establishments_above_above on establishments_above (above_id, establishment_id);

-- Who belongs to which school, as a pupil (of a class), as a guardian of one, or as one who works there.
create table memberships (
  account_id text not null references accounts (id) on delete cascade,
  establishment_id text not null references establishments (id),
  kind text not null,
  class_id text references establishments (id),
  since bigint not null,
  left_at bigint,
  primary key (account_id, establishment_id)
);
create index memberships_establishment on memberships (establishment_id, kind, account_id) where left_at is null;
create index memberships_class on memberships (class_id) where class_id is not null and left_at is null;
create index memberships_left on memberships (left_at) where left_at is not null;

-- What a registry says of a person beside what an account has. birth_date: such as 2012-05-31. postal: JSON, the lines of
-- the address for letters.
create table school_people (
  account_id text primary key references accounts (id) on delete cascade,
  surname text not null,
  first_name text not null,
  birth_date text,
  postal text
);

-- Which account a record of a registry is, and a digest of what the last import read of it. gone_at: since when it is
-- not in the registry any more.
create table registry_records (
  establishment_id text not null references establishments (id),
  kind text not null,
  record_id text not null,
  account_id text not null references accounts (id) on delete cascade,
  digest text not null,
  import_id text not null,
  gone_at bigint,
  primary key (establishment_id, kind, record_id)
);
create index registry_records_account on registry_records (account_id);

-- Who answers for which pupil. level: 1 for a legal guardian (« responsable légal »), 2 for one who has the child in
-- charge, 3 for another contact. denied_at: the guardian said that the pupil is not theirs.
create table guardianships (
  guardian_id text not null references accounts (id) on delete cascade,
  pupil_id text not null references accounts (id) on delete cascade,
  establishment_id text not null references establishments (id),
  level integer not null,
  kinship text,
  since bigint not null,
  ended_at bigint,
  denied_at bigint,
  primary key (guardian_id, pupil_id, establishment_id)
);
create index guardianships_pupil on guardianships (pupil_id);

-- Identifiers made from names: the last number given to each stem. It does not go with the account: no number is given
-- again.
create table identifier_stems (
  stem text primary key,
  last_number bigint not null
);
