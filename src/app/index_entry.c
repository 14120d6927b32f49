/* One tenant's index following the rows: the documents whose seq is newer are taken out and put in again, from one snapshot. */
#include "app/index_entry.h"

#include <stdlib.h>
#include <string.h>

#include "app/metadata.h"
#include "app/vector_blob.h"
#include "base/log.h"
#include "store/account.h"
#include "store/document.h"

enum { CHANGES_BYTES = 256 << 20, SCRATCH_BYTES = 16 << 20, BESIDE_CHUNKS = 5000 };

struct index_entry *index_entry_new(int64_t tenant_id, struct encoders *encoders)
{
    struct index_entry *e = calloc(1, sizeof *e);
    if (!e)
        return NULL;
    e->tenant_id = tenant_id;
    e->encoders = encoders;
    pthread_rwlockattr_t attr;
    pthread_rwlockattr_init(&attr);
    /* An update must not starve behind a stream of searches that do not need it. */
    pthread_rwlockattr_setkind_np(&attr, PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP);
    int failed = pthread_rwlock_init(&e->lock, &attr);
    pthread_rwlockattr_destroy(&attr);
    if (failed) {
        free(e);
        return NULL;
    }
    return e;
}

/* Frees what the row of a document owns. */
static void forget(struct index_entry *e, struct indexed_document *d)
{
    e->text_bytes -= d->name.n + d->metadata.n;
    free((char *)d->name.p);
    free((char *)d->metadata.p);
    d->name = d->metadata = (struct span){NULL, 0};
}

void index_entry_empty(struct index_entry *e)
{
    lexical_free(e->lexical);
    dense_free(e->dense);
    for (size_t i = 0; i < e->count; i++)
        forget(e, &e->documents[i]);
    free(e->documents);
    passage_cache_free(e->passages);
    encoders_give(e->encoders, e->encoder);
    e->lexical = NULL;
    e->dense = NULL;
    e->documents = NULL;
    e->passages = NULL;
    e->language_count = 0;
    e->encoder = NULL;
    e->model = (struct model_name){""};
    e->outmoded = false;
    e->count = e->capacity = 0;
    e->seq = 0;
    e->unproven = false;
    e->changes++;
}

void index_entry_free(struct index_entry *e)
{
    if (!e)
        return;
    index_entry_empty(e);
    pthread_rwlock_destroy(&e->lock);
    free(e);
}

bool index_entry_current(const struct index_entry *e, const struct tenant *tenant)
{
    return e->lexical && !e->unproven && e->epoch == tenant->index_epoch && e->seq >= tenant->index_seq;
}

size_t index_entry_bytes(const struct index_entry *e)
{
    size_t bytes = sizeof *e + e->capacity * sizeof *e->documents + e->text_bytes;
    return bytes + (e->lexical ? lexical_bytes(e->lexical) : 0) + (e->dense ? dense_bytes(e->dense) : 0);
}

size_t index_entry_kept_bytes(const struct index_entry *e)
{
    return e->passages ? passage_cache_bytes(e->passages) : 0;
}

/* ---- the table of documents ---- */

static int by_document(const void *a, const void *b)
{
    int64_t x = ((const struct indexed_document *)a)->document_id, y = ((const struct indexed_document *)b)->document_id;
    return (x > y) - (x < y);
}

static struct indexed_document *find(const struct index_entry *e, size_t count, int64_t document_id)
{
    struct indexed_document key = {.document_id = document_id};
    return count ? bsearch(&key, e->documents, count, sizeof key, by_document) : NULL;
}

static struct indexed_document *append(struct index_entry *e)
{
    if (e->count == e->capacity) {
        size_t capacity = e->capacity ? e->capacity * 2 : 16;
        struct indexed_document *grown = reallocarray(e->documents, capacity, sizeof *grown);
        if (!grown)
            return NULL;
        e->documents = grown;
        e->capacity = capacity;
    }
    struct indexed_document *d = &e->documents[e->count++];
    *d = (struct indexed_document){0};
    return d;
}

