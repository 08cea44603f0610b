-- Who works at an establishment because a role there was given to them: they cease to once the last one has ended for a
-- while. ended_at: since when none counts any more; null while one does.
create table role_workers (
  account_id text not null references accounts (id) on delete cascade,
  establishment_id text not null references establishments (id) on delete cascade,
  ended_at bigint,
  primary key (account_id, establishment_id)
);
insert into role_workers (account_id, establishment_id, ended_at)
  select account_id, establishment_id, null from memberships where kind = 'staff' and left_at is null;

-- Staff whose last role has ended stand in the list of staff, where one is given to them again.
create index accounts_staff on accounts (status, id) where kind = 'staff';
