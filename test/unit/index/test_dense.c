/* The dense index against a plain one that looks at every vector, on data at random: adding, removing, filters, single chunks, and memory that runs out; and
 * the kernel in use against the reference. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "index/dense.h"
#include "index/dots.h"

enum { CHUNKS = 3000, LIMIT = 60 };

/* Allocations left before one fails; negative: none fails. */
static long allocations_left = -1;

void *__real_malloc(size_t n);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *p, size_t n);
void *__wrap_malloc(size_t n);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *p, size_t n);

static bool refuse(void)
{
    if (allocations_left < 0)
        return false;
    if (allocations_left == 0)
        return true;
    allocations_left--;
    return false;
}

void *__wrap_malloc(size_t n)
{
    return refuse() ? NULL : __real_malloc(n);
}

void *__wrap_calloc(size_t count, size_t size)
{
    return refuse() ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *p, size_t n)
{
    return refuse() ? NULL : __real_realloc(p, n);
}

struct plain_chunk {
    int64_t document;
    int32_t ordinal;
    int8_t values[DENSE_DIMENSIONS];
    float scale, ratio;
    bool dead;
};

struct world {
    struct dense *index;
    struct plain_chunk *chunks; /* [CHUNKS] */
    size_t count;
    uint32_t seed;
};

static uint32_t next_random(struct world *w)
{
    w->seed = w->seed * 1664525 + 1013904223;
    return w->seed >> 8;
}

static void world_init(struct world *w, uint32_t seed)
{
    *w = (struct world){.index = dense_new(), .chunks = calloc(CHUNKS, sizeof *w->chunks), .seed = seed};
}

static void world_free(struct world *w)
{
    dense_free(w->index);
    free(w->chunks);
}

/* Few values, so that many cosines are equal; scale such that the length stays near 1. */
static void random_values(struct world *w, int8_t values[DENSE_DIMENSIONS])
{
    memset(values, 0, DENSE_DIMENSIONS);
    for (int i = 0; i < 4; i++)
        values[next_random(w) % 24 * 16] = (int8_t)(next_random(w) % 2 ? 60 : -60);
}

static struct plain_chunk *random_chunk(struct world *w, int64_t document, int32_t ordinal)
{
    struct plain_chunk *c = &w->chunks[w->count];
    *c = (struct plain_chunk){.document = document, .ordinal = ordinal, .scale = 1 / 120.0f, .ratio = 1 + (float)(next_random(w) % 100) / 50};
    random_values(w, c->values);
    return c;
}

static bool add(struct world *w, const struct plain_chunk *c)
{
    return dense_add(w->index, c->document, c->ordinal, c->values, c->scale, c->ratio);
}

static void add_random(struct world *w, int64_t document, int32_t ordinal)
{
    assert_true(add(w, random_chunk(w, document, ordinal)));
    w->count++;
}

static void remove_document(struct world *w, int64_t document)
{
    dense_remove(w->index, document);
    for (size_t i = 0; i < w->count; i++)
        w->chunks[i].dead = w->chunks[i].dead || w->chunks[i].document == document;
}

static float plain_cosine(const struct dense_query *q, const struct plain_chunk *c)
{
    int32_t dot = 0;
    for (size_t i = 0; i < DENSE_DIMENSIONS; i++)
        dot += q->values[i] * c->values[i];
    float cosine = (float)dot * q->scale * c->scale;
    return cosine > 1 ? 1 : cosine < -1 ? -1 : cosine;
}

static int best_first(const void *a, const void *b)
{
    const struct dense_hit *x = a, *y = b;
    if (x->cosine > y->cosine || x->cosine < y->cosine)
        return x->cosine > y->cosine ? -1 : 1;
    if (x->document_id != y->document_id)
        return x->document_id < y->document_id ? -1 : 1;
    return (x->ordinal > y->ordinal) - (x->ordinal < y->ordinal);
}

static bool listed(const struct dense_query *q, int64_t document)
{
    for (size_t i = 0; q->documents && i < q->document_count; i++) {
        if (q->documents[i] == document)
            return true;
    }
    return q->documents == NULL;
}

static void compare(struct world *w, const int64_t *documents, size_t document_count)
{
    int8_t values[DENSE_DIMENSIONS];
    random_values(w, values);
    struct dense_query query = {values, 1 / 120.0f, documents, document_count};
    struct dense_hit *expected = calloc(w->count + 1, sizeof *expected), got[LIMIT];
    size_t all = 0, limit = next_random(w) % LIMIT, living = 0;
    for (size_t i = 0; i < w->count; i++) {
        const struct plain_chunk *c = &w->chunks[i];
        struct dense_hit one = {.document_id = c->document, .ordinal = c->ordinal};
        living += !c->dead;
        if (!c->dead) {
            assert_true(dense_score(w->index, &query, &one));
            assert_true(one.cosine == plain_cosine(&query, c) && one.ratio == c->ratio);
        }
        if (!c->dead && listed(&query, c->document))
            expected[all++] = (struct dense_hit){c->document, c->ordinal, plain_cosine(&query, c), c->ratio};
    }
    qsort(expected, all, sizeof *expected, best_first);
    assert_int_equal(dense_chunks(w->index), living);
    size_t n = dense_search(w->index, &query, got, limit);
    assert_int_equal(n, all < limit ? all : limit);
    for (size_t i = 0; i < n; i++)
        assert_true(best_first(&got[i], &expected[i]) == 0 && got[i].ratio == expected[i].ratio);
    free(expected);
}

