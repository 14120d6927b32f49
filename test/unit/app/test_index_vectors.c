/* A large index with vectors: loaded by two threads from rows, beside commits too, and from a snapshot. */
#include <pthread.h>
#include <setjmp.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "answer_world.h"
#include "app/encoders.h"
#include "app/index_entry.h"
#include "app/indexes.h"
#include "app/snapshots.h"
#include "app/vector_blob.h"
#include "base/buf.h"
#include "base/log.h"
#include "store/account.h"
#include "store/document.h"
#include "store/model.h"

enum { PLENTY = 1 << 30, CHUNKS = 700, DOCUMENTS = 9, ROUNDS = 12 };
#define MODEL "fake-1"

static const unsigned char key[SNAPSHOT_KEY_BYTES] = "a key";

struct many {
    const struct tenant *tenant;
    int64_t document_id;
    int32_t chunks, vectors; /* the first so many have one */
};

/* Vectors that are told apart by where they are large. */
static void vector_of(int64_t document_id, int32_t ordinal, struct stored_vector *v)
{
    memset(v, 0, sizeof *v);
    v->vector.scale = 1.0f / 180;
    v->ratio = 1.25f;
    v->vector.values[(size_t)document_id % EMBED_DIMENSIONS] = 127;
    v->vector.values[((size_t)ordinal * 7 + 100) % EMBED_DIMENSIONS] = 126;
}

static enum db_status insert_chunk(struct db_conn *c, const struct many *m, int32_t ordinal)
{
    struct term terms[] = {{SPAN("common"), 1}, {SPAN("word"), 1}};
    struct stored_vector v;
    char blob[VECTOR_BLOB_BYTES];
    struct buf encoded;
    buf_init(&encoded, 256);
    assert_true(terms_encode(terms, 2, &encoded));
    struct chunk_row row = {.chunk = {.ordinal = ordinal, .text = SPAN("common word")}, .terms = buf_view(&encoded), .length = 2};
    enum db_status status = store_chunk_insert(m->tenant, c, m->document_id, 1, &row);
    buf_free(&encoded);
    if (status != DB_OK || ordinal >= m->vectors)
        return status;
    vector_of(m->document_id, ordinal, &v);
    vector_encode(&v, blob);
    return store_embedding_insert(m->tenant, c, m->document_id, 1, ordinal, SPAN(MODEL), (struct span){blob, sizeof blob});
}

static enum db_status insert(struct db_conn *c, void *context)
{
    const struct many *m = context;
    struct document_row row = {.document_id = m->document_id,
                               .filename = SPAN("many"),
                               .media_type = SPAN("text/plain"),
                               .language = "en",
                               .version = 1,
                               .analysis_version = 1,
                               .status = "queued",
                               .chunks = m->chunks};
    bool found, changed;
    sys_public_id(row.public_id, "doc_");
    enum db_status status = store_collection_by_name(m->tenant, c, SPAN("default"), true, 1, &row.collection_id, &found);
    if (status == DB_OK)
        status = store_document_insert(m->tenant, c, &row);
    for (int32_t i = 0; status == DB_OK && i < m->chunks; i++)
        status = insert_chunk(c, m, i);
    if (status == DB_OK)
        status = store_tenant_next_seq(m->tenant, c, &row.seq);
    return status == DB_OK ? store_document_completed(m->tenant, c, &row, &changed) : status;
}

static void add(struct world *w, const struct principal *p, int64_t document_id, int32_t chunks, int32_t vectors)
{
    struct many m = {&p->tenant, document_id, chunks, vectors};
    assert_int_equal(db_transact(w->db, insert, &m), DB_OK);
}

/* ---- what the index holds ---- */

static struct indexes *fresh(struct world *w, struct encoders *encoders)
{
    struct indexes *x = indexes_new(w->db, PLENTY, encoders);
    assert_non_null(x);
    return x;
}

static struct encoders *encoders_of(struct world *w, const char *model)
{
    char why[300] = "";
    struct encoders *e = encoders_new(w->db, model, why, sizeof why);
    if (!e)
        fail_msg("%s", why);
    return e;
}

