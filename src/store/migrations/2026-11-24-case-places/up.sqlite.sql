-- A school that moves to another academy takes its cases with it, in the same transaction: the walls of the academy that it
-- left close behind them. (One line: statements end where a line ends.)
create trigger establishments_moved after update of parent_id on establishments when new.type = 'school' and new.parent_id is not old.parent_id begin update cases set academy_id = new.parent_id where establishment_id = new.id; end;
