-- A school that moves to another academy takes its cases with it, in the same transaction: the walls of the academy that it
-- left close behind them. (One line: statements end where a line ends.)
create function move_cases_with_school() returns trigger language plpgsql as $$ begin update cases set academy_id = new.parent_id where establishment_id = new.id; return null; end $$;
create trigger establishments_moved after update of parent_id on establishments for each row when (new.type = 'school' and new.parent_id is distinct from old.parent_id) execute function move_cases_with_school();
