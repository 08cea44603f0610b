-- `session_id`: the session in which its writer was signed in to `account_id`; null once that session has ended.
-- `is_mailed`: 1 where its end sent the person a mail.
alter table chats add column session_id text;
alter table chats add column is_mailed integer not null default 0;
create index chats_session on chats (session_id) where session_id is not null;
