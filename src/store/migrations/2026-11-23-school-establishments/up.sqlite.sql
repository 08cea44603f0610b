-- The words by which a school or an academy is found: of its name, and its code. Compared by their bytes, so that
-- beginnings are ranges of the index.
create table establishment_words (
  word text not null,
  establishment_id text not null references establishments (id) on delete cascade,
  primary key (word, establishment_id)
) without rowid;
create index establishment_words_establishment on establishment_words (establishment_id);
