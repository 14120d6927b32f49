/* Vectors of chunks: the last step of an ingest, and a job of its own for documents that were indexed with another model or with none. */
#include "app/chunk_vectors.h"
#include "app/ingest_internal.h"
#include "base/log.h"
#include "store/account.h"

enum { WATCH_MS = 5000, PROGRESS_CHUNKED = 20, QUEUED_AT_ONCE = 256 };

/* ---- making them ---- */

static enum db_status renew(struct db_conn *c, void *context)
{
    struct work *w = context;
    bool changed;
    int64_t now = sys_wall_ms();
    enum db_status status = store_job_renew(w->tenant, c, w->job->job_id, w->ingest->owner, now + ingest_lease_ms(w->ingest->app->config), &w->held);
    if (status != DB_OK || !w->held || w->job->kind == JOB_EMBED)
        return status;
    return store_document_progress(w->tenant, c, w->job->document_id, w->job->version, "processing", w->progress, now, &changed);
}

/* A long document takes minutes: the lease is kept and progress shown. */
static bool go_on(void *context, size_t done)
{
    struct work *w = context;
    if (atomic_load(&w->ingest->stopping))
        return false;
    if (sys_mono_ms() - w->lease_renewed < WATCH_MS)
        return true;
    w->lease_renewed = sys_mono_ms();
    w->progress = PROGRESS_CHUNKED + (int64_t)(done * (100 - PROGRESS_CHUNKED) / w->count);
    return db_transact(w->ingest->app->db, renew, w) == DB_OK && w->held;
}

enum outcome ingest_make_vectors(struct work *w)
{
    struct embedder *embedder = w->ingest->app->embedder;
    if (!embedder || !w->count)
        return DONE;
    return w->scratch &&
                   chunk_vectors(embedder_model(embedder), w->scratch, ingest_title(w->document.filename), w->chunks, w->count, w->arena, go_on, w, &w->vectors)
               ? DONE
               : AGAIN;
}

enum db_status ingest_store_vectors(struct work *w, struct db_conn *c)
{
    struct span model = embedder_name(w->ingest->app->embedder);
    enum db_status status = DB_OK;
    for (size_t n = 0; w->vectors && n < w->count && status == DB_OK; n++)
        status = store_embedding_insert(w->tenant, c, w->job->document_id, w->job->version, w->chunks[n].ordinal, model, w->vectors[n]);
    return status;
}

/* ---- the job ---- */

static enum db_status read_chunks(struct db_conn *c, void *context)
{
    struct work *w = context;
    enum db_status status = ingest_read_document(c, w);
    if (status != DB_OK || !w->found || w->document.indexed_version != w->job->version)
        return status;
    return store_chunk_texts(w->tenant, c, w->job->document_id, w->job->version, w->arena, &w->chunks, &w->count);
}

enum outcome ingest_prepare_embed(struct work *w)
{
    if (!w->ingest->app->embedder)
        return MOOT;
    if (db_snapshot(w->ingest->app->db, read_chunks, w) != DB_OK)
        return AGAIN;
    return w->count ? ingest_make_vectors(w) : MOOT;
}

enum db_status ingest_complete_embed(struct db_conn *c, void *context)
{
    struct work *w = context;
    bool changed = false;
    enum db_status status = store_job_finish(w->tenant, c, w->job->job_id, w->ingest->owner, &w->held);
    if (status != DB_OK || !w->held)
        return status;
    status = store_tenant_next_seq(w->tenant, c, &w->document.seq);
    if (status == DB_OK)
        status = store_document_embedded(w->tenant, c, w->job->document_id, w->job->version, w->document.seq, &changed);
    return status == DB_OK && changed ? ingest_store_vectors(w, c) : status;
}

/* ---- queueing it ---- */

struct queueing {
    const struct tenant *tenant;
    const struct document_version *list; /* [count] */
    size_t count;
    int64_t queued;
};

static enum db_status queue(struct db_conn *c, void *context)
{
    struct queueing *q = context;
    enum db_status status = DB_OK;
    q->queued = 0;
    for (size_t i = 0; i < q->count && status == DB_OK; i++) {
        bool queued;
        status = store_job_insert_embed(q->tenant, c, q->list[i].document_id, q->list[i].version, sys_wall_ms(), &queued);
        q->queued += queued;
        if (status == DB_CONFLICT) /* deleted meanwhile */
            status = DB_OK;
    }
    return status;
}

void ingest_embed_lacking(void *ingest, const struct tenant *tenant, const struct document_version *list, size_t count)
{
    struct ingest *i = ingest;
    int64_t queued = 0;
    for (size_t n = 0; n < count; n += QUEUED_AT_ONCE) {
        struct queueing q = {tenant, list + n, count - n < QUEUED_AT_ONCE ? count - n : QUEUED_AT_ONCE, 0};
        if (db_transact(i->app->db, queue, &q) != DB_OK)
            break; /* logged; the next time the index is built they are found again */
        queued += q.queued;
    }
    if (queued)
        log_event(LOG_INFO, "vectors are missing", log_int("documents", queued));
    ingest_poke(i);
}
