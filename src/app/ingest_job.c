/* One job: the original out of the database, blocks out of the original, chunks out of the blocks, and everything into the database in the transaction that
 * makes it searchable. Until then nothing shows, so a job may be broken off and begun again at any point. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "app/ingest_internal.h"
#include "app/reembed.h"
#include "base/file.h"
#include "base/log.h"
#include "store/account.h"

enum { RETRY_MS = 2000, RETRY_MAX_MS = 300000 };

/* ---- reading ---- */

static enum db_status read_document(struct db_conn *c, void *context)
{
    struct work *w = context;
    return store_document_get(w->tenant, c, w->job->document_id, w->arena, &w->document, &w->found);
}

static enum db_status mark_processing(struct db_conn *c, void *context)
{
    struct work *w = context;
    bool changed;
    return store_document_progress(w->tenant, c, w->job->document_id, w->job->version, "processing", 10, sys_wall_ms(), &changed);
}

struct part_read {
    struct work *work;
    int64_t part;
    struct arena *arena;
    struct span data;
    bool found;
};

static enum db_status read_part(struct db_conn *c, void *context)
{
    struct part_read *r = context;
    const struct job_row *job = r->work->job;
    return store_part_get(r->work->tenant, c, job->document_id, job->version, r->part, r->arena, &r->data, &r->found);
}

/* Hands over the original part by part, so that a connection is held for one part only. */
static bool each_part(struct work *w, bool (*take)(struct work *w, int fd, struct span data), int fd)
{
    struct part_read r = {.work = w, .arena = arena_new(2 * DOCUMENT_PART_BYTES)};
    bool ok = r.arena != NULL;
    for (; ok; r.part++) {
        arena_reset(r.arena);
        ok = db_snapshot(w->ingest->app->db, read_part, &r) == DB_OK;
        if (!ok || !r.found)
            break;
        ok = take(w, fd, r.data);
    }
    arena_free(r.arena);
    return ok;
}

static bool to_file(struct work *w, int fd, struct span data)
{
    (void)w;
    return file_write(fd, data);
}

static bool to_memory(struct work *w, int fd, struct span data)
{
    (void)fd;
    buf_span(&w->original, data);
    return !w->original.failed;
}

/* ---- blocks ---- */

static void refuse(struct work *w, enum extract_error error, const char *message)
{
    w->result.error = error;
    snprintf(w->result.message, sizeof w->result.message, "%s", message);
}

static void read_plain_text(struct work *w)
{
    buf_init(&w->original, (size_t)w->document.size_bytes + 1);
    if (!each_part(w, to_memory, -1))
        refuse(w, EXTRACT_INTERNAL, "The text could not be read back.");
    else if (!plain_text_blocks(buf_view(&w->original), w->arena, &w->result.blocks, &w->result.count))
        refuse(w, EXTRACT_TOO_LARGE, "The text has too many paragraphs; split it.");
    buf_free(&w->original);
}

static void extract_measured(struct work *w, int fd, struct span name, const struct extract_limits *limits)
{
    int64_t started = sys_mono_us();
    extract_document(w->ingest->app->config->program, fd, name, limits, w->arena, &w->result);
    histogram_add(&w->ingest->app->measures.extract, sys_mono_us() - started);
}

static void read_in_process(struct work *w, struct span name)
{
    const struct app_config *config = w->ingest->app->config;
    struct extract_limits limits = config->extract;
    limits.cancel = &w->ingest->stopping;
    int fd = file_spool(config->spool_dir);
    if (fd < 0 || !each_part(w, to_file, fd))
        refuse(w, EXTRACT_INTERNAL, "The original could not be read back.");
    else
        extract_measured(w, fd, name, &limits);
    if (fd >= 0)
        close(fd);
}

static void read_blocks(struct work *w)
{
    struct span type = w->document.media_type;
    if (span_eq(type, SPAN(MEDIA_TYPE_CONTENT)))
        read_plain_text(w);
    else if (w->document.size_bytes > 0)
        read_in_process(w, span_eq(type, SPAN(MEDIA_TYPE_CONTENT_MARKDOWN)) ? SPAN("content.md") : w->document.filename);
}

/* ---- the end ---- */

static enum db_status store_chunks(struct work *w, struct db_conn *c)
{
    int64_t id = w->job->document_id, version = w->job->version;
    enum db_status status = store_chunk_delete_version(w->tenant, c, id, version);
    for (size_t n = 0; n < w->count && status == DB_OK; n++)
        status = store_chunk_insert(w->tenant, c, id, version, &w->rows[n]);
    if (status == DB_OK)
        status = ingest_store_vectors(w, c);
    if (status == DB_OK)
        status = store_chunk_delete_others(w->tenant, c, id, version);
    return status == DB_OK ? store_part_delete_before(w->tenant, c, id, version) : status;
}

