/* A divided dense index against looking at every vector, on crowded data: what it misses, also under filters and after much was removed; that adding and
 * removing show at once; that kernels agree; memory that runs out; and the neighbourhoods that it is divided into. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "index/dense.h"
#include "index/dots.h"
#include "index/partition.h"

enum {
    D = DENSE_DIMENSIONS,
    ROWS = 24000,
    FEW = 8000,
    FEWER = 4800, /* of which a search looks at a part, still */
    LEAST = 5200,
    OF_A_DOCUMENT = 8,
    DOCUMENTS = ROWS / OF_A_DOCUMENT,
    TOPICS = 300,
    SPREAD = 72,
    QUESTIONS = 25,
    MOST = 100,
    BYTES_MAX = 64 << 20
};

#define SCALE (1 / 1000.0f)

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
    if (allocations_left <= 0)
        return allocations_left == 0;
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

/* Chunk o of document d is row (d - 1) * OF_A_DOCUMENT + o. */
static int8_t values[ROWS][D];
static bool dead[ROWS];
static uint32_t seed;

static uint32_t next_random(void)
{
    seed = seed * 1664525 + 1013904223;
    return seed >> 8;
}

/* Near one of the topics, as texts of one matter are; spread in percent of the distance that lies between topics. */
static void topical(uint32_t topic, uint32_t spread, int8_t v[D])
{
    uint32_t own = topic * 7919 + 1;
    for (size_t i = 0; i < D; i++) {
        own = own * 1664525 + 1013904223;
        v[i] = (int8_t)((int)((own >> 8) % 121) - 60 + ((int)(next_random() % 121) - 60) * (int)spread / 100);
    }
}

/* Documents keep to one topic each. */
static struct dense *filled(uint32_t rows)
{
    struct dense *x = dense_new();
    assert_non_null(x);
    seed = 5;
    memset(dead, 0, rows);
    memset(dead + rows, 1, ROWS - rows);
    dense_expect(x, rows);
    for (uint32_t i = 0; i < rows; i++) {
        topical(i / OF_A_DOCUMENT * 131 % TOPICS, SPREAD, values[i]);
        assert_true(dense_add(x, i / OF_A_DOCUMENT + 1, (int32_t)(i % OF_A_DOCUMENT), values[i], SCALE, 1));
    }
    dense_settle(x);
    return x;
}

static bool put(void *context, const void *bytes, size_t n)
{
    buf_put(context, bytes, n);
    return !((struct buf *)context)->failed;
}

static bool get(void *context, void *out, size_t n)
{
    struct span *rest = context;
    memcpy(out, rest->p, n);
    *rest = span_skip(*rest, n);
    return true;
}

static bool is_known(const void *context, int64_t document_id)
{
    (void)context;
    return document_id >= 1 && document_id <= DOCUMENTS;
}

static struct dense *divided(uint32_t rows)
{
    struct dense *x = filled(rows);
    assert_false(dense_undivided(x));
    assert_true(dense_divide(x, NULL));
    return x;
}

/* Dividing takes its time: that of all rows is done once, and read again from its bytes. */
static struct buf all_bytes;

static int divide_all(void **state)
{
    (void)state;
    struct dense *x = divided(ROWS);
    buf_init(&all_bytes, BYTES_MAX);
    bool saved = dense_save(x, &(struct index_sink){put, &all_bytes});
    dense_free(x);
    return saved ? 0 : -1;
}

static int free_all(void **state)
{
    (void)state;
    buf_free(&all_bytes);
    return 0;
}

static struct dense *all_divided(void)
{
    struct span rest = buf_view(&all_bytes);
    struct dense *x = dense_load(&(struct index_source){get, &rest, rest.n}, &(struct index_known){is_known, NULL});
    assert_non_null(x);
    memset(dead, 0, sizeof dead);
    return x;
}

static int32_t dot(const int8_t *a, const int8_t *b)
{
    int32_t sum = 0;
    for (size_t i = 0; i < D; i++)
        sum += a[i] * b[i];
    return sum;
}

/* Of which documents rows may be found, [0] unused. */
static void mark_listed(const struct dense_query *q, bool listed[DOCUMENTS + 1])
{
    memset(listed, q->documents == NULL, DOCUMENTS + 1);
    for (size_t i = 0; i < q->document_count; i++)
        listed[q->documents[i]] = true;
}

