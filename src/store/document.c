/* A document's life: written, replaced, worked on, completed or failed, and buried. */
#include "store/document.h"

#include "store/row.h"
#include "store/sql.h"

#define ALIVE_AT_VERSION " where tenant_id = $1 and document_id = $2 and version = $3 and tombstone = 0"
#define OF_DOCUMENT " where tenant_id = $1 and document_id = $2"

const struct db_statement store_document_sql[DOCUMENT_SQL] = {
    [DOCUMENT_INSERT] =
        {"document.insert",
         "insert into document (tenant_id, document_id, version, public_id, collection_id, external_id, filename, media_type, language, size_bytes,"
         " content_hash, metadata, status, progress, updated_at, created_at, indexed_version, analysis_version, seq, pages, chunks, error_code,"
         " error_message, tombstone)"
         " values ($1, $2, $3, $15, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $16, $17, $18, $19, $20, $21, $22, $23, 0)"},
    [DOCUMENT_REPLACE] = {"document.replace",
                          "update document set version = $3, collection_id = $4, external_id = coalesce($5, external_id), filename = $6, media_type = $7,"
                          " language = $8, size_bytes = $9, content_hash = $10, metadata = $11, status = $12, progress = $13, updated_at = $14,"
                          " error_code = null, error_message = null" OF_DOCUMENT " and tombstone = 0"},
    [DOCUMENT_PROGRESS] = {"document.progress", "update document set status = $4, progress = $5, updated_at = $6" ALIVE_AT_VERSION},
    [DOCUMENT_FAILED] = {"document.failed", "update document set status = 'failed', error_code = $4, error_message = $5, updated_at = $6" ALIVE_AT_VERSION},
    [DOCUMENT_COMPLETED] = {"document.completed",
                            "update document set status = 'completed', progress = 100, indexed_version = $3, analysis_version = $4, seq = $5, pages = $6,"
                            " chunks = $7, language = $8, updated_at = $9, error_code = null, error_message = $10" ALIVE_AT_VERSION},
    [DOCUMENT_EMBEDDED] = {"document.embedded", "update document set seq = $4" ALIVE_AT_VERSION " and indexed_version = $3"},
    [DOCUMENT_BURY] = {"document.bury",
                       "update document set tombstone = $3, seq = $4, updated_at = $3, filename = '', metadata = '{}', external_id = null, content_hash = $5,"
                       " media_type = '', language = '', error_code = null, error_message = null, size_bytes = 0, pages = 0, chunks = 0" OF_DOCUMENT
                       " and tombstone = 0"},
    [DOCUMENT_DELETE_PARTS] = {"document.delete_parts", "delete from document_part" OF_DOCUMENT},
    [DOCUMENT_DELETE_CHUNKS] = {"document.delete_chunks", "delete from chunk" OF_DOCUMENT},
    [DOCUMENT_DELETE_EMBEDDINGS] = {"document.delete_embeddings", "delete from embedding" OF_DOCUMENT},
    [DOCUMENT_DELETE_JOBS] = {"document.delete_jobs", "delete from job" OF_DOCUMENT},
};

static struct db_stmt *prepare(const struct tenant *t, struct db_conn *c, enum document_sql which, int64_t document_id)
{
    struct db_stmt *s = row_prepare(t, c, &store_document_sql[which]);
    db_bind_int(s, 2, document_id);
    return s;
}

static enum db_status run_once(struct db_stmt *s, bool *changed)
{
    int64_t rows;
    enum db_status status = db_run(s, &rows);
    *changed = rows > 0;
    return status;
}

/* ---- a new original: $3 to $14 ---- */

static void bind_original(struct db_stmt *s, const struct document_row *row)
{
    db_bind_int(s, 3, row->version);
    db_bind_int(s, 4, row->collection_id);
    db_bind_text(s, 5, row->external_id);
    db_bind_text(s, 6, row->filename);
    db_bind_text(s, 7, row->media_type);
    row_bind_cstr(s, 8, row->language);
    db_bind_int(s, 9, row->size_bytes);
    db_bind_blob(s, 10, (struct span){(const char *)row->content_hash, sizeof row->content_hash});
    db_bind_text(s, 11, row->metadata.p ? row->metadata : SPAN("{}"));
}