/* Leaves out the documents that are gone (version 0) and restores the order. */
static void settle_documents(struct index_entry *e)
{
    size_t kept = 0;
    for (size_t i = 0; i < e->count; i++) {
        if (e->documents[i].version)
            e->documents[kept++] = e->documents[i];
        else
            forget(e, &e->documents[i]);
    }
    e->count = kept;
    if (kept)
        qsort(e->documents, kept, sizeof *e->documents, by_document);
}

static void settle(struct index_entry *e)
{
    dense_settle(e->dense);
    settle_documents(e);
    index_entry_count_languages(e);
    index_entry_fit_passages(e);
}

/* ---- one update ---- */

struct update {
    struct index_entry *entry;
    const struct tenant *tenant;
    struct db *db;
    struct arena *changes, *scratch;
    size_t sorted;              /* documents before this one are in order: those of earlier updates */
    int64_t document_id;        /* whose chunks are being read */
    bool first;                 /* the index was empty before */
    struct vector_load *beside; /* loads the vectors meanwhile; NULL: they come with the chunks */
    bool alone;                 /* no vectors are loaded beside: that was tried */
    bool foreign;               /* the snapshot that the entry came from is of other rows, or of another encoder */
    int64_t seq;
};

static bool add_vector(const struct update *u, int32_t ordinal, struct span blob)
{
    struct stored_vector v;
    if (!u->entry->model.text[0] || u->beside || !blob.p)
        return true;
    if (vector_decode(blob, &v))
        return dense_add(u->entry->dense, u->document_id, ordinal, v.vector.values, v.vector.scale, v.ratio);
    log_event(LOG_ERROR, "index vector damaged", log_int("document", u->document_id), log_int("chunk", ordinal));
    return true;
}

static bool add_chunk(void *context, int32_t ordinal, struct span terms, int64_t length, struct span vector)
{
    struct update *u = context;
    if (u->entry->stop && atomic_load_explicit(u->entry->stop, memory_order_relaxed))
        return false;
    struct term *list;
    size_t count;
    arena_reset(u->scratch);
    if (!terms_decode(terms, u->scratch, &list, &count)) {
        log_event(LOG_ERROR, "index terms damaged", log_int("document", u->document_id), log_int("chunk", ordinal));
        return true; /* one bad row must not take the tenant's other documents away */
    }
    uint32_t tokens = length < 0 ? 0 : length > INT32_MAX ? INT32_MAX : (uint32_t)length;
    return lexical_add(u->entry->lexical, u->document_id, ordinal, list, count, tokens) && add_vector(u, ordinal, vector);
}

static bool is_empty_object(struct span metadata)
{
    struct span s = span_trim(metadata);
    return s.n == 0 || (s.n >= 2 && span_trim((struct span){s.p + 1, s.n - 2}).n == 0);
}

/* Takes name and metadata over; the row owns what it has even when memory runs out between. */
static bool keep_texts(struct index_entry *e, const struct document_row *row, struct indexed_document *d)
{
    char *name = strndup(row->filename.p ? row->filename.p : "", row->filename.n);
    if (!name)
        return false;
    d->name = (struct span){name, row->filename.n};
    bool ok = is_empty_object(row->metadata) || metadata_pack_text(row->metadata, &d->metadata);
    e->text_bytes += d->name.n + d->metadata.n;
    return ok;
}

/* Notes what the row says of a living document in the table. */
static enum db_status describe(struct update *u, struct db_conn *c, const struct document_change *change, struct indexed_document *d)
{
    struct document_row row;
    bool found;
    arena_reset(u->scratch);
    enum db_status status = store_document_get(u->tenant, c, change->document_id, u->scratch, &row, &found);
    if (status != DB_OK)
        return status;
    forget(u->entry, d);
    *d = (struct indexed_document){
        .document_id = change->document_id, .collection_id = change->collection_id, .seq = change->seq, .updated_at = change->updated_at};
    if (!found)
        return DB_OK;
    d->version = change->indexed_version;
    memcpy(d->language.code, row.language, sizeof d->language.code);
    d->language.code[sizeof d->language.code - 1] = '\0';
    memcpy(d->public_id, row.public_id, sizeof d->public_id);
    return keep_texts(u->entry, &row, d) ? DB_OK : DB_ERROR;
}

