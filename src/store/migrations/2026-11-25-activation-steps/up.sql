-- `browser_until`: until when the browser that began may go on by itself; `expires_at`: until when the link of a message
-- may open the account.
alter table activations add column browser_until bigint not null default 0;
