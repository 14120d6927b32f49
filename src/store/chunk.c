/* Chunks of a document's version: written by ingest, walked by the index, shown by search. */
#include "store/document.h"
#include "store/row.h"
#include "store/sql.h"

#define OTHERS " where tenant_id = $1 and document_id = $2 and version <> $3"
#define VERSION " where tenant_id = $1 and document_id = $2 and version = $3"

const struct db_statement store_chunk_sql[CHUNK_SQL] = {
    [CHUNK_INSERT] = {"chunk.insert", "insert into chunk (tenant_id, document_id, version, ordinal, page, start_at, end_at, heading, text, terms, length)"
                                      " values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)"},
    [CHUNK_DELETE_OTHERS] = {"chunk.delete_others", "delete from chunk" OTHERS},
    [CHUNK_DELETE_VERSION] = {"chunk.delete_version", "delete from chunk" VERSION},
    [EMBEDDING_INSERT] = {"embedding.insert", "insert into embedding (tenant_id, document_id, version, ordinal, model, vector) values ($1, $2, $3, $4, $5, $6)"
                                              " on conflict (tenant_id, document_id, version, ordinal, model) do update set vector = excluded.vector"},
    [EMBEDDING_LIST] = {"embedding.list", "select ordinal, vector from embedding" VERSION " and model = $4 order by ordinal"},
    [EMBEDDING_DELETE_OTHERS] = {"embedding.delete_others", "delete from embedding" OTHERS},
    [EMBEDDING_DELETE_VERSION] = {"embedding.delete_version", "delete from embedding" VERSION},
    [EMBEDDING_OTHER] = {"embedding.other", "select ordinal from embedding where tenant_id = $1 and document_id = $2 and model <> $3 limit 1"},
    [EMBEDDING_DELETE_OTHER] = {"embedding.delete_other", "delete from embedding where tenant_id = $1 and document_id = $2 and model <> $3"},
    [CHUNK_TERMS] = {"chunk.terms", "select c.ordinal, c.terms, c.length, e.vector from chunk c left join embedding e on e.tenant_id = $1"
                                    " and e.document_id = $2 and e.version = $3 and e.ordinal = c.ordinal and e.model = $4"
                                    " where c.tenant_id = $1 and c.document_id = $2 and c.version = $3 order by c.ordinal"},
    [CHUNK_WORDS] = {"chunk.words", "select ordinal, terms, length from chunk" VERSION " order by ordinal"},
    [CHUNK_LACKING] = {"chunk.lacking", "select c.ordinal, c.heading, c.text from chunk c where c.tenant_id = $1 and c.document_id = $2 and c.version = $3"
                                        " and c.ordinal >= $5 and not exists (select e.ordinal from embedding e where e.tenant_id = $1"
                                        " and e.document_id = $2 and e.version = $3 and e.ordinal = c.ordinal and e.model = $4)"
                                        " order by c.ordinal limit $6"},
    [CHUNK_GET] = {"chunk.get", "select c.page, c.start_at, c.end_at, c.heading, c.text, c.version, d.public_id, d.filename, d.metadata, d.seq, d.language"
                                " from document d join chunk c on c.tenant_id = $1 and c.document_id = d.document_id and c.version = d.indexed_version"
                                " where d.tenant_id = $1 and d.document_id = $2 and d.tombstone = 0 and c.ordinal = $3"},
};

static struct db_stmt *prepare(const struct tenant *t, struct db_conn *c, enum chunk_sql which, int64_t document_id, int64_t version)
{
    struct db_stmt *s = row_prepare(t, c, &store_chunk_sql[which]);
    db_bind_int(s, 2, document_id);
    db_bind_int(s, 3, version);
    return s;
}

enum db_status store_chunk_insert(const struct tenant *t, struct db_conn *c, int64_t document_id, int64_t version, const struct chunk_row *row)
{
    const struct chunk *chunk = &row->chunk;
    struct db_stmt *s = prepare(t, c, CHUNK_INSERT, document_id, version);
    db_bind_int(s, 4, chunk->ordinal);
    db_bind_int(s, 5, chunk->page);
    db_bind_int(s, 6, chunk->start);
    db_bind_int(s, 7, chunk->end);
    db_bind_text(s, 8, chunk->heading.p ? chunk->heading : SPAN(""));
    db_bind_text(s, 9, chunk->text);
    db_bind_blob(s, 10, row->terms.p ? row->terms : SPAN(""));
    db_bind_int(s, 11, row->length);
    return db_run(s, NULL);
}

enum db_status store_chunk_delete_others(const struct tenant *t, struct db_conn *c, int64_t document_id, int64_t version)
{
    enum db_status status = db_run(prepare(t, c, CHUNK_DELETE_OTHERS, document_id, version), NULL);
    return status == DB_OK ? db_run(prepare(t, c, EMBEDDING_DELETE_OTHERS, document_id, version), NULL) : status;
}

