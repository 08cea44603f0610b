-- Who took a contact point back: 'registry' where its files did not say it any more, null in every other case.
alter table contact_points add column retired_by text;

-- What imports took back until now shows by their own line, of the same moment.
update contact_points set retired_by = 'registry'
  where origin = 'registry' and state = 'obsolete' and exists (
    select 1 from journal j where j.account_id = contact_points.account_id and j.at = contact_points.obsolete_at
      and j.event in ('registry-import.changed', 'registry-import.moved', 'registry-import.returned'));