static int falling(const void *a, const void *b)
{
    int32_t x = *(const int32_t *)a, y = *(const int32_t *)b;
    return (x < y) - (x > y);
}

/* How many of the `limit` hits are as good as the truly best so many; each must be living, allowed, and have the cosine that it has. */
static size_t right_of(const struct dense *x, const struct dense_query *q, size_t limit)
{
    static int32_t products[ROWS], best[ROWS];
    bool listed[DOCUMENTS + 1];
    struct dense_hit hits[MOST];
    size_t count = 0, right = 0, found = dense_search(x, q, hits, limit);
    mark_listed(q, listed);
    dots_choose()(q->values, values[0], ROWS, products); /* as good as dot(): test_kernels.c */
    for (size_t i = 0; i < ROWS; i++) {
        if (!dead[i] && listed[i / OF_A_DOCUMENT + 1])
            best[count++] = products[i];
    }
    qsort(best, count, sizeof *best, falling);
    assert_int_equal(found, count < limit ? count : limit);
    for (size_t i = 0; i < found; i++) {
        size_t row = (size_t)(hits[i].document_id - 1) * OF_A_DOCUMENT + (size_t)hits[i].ordinal;
        int32_t product = products[row];
        assert_true(!dead[row] && listed[hits[i].document_id]);
        assert_true(fabsf(hits[i].cosine - (float)product * SCALE * SCALE) < 1e-5f);
        right += product >= best[found - 1];
    }
    return right;
}

/* The share of right hits, in thousandths. */
static size_t recall(const struct dense *x, const int64_t *documents, size_t document_count, size_t limit)
{
    size_t right = 0;
    seed = 99;
    for (uint32_t i = 0; i < QUESTIONS; i++) {
        int8_t v[D];
        topical(i * 37 % TOPICS, 120, v); /* questions lie farther from the topic than texts */
        right += right_of(x, &(struct dense_query){v, SCALE, documents, document_count}, limit);
    }
    return right * 1000 / (QUESTIONS * limit);
}

static void it_misses_little(void **state)
{
    (void)state;
    struct dense *x = all_divided(), *undivided = filled(ROWS);
    size_t flat = recall(undivided, NULL, 0, 10), bytes = dense_bytes(undivided);
    dense_free(undivided);
    assert_false(dense_undivided(x) || dense_worn(x));
    assert_in_range(recall(x, NULL, 0, 10), flat > 975 ? flat - 5 : 970, 1000);
    assert_in_range(recall(x, NULL, 0, MOST), 970, 1000);
    assert_true(dense_bytes(x) < bytes + (size_t)ROWS * 32); /* 619 neighbourhoods are many for so few rows */
    dense_free(x);
}

static void filters_keep_their_recall(void **state)
{
    (void)state;
    static int64_t half[DOCUMENTS / 2], apart[DOCUMENTS / 2], few[12];
    size_t count = 0;
    struct dense *x = all_divided();
    for (int64_t i = 0; i < DOCUMENTS / 2; i++)
        half[i] = 2 + i * 2;
    assert_in_range(recall(x, half, DOCUMENTS / 2, 10), 970, 1000);
    for (int64_t d = 1; d <= DOCUMENTS; d++) { /* none of them of a topic that is asked about: what is near is not allowed */
        bool asked = false;
        for (uint32_t i = 0; i < QUESTIONS; i++)
            asked = asked || (uint32_t)(d - 1) * 131 % TOPICS == i * 37 % TOPICS;
        if (!asked && count < DOCUMENTS / 4)
            apart[count++] = d;
    }
    assert_in_range(recall(x, apart, count, 10), 950, 1000);
    for (int64_t i = 0; i < 12; i++)
        few[i] = 5 + i * 100;
    assert_int_equal(recall(x, few, 12, 10), 1000);
    dense_free(x);
}

