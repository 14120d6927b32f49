-- Whose vectors answer for a tenant, and which node is making those of another encoder. Read without a tenant too, so that the tenants that are left
-- after a change of the encoder are found, and therefore without a foreign key. A tenant without a row has the vectors that it has.
create table if not exists tenant_model (
  tenant_id bigint not null primary key,
  model text not null,                 -- as in embedding
  settled bigint not null,             -- whether every searchable passage has a vector of it, and none of another
  lease_owner bigint not null,         -- 0: free
  lease_until bigint not null
);
