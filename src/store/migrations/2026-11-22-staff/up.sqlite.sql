-- Only here do the engines differ: by how a row is given an id.
insert into staff_grants (id, account_id, role, granted_at)
  select lower(hex(randomblob(16))), account_id, role, granted_at from staff_roles;
drop table staff_roles;
