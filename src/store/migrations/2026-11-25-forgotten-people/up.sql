-- Usernames of people who were forgotten: they name nobody else, ever. The key alone, with nothing of whose it was.
create table spent_identifiers (
  key text primary key
);

-- Nothing asks who left, by when.
drop index memberships_left;

-- Whoever was forgotten before is forgotten by the schools, too.
delete from registry_links where (establishment_id, guardian_record_id) in (
  select r.establishment_id, r.record_id from registry_records r join accounts a on a.id = r.account_id
    where r.kind = 'guardian' and a.status = 'closed' and a.name = '');
delete from registry_links where (establishment_id, pupil_record_id) in (
  select r.establishment_id, r.record_id from registry_records r join accounts a on a.id = r.account_id
    where r.kind = 'pupil' and a.status = 'closed' and a.name = '');
delete from registry_records where account_id in (select id from accounts where status = 'closed' and name = '');
delete from guardianships where guardian_id in (select id from accounts where status = 'closed' and name = '')
  or pupil_id in (select id from accounts where status = 'closed' and name = '');
delete from family_reports where guardian_id in (select id from accounts where status = 'closed' and name = '')
  or pupil_id in (select id from accounts where status = 'closed' and name = '');
delete from family_joins where kept_id in (select id from accounts where status = 'closed' and name = '')
  or joined_id in (select id from accounts where status = 'closed' and name = '');
delete from memberships where account_id in (select id from accounts where status = 'closed' and name = '');
delete from school_people where account_id in (select id from accounts where status = 'closed' and name = '');
