-- Every text of a help article that staff saved, in each language; append-only, so that an old one can be restored.
-- `number` counts up from 1 within an article and language; the file that came with the portal counts as 0. What the
-- public reads is the newest that is not a draft: `published` shows it, `withdrawn` hides the article.
create table article_versions (
  id text primary key,
  slug text not null,
  locale text not null,
  number integer not null,
  status text not null,
  source text not null,
  author_id text not null,
  author_name text not null,
  at bigint not null,
  unique (slug, locale, number)
);

-- « Cet article a-t-il répondu à vos questions ? » `voice` is a digest of browser and article, so that one browser has
-- one voice; null where the browser keeps no cookies.
create table article_feedback (
  id text primary key,
  slug text not null,
  locale text not null,
  answer text not null,
  comment text,
  voice text unique,
  at bigint not null
);
create index article_feedback_slug on article_feedback (slug, at);
create index article_feedback_at on article_feedback (at);

-- What was searched for in the help, counted by day: folded words and nothing of who asked. `results` is what the
-- last of these searches found.
create table help_searches (
  day bigint not null,
  locale text not null,
  query text not null,
  results integer not null,
  uses integer not null,
  primary key (day, locale, query)
);