static enum db_status add_chunks(struct update *u, struct db_conn *c, const struct document_change *change)
{
    u->document_id = change->document_id;
    struct span model = u->beside ? (struct span){NULL, 0} : span_of(u->entry->model.text);
    return store_chunk_terms(u->tenant, c, change->document_id, change->indexed_version, model, add_chunk, u);
}

static enum db_status apply(struct update *u, struct db_conn *c, const struct document_change *change)
{
    struct index_entry *e = u->entry;
    struct indexed_document *d = find(e, u->sorted, change->document_id);
    if (d) {
        lexical_remove(e->lexical, change->document_id);
        dense_remove(e->dense, change->document_id);
        d->version = 0;
        e->outlived = true;
    }
    if (!change->alive || change->indexed_version <= 0)
        return DB_OK;
    if (!d && !(d = append(e)))
        return DB_ERROR;
    enum db_status status = describe(u, c, change, d);
    if (status != DB_OK || d->version == 0)
        return status;
    return add_chunks(u, c, change);
}

static void expect(struct index_entry *e, const struct document_change *changes, size_t count)
{
    size_t chunks = 0;
    for (size_t i = 0; i < count; i++)
        chunks += changes[i].alive && changes[i].chunks > 0 ? (size_t)changes[i].chunks : 0;
    lexical_expect(e->lexical, chunks);
    dense_expect(e->dense, e->model.text[0] ? chunks : 0);
}

enum db_status index_model(struct encoders *encoders, const struct tenant *tenant, struct db_conn *c, struct model_name *model)
{
    *model = (struct model_name){""};
    if (!encoders)
        return DB_OK;
    enum db_status status = store_tenant_model(tenant, c, model);
    if (!model->text[0]) /* no vectors yet: the first will be those of the server's own */
        *model = embedder_model_name(encoders_own(encoders));
    return status;
}

/* An index never changes sides: it says that it is outmoded, and another is built beside it; a snapshot of other vectors is not used. */
static enum db_status follow_model(struct update *u, struct db_conn *c)
{
    struct index_entry *e = u->entry;
    struct model_name model;
    enum db_status status = index_model(e->encoders, u->tenant, c, &model);
    if (u->first)
        e->model = model;
    bool same = strcmp(e->model.text, model.text) == 0;
    u->foreign = !same && e->unproven;
    e->outmoded = !same && !e->unproven;
    e->outlived = e->outlived || !same;
    return status;
}

static bool is_as_its_row(const struct indexed_document *d, const struct document_change *row)
{
    return row->alive && row->indexed_version == d->version && row->seq == d->seq && row->collection_id == d->collection_id && row->updated_at == d->updated_at;
}

/* Holds a snapshot against the rows of all documents, living and dead: leaves those in the list that it must take up. False when it has a document without a
 * row, or knows more than they: somebody has put another database in place. */
static bool compare(struct update *u, struct document_change *rows, size_t *count)
{
    struct index_entry *e = u->entry;
    size_t kept = 0, met = 0;
    for (size_t i = 0; i < *count; i++) {
        const struct indexed_document *d = find(e, u->sorted, rows[i].document_id);
        met += d != NULL;
        if (d && is_as_its_row(d, &rows[i]))
            continue;
        e->outlived = e->outlived || d;
        rows[kept++] = rows[i];
    }
    *count = kept;
    return met == u->sorted && e->seq <= u->seq;
}

/* Whether an index is made from so many rows that a second thread pays. */
static bool is_large_load(const struct update *u, const struct document_change *changes, size_t count)
{
    size_t chunks = 0;
    for (size_t i = 0; i < count; i++)
        chunks += changes[i].alive && changes[i].chunks > 0 ? (size_t)changes[i].chunks : 0;
    return chunks >= BESIDE_CHUNKS && u->entry->model.text[0] && u->entry->seq == 0 && u->sorted == 0 && !u->alone;
}

