/* The vectors of an index that is made from rows, loaded by a thread of its own while another loads the words: both are bound by the processor.
 *
 * The two read through a connection each. Their snapshots are the same when index_seq is, which all but always holds, since they begin together; else what
 * was loaded here is of no use, and the caller loads both again through one connection. */
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>

#include "app/index_entry.h"
#include "app/vector_blob.h"
#include "base/log.h"
#include "store/account.h"
#include "store/document.h"

struct vector_load {
    struct index_entry *entry; /* of which nothing but `dense` is touched here, and that by nobody else meanwhile */
    struct db *db;
    struct tenant tenant;
    int64_t seq; /* that the caller's snapshot has */
    const struct document_change *changes;
    size_t change_count;
    size_t at; /* the document being read */
    bool loaded;
    pthread_t thread;
};

static bool add_vector(void *context, int32_t ordinal, struct span blob)
{
    struct vector_load *l = context;
    struct stored_vector v;
    if (l->entry->stop && atomic_load_explicit(l->entry->stop, memory_order_relaxed))
        return false;
    int64_t document_id = l->changes[l->at].document_id;
    if (vector_decode(blob, &v))
        return dense_add(l->entry->dense, document_id, ordinal, v.vector.values, v.vector.scale, v.ratio);
    log_event(LOG_ERROR, "index vector damaged", log_int("document", document_id), log_int("chunk", ordinal));
    return true;
}

static enum db_status load_all(struct db_conn *c, void *context)
{
    struct vector_load *l = context;
    int64_t seq = 0;
    enum db_status status = store_tenant_seq(&l->tenant, c, &seq);
    if (status == DB_OK && seq != l->seq)
        return DB_ERROR;
    for (l->at = 0; status == DB_OK && l->at < l->change_count; l->at++) {
        const struct document_change *d = &l->changes[l->at];
        if (d->alive && d->indexed_version > 0)
            status = store_embedding_list(&l->tenant, c, d->document_id, d->indexed_version, span_of(l->entry->model.text), add_vector, l);
    }
    return status;
}

static void *work(void *arg)
{
    struct vector_load *l = arg;
    pthread_setname_np(pthread_self(), "index-vectors");
    l->loaded = db_snapshot(l->db, load_all, l) == DB_OK;
    if (l->loaded)
        dense_settle(l->entry->dense); /* makes the codes */
    return NULL;
}

/* Signals go to the main thread alone. */
static bool start(struct vector_load *l)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    bool running = pthread_create(&l->thread, NULL, work, l) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return running;
}

struct vector_load *vector_load_begin(struct index_entry *e, struct db *db, const struct tenant *tenant, int64_t seq, const struct document_change *changes,
                                      size_t count)
{
    struct vector_load *l = calloc(1, sizeof *l);
    if (!l)
        return NULL;
    *l = (struct vector_load){.entry = e, .db = db, .tenant = *tenant, .seq = seq, .changes = changes, .change_count = count};
    if (start(l))
        return l;
    free(l);
    return NULL;
}

bool vector_load_end(struct vector_load *l)
{
    pthread_join(l->thread, NULL);
    bool ok = l->loaded;
    free(l);
    return ok;
}
