-- A word is found by its beginning: compared letter by letter, whatever the language of the database.
alter table case_words alter column word type text collate "C";