static enum db_status apply_changes(struct db_conn *c, void *context)
{
    struct update *u = context;
    struct document_change *changes;
    size_t count;
    enum db_status status = store_tenant_seq(u->tenant, c, &u->seq);
    if (status == DB_OK)
        status = follow_model(u, c);
    if (status == DB_OK && !u->foreign)
        status = store_document_changes(u->tenant, c, u->entry->unproven ? 0 : u->entry->seq, u->changes, &changes, &count);
    if (status == DB_OK && !u->foreign && u->entry->unproven)
        u->foreign = !compare(u, changes, &count);
    if (status != DB_OK || u->foreign)
        return status;
    expect(u->entry, changes, count);
    if (is_large_load(u, changes, count))
        u->beside = vector_load_begin(u->entry, u->db, u->tenant, u->seq, changes, count);
    for (size_t i = 0; status == DB_OK && i < count; i++)
        status = apply(u, c, &changes[i]);
    return status;
}

static enum db_status run(struct update *u, struct db *db);

/* The vectors that were loaded beside the words are not of the same rows: both again, through one connection. */
static enum db_status run_alone(struct update *u, struct db *db)
{
    index_entry_empty(u->entry);
    arena_reset(u->changes);
    u->alone = true;
    return run(u, db);
}

static enum db_status run(struct update *u, struct db *db)
{
    struct index_entry *e = u->entry;
    u->first = !e->lexical;
    if (u->first && (!(e->lexical = lexical_new()) || !(e->dense = dense_new())))
        return DB_ERROR;
    u->sorted = e->count;
    u->db = db;
    enum db_status status = db_snapshot(db, apply_changes, u);
    bool together = !u->beside || vector_load_end(u->beside);
    u->beside = NULL;
    if (status == DB_OK && !together)
        return run_alone(u, db);
    if (status != DB_OK || u->foreign)
        return status;
    settle(e);
    if (!e->encoder && (u->first || e->unproven))
        e->encoder = encoders_take(e->encoders, &e->model);
    e->seq = u->seq;
    e->epoch = u->tenant->index_epoch;
    e->unproven = false;
    e->changes++;
    return DB_OK;
}

/* The same from the rows alone. */
static enum db_status run_anew(struct update *u, struct db *db)
{
    log_event(LOG_WARN, "an index snapshot is not used", log_int("tenant", u->tenant->id), log_str("why", "of other rows"));
    index_entry_empty(u->entry);
    arena_reset(u->changes);
    u->entry->outlived = true;
    u->foreign = false;
    return run(u, db);
}

bool index_entry_update(struct index_entry *e, struct db *db, const struct tenant *tenant, struct problem *problem)
{
    if (e->epoch != tenant->index_epoch)
        index_entry_empty(e);
    struct update u = {.entry = e, .tenant = tenant, .changes = arena_new(CHANGES_BYTES), .scratch = arena_new(SCRATCH_BYTES)};
    e->outlived = false;
    enum db_status status = u.changes && u.scratch ? run(&u, db) : DB_ERROR;
    if (status == DB_OK && u.foreign)
        status = run_anew(&u, db);
    arena_free(u.changes);
    arena_free(u.scratch);
    if (status == DB_OK)
        return true;
    index_entry_empty(e);
    return problem_db(problem, status);
}

/* ---- reading ---- */

const struct lexical *index_lexical(const struct index_entry *e)
{
    return e->lexical;
}

const struct dense *index_dense(const struct index_entry *e)
{
    return e->dense;
}

struct embedder *index_encoder(const struct index_entry *e)
{
    return e->encoder;
}

int64_t index_seq(const struct index_entry *e)
{
    return e->seq;
}

const struct indexed_document *index_documents(const struct index_entry *e, size_t *count)
{
    *count = e->count;
    return e->documents;
}

const struct indexed_document *index_document(const struct index_entry *e, int64_t document_id)
{
    return find(e, e->count, document_id);
}

struct passage_cache *index_passages(const struct index_entry *e)
{
    return e->passages;
}

size_t index_languages(const struct index_entry *e, struct language *languages, size_t max)
{
    size_t n = e->language_count < max ? e->language_count : max;
    for (size_t i = 0; i < n; i++)
        languages[i] = e->languages[i];
    return n;
}