static void equal_to_looking_at_every_vector(void **state)
{
    (void)state;
    static const int64_t few[] = {2, 3, 17, 30, 31, 999}, none[] = {0};
    for (uint32_t seed = 1; seed <= 6; seed++) {
        struct world w;
        world_init(&w, seed);
        for (int64_t d = 1; d <= 80; d++) {
            for (int32_t o = 0; o <= (int32_t)(next_random(&w) % 20); o++)
                add_random(&w, d % 7 ? d : 7, (d % 7 ? 0 : (int32_t)d * 100) + o);
        }
        for (int round = 0; round < 30; round++) {
            compare(&w, NULL, 0);
            compare(&w, few, sizeof few / sizeof *few);
            compare(&w, none, 0);
            remove_document(&w, 1 + next_random(&w) % 80);
            if (round % 5 == 0)
                add_random(&w, 200 + round, 3);
        }
        world_free(&w);
    }
}

static void removal_forgets_and_gives_room_back(void **state)
{
    (void)state;
    struct world w;
    world_init(&w, 9);
    size_t empty = dense_bytes(w.index);
    for (int64_t d = 1; d <= 500; d++)
        add_random(&w, d, 0);
    size_t full = dense_bytes(w.index);
    assert_true(full >= empty + 500 * DENSE_DIMENSIONS);
    struct dense_hit gone = {.document_id = 12, .ordinal = 0};
    int8_t values[DENSE_DIMENSIONS] = {127};
    struct dense_query query = {.values = values, .scale = 1 / 127.0f};
    assert_true(dense_score(w.index, &query, &gone));
    remove_document(&w, 12);
    remove_document(&w, 12);
    assert_false(dense_score(w.index, &query, &gone));
    for (int64_t d = 1; d <= 495; d++)
        remove_document(&w, d);
    assert_true(dense_bytes(w.index) < full / 4);
    compare(&w, NULL, 0);
    for (int64_t d = 496; d <= 500; d++)
        remove_document(&w, d);
    assert_int_equal(dense_search(w.index, &query, &gone, 1), 0);
    add_random(&w, 12, 0); /* an id may come back */
    compare(&w, NULL, 0);
    gone = (struct dense_hit){.document_id = 12, .ordinal = -1};
    assert_false(dense_score(w.index, &query, &gone));
    world_free(&w);
}

static void running_out_of_memory_changes_nothing(void **state)
{
    (void)state;
    struct world w;
    world_init(&w, 5);
    size_t refused = 0;
    for (int64_t d = 1; d < 600; d++) {
        const struct plain_chunk *c = random_chunk(&w, d, 0);
        bool added = false;
        for (long fail = 0; !added; fail++) {
            allocations_left = fail;
            added = add(&w, c);
            allocations_left = -1;
            refused += !added;
            if (!added && d % 50 == 0)
                compare(&w, NULL, 0);
        }
        w.count++;
    }
    assert_true(refused > 5);
    for (int64_t d = 1; d < 595; d++) {
        allocations_left = 0;
        dense_remove(w.index, d);
        allocations_left = -1;
        remove_document(&w, d);
    }
    compare(&w, NULL, 0);
    world_free(&w);
    for (long fail = 0; fail < 2; fail++) {
        allocations_left = fail;
        assert_null(dense_new());
        allocations_left = -1;
    }
}

static void the_kernel_in_use_equals_the_reference(void **state)
{
    (void)state;
    enum { VECTORS = 67 };
    struct world w = {.seed = 77};
    int8_t query[DENSE_DIMENSIONS + 1], vectors[VECTORS * DENSE_DIMENSIONS + 1];
    for (int round = 0; round < 50; round++) {
        size_t shift = (size_t)round % 2; /* no alignment is asked for */
        for (size_t i = 0; i < sizeof query; i++)
            query[i] = (int8_t)(round == 0 ? -128 : (int)(next_random(&w) % 256) - 128);
        for (size_t i = 0; i < sizeof vectors; i++)
            vectors[i] = (int8_t)(round == 0 ? -128 : (int)(next_random(&w) % 256) - 128);
        int32_t expected[VECTORS], got[VECTORS];
        dots_scalar(query + shift, vectors + shift, VECTORS, expected);
        dots_choose()(query + shift, vectors + shift, VECTORS, got);
        assert_memory_equal(expected, got, sizeof got);
        assert_true(round != 0 || got[0] == 128 * 128 * DENSE_DIMENSIONS);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equal_to_looking_at_every_vector),
        cmocka_unit_test(removal_forgets_and_gives_room_back),
        cmocka_unit_test(running_out_of_memory_changes_nothing),
        cmocka_unit_test(the_kernel_in_use_equals_the_reference),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
