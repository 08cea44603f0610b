-- accepts_sms: whether the person agreed to be told things by SMS, as a registry says; null where it says nothing.
alter table school_people add column accepts_sms integer;

-- Contact points of a registry that staff looked at beside the one that the person proved, and left as both are: not
-- shown any more, until the registry brings another.
create table registry_settled (
  contact_point_id text primary key references contact_points (id) on delete cascade,
  settled_by text not null,
  settled_at bigint not null
);
