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
#include <unistd.h>

#include <cmocka.h>

#include "answer_world.h"
#include "app/indexes.h"
#include "app/snapshots.h"
#include "app/vector_blob.h"
#include "base/buf.h"
#include "base/log.h"
#include "store/account.h"
#include "store/document.h"

enum { PLENTY = 1 << 30, CHUNKS = 700, DOCUMENTS = 9, ROUNDS = 12 };
#define MODEL SPAN("model-of-the-test")

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
    return store_embedding_insert(m->tenant, c, m->document_id, 1, ordinal, MODEL, (struct span){blob, sizeof blob});
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

/* ---- what the index tells ---- */

struct told {
    size_t count;
    int64_t document_id;
};

static void tell(void *context, const struct tenant *tenant, const struct document_version *list, size_t count)
{
    struct told *t = context;
    (void)tenant;
    t->count += count;
    if (count)
        t->document_id = list[0].document_id;
}

static struct indexes *fresh(struct world *w, struct told *told)
{
    struct indexes *x = indexes_new(w->db, PLENTY, MODEL);
    assert_non_null(x);
    *told = (struct told){0};
    indexes_on_lacking(x, tell, told);
    return x;
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
    struct told told;
    struct world *w = begin(&p);
    struct indexes *x = fresh(w, &told);
    assert_holds(w, x, &p, DOCUMENTS * CHUNKS, DOCUMENTS * CHUNKS);
    assert_nearest(w, x, &p, 5, 33);
    assert_int_equal(told.count, 0);
    indexes_free(x);
    add(w, &p, 10, 20, 19);
    add(w, &p, 11, 20, 20);
    add(w, &p, 12, 20, 20);
    world_delete(w, &p, (struct world_id){.id = 12});
    x = fresh(w, &told);
    assert_holds(w, x, &p, DOCUMENTS * CHUNKS + 40, DOCUMENTS * CHUNKS + 39);
    assert_int_equal(told.count, 1);
    assert_int_equal(told.document_id, 10);
    indexes_free(x);
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
    struct told told;
    struct world *w = begin(&p);
    struct writer writer = {.w = w, .p = &p, .next = 100};
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, write_on, &writer), 0);
    for (int i = 0; i < ROUNDS; i++) {
        struct indexes *x = fresh(w, &told);
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
        assert_int_equal(told.count, 0);
        indexes_free(x);
    }
    atomic_store(&writer.done, true);
    pthread_join(thread, NULL);
    world_free(w);
}

static void vectors_come_back_from_a_snapshot(void **state)
{
    (void)state;
    struct principal p;
    struct told told;
    struct world *w = begin(&p);
    char folder[200];
    snprintf(folder, sizeof folder, "%s.snapshots", w->path);
    struct snapshots *s = snapshots_open(folder, PLENTY, key);
    for (int i = 0; i < 2; i++) {
        struct indexes *x = fresh(w, &told);
        assert_true(indexes_keep_snapshots(x, s, 0, 1));
        assert_holds(w, x, &p, DOCUMENTS * CHUNKS, DOCUMENTS * CHUNKS);
        assert_nearest(w, x, &p, 7, 12);
        assert_int_equal(indexes_loads(x, INDEX_FROM_SNAPSHOT), i);
        indexes_free(x);
    }
    /* One that lacks vectors is not written: it could not say which. */
    snapshots_forget(s, p.tenant.id);
    add(w, &p, 10, 20, 19);
    for (int i = 0; i < 2; i++) {
        struct indexes *x = fresh(w, &told);
        assert_true(indexes_keep_snapshots(x, s, 0, 1));
        assert_holds(w, x, &p, DOCUMENTS * CHUNKS + 20, DOCUMENTS * CHUNKS + 19);
        assert_int_equal(told.count, 1);
        indexes_free(x);
        assert_int_equal(snapshots_bytes(s), 0);
    }
    snapshots_close(s);
    snapshots_open(folder, 0, key);
    world_free(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_and_vectors_come_together),
        cmocka_unit_test(commits_in_between_are_told),
        cmocka_unit_test(vectors_come_back_from_a_snapshot),
    };
    log_set_level(LOG_ERROR);
    return sodium_init() < 0 ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
