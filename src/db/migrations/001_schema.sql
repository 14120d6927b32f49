-- The whole schema, one for both engines: bigint, text and bytea only; the rules are in README.md here. tenant_id is a random 63-bit number and leads
-- every key of a tenant's table; public ids are text of their own. Times are milliseconds since 1970 in UTC, shares are parts per million, booleans 0 or
-- 1. One statement a step, each re-runnable.

-- What belongs to the server as a whole: the signing secret, the index epoch.
create table if not exists server_state (name text not null primary key, value bytea not null);

create table if not exists tenant (
  tenant_id bigint not null primary key,
  public_id text not null,
  name text not null,
  status text not null,                -- active, suspended, erased
  index_seq bigint not null,           -- rises with every change of searchable content, in the same transaction
  created_at bigint not null
);

create table if not exists tenant_user (
  tenant_id bigint not null,
  user_id bigint not null,
  public_id text not null,
  email text not null,                 -- as written by the person
  name text not null,
  role text not null,                  -- owner, admin, agent
  status text not null,                -- active, disabled
  token_epoch bigint not null,         -- a token of an earlier epoch is void
  password_hash text not null,         -- argon2id, PHC string
  created_at bigint not null,
  primary key (tenant_id, user_id),
  foreign key (tenant_id) references tenant (tenant_id) on delete cascade
);

-- Looked up before a tenant is known: by case-folded e-mail address, and by the hash of a key.
create table if not exists login (email text not null primary key, tenant_id bigint not null, user_id bigint not null);

create table if not exists api_key_hash (key_hash bytea not null primary key, tenant_id bigint not null, key_id bigint not null);

create table if not exists api_key (
  tenant_id bigint not null,
  key_id bigint not null,
  public_id text not null,
  key_hash bytea not null,             -- SHA-256; the key itself is not kept
  name text not null,
  prefix text not null,                -- the first characters, for people to tell keys apart
  scopes bigint not null,              -- bit set, app/principal.h
  collection_id bigint,                -- null: all collections
  created_at bigint not null,
  expires_at bigint,
  last_used_at bigint,
  revoked_at bigint,
  primary key (tenant_id, key_id),
  unique (tenant_id, public_id),
  foreign key (tenant_id) references tenant (tenant_id) on delete cascade
);

create table if not exists collection (
  tenant_id bigint not null,
  collection_id bigint not null,
  public_id text not null,
  name text not null,
  created_at bigint not null,
  primary key (tenant_id, collection_id),
  unique (tenant_id, public_id),
  unique (tenant_id, name),
  foreign key (tenant_id) references tenant (tenant_id) on delete cascade
);

create table if not exists document (
  tenant_id bigint not null,
  document_id bigint not null,
  public_id text not null,
  collection_id bigint not null,
  external_id text,                    -- the caller's own id
  filename text not null,
  media_type text not null,
  language text not null,              -- as given or detected; '' unknown
  size_bytes bigint not null,
  content_hash bytea not null,         -- SHA-256 of the original
  version bigint not null,             -- of the original; a replacement is the next one
  indexed_version bigint not null,     -- whose chunks are searchable; 0 none yet
  analysis_version bigint not null,    -- of the extractor and chunker that made them
  seq bigint not null,                 -- tenant.index_seq of its last searchable change
  status text not null,                -- queued, processing, completed, failed
  progress bigint not null,            -- 0 to 100
  error_code text,
  error_message text,
  pages bigint not null,
  chunks bigint not null,
  metadata text not null,              -- JSON object
  tombstone bigint not null,           -- 0, or when it was deleted; the row stays for other nodes to see
  created_at bigint not null,
  updated_at bigint not null,
  primary key (tenant_id, document_id),
  unique (tenant_id, public_id),
  foreign key (tenant_id, collection_id) references collection (tenant_id, collection_id)
);
create index if not exists document_seq on document (tenant_id, seq);
create index if not exists document_name on document (tenant_id, collection_id, filename, public_id);
create index if not exists document_hash on document (tenant_id, content_hash, collection_id, filename);
create unique index if not exists document_external on document (tenant_id, external_id) where tombstone = 0 and external_id is not null;

-- The original in parts of at most 1 MiB.
create table if not exists document_part (
  tenant_id bigint not null,
  document_id bigint not null,
  version bigint not null,
  part bigint not null,                -- from 0
  data bytea not null,
  primary key (tenant_id, document_id, version, part),
  foreign key (tenant_id, document_id) references document (tenant_id, document_id) on delete cascade
);