static enum db_status complete(struct db_conn *c, void *context)
{
    struct work *w = context;
    enum db_status status = store_job_finish(w->tenant, c, w->job->job_id, w->ingest->owner, &w->held);
    if (status != DB_OK || !w->held)
        return status;
    status = store_chunks(w, c);
    if (status == DB_OK)
        status = store_tenant_next_seq(w->tenant, c, &w->document.seq);
    w->document.analysis_version = ANALYSIS_VERSION;
    w->document.pages = w->result.pages;
    w->document.chunks = (int64_t)w->count;
    w->document.updated_at = sys_wall_ms();
    w->document.error_message = w->result.notes[0] ? span_of(w->result.notes) : (struct span){0};
    bool changed;
    return status == DB_OK ? store_document_completed(w->tenant, c, &w->document, &changed) : status;
}

static enum db_status fail(struct db_conn *c, void *context)
{
    struct work *w = context;
    bool changed;
    enum db_status status = store_job_finish(w->tenant, c, w->job->job_id, w->ingest->owner, &w->held);
    if (status != DB_OK || !w->held)
        return status;
    return store_document_failed(w->tenant, c, w->job->document_id, w->job->version, extract_error_code(w->result.error), w->result.message, sys_wall_ms(),
                                 &changed);
}

static enum db_status drop(struct db_conn *c, void *context)
{
    struct work *w = context;
    return store_job_finish(w->tenant, c, w->job->job_id, w->ingest->owner, &w->held);
}

static enum db_status give_back(struct db_conn *c, void *context)
{
    struct work *w = context;
    int64_t wait = 0;
    if (!atomic_load(&w->ingest->stopping))
        wait = w->job->attempts < 8 ? RETRY_MS << w->job->attempts : RETRY_MAX_MS;
    return store_job_release(w->tenant, c, w->job->job_id, w->ingest->owner, sys_wall_ms() + (wait < RETRY_MAX_MS ? wait : RETRY_MAX_MS), &w->held);
}

static enum outcome prepare(struct work *w)
{
    struct db *db = w->ingest->app->db;
    if (db_snapshot(db, read_document, w) != DB_OK)
        return AGAIN;
    if (!w->found || w->document.version != w->job->version)
        return MOOT;
    log_context("document", w->document.public_id);
    db_transact(db, mark_processing, w); /* for people to see; what matters comes at the end */
    read_blocks(w);
    if (w->result.error == EXTRACT_INTERNAL)
        return AGAIN;
    if (w->result.error == EXTRACT_OK && !ingest_cut(w))
        refuse(w, EXTRACT_TOO_LARGE, "The text of the document is too large to be indexed; split it.");
    return w->result.error == EXTRACT_OK ? ingest_make_vectors(w) : REFUSED;
}

static void log_end(const struct work *w, enum outcome outcome, int64_t started)
{
    static const char *const names[] = {"completed", "moot", "refused", "given back"};
    log_event(outcome == DONE || outcome == MOOT ? LOG_INFO : LOG_WARN, "document", log_str("outcome", names[outcome]),
              log_str("document", w->document.public_id), log_str("code", w->result.error == EXTRACT_OK ? "" : extract_error_code(w->result.error)),
              log_int("bytes", w->document.size_bytes), log_int("pages", w->result.pages), log_int("chunks", (int64_t)w->count),
              log_int("attempt", w->job->attempts), log_int("ms", sys_mono_ms() - started));
}

/* How it ended in the end. What waits is told last, so that it finds the job counted. */
static enum outcome conclude(struct work *w, enum outcome outcome)
{
    static db_body *const ends[] = {complete, drop, fail, give_back};
    struct db *db = w->ingest->app->db;
    if (outcome == AGAIN && w->job->attempts >= ATTEMPTS_MAX) {
        refuse(w, EXTRACT_INTERNAL, "The server could not read the document after many tries; upload it again.");
        outcome = REFUSED;
    }
    enum db_status status = db_transact(db, ends[outcome], w);
    if (status != DB_OK && outcome != AGAIN) {
        db_transact(db, give_back, w);
        outcome = AGAIN;
    }
    if (outcome == DONE && w->unsettled)
        reembed_poke(w->ingest->app->reembed);
    measure(&w->ingest->app->measures, (enum measure)(MEASURE_COMPLETED + (int)outcome));
    if (outcome == DONE && w->document.indexed_version > 0)
        indexes_forget_snapshot(w->ingest->app->indexes, w->tenant); /* it holds words of the version before */
    if (outcome != AGAIN)
        waiters_fire(&w->ingest->waiters, w->tenant->id, w->job->document_id, w->job->version);
    return outcome;
}

void ingest_run_job(struct ingest *i, struct embed_scratch *scratch, const struct tenant *t, const struct job_row *job)
{
    int64_t started = sys_mono_ms();
    struct measures *m = &i->app->measures;
    struct work w = {.ingest = i, .scratch = scratch, .tenant = t, .job = job, .lease_renewed = started, .arena = arena_new(DOCUMENT_MEMORY_MAX)};
    buf_init(&w.text, DOCUMENT_MEMORY_MAX / 2);
    atomic_fetch_add(&m->in_work, 1);
    enum outcome outcome = conclude(&w, w.arena ? prepare(&w) : AGAIN);
    log_end(&w, outcome, started);
    log_context(NULL, NULL);
    atomic_fetch_sub(&m->in_work, 1);
    buf_free(&w.text);
    arena_free(w.arena);
}
