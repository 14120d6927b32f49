/* Collections, documents with their originals, and chunks. Conventions as in store/account.h. */
#ifndef STORE_DOCUMENT_H
#define STORE_DOCUMENT_H

#include "base/sys.h"
#include "db/db.h"
#include "doc/chunk.h"
#include "doc/tenant.h"

enum { DOCUMENT_PART_BYTES = 1 << 20 };

/* ---- collection ---- */
/* The collection of that name; made when `create` is set and it is absent. */
enum db_status store_collection_by_name(const struct tenant *t, struct db_conn *c, struct span name, bool create, int64_t now, int64_t *collection_id,
                                        bool *found);

struct collection_row {
    int64_t collection_id;
    char public_id[PUBLIC_ID_SIZE];
    struct span name;
    int64_t documents; /* living ones */
    int64_t created_at;
};
struct collection_filter {
    int64_t collection_id; /* only this one; 0: any */
    struct span before;    /* only public ids smaller than this; p == NULL: from the newest */
    int64_t limit;
};
/* Newest first, in the arena, at most filter->limit. */
enum db_status store_collection_list(const struct tenant *t, struct db_conn *c, const struct collection_filter *filter, struct arena *arena,
                                     struct collection_row **rows, size_t *count);
/* How many match, whatever `before` and `limit` say. */
enum db_status store_collection_count(const struct tenant *t, struct db_conn *c, const struct collection_filter *filter, int64_t *total);
enum db_status store_collection_by_public_id(const struct tenant *t, struct db_conn *c, struct span public_id, struct arena *arena, struct collection_row *row,
                                             bool *found);
/* DB_CONFLICT when the name is taken. */
enum db_status store_collection_rename(const struct tenant *t, struct db_conn *c, int64_t collection_id, struct span name);
/* API keys that are bound to it and not revoked. */
enum db_status store_collection_keys(const struct tenant *t, struct db_conn *c, int64_t collection_id, int64_t *count);
/* Of a collection without living documents; the tombstones of its dead ones go to another. DB_CONFLICT when one is alive. */
enum db_status store_collection_delete(const struct tenant *t, struct db_conn *c, int64_t collection_id, int64_t other_id);

/* ---- document ---- */
struct document_row {
    int64_t document_id;
    char public_id[PUBLIC_ID_SIZE];
    int64_t collection_id;
    struct span collection;  /* its name; read only */
    struct span external_id; /* p == NULL: none */
    struct span filename, media_type;
    char language[4];
    int64_t size_bytes;
    unsigned char content_hash[32];
    int64_t version, indexed_version, analysis_version, seq;
    char status[16]; /* queued, processing, completed, failed */
    int64_t progress;
    struct span error_code;    /* p == NULL: none */
    struct span error_message; /* why it failed; without a code, the notes about a completed one, a line each; p == NULL: none */
    int64_t pages, chunks;
    struct span metadata; /* JSON object */
    int64_t created_at, updated_at;
};

/* DB_CONFLICT when the external id is taken. */
enum db_status store_document_insert(const struct tenant *t, struct db_conn *c, const struct document_row *row);
/* A new original for a living row: everything but ids, created_at and what is indexed (which includes pages and chunks); status queued. An external id is set
 * when the row has one, else kept. DB_CONFLICT when it is taken or the document is gone. */
enum db_status store_document_replace(const struct tenant *t, struct db_conn *c, const struct document_row *row);
/* Living documents only. */
enum db_status store_document_get(const struct tenant *t, struct db_conn *c, int64_t document_id, struct arena *arena, struct document_row *row, bool *found);
enum db_status store_document_by_public_id(const struct tenant *t, struct db_conn *c, struct span public_id, struct arena *arena, struct document_row *row,
                                           bool *found);
enum db_status store_document_by_external_id(const struct tenant *t, struct db_conn *c, struct span external_id, struct arena *arena, struct document_row *row,
                                             bool *found);
/* The newest living, not failed document of that collection, name and content. */
enum db_status store_document_by_content(const struct tenant *t, struct db_conn *c, int64_t collection_id, struct span filename,
                                         const unsigned char content_hash[32], struct arena *arena, struct document_row *row, bool *found);
/* The newest living document of that collection and name. */
enum db_status store_document_by_filename(const struct tenant *t, struct db_conn *c, int64_t collection_id, struct span filename, struct arena *arena,
                                          struct document_row *row, bool *found);

struct document_filter {
    struct span status;        /* p == NULL: any */
    struct span name_contains; /* p == NULL: any; case ignored for ASCII */
    int64_t collection_id;     /* 0: any */
    struct span before;        /* only public ids smaller than this; p == NULL: from the newest */
    int64_t limit;
};
/* Newest first. rows in the arena, at most filter->limit. */
enum db_status store_document_list(const struct tenant *t, struct db_conn *c, const struct document_filter *filter, struct arena *arena,
                                   struct document_row **rows, size_t *count);
/* The chunks of all living documents that are searchable. */
enum db_status store_document_passages(const struct tenant *t, struct db_conn *c, int64_t *passages);
/* How many match, whatever `before` and `limit` say. */
enum db_status store_document_count(const struct tenant *t, struct db_conn *c, const struct document_filter *filter, int64_t *total);