create table if not exists chunk (
  tenant_id bigint not null,
  document_id bigint not null,
  version bigint not null,
  ordinal bigint not null,             -- from 0
  page bigint not null,                -- 0: none
  start_at bigint not null,            -- code points into the document's text, half open
  end_at bigint not null,
  heading text not null,               -- heading path
  text text not null,
  terms bytea not null,                -- as indexed: text/words.h, terms_encode
  length bigint not null,              -- tokens, for BM25
  primary key (tenant_id, document_id, version, ordinal),
  foreign key (tenant_id, document_id) references document (tenant_id, document_id) on delete cascade
);

-- By model, apart from the chunk, so that two models can stand side by side. The model comes last in the key: vectors go with their document.
create table if not exists embedding (
  tenant_id bigint not null,
  document_id bigint not null,
  version bigint not null,
  ordinal bigint not null,
  model text not null,
  vector bytea not null,
  primary key (tenant_id, document_id, version, ordinal, model),
  foreign key (tenant_id, document_id) references document (tenant_id, document_id) on delete cascade
);

-- A conversation of an end user.
create table if not exists session (
  tenant_id bigint not null,
  session_id bigint not null,
  public_id text not null,
  end_user text,                       -- the caller's own id of the person asking
  created_at bigint not null,
  updated_at bigint not null,
  primary key (tenant_id, session_id),
  unique (tenant_id, public_id),
  foreign key (tenant_id) references tenant (tenant_id) on delete cascade
);

-- A question and its answer.
create table if not exists message (
  tenant_id bigint not null,
  message_id bigint not null,
  public_id text not null,
  session_id bigint not null,
  question text not null,
  answer text not null,
  status text not null,                -- complete, interrupted
  answered bigint not null,
  confidence_ppm bigint not null,
  tokens_in bigint not null,
  tokens_out bigint not null,
  created_at bigint not null,
  primary key (tenant_id, message_id),
  unique (tenant_id, public_id),
  foreign key (tenant_id, session_id) references session (tenant_id, session_id) on delete cascade
);
create index if not exists message_session on message (tenant_id, session_id, public_id);

-- What an answer was made from, by reference: no foreign key to the document, a deleted one shows as removed.
create table if not exists message_source (
  tenant_id bigint not null,
  message_id bigint not null,
  rank bigint not null,                -- from 0
  document_id bigint not null,
  version bigint not null,
  ordinal bigint not null,
  page bigint not null,
  start_at bigint not null,
  end_at bigint not null,
  score_ppm bigint not null,
  primary key (tenant_id, message_id, rank),
  foreign key (tenant_id, message_id) references message (tenant_id, message_id) on delete cascade
);

-- Work to do, claimed inside one tenant by compare-and-set under a lease.
create table if not exists job (
  tenant_id bigint not null,
  job_id bigint not null,
  kind text not null,                  -- ingest
  document_id bigint not null,
  version bigint not null,
  attempts bigint not null,
  next_try_at bigint not null,
  lease_owner bigint not null,         -- 0: free
  lease_until bigint not null,
  created_at bigint not null,
  primary key (tenant_id, job_id),
  foreign key (tenant_id, document_id) references document (tenant_id, document_id) on delete cascade
);
create index if not exists job_oldest on job (tenant_id, created_at, job_id);
create index if not exists job_document on job (tenant_id, document_id);

-- Which tenants have jobs, and from when they are worth a look: read without a tenant, so that idle tenants cost nothing.
create table if not exists tenant_work (tenant_id bigint not null primary key, ready_at bigint not null);
create index if not exists tenant_work_ready on tenant_work (ready_at, tenant_id);

create table if not exists usage (
  tenant_id bigint not null,
  day bigint not null,                 -- days since 1970 in UTC
  metric text not null,                -- questions, searches, documents, bytes, tokens_in, tokens_out
  amount bigint not null,
  primary key (tenant_id, day, metric),
  foreign key (tenant_id) references tenant (tenant_id) on delete cascade
);

create table if not exists idempotency (
  tenant_id bigint not null,
  route text not null,
  key text not null,
  body_hash bytea not null,
  status bigint not null,              -- of the reply; 0 while running
  reply bytea not null,
  expires_at bigint not null,
  primary key (tenant_id, route, key),
  foreign key (tenant_id) references tenant (tenant_id) on delete cascade
);
create index if not exists idempotency_expiry on idempotency (tenant_id, expires_at);

create table if not exists audit (
  tenant_id bigint not null,
  audit_id bigint not null,
  at bigint not null,
  actor text not null,                 -- public id of a user or key
  action text not null,
  subject text not null,
  primary key (tenant_id, audit_id),
  foreign key (tenant_id) references tenant (tenant_id) on delete cascade
);

create table if not exists setting (
  tenant_id bigint not null,
  name text not null,
  value text not null,
  primary key (tenant_id, name),
  foreign key (tenant_id) references tenant (tenant_id) on delete cascade
);
