-- Which part of an answer rests on which of its sources, and what in it stands in none.
create table if not exists message_citation (
  tenant_id bigint not null,
  message_id bigint not null,
  rank bigint not null,                -- from 0; what is flagged follows the citation that it lies in
  kind text not null,                  -- citation; or, flagged: number, date, name
  start_at bigint not null,            -- code points of the answer, half open
  end_at bigint not null,
  source_rank bigint,                  -- message_source.rank; null: no source says it
  supported bigint not null,           -- whether the source says it too
  primary key (tenant_id, message_id, rank),
  foreign key (tenant_id, message_id) references message (tenant_id, message_id) on delete cascade
);
