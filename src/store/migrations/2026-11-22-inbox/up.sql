-- What is due next on a case, the answer or the solution, whichever comes first; what is never due comes last. The
-- expression stands in `inbox.store.ts` word for word: only so is the index taken.
create index cases_inbox_due on cases (
  relay, status,
  (case when first_answer_due_at < resolution_due_at then first_answer_due_at
    else coalesce(resolution_due_at, first_answer_due_at, 9007199254740991) end),
  id
) where status in ('open', 'waiting');
create index cases_inbox_unassigned on cases (
  relay, status,
  (case when first_answer_due_at < resolution_due_at then first_answer_due_at
    else coalesce(resolution_due_at, first_answer_due_at, 9007199254740991) end),
  id
) where status in ('open', 'waiting') and assignee_id is null;
create index cases_inbox_mine on cases (
  assignee_id, status,
  (case when first_answer_due_at < resolution_due_at then first_answer_due_at
    else coalesce(resolution_due_at, first_answer_due_at, 9007199254740991) end),
  id
) where status in ('open', 'waiting') and assignee_id is not null;
create index cases_inbox_recent on cases (relay, status, last_message_at, id);
create index cases_inbox_symptom on cases (relay, symptom, status, last_message_at, id, kind);
create index cases_inbox_assignee on cases (assignee_id, status, last_message_at, id) where assignee_id is not null;
create index cases_incident on cases (incident) where incident is not null;
create index cases_opened on cases (opened_at, id);
create index cases_satisfied on cases (satisfaction_at) where satisfaction_at is not null;

-- Messages that ended without arriving, by when: what staff must look at.
create index messages_failed on messages (status_at) where status in ('failed', 'given-up');

-- Whether a word is among those of a case, without reading the case's other words.
drop index case_words_case;
create index case_words_case on case_words (case_id, word);

-- Each time a case went on to another relay because the one before did not, or could not, help in time. `how`: time,
-- hand, sends. Append-only.
create table case_escalations (
  id text primary key,
  case_id text not null references cases (id) on delete cascade,
  from_relay text not null,
  to_relay text not null,
  how text not null,
  by_staff text,
  reason text,
  at bigint not null
);
create index case_escalations_case on case_escalations (case_id);

-- Up to which escalation a member of staff has been told by mail, and when: one mail an hour at most.
create table escalation_digests (
  staff_id text primary key references accounts (id) on delete cascade,
  told_up_to text not null,
  sent_at bigint not null
);

-- The figures of the cases opened on one day, by relay and symptom: reports add these up instead of reading the cases.
-- Durations are working seconds, as JSON {rounded seconds: how many}. No person is in them.
create table case_days (
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
  primary key (day, relay, symptom)
);

-- When the days were last counted: one row.
create table case_days_counted (
  id integer primary key,
  at bigint not null
);
