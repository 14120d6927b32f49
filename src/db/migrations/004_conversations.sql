-- What conversations need beside their first tables, and a way to walk over all tenants.

-- A session begun with a key that is bound to a collection: only keys of that collection see it, and it goes on with none else.
create table if not exists session_collection (
  tenant_id bigint not null,
  session_id bigint not null,
  collection_id bigint not null,
  primary key (tenant_id, session_id),
  foreign key (tenant_id, session_id) references session (tenant_id, session_id) on delete cascade
);

-- How an answer was shown, for those who read it again.
create table if not exists message_detail (
  tenant_id bigint not null,
  message_id bigint not null,
  degraded bigint not null,
  snippets text not null,              -- JSON: for each source, at which byte of its passage the snippet begins
  primary key (tenant_id, message_id),
  foreign key (tenant_id, message_id) references message (tenant_id, message_id) on delete cascade
);

-- What the person asking thought of an answer.
create table if not exists message_feedback (
  tenant_id bigint not null,
  message_id bigint not null,
  rating text not null,                -- up, down
  comment text,
  created_at bigint not null,
  primary key (tenant_id, message_id),
  foreign key (tenant_id, message_id) references message (tenant_id, message_id) on delete cascade
);

create index if not exists session_of_user on session (tenant_id, end_user, public_id);
create index if not exists session_updated on session (tenant_id, updated_at);
-- Every tenant has a login, so this is the list of all tenants.
create index if not exists login_tenant on login (tenant_id);