static void assert_holds(struct world *w, struct indexes *x, struct principal *p, size_t chunks, size_t vectors)
{
    world_refresh(w, p);
    struct index_entry *e = indexes_open(x, &p->tenant, NULL);
    assert_non_null(e);
    assert_int_equal(lexical_chunks(index_lexical(e)), chunks);
    assert_int_equal(dense_chunks(index_dense(e)), vectors);
    indexes_close(x, e);
}

static void assert_nearest(struct world *w, struct indexes *x, struct principal *p, int64_t document_id, int32_t ordinal)
{
    struct stored_vector v;
    struct dense_hit hit;
    world_refresh(w, p);
    struct index_entry *e = indexes_open(x, &p->tenant, NULL);
    assert_non_null(e);
    vector_of(document_id, ordinal, &v);
    assert_int_equal(dense_search(index_dense(e), &(struct dense_query){.values = v.vector.values, .scale = v.vector.scale}, &hit, 1), 1);
    assert_int_equal(hit.document_id, document_id);
    assert_true(hit.cosine > 0.95f && hit.ratio > 1.2f && hit.ratio < 1.3f);
    indexes_close(x, e);
}

static struct world *begin(struct principal *p)
{
    struct world *w = world_new(PLENTY);
    *p = world_tenant(w);
    for (int64_t d = 1; d <= DOCUMENTS; d++)
        add(w, p, d, CHUNKS, CHUNKS);
    return w;
}

/* ---- the tests ---- */

static void words_and_vectors_come_together(void **state)
{
    (void)state;
    struct principal p;
    struct world *w = begin(&p);
    struct encoders *encoders = encoders_of(w, MODEL);
    struct indexes *x = fresh(w, encoders);
    assert_holds(w, x, &p, DOCUMENTS * CHUNKS, DOCUMENTS * CHUNKS);
    assert_nearest(w, x, &p, 5, 33);
    indexes_free(x);
    add(w, &p, 10, 20, 19);
    add(w, &p, 11, 20, 20);
    add(w, &p, 12, 20, 20);
    world_delete(w, &p, (struct world_id){.id = 12});
    x = fresh(w, encoders);
    assert_holds(w, x, &p, DOCUMENTS * CHUNKS + 40, DOCUMENTS * CHUNKS + 39);
    indexes_free(x);
    encoders_free(encoders);
    world_free(w);
}

struct writer {
    struct world *w;
    const struct principal *p;
    atomic_bool done;
    int64_t next;
};

static void *write_on(void *context)
{
    struct writer *writer = context;
    while (!atomic_load(&writer->done))
        add(writer->w, writer->p, writer->next++, 2, 2);
    return NULL;
}

static void commits_in_between_are_told(void **state)
{
    (void)state;
    struct principal p;
    struct world *w = begin(&p);
    struct encoders *encoders = encoders_of(w, MODEL);
    struct writer writer = {.w = w, .p = &p, .next = 100};
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, write_on, &writer), 0);
    for (int i = 0; i < ROUNDS; i++) {
        struct indexes *x = fresh(w, encoders);
        struct principal q = p;
        world_refresh(w, &q);
        struct index_entry *e = indexes_open(x, &q.tenant, NULL);
        assert_non_null(e);
        assert_true(index_seq(e) >= q.tenant.index_seq);
        size_t documents;
        index_documents(e, &documents);
        assert_int_equal(lexical_chunks(index_lexical(e)), DOCUMENTS * CHUNKS + 2 * (documents - DOCUMENTS));
        assert_int_equal(dense_chunks(index_dense(e)), lexical_chunks(index_lexical(e)));
        indexes_close(x, e);
        indexes_free(x);
    }
    atomic_store(&writer.done, true);
    pthread_join(thread, NULL);
    encoders_free(encoders);
    world_free(w);
}

