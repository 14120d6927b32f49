-- The newest document of a content is found by the index alone: its order is in it.
drop index if exists document_hash;
create index if not exists document_hash on document (tenant_id, content_hash, collection_id, filename, public_id);
