-- Each channel has lines of its own, so that a slow one holds back no other.
drop index messages_due;
create index messages_due on messages (channel, status, priority, due_at);

-- By what ids a route knows an SMS: one for each part. A receipt names nothing else.
create table message_parts (
  route text not null,
  provider_id text not null,
  message_id text not null references messages (id) on delete cascade,
  primary key (route, provider_id)
);
create index message_parts_message on message_parts (message_id);