static void vectors_come_back_from_a_snapshot(void **state)
{
    (void)state;
    struct principal p;
    struct world *w = begin(&p);
    struct encoders *encoders = encoders_of(w, MODEL);
    char folder[200];
    snprintf(folder, sizeof folder, "%s.snapshots", w->path);
    struct snapshots *s = snapshots_open(folder, PLENTY, key);
    for (int i = 0; i < 2; i++) {
        struct indexes *x = fresh(w, encoders);
        assert_true(indexes_keep_snapshots(x, s, 0, 1));
        assert_holds(w, x, &p, DOCUMENTS * CHUNKS, DOCUMENTS * CHUNKS);
        assert_nearest(w, x, &p, 7, 12);
        assert_int_equal(indexes_loads(x, INDEX_FROM_SNAPSHOT), i);
        indexes_free(x);
    }
    /* One that lacks vectors is not written: they will come, and it is to be made again. */
    snapshots_forget(s, p.tenant.id);
    add(w, &p, 10, 20, 19);
    for (int i = 0; i < 2; i++) {
        struct indexes *x = fresh(w, encoders);
        assert_true(indexes_keep_snapshots(x, s, 0, 1));
        assert_holds(w, x, &p, DOCUMENTS * CHUNKS + 20, DOCUMENTS * CHUNKS + 19);
        indexes_free(x);
        assert_int_equal(snapshots_bytes(s), 0);
    }
    snapshots_close(s);
    snapshots_open(folder, 0, key);
    encoders_free(encoders);
    world_free(w);
}

/* ---- another encoder ---- */

enum { SHIFT = 40, OWNER = 9 };
#define OTHER "fake-2"

/* The rows of no document change with it: only what is recorded of the tenant tells. */
static enum db_status change_over(struct db_conn *c, void *context)
{
    const struct tenant *t = context;
    struct stored_vector v;
    char blob[VECTOR_BLOB_BYTES];
    bool held;
    int64_t seq;
    enum db_status status = store_tenant_model_claim(t, c, SPAN(MODEL), OWNER, 0, INT64_MAX, &held);
    for (int64_t d = 1; d <= DOCUMENTS; d++) {
        for (int32_t i = 0; status == DB_OK && i < CHUNKS; i++) {
            vector_of(d + SHIFT, i, &v);
            vector_encode(&v, blob);
            status = store_embedding_insert(t, c, d, 1, i, SPAN(OTHER), (struct span){blob, sizeof blob});
        }
        if (status == DB_OK)
            status = store_embedding_delete_other(t, c, d, SPAN(OTHER));
    }
    if (status == DB_OK)
        status = store_tenant_model_switch(t, c, SPAN(OTHER), OWNER, &held);
    return status == DB_OK ? store_tenant_next_seq(t, c, &seq) : status;
}

static void change_encoder(struct world *w, struct principal *p)
{
    assert_int_equal(db_transact(w->db, change_over, &p->tenant), DB_OK);
    world_refresh(w, p);
}

static void assert_of_other(const struct index_entry *e)
{
    struct stored_vector v;
    struct dense_hit hit;
    assert_string_equal(e->model.text, OTHER);
    assert_string_equal(embedder_model_name(index_encoder(e)).text, OTHER);
    assert_int_equal(dense_chunks(index_dense(e)), DOCUMENTS * CHUNKS);
    vector_of(3 + SHIFT, 21, &v);
    assert_int_equal(dense_search(index_dense(e), &(struct dense_query){.values = v.vector.values, .scale = v.vector.scale}, &hit, 1), 1);
    assert_int_equal(hit.document_id, 3);
    assert_true(hit.cosine > 0.95f);
}

struct kept {
    struct world *w;
    struct principal p;
    struct snapshots *s;
    struct encoders *encoders;
    char folder[200];
};

/* A company whose snapshot has vectors of the old encoder. */
static void keep_old(struct kept *k)
{
    k->w = begin(&k->p);
    k->encoders = encoders_of(k->w, MODEL);
    snprintf(k->folder, sizeof k->folder, "%s.snapshots", k->w->path);
    k->s = snapshots_open(k->folder, PLENTY, key);
    struct indexes *x = fresh(k->w, k->encoders);
    assert_true(indexes_keep_snapshots(x, k->s, 0, 1));
    assert_holds(k->w, x, &k->p, DOCUMENTS * CHUNKS, DOCUMENTS * CHUNKS);
    indexes_free(x);
    assert_true(snapshots_bytes(k->s) > 0);
}