/* Only while the row is alive and at that version; *changed tells. */
enum db_status store_document_progress(const struct tenant *t, struct db_conn *c, int64_t document_id, int64_t version, const char *status, int64_t progress,
                                       int64_t now, bool *changed);
enum db_status store_document_failed(const struct tenant *t, struct db_conn *c, int64_t document_id, int64_t version, const char *code, const char *message,
                                     int64_t now, bool *changed);
/* status completed, indexed_version = version; seq, analysis_version, pages, chunks, language and updated_at as given. */
enum db_status store_document_completed(const struct tenant *t, struct db_conn *c, const struct document_row *row, bool *changed);
/* Vectors came to the chunks of that version: seq as given, if it is still the indexed one. */
enum db_status store_document_embedded(const struct tenant *t, struct db_conn *c, int64_t document_id, int64_t version, int64_t seq, bool *changed);
/* Tombstone: the row loses name, metadata, external id, hash; original, chunks, embeddings and jobs are deleted; seq as given. *changed false: there was
 * none. */
enum db_status store_document_delete(const struct tenant *t, struct db_conn *c, int64_t document_id, int64_t seq, int64_t now, bool *changed);

/* What changed after a seq, for the index: living and dead, by seq. */
struct document_change {
    int64_t document_id, indexed_version, seq, collection_id, updated_at;
    int64_t chunks; /* of the indexed version */
    bool alive;
};
enum db_status store_document_changes(const struct tenant *t, struct db_conn *c, int64_t after_seq, struct arena *arena, struct document_change **changes,
                                      size_t *count);

/* ---- the original ---- */
enum db_status store_part_insert(const struct tenant *t, struct db_conn *c, int64_t document_id, int64_t version, int64_t part, struct span data);
/* One part; *found false past the last. data in the arena. */
enum db_status store_part_get(const struct tenant *t, struct db_conn *c, int64_t document_id, int64_t version, int64_t part, struct arena *arena,
                              struct span *data, bool *found);
/* Deletes the parts of versions before `version`. */
enum db_status store_part_delete_before(const struct tenant *t, struct db_conn *c, int64_t document_id, int64_t version);

/* ---- chunk ---- */
struct chunk_row {
    struct chunk chunk;
    struct span terms; /* terms_encode */
    int64_t length;
};
enum db_status store_chunk_insert(const struct tenant *t, struct db_conn *c, int64_t document_id, int64_t version, const struct chunk_row *row);
/* Deletes the chunks of all versions but this one. */
enum db_status store_chunk_delete_others(const struct tenant *t, struct db_conn *c, int64_t document_id, int64_t version);
/* Deletes the chunks of this version (an unfinished earlier try). */
enum db_status store_chunk_delete_version(const struct tenant *t, struct db_conn *c, int64_t document_id, int64_t version);
/* The vector of a stored chunk, in place of an earlier one of that model. */
enum db_status store_embedding_insert(const struct tenant *t, struct db_conn *c, int64_t document_id, int64_t version, int32_t ordinal, struct span model,
                                      struct span vector);
/* Calls row for every chunk of a version in order with what the index is built from: ordinal, terms, length, and the vector that `model` gave it (p == NULL:
 * none; with an empty model always). row returns false to stop with DB_ERROR. */
typedef bool store_chunk_visitor(void *context, int32_t ordinal, struct span terms, int64_t length, struct span vector);
enum db_status store_chunk_terms(const struct tenant *t, struct db_conn *c, int64_t document_id, int64_t version, struct span model, store_chunk_visitor *row,
                                 void *context);
/* The same of the vectors alone that `model` gave to chunks of the version. */
typedef bool store_embedding_visitor(void *context, int32_t ordinal, struct span vector);
enum db_status store_embedding_list(const struct tenant *t, struct db_conn *c, int64_t document_id, int64_t version, struct span model,
                                    store_embedding_visitor *row, void *context);
/* The first `limit` chunks of a version, from that ordinal on, that have no vector of the model: with only ordinal, heading and text set, which is what
 * vectors are made from. In the arena. */
enum db_status store_chunk_lacking(const struct tenant *t, struct db_conn *c, int64_t document_id, int64_t version, struct span model, int32_t from,
                                   size_t limit, struct arena *arena, struct chunk **chunks, size_t *count);
/* Vectors of a document that other models made: whether there are any; they go. */
enum db_status store_embedding_has_other(const struct tenant *t, struct db_conn *c, int64_t document_id, struct span model, bool *has);
enum db_status store_embedding_delete_other(const struct tenant *t, struct db_conn *c, int64_t document_id, struct span model);
/* One chunk with its text, and the document's public id and name, if that version is the indexed one of a living document. */
struct chunk_found {
    struct chunk chunk;
    char document_public_id[PUBLIC_ID_SIZE];
    struct span document_name;
    struct span metadata; /* of the document, JSON object */
    char language[4];
    int64_t version, seq; /* of the document */
};
enum db_status store_chunk_get(const struct tenant *t, struct db_conn *c, int64_t document_id, int32_t ordinal, struct arena *arena, struct chunk_found *row,
                               bool *found);

#endif
