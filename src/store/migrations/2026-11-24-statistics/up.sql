-- The figures of a school as they were counted last, by kind of person: what the page of an academy adds up. figures:
-- JSON. Locks are not among them: those of today are few, and read when the page is opened.
create table school_figures (
  establishment_id text primary key references establishments (id) on delete cascade,
  figures text not null,
  counted_at bigint not null
);
create index school_figures_age on school_figures (counted_at);
