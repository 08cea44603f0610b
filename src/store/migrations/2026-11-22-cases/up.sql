-- A case: one request for help, with its evidence, its relay and its messages. Its link and its Reply-To are signed
-- with the master secret, not stored. `account_id` says whom staff believe it to be about; only
-- `identity_proved_at` says that a contact point of record has answered. `first_answer_due_at`: until when staff are
-- to answer; at first, and again after each message of the person; null while it is not their turn.
-- `expected_at`: by when the person was told to have an answer; later than what is due where many wait.
-- `person_wrote_at`: when the person last wrote, which a sign-in must follow to close the case by itself.
-- `email_confirmed_by`: link (a press in a mail sent there), session, or reply. `follows`: the case that this one
-- goes on from.
create table cases (
  id text primary key,
  number text not null unique,
  status text not null,
  origin text not null,
  relay text not null,
  assignee_id text,
  symptom text not null,
  kind text,
  identifier text,
  locale text not null,
  subject text not null,
  account_id text,
  tied_at bigint,
  identity_proved_at bigint,
  identity_proved_by text,
  name text not null,
  email text,
  email_key text,
  email_confirmed_at bigint,
  email_confirmed_by text,
  phone text,
  establishment text,
  pupil text,
  pupil_class text,
  relation text,
  new_email text,
  new_phone text,
  details_applied_at bigint,
  evidence text not null,
  incident text,
  opened_at bigint not null,
  first_answer_due_at bigint,
  expected_at bigint,
  first_answered_at bigint,
  resolution_due_at bigint,
  solved_at bigint,
  closed_at bigint,
  last_message_at bigint not null,
  person_wrote_at bigint not null,
  waits_for text not null,
  closes_on_sign_in integer not null,
  escalation_step integer not null,
  escalate_at bigint,
  reopened integer not null,
  satisfaction integer,
  satisfaction_at bigint,
  merged_into text,
  follows text
);
create index cases_account on cases (account_id);
create index cases_email on cases (email_key);
create index cases_relay on cases (status, relay, first_answer_due_at, id);
create index cases_escalation on cases (escalate_at) where escalate_at is not null;
create index cases_recent on cases (status, last_message_at);
-- For the expected delay: who was answered lately, by relay.
create index cases_answered on cases (relay, first_answered_at);
-- Asked every minute: those that a sign-in would close.
create index cases_sign_in on cases (account_id) where closes_on_sign_in = 1 and account_id is not null;
create index cases_closed on cases (closed_at) where closed_at is not null;
create index cases_merged on cases (merged_into) where merged_into is not null;

-- What was said in a case. `kind`: person, staff (an answer), note (staff only), event (a key of locales and its
-- values, such as a hand-over). Append-only.
create table case_messages (
  id text primary key,
  case_id text not null references cases (id) on delete cascade,
  kind text not null,
  author_id text,
  author_name text,
  channel text not null,
  body text not null,
  quoted text,
  params text,
  at bigint not null,
  mail_id text
);
create index case_messages_case on case_messages (case_id, at);
create index case_messages_mail on case_messages (mail_id) where mail_id is not null;

-- Pictures, re-encoded; the bytes are files of the data folder, under uploads/.
create table case_attachments (
  id text primary key,
  case_id text not null references cases (id) on delete cascade,
  message_id text,
  name text not null,
  type text not null,
  bytes integer not null,
  file text not null,
  at bigint not null
);
create index case_attachments_case on case_attachments (case_id);

-- Words of a case as they are searched, folded.
create table case_words (
  word text not null,
  case_id text not null references cases (id) on delete cascade,
  primary key (word, case_id)
);
create index case_words_case on case_words (case_id);

-- Who has a case open now, so that two do not answer at once.
create table case_viewers (
  case_id text not null references cases (id) on delete cascade,
  staff_id text not null,
  seen_at bigint not null,
  primary key (case_id, staff_id)
);

create table canned_answers (
  id text primary key,
  relay text,
  locale text not null,
  title text not null,
  body text not null,
  changed_at bigint not null,
  changed_by text not null
);

create table case_filters (
  id text primary key,
  staff_id text not null,
  name text not null,
  query text not null
);
create index case_filters_staff on case_filters (staff_id);