enum db_status store_chunk_delete_version(const struct tenant *t, struct db_conn *c, int64_t document_id, int64_t version)
{
    enum db_status status = db_run(prepare(t, c, CHUNK_DELETE_VERSION, document_id, version), NULL);
    return status == DB_OK ? db_run(prepare(t, c, EMBEDDING_DELETE_VERSION, document_id, version), NULL) : status;
}

enum db_status store_embedding_insert(const struct tenant *t, struct db_conn *c, int64_t document_id, int64_t version, int32_t ordinal, struct span model,
                                      struct span vector)
{
    struct db_stmt *s = prepare(t, c, EMBEDDING_INSERT, document_id, version);
    db_bind_int(s, 4, ordinal);
    db_bind_text(s, 5, model);
    db_bind_blob(s, 6, vector);
    return db_run(s, NULL);
}

enum db_status store_chunk_terms(const struct tenant *t, struct db_conn *c, int64_t document_id, int64_t version, struct span model, store_chunk_visitor *row,
                                 void *context)
{
    struct db_stmt *s = prepare(t, c, model.n ? CHUNK_TERMS : CHUNK_WORDS, document_id, version);
    enum db_status status;
    if (model.n)
        db_bind_text(s, 4, model);
    while ((status = db_step(s)) == DB_ROW)
        if (!row(context, (int32_t)db_int(s, 0), db_blob(s, 1), db_int(s, 2), model.n ? db_blob(s, 3) : (struct span){NULL, 0})) {
            status = DB_ERROR;
            break;
        }
    db_end(s);
    return status;
}

enum db_status store_embedding_list(const struct tenant *t, struct db_conn *c, int64_t document_id, int64_t version, struct span model,
                                    store_embedding_visitor *row, void *context)
{
    struct db_stmt *s = prepare(t, c, EMBEDDING_LIST, document_id, version);
    enum db_status status;
    db_bind_text(s, 4, model);
    while ((status = db_step(s)) == DB_ROW)
        if (!row(context, (int32_t)db_int(s, 0), db_blob(s, 1))) {
            status = DB_ERROR;
            break;
        }
    db_end(s);
    return status;
}

enum db_status store_embedding_has_other(const struct tenant *t, struct db_conn *c, int64_t document_id, struct span model, bool *has)
{
    int64_t ordinal;
    struct db_stmt *s = row_prepare(t, c, &store_chunk_sql[EMBEDDING_OTHER]);
    db_bind_int(s, 2, document_id);
    db_bind_text(s, 3, model);
    return row_number(s, &ordinal, has);
}

enum db_status store_embedding_delete_other(const struct tenant *t, struct db_conn *c, int64_t document_id, struct span model)
{
    struct db_stmt *s = row_prepare(t, c, &store_chunk_sql[EMBEDDING_DELETE_OTHER]);
    db_bind_int(s, 2, document_id);
    db_bind_text(s, 3, model);
    return db_run(s, NULL);
}

enum db_status store_chunk_lacking(const struct tenant *t, struct db_conn *c, int64_t document_id, int64_t version, struct span model, int32_t from,
                                   size_t limit, struct arena *arena, struct chunk **chunks, size_t *count)
{
    struct row_reader r = {.s = prepare(t, c, CHUNK_LACKING, document_id, version), .arena = arena};
    struct row_array array = {.arena = arena, .size = sizeof **chunks};
    enum db_status status;
    db_bind_text(r.s, 4, model);
    db_bind_int(r.s, 5, from);
    db_bind_int(r.s, 6, (int64_t)limit);
    while ((status = db_step(r.s)) == DB_ROW && !r.failed) {
        struct chunk *chunk = row_append(&array);
        r.failed = !chunk;
        if (chunk)
            *chunk = (struct chunk){.ordinal = (int32_t)db_int(r.s, 0), .heading = row_text(&r, 1), .text = row_text(&r, 2)};
    }
    *chunks = (struct chunk *)(void *)array.p;
    *count = array.count;
    return row_end(&r, status == DB_ROW ? DB_OK : status);
}

enum db_status store_chunk_get(const struct tenant *t, struct db_conn *c, int64_t document_id, int32_t ordinal, struct arena *arena, struct chunk_found *row,
                               bool *found)
{
    struct row_reader r = {.s = prepare(t, c, CHUNK_GET, document_id, ordinal), .arena = arena};
    enum db_status status = row_first(r.s, found);
    if (*found) {
        row->chunk = (struct chunk){.ordinal = ordinal, .page = (int32_t)db_int(r.s, 0), .start = db_int(r.s, 1), .end = db_int(r.s, 2)};
        row->chunk.heading = row_text(&r, 3);
        row->chunk.text = row_text(&r, 4);
        row->version = db_int(r.s, 5);
        row_cstr(&r, 6, row->document_public_id, sizeof row->document_public_id);
        row->document_name = row_text(&r, 7);
        row->metadata = row_text(&r, 8);
        row->seq = db_int(r.s, 9);
        row_cstr(&r, 10, row->language, sizeof row->language);
    }
    return row_end(&r, status);
}