static void adding_and_removing_show_at_once(void **state)
{
    (void)state;
    enum { NEW = 1000 };
    struct dense *x = all_divided();
    struct dense_hit hit;
    for (int64_t i = 0; i < NEW; i++) {
        int8_t v[D];
        topical(TOPICS + (uint32_t)i % 7, SPREAD, v); /* of matters that were not there when it was divided */
        struct dense_query q = {.values = v, .scale = SCALE};
        assert_true(dense_add(x, DOCUMENTS + 1 + i, 3, v, SCALE, 1));
        if (i % 50)
            continue;
        assert_int_equal(dense_search(x, &q, &hit, 1), 1);
        assert_true(hit.document_id == DOCUMENTS + 1 + i && hit.ordinal == 3);
        dense_remove(x, hit.document_id);
        assert_int_equal(dense_search(x, &q, &hit, 1), 1);
        assert_true(hit.document_id != DOCUMENTS + 1 + i);
    }
    assert_int_equal(dense_chunks(x), ROWS + NEW - NEW / 50);
    for (int64_t i = 0; i < NEW; i++)
        dense_remove(x, DOCUMENTS + 1 + i);
    assert_in_range(recall(x, NULL, 0, 10), 970, 1000);
    dense_free(x);
}

/* Most of what is nearest to the questions is gone. What is left is far and hard to tell apart, for codes that are not divided too. */
static void a_search_goes_past_the_dead(void **state)
{
    (void)state;
    struct dense *x = all_divided(), *flat = filled(ROWS);
    for (int64_t d = 1; d <= DOCUMENTS; d++) {
        if ((uint32_t)(d - 1) * 131 % TOPICS % 4 == 0)
            continue;
        dense_remove(x, d);
        dense_remove(flat, d);
        memset(&dead[(d - 1) * OF_A_DOCUMENT], 1, OF_A_DOCUMENT);
    }
    assert_true(dense_worn(x));
    assert_in_range(recall(x, NULL, 0, 10) + 15, recall(flat, NULL, 0, 10), 1015);
    assert_in_range(recall(x, NULL, 0, MOST) + 25, recall(flat, NULL, 0, MOST), 1025);
    dense_free(flat);
    for (int64_t d = 1; d <= DOCUMENTS; d++) {
        dense_remove(x, d);
        memset(&dead[(d - 1) * OF_A_DOCUMENT], 1, OF_A_DOCUMENT);
    }
    assert_int_equal(recall(x, NULL, 0, 10), 0);
    assert_false(dense_divide(x, NULL));
    dense_free(x);
}

static void a_small_one_is_made_compact(void **state)
{
    (void)state;
    struct dense *x = divided(FEW);
    size_t bytes = dense_bytes(x);
    for (int64_t d = 1; d <= FEW / OF_A_DOCUMENT; d++) {
        if (d % 14 > 4)
            continue;
        dense_remove(x, d);
        memset(&dead[(d - 1) * OF_A_DOCUMENT], 1, OF_A_DOCUMENT);
    }
    assert_false(dense_worn(x));
    assert_true(dense_bytes(x) < bytes); /* the lists are gone */
    assert_in_range(recall(x, NULL, 0, 10), 930, 1000);
    dense_free(x);
}

static void kernels_agree(void **state)
{
    (void)state;
    struct dense *fast = divided(FEWER);
    setenv("CHATIFIX_CPU", "scalar", 1);
    struct dense *plain = divided(FEWER);
    unsetenv("CHATIFIX_CPU");
    size_t same = 0;
    seed = 17;
    for (uint32_t i = 0; i < QUESTIONS; i++) {
        struct dense_hit a[10], b[10];
        int8_t v[D];
        topical(i * 11 % TOPICS, 120, v);
        struct dense_query q = {.values = v, .scale = SCALE};
        assert_int_equal(dense_search(fast, &q, a, 10), 10);
        assert_int_equal(dense_search(plain, &q, b, 10), 10);
        for (size_t k = 0; k < 10; k++)
            same += a[k].document_id == b[k].document_id && a[k].ordinal == b[k].ordinal && !(fabsf(a[k].cosine - b[k].cosine) > 0);
    }
    assert_in_range(same, QUESTIONS * 10 - 2, QUESTIONS * 10); /* an estimate's last bit may differ, and with it the last candidate */
    assert_int_equal(dense_bytes(fast), dense_bytes(plain));
    dense_free(fast);
    dense_free(plain);
}

