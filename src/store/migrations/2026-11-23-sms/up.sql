-- What a network says in the end of an SMS, or of one part of a long one; by the id that its route gave it. It may
-- come before the message is recorded as sent.
create table message_receipts (
  route text not null,
  provider_id text not null,
  outcome text not null,
  reason text,
  code text,
  received_at bigint not null,
  primary key (route, provider_id)
);
create index message_receipts_age on message_receipts (received_at);

-- How many SMS left or were refused by a ceiling on a day of the portal's time zone, by the country of the number.
create table sms_counts (
  day text not null,
  country text not null,
  outcome text not null,
  count integer not null,
  primary key (day, country, outcome)
);
