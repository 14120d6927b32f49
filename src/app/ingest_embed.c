/* Vectors of chunks: the last step of an ingest. After a change of the encoder a tenant's questions go on with the former one until all of its passages have
 * new vectors (app/reembed.h); what is uploaded meanwhile gets both, so that it is found at once and need not be done again. */
#include <string.h>

#include "app/chunk_vectors.h"
#include "app/ingest_internal.h"

enum { WATCH_MS = 5000, PROGRESS_CHUNKED = 20 };

static enum db_status renew(struct db_conn *c, void *context)
{
    struct work *w = context;
    bool changed;
    int64_t now = sys_wall_ms();
    enum db_status status = store_job_renew(w->tenant, c, w->job->job_id, w->ingest->owner, now + ingest_lease_ms(w->ingest->app->config), &w->held);
    if (status != DB_OK || !w->held)
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
    w->progress = PROGRESS_CHUNKED + (int64_t)((w->made + done) * (100 - PROGRESS_CHUNKED) / w->to_make);
    return db_transact(w->ingest->app->db, renew, w) == DB_OK && w->held;
}

static bool make(struct work *w, const struct embedder *encoder, struct span **vectors)
{
    bool ok =
        w->scratch && chunk_vectors(embedder_model(encoder), w->scratch, ingest_title(w->document.filename), w->chunks, w->count, w->arena, go_on, w, vectors);
    w->made += w->count;
    return ok;
}

static enum db_status read_model(struct db_conn *c, void *context)
{
    struct work *w = context;
    return store_tenant_model(w->tenant, c, &w->former);
}

enum outcome ingest_make_vectors(struct work *w)
{
    struct app *app = w->ingest->app;
    if (!app->embedder || !w->count)
        return DONE;
    if (db_snapshot(app->db, read_model, w) != DB_OK)
        return AGAIN;
    struct embedder *former = encoders_take(app->encoders, &w->former);
    bool both = former && former != app->embedder;
    w->to_make = both ? 2 * w->count : w->count;
    bool ok = make(w, app->embedder, &w->vectors) && (!both || make(w, former, &w->former_vectors));
    encoders_give(app->encoders, former);
    return ok ? DONE : AGAIN;
}

static enum db_status store(struct work *w, struct db_conn *c, const struct model_name *model, const struct span *vectors)
{
    enum db_status status = DB_OK;
    for (size_t n = 0; vectors && n < w->count && status == DB_OK; n++)
        status = store_embedding_insert(w->tenant, c, w->job->document_id, w->job->version, w->chunks[n].ordinal, span_of(model->text), vectors[n]);
    return status;
}

enum db_status ingest_store_vectors(struct work *w, struct db_conn *c)
{
    struct model_name own = embedder_model_name(w->ingest->app->embedder), answering;
    enum db_status status = store_tenant_model(w->tenant, c, &answering);
    if (!answering.text[0])
        answering = own;
    if (status == DB_OK && answering.text[0])
        status = store_tenant_model_note(w->tenant, c, &answering);
    if (status == DB_OK)
        status = store(w, c, &own, w->vectors);
    if (status == DB_OK)
        status = store(w, c, &w->former, w->former_vectors);
    /* In order are vectors of the one encoder that answers, for every passage. */
    w->unsettled = status == DB_OK && w->count && !(w->vectors && !w->former_vectors && strcmp(own.text, answering.text) == 0);
    return w->unsettled ? store_tenant_model_unsettle(w->tenant, c) : status;
}