enum db_status store_document_insert(const struct tenant *t, struct db_conn *c, const struct document_row *row)
{
    struct db_stmt *s = prepare(t, c, DOCUMENT_INSERT, row->document_id);
    bind_original(s, row);
    row_bind_cstr(s, 12, row->status);
    db_bind_int(s, 13, row->progress);
    db_bind_int(s, 14, row->updated_at);
    row_bind_cstr(s, 15, row->public_id);
    db_bind_int(s, 16, row->created_at);
    db_bind_int(s, 17, row->indexed_version);
    db_bind_int(s, 18, row->analysis_version);
    db_bind_int(s, 19, row->seq);
    db_bind_int(s, 20, row->pages);
    db_bind_int(s, 21, row->chunks);
    db_bind_text(s, 22, row->error_code);
    db_bind_text(s, 23, row->error_message);
    return db_run(s, NULL);
}

enum db_status store_document_replace(const struct tenant *t, struct db_conn *c, const struct document_row *row)
{
    bool changed;
    struct db_stmt *s = prepare(t, c, DOCUMENT_REPLACE, row->document_id);
    bind_original(s, row);
    row_bind_cstr(s, 12, "queued");
    db_bind_int(s, 13, 0);
    db_bind_int(s, 14, row->updated_at);
    enum db_status status = run_once(s, &changed);
    return status == DB_OK && !changed ? DB_CONFLICT : status;
}

/* ---- the work on it ---- */

static struct db_stmt *prepare_version(const struct tenant *t, struct db_conn *c, enum document_sql which, int64_t document_id, int64_t version)
{
    struct db_stmt *s = prepare(t, c, which, document_id);
    db_bind_int(s, 3, version);
    return s;
}

enum db_status store_document_progress(const struct tenant *t, struct db_conn *c, int64_t document_id, int64_t version, const char *status, int64_t progress,
                                       int64_t now, bool *changed)
{
    struct db_stmt *s = prepare_version(t, c, DOCUMENT_PROGRESS, document_id, version);
    row_bind_cstr(s, 4, status);
    db_bind_int(s, 5, progress);
    db_bind_int(s, 6, now);
    return run_once(s, changed);
}

enum db_status store_document_failed(const struct tenant *t, struct db_conn *c, int64_t document_id, int64_t version, const char *code, const char *message,
                                     int64_t now, bool *changed)
{
    struct db_stmt *s = prepare_version(t, c, DOCUMENT_FAILED, document_id, version);
    row_bind_cstr(s, 4, code);
    row_bind_cstr(s, 5, message);
    db_bind_int(s, 6, now);
    return run_once(s, changed);
}

enum db_status store_document_completed(const struct tenant *t, struct db_conn *c, const struct document_row *row, bool *changed)
{
    struct db_stmt *s = prepare_version(t, c, DOCUMENT_COMPLETED, row->document_id, row->version);
    db_bind_int(s, 4, row->analysis_version);
    db_bind_int(s, 5, row->seq);
    db_bind_int(s, 6, row->pages);
    db_bind_int(s, 7, row->chunks);
    row_bind_cstr(s, 8, row->language);
    db_bind_int(s, 9, row->updated_at);
    db_bind_text(s, 10, row->error_message);
    return run_once(s, changed);
}

enum db_status store_document_embedded(const struct tenant *t, struct db_conn *c, int64_t document_id, int64_t version, int64_t seq, bool *changed)
{
    struct db_stmt *s = prepare_version(t, c, DOCUMENT_EMBEDDED, document_id, version);
    db_bind_int(s, 4, seq);
    return run_once(s, changed);
}

/* ---- its end ---- */

static enum db_status bury(const struct tenant *t, struct db_conn *c, int64_t document_id, int64_t seq, int64_t now, bool *changed)
{
    struct db_stmt *s = prepare(t, c, DOCUMENT_BURY, document_id);
    db_bind_int(s, 3, now);
    db_bind_int(s, 4, seq);
    db_bind_blob(s, 5, SPAN(""));
    return run_once(s, changed);
}

enum db_status store_document_delete(const struct tenant *t, struct db_conn *c, int64_t document_id, int64_t seq, int64_t now, bool *changed)
{
    static const enum document_sql belongings[] = {DOCUMENT_DELETE_PARTS, DOCUMENT_DELETE_CHUNKS, DOCUMENT_DELETE_EMBEDDINGS, DOCUMENT_DELETE_JOBS};
    enum db_status status = bury(t, c, document_id, seq, now, changed);
    if (!*changed)
        return status;
    for (size_t i = 0; status == DB_OK && i < sizeof belongings / sizeof belongings[0]; i++)
        status = db_run(prepare(t, c, belongings[i], document_id), NULL);
    return status;
}
