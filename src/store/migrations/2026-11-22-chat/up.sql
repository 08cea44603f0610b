-- A conversation between somebody in trouble and staff. It is found again by the browser's binding cookie, of which
-- only a digest is kept. `last_seq` counts its messages. `waits_since`: since when the person waits for an answer; null
-- while it is not the staff's turn. `alone_since`: since when nobody was there to take it. `person_seen_at`: when the
-- page of the conversation was last open. `case_id`: the request for help that it has become; its id is the chat's.
-- `answer_by`: by when the person was told to be answered, where something was still open.
create table chats (
  id text primary key,
  browser_digest text not null,
  status text not null,
  name text not null,
  email text,
  email_key text,
  kind text,
  establishment text,
  symptom text not null,
  account_id text,
  locale text not null,
  evidence text not null,
  incident text,
  staff_id text,
  staff_name text,
  last_seq integer not null,
  asked_at bigint not null,
  taken_at bigint,
  waits_since bigint,
  alone_since bigint,
  last_message_at bigint not null,
  person_seen_at bigint not null,
  ended_at bigint,
  ended_by text,
  case_id text,
  case_number text,
  answer_by bigint
);
-- One living conversation a browser.
create unique index chats_browser on chats (browser_digest) where status <> 'ended';
create index chats_browser_ended on chats (browser_digest, ended_at) where status = 'ended';
create index chats_waiting on chats (asked_at) where status = 'waiting';
create index chats_staff on chats (staff_id) where status = 'open';
create index chats_ended on chats (ended_at) where status = 'ended';

-- What was said, numbered in the order in which it was committed, so that nobody misses one that was written at the
-- same moment on another node. `kind`: person, staff, or system (a key of locales and its values). `client_key`: drawn
-- by the page, so that what is sent twice over a weak line is said once.
create table chat_messages (
  chat_id text not null references chats (id) on delete cascade,
  seq integer not null,
  id text not null,
  kind text not null,
  author_id text,
  author_name text,
  body text not null,
  params text,
  at bigint not null,
  client_key text,
  primary key (chat_id, seq)
);
create unique index chat_messages_key on chat_messages (chat_id, client_key) where client_key is not null;

-- Who of the staff is there: until `seen_until` unless their page is heard of again. `is_open`: takes new conversations.
create table chat_presence (
  staff_id text primary key,
  session_id text not null,
  name text not null,
  is_open integer not null,
  takes_at_once integer not null,
  seen_until bigint not null
);
