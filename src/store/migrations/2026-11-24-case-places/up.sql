-- Where a case stands: a school or an academy; null: nobody knows. academy_id: the academy that this is, or that it
-- stands in. The column `establishment` stays what was typed.
alter table cases add column establishment_id text;
alter table cases add column academy_id text;

-- The inbox inside the walls of a school, and of an academy: each slice (a place, a relay, a state) is one short walk, as
-- it is for a relay alone. An academy has many cases that are somebody's already, a school few. The expression of what is
-- due next stands in `inbox.store.ts` word for word: only so is the index taken.
create index cases_school_due on cases (
  establishment_id, relay, status,
  (case when first_answer_due_at < resolution_due_at then first_answer_due_at
    else coalesce(resolution_due_at, first_answer_due_at, 9007199254740991) end),
  id
) where status in ('open', 'waiting') and establishment_id is not null;
create index cases_school_recent on cases (establishment_id, relay, status, last_message_at, id)
  where establishment_id is not null;
create index cases_academy_due on cases (
  academy_id, relay, status,
  (case when first_answer_due_at < resolution_due_at then first_answer_due_at
    else coalesce(resolution_due_at, first_answer_due_at, 9007199254740991) end),
  id
) where status in ('open', 'waiting') and academy_id is not null;
create index cases_academy_unassigned on cases (
  academy_id, relay, status,
  (case when first_answer_due_at < resolution_due_at then first_answer_due_at
    else coalesce(resolution_due_at, first_answer_due_at, 9007199254740991) end),
  id
) where status in ('open', 'waiting') and assignee_id is null and academy_id is not null;
create index cases_academy_recent on cases (academy_id, relay, status, last_message_at, id)
  where academy_id is not null;

-- The figures of the cases opened on one day, by the school that they stand at, and again by its academy: as case_days.
create table case_place_days (
  establishment_id text not null,
  day text not null,
  relay text not null,
  symptom text not null,
  opened integer not null,
  solved integer not null,
  reopened integer not null,
  escalated integer not null,
  closed_themselves integer not null,
  satisfied integer not null,
  partly_satisfied integer not null,
  unsatisfied integer not null,
  first_answers text not null,
  resolutions text not null,
  primary key (establishment_id, day, relay, symptom)
);
create index case_place_days_day on case_place_days (day, establishment_id);

-- Who answers the cases of a school: asked on every page of a case.
create index staff_grants_role on staff_grants (role, establishment_id);