static void without_memory_or_time_it_stays_as_it_is(void **state)
{
    (void)state;
    atomic_bool stop = true;
    struct dense *x = filled(LEAST);
    size_t before = recall(x, NULL, 0, 10), bytes = dense_bytes(x), refused = 0;
    assert_false(dense_divide(x, &stop));
    for (bool done = false; !done; refused += !done) {
        allocations_left = (long)refused;
        done = dense_divide(x, NULL);
        allocations_left = -1;
        if (!done) {
            assert_int_equal(dense_bytes(x), bytes);
            assert_true(refused > 3 || recall(x, NULL, 0, 10) == before);
        }
    }
    assert_in_range(refused, 12, 25);
    int8_t v[D] = {100};
    int64_t d = DOCUMENTS;
    bytes = dense_bytes(x);
    for (; dense_bytes(x) >= bytes; d++) { /* until a list needs a block and does not get it: then the codes go, and a search looks at every vector */
        topical((uint32_t)d % TOPICS, SPREAD, v);
        allocations_left = 0;
        bool added = dense_add(x, d + 1, 0, v, SCALE, 1);
        allocations_left = -1;
        if (!added)
            assert_true(dense_add(x, d + 1, 0, v, SCALE, 1));
    }
    for (int64_t i = DOCUMENTS; i < d; i++)
        dense_remove(x, i + 1);
    assert_int_equal(recall(x, NULL, 0, 10), 1000);
    dense_free(x);
}

static void vectors_that_are_all_alike_are_divided_too(void **state)
{
    (void)state;
    enum { ALIKE = 4200 };
    struct dense *x = dense_new();
    int8_t v[D], other[D] = {0, 0, 127};
    seed = 3;
    topical(1, SPREAD, v);
    for (int32_t i = 0; i < ALIKE; i++)
        assert_true(dense_add(x, 1 + i / 100, i % 100, i % 100 == 7 && i > 1200 ? other : v, SCALE, 1));
    assert_true(dense_divide(x, NULL));
    struct dense_hit hits[40];
    assert_int_equal(dense_search(x, &(struct dense_query){.values = other, .scale = SCALE}, hits, 40), 40);
    for (size_t i = 0; i < 30; i++)
        assert_int_equal(hits[i].ordinal, 7);
    assert_int_equal(dense_search(x, &(struct dense_query){.values = v, .scale = SCALE}, hits, 40), 40);
    assert_true(!(hits[39].cosine < hits[0].cosine));
    dense_free(x);
}

/* ---- neighbourhoods ---- */

static void the_nearest_centre_is_found(void **state)
{
    (void)state;
    enum { SAMPLE = 6000, WANTED = 300 };
    static float scales[ROWS], dots[PARTITION_MOST];
    static uint32_t rows[SAMPLE];
    dense_free(filled(ROWS));
    for (uint32_t i = 0; i < ROWS; i++)
        scales[i] = SCALE;
    for (uint32_t i = 0; i < SAMPLE; i++)
        rows[i] = i * (ROWS / SAMPLE);
    struct partition_sample sample = {(const int8_t *)values, scales, rows, SAMPLE, NULL};
    struct partition *p = partition_new(&sample, WANTED);
    assert_non_null(p);
    assert_in_range(partition_count(p), WANTED - 20, WANTED + 20);
    size_t nearest = 0;
    double near = 0;
    for (uint32_t i = 0; i < ROWS; i += 13) {
        uint32_t own = partition_of(p, values[i]), best = 0;
        partition_dots(p, values[i], SCALE, dots);
        for (uint32_t c = 1; c < partition_count(p); c++)
            best = dots[c] > dots[best] ? c : best;
        nearest += dots[own] >= dots[best];
        near += dots[own];
    }
    assert_in_range(nearest * 1000 / (ROWS / 13), 980, 1010);
    assert_true(near / (ROWS / 13.0) > 0.5);
    for (uint32_t c = 0; c < partition_count(p); c++) {
        float scale;
        const int8_t *centre = partition_centre(p, c, &scale);
        assert_true(fabsf((float)dot(centre, centre) * scale * scale - 1) < 0.02f);
    }
    partition_free(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_misses_little),
        cmocka_unit_test(filters_keep_their_recall),
        cmocka_unit_test(adding_and_removing_show_at_once),
        cmocka_unit_test(a_search_goes_past_the_dead),
        cmocka_unit_test(a_small_one_is_made_compact),
        cmocka_unit_test(kernels_agree),
        cmocka_unit_test(without_memory_or_time_it_stays_as_it_is),
        cmocka_unit_test(vectors_that_are_all_alike_are_divided_too),
        cmocka_unit_test(the_nearest_centre_is_found),
    };
    return cmocka_run_group_tests(tests, divide_all, free_all);
}