static void kept_free(struct kept *k)
{
    encoders_free(k->encoders);
    snapshots_close(k->s);
    snapshots_open(k->folder, 0, key);
    world_free(k->w);
}

static void restart_with_other(struct kept *k)
{
    encoders_free(k->encoders);
    k->encoders = encoders_of(k->w, OTHER);
}

static void after_a_change_of_the_encoder_the_old_snapshot_is_not_used(void **state)
{
    (void)state;
    struct kept k;
    keep_old(&k);
    change_encoder(k.w, &k.p);
    restart_with_other(&k);
    for (int i = 0; i < 2; i++) { /* from rows, and then from the snapshot that was made of them */
        struct indexes *x = fresh(k.w, k.encoders);
        assert_true(indexes_keep_snapshots(x, k.s, 0, 1));
        struct index_entry *e = indexes_open(x, &k.p.tenant, NULL);
        assert_non_null(e);
        assert_of_other(e);
        indexes_close(x, e);
        assert_int_equal(indexes_loads(x, INDEX_FROM_SNAPSHOT), i);
        assert_int_equal(indexes_loads(x, INDEX_FROM_ROWS), !i);
        indexes_free(x);
    }
    kept_free(&k);
}

/* Until the tenant changes over, its old vectors answer, from their snapshot too. */
static void before_the_change_over_the_old_snapshot_is_used(void **state)
{
    (void)state;
    struct kept k;
    keep_old(&k);
    restart_with_other(&k);
    struct indexes *x = fresh(k.w, k.encoders);
    assert_true(indexes_keep_snapshots(x, k.s, 0, 1));
    assert_nearest(k.w, x, &k.p, 7, 12);
    assert_int_equal(indexes_loads(x, INDEX_FROM_SNAPSHOT), 1);
    change_encoder(k.w, &k.p);
    assert_nearest(k.w, x, &k.p, 7, 12); /* the old index while another is being built; its file goes at once */
    assert_true(indexes_renewed(x) > 0 || snapshots_bytes(k.s) == 0);
    for (int i = 0; i < 10000 && indexes_renewed(x) == 0; i++)
        nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
    struct index_entry *e = indexes_open(x, &k.p.tenant, NULL);
    assert_non_null(e);
    assert_of_other(e);
    indexes_close(x, e);
    indexes_free(x);
    assert_true(snapshots_bytes(k.s) > 0); /* of the new vectors */
    x = fresh(k.w, k.encoders);
    assert_true(indexes_keep_snapshots(x, k.s, 0, 1));
    e = indexes_open(x, &k.p.tenant, NULL);
    assert_non_null(e);
    assert_of_other(e);
    indexes_close(x, e);
    assert_int_equal(indexes_loads(x, INDEX_FROM_SNAPSHOT), 1);
    indexes_free(x);
    kept_free(&k);
}

static void a_change_over_between_the_file_and_the_rows_is_seen(void **state)
{
    (void)state;
    struct kept k;
    keep_old(&k);
    struct index_entry *e = index_entry_new(k.p.tenant.id, k.encoders);
    assert_non_null(e);
    assert_true(index_entry_load(e, k.s, k.w->db, &k.p.tenant));
    assert_string_equal(e->model.text, MODEL);
    change_encoder(k.w, &k.p);
    log_set_level(LOG_ERROR + 1); /* it warns */
    assert_true(index_entry_update(e, k.w->db, &k.p.tenant, NULL));
    log_set_level(LOG_ERROR);
    assert_true(e->outlived);
    assert_string_equal(e->model.text, OTHER);
    assert_int_equal(dense_chunks(index_dense(e)), DOCUMENTS * CHUNKS);
    index_entry_free(e);
    kept_free(&k);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_and_vectors_come_together),
        cmocka_unit_test(commits_in_between_are_told),
        cmocka_unit_test(vectors_come_back_from_a_snapshot),
        cmocka_unit_test(after_a_change_of_the_encoder_the_old_snapshot_is_not_used),
        cmocka_unit_test(before_the_change_over_the_old_snapshot_is_used),
        cmocka_unit_test(a_change_over_between_the_file_and_the_rows_is_seen),
    };
    log_set_level(LOG_ERROR);
    return sodium_init() < 0 ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
