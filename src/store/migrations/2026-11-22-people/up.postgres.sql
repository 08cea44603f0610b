-- By what an account is found: words of its names, its identifiers, its addresses and numbers. Compared by their
-- bytes, so that beginnings are ranges of the index.
create table people_words (
  word text collate "C" not null,
  account_id text not null references accounts (id) on delete cascade,
  primary key (word, account_id)
);
create index people_words_account on people_words (account_id, word);

-- Every word that may be mistyped, once, forwards and backwards: near spellings share a beginning or an end.
create table people_lexicon (
  word text collate "C" primary key,
  reversed text collate "C" not null,
  unused_since bigint
);
create index people_lexicon_reversed on people_lexicon (reversed, word);
