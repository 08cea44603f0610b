-- applied_by: the account of who pressed "apply", null from the command line. turn: counted each time that an import
-- begins to be applied, and again when it ends or stops; planned_turn: how far that was when this one was compared with
-- what is known. attempts, retry_at: how often in a row its next step threw, and when it is tried again. fault (JSON): the
-- incident and the phase of the last time. status also failed (it threw too often) and abandoned (staff gave it up then).
alter table imports add column applied_by text;
alter table imports add column turn bigint;
alter table imports add column planned_turn bigint;
alter table imports add column attempts integer not null default 0;
alter table imports add column retry_at bigint;
alter table imports add column fault text;
update imports set applied_by = made_by where status = 'applying';
