/* Both indexes as bytes: what comes back gives the same hits and lives on; nothing of the dead is in them; bytes cut off or changed at random harm nobody;
 * memory that runs out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "index/dense.h"
#include "index/lexical.h"

enum { WORDS = 300, TERMS = 8, OF_A_DOCUMENT = 5, HITS = 20, QUERIES = 30, MANY = 6000, FEW = 400, DAMAGES = 3000, BYTES_MAX = 64 << 20 };

#define VECTOR_SCALE 0.0007f

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

/* ---- bytes ---- */

static bool put(void *context, const void *bytes, size_t n)
{
    buf_put(context, bytes, n);
    return !((struct buf *)context)->failed;
}

static bool get(void *context, void *out, size_t n)
{
    struct span *rest = context;
    assert_true(n <= rest->n);
    memcpy(out, rest->p, n);
    *rest = span_skip(*rest, n);
    return true;
}

/* The documents of the tests are 1 to MANY. */
static bool is_known(const void *context, int64_t document_id)
{
    (void)context;
    return document_id >= 1 && document_id <= MANY;
}

static const struct index_known known = {is_known, NULL};

static struct lexical *read_words(struct span bytes)
{
    struct index_source source = {get, &bytes, bytes.n};
    struct lexical *x = lexical_load(&source, &known);
    if (x && source.left == 0)
        return x;
    lexical_free(x);
    return NULL;
}

static struct dense *read_vectors(struct span bytes)
{
    struct index_source source = {get, &bytes, bytes.n};
    struct dense *x = dense_load(&source, &known);
    if (x && source.left == 0)
        return x;
    dense_free(x);
    return NULL;
}

/* ---- indexes at random ---- */

static uint32_t seed = 7;

static uint32_t any(uint32_t below)
{
    seed = seed * 1664525 + 1013904223;
    return (seed >> 8) % below;
}

/* Some words are in every other chunk and some in few; all the text of document d has "only<d>" in it. */
static void add_words(struct lexical *x, int64_t document_id)
{
    char words[TERMS + 1][16];
    struct term terms[TERMS + 1];
    for (int32_t ordinal = 0; ordinal < OF_A_DOCUMENT; ordinal++) {
        for (uint32_t i = 0; i < TERMS; i++) {
            snprintf(words[i], sizeof words[i], "w%uof%u", any(1 + ((uint32_t)WORDS >> any(8)) / TERMS), i);
            terms[i] = (struct term){span_of(words[i]), 1 + any(any(20) ? 3 : 400)};
        }
        snprintf(words[TERMS], sizeof words[TERMS], "only%d", (int)document_id);
        terms[TERMS] = (struct term){span_of(words[TERMS]), 1};
        assert_true(lexical_add(x, document_id, ordinal, terms, TERMS + 1, 10 + any(300)));
    }
}

static void add_vectors(struct dense *x, int64_t document_id)
{
    int8_t values[DENSE_DIMENSIONS];
    for (int32_t ordinal = 0; ordinal < OF_A_DOCUMENT; ordinal++) {
        for (size_t i = 0; i < DENSE_DIMENSIONS; i++)
            values[i] = (int8_t)((int)any(255) - 127);
        assert_true(dense_add(x, document_id, ordinal, values, VECTOR_SCALE, 1.5f));
    }
}

static struct lexical *some_words(int64_t documents)
{
    struct lexical *x = lexical_new();
    for (int64_t d = 1; d <= documents; d++)
        add_words(x, d);
    return x;
}

static struct dense *some_vectors(int64_t documents)
{
    struct dense *x = dense_new();
    dense_expect(x, (size_t)documents * OF_A_DOCUMENT);
    for (int64_t d = 1; d <= documents; d++)
        add_vectors(x, d);
    dense_settle(x);
    return x;
}

static struct dense *some_divided(int64_t documents)
{
    struct dense *x = some_vectors(documents);
    assert_true(dense_divide(x, NULL));
    return x;
}

/* ---- the same hits ---- */

static void assert_same_words(const struct lexical *a, const struct lexical *b)
{
    struct lexical_hit first[HITS], second[HITS];
    assert_int_equal(lexical_chunks(a), lexical_chunks(b));
    for (int q = 0; q < QUERIES; q++) {
        char words[3][16];
        struct span terms[3];
        struct span near_a, near_b;
        for (uint32_t i = 0; i < 3; i++) {
            snprintf(words[i], sizeof words[i], q % 3 == 0 ? "only%u" : "w%uof%u", any(WORDS / 8), i);
            terms[i] = span_of(words[i]);
        }
        struct lexical_query query = {.terms = terms, .count = 3};
        size_t n = lexical_search(a, &query, first, HITS);
        assert_int_equal(lexical_search(b, &query, second, HITS), n);
        for (size_t i = 0; i < n; i++) {
            assert_int_equal(first[i].document_id, second[i].document_id);
            assert_int_equal(first[i].ordinal, second[i].ordinal);
            assert_true(first[i].score == second[i].score && first[i].coverage == second[i].coverage);
        }
        assert_int_equal(lexical_neighbour(a, SPAN("w1of11"), 1, &near_a), lexical_neighbour(b, SPAN("w1of11"), 1, &near_b));
        assert_true(span_eq(near_a, near_b));
    }
}

static void assert_same_vectors(const struct dense *a, const struct dense *b)
{
    struct dense_hit first[HITS], second[HITS];
    int8_t values[DENSE_DIMENSIONS];
    assert_int_equal(dense_chunks(a), dense_chunks(b));
    for (int q = 0; q < QUERIES; q++) {
        for (size_t i = 0; i < DENSE_DIMENSIONS; i++)
            values[i] = (int8_t)((int)any(255) - 127);
        struct dense_query query = {.values = values, .scale = VECTOR_SCALE};
        size_t n = dense_search(a, &query, first, HITS);
        assert_int_equal(dense_search(b, &query, second, HITS), n);
        for (size_t i = 0; i < n; i++) {
            assert_int_equal(first[i].document_id, second[i].document_id);
            assert_int_equal(first[i].ordinal, second[i].ordinal);
            assert_true(first[i].cosine == second[i].cosine && first[i].ratio == second[i].ratio);
        }
    }
}

static struct lexical *words_again(const struct lexical *x)
{
    struct buf bytes;
    buf_init(&bytes, BYTES_MAX);
    assert_true(lexical_save(x, &(struct index_sink){put, &bytes}));
    struct lexical *again = read_words(buf_view(&bytes));
    assert_non_null(again);
    buf_free(&bytes);
    return again;
}

static struct dense *vectors_again(const struct dense *x)
{
    struct buf bytes;
    buf_init(&bytes, BYTES_MAX);
    assert_true(dense_save(x, &(struct index_sink){put, &bytes}));
    struct dense *again = read_vectors(buf_view(&bytes));
    assert_non_null(again);
    buf_free(&bytes);
    return again;
}

/* ---- the tests ---- */

static void words_come_back_and_live_on(void **state)
{
    (void)state;
    const int64_t sizes[] = {0, 1, 60, MANY / OF_A_DOCUMENT, MANY};
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
        struct lexical *x = some_words(sizes[s]), *again = words_again(x);
        assert_same_words(x, again);
        assert_true(lexical_bytes(again) <= lexical_bytes(x) + 1024);
        for (int64_t d = 2; d <= sizes[s]; d += 4) { /* both change the same way */
            uint32_t before = seed;
            lexical_remove(x, d);
            lexical_remove(again, d);
            if (d % 3 == 0) {
                add_words(x, d);
                seed = before;
                add_words(again, d);
            }
        }
        assert_same_words(x, again);
        struct lexical *third = words_again(again);
        assert_same_words(x, third);
        lexical_free(x);
        lexical_free(again);
        lexical_free(third);
    }
}

static void vectors_come_back_and_live_on(void **state)
{
    (void)state;
    const int64_t sizes[] = {0, 1, 60, MANY / OF_A_DOCUMENT - 100, MANY / OF_A_DOCUMENT};
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
        struct dense *x = some_vectors(sizes[s]), *again = vectors_again(x);
        assert_same_vectors(x, again);
        assert_int_equal(dense_worn(again), dense_worn(x));
        for (int64_t d = 2; d <= sizes[s]; d += 4) {
            uint32_t before = seed;
            dense_remove(x, d);
            dense_remove(again, d);
            if (d % 3 == 0) {
                add_vectors(x, d);
                seed = before;
                add_vectors(again, d);
            }
        }
        assert_same_vectors(x, again);
        struct dense *third = vectors_again(again);
        assert_same_vectors(x, third);
        dense_free(x);
        dense_free(again);
        dense_free(third);
    }
}

/* Each row is found by its own vector, so the codes lie where they belong. */
static void assert_finds_itself(const struct dense *x, int64_t document_id, int32_t ordinal)
{
    float sum[DENSE_DIMENSIONS] = {0};
    int8_t values[DENSE_DIMENSIONS];
    struct dense_hit hit;
    assert_true(dense_add_to(x, document_id, ordinal, 1 / VECTOR_SCALE, sum));
    for (size_t i = 0; i < DENSE_DIMENSIONS; i++)
        values[i] = (int8_t)(sum[i] + (sum[i] < 0 ? -0.5f : 0.5f));
    assert_int_equal(dense_search(x, &(struct dense_query){.values = values, .scale = VECTOR_SCALE}, &hit, 1), 1);
    assert_true(hit.document_id == document_id && hit.ordinal == ordinal);
}

static void divided_vectors_come_back_and_live_on(void **state)
{
    (void)state;
    enum { DOCUMENTS = MANY / OF_A_DOCUMENT };
    struct dense *x = some_divided(DOCUMENTS), *again = vectors_again(x);
    assert_true(dense_divided(again));
    assert_in_range(dense_bytes(again), dense_bytes(x) - dense_bytes(x) / 50, dense_bytes(x));
    assert_same_vectors(x, again);
    for (int64_t d = 2; d <= DOCUMENTS; d += 8) {
        uint32_t before = seed;
        dense_remove(x, d);
        dense_remove(again, d);
        if (d % 3 == 0) {
            add_vectors(x, d);
            seed = before;
            add_vectors(again, d);
        }
    }
    assert_same_vectors(x, again);
    struct dense *third = vectors_again(again);
    assert_true(dense_divided(third) && dense_chunks(third) == dense_chunks(x));
    for (int64_t d = 1; d <= DOCUMENTS; d += d % 8 == 1 && (d + 1) % 3 != 0 ? 2 : 1) /* but those that are gone */
        assert_finds_itself(third, d, (int32_t)(d % OF_A_DOCUMENT));
    for (int64_t d = 1; d <= DOCUMENTS; d++)
        dense_remove(third, d);
    struct dense *none = vectors_again(third);
    assert_int_equal(dense_chunks(none), 0);
    dense_free(x);
    dense_free(again);
    dense_free(third);
    dense_free(none);
}

static void nothing_of_the_dead_is_written(void **state)
{
    (void)state;
    struct lexical *x = some_words(FEW);
    struct dense *y = some_vectors(FEW);
    struct buf bytes;
    buf_init(&bytes, BYTES_MAX);
    assert_true(lexical_save(x, &(struct index_sink){put, &bytes}));
    assert_true(span_find(buf_view(&bytes), SPAN("only377")) >= 0);
    buf_clear(&bytes);
    lexical_remove(x, 377);
    assert_true(lexical_save(x, &(struct index_sink){put, &bytes}));
    assert_true(span_find(buf_view(&bytes), SPAN("only377")) < 0);
    buf_clear(&bytes);
    assert_true(dense_save(y, &(struct index_sink){put, &bytes}));
    size_t before = bytes.n;
    buf_clear(&bytes);
    dense_remove(y, 377);
    assert_true(dense_save(y, &(struct index_sink){put, &bytes}));
    assert_true(bytes.n <= before - OF_A_DOCUMENT * DENSE_DIMENSIONS);
    buf_free(&bytes);
    lexical_free(x);
    dense_free(y);
}

/* Whatever was read is used as an index is. */
static void use_words(struct lexical *x)
{
    if (!x)
        return;
    struct span terms[] = {SPAN("w0of1"), SPAN("w0of2"), SPAN("only7")};
    struct lexical_query query = {.terms = terms, .count = 3};
    struct lexical_hit hits[HITS];
    size_t n = lexical_search(x, &query, hits, HITS);
    lexical_score(x, &query, hits, n);
    lexical_remove(x, 7);
    add_words(x, 9);
    lexical_search(x, &query, hits, HITS);
    lexical_free(x);
}

static void use_vectors(struct dense *x)
{
    if (!x)
        return;
    int8_t values[DENSE_DIMENSIONS] = {1, 2, 3};
    struct dense_hit hits[HITS];
    dense_search(x, &(struct dense_query){.values = values, .scale = 0.1f}, hits, HITS);
    dense_remove(x, 7);
    add_vectors(x, 9);
    dense_search(x, &(struct dense_query){.values = values, .scale = 0.1f}, hits, HITS);
    dense_free(x);
}

static void damaged_bytes_harm_nobody(void **state)
{
    (void)state;
    struct lexical *x = some_words(60);
    struct dense *y = some_vectors(20), *z = some_divided(20);
    struct buf words, vectors, divided;
    buf_init(&words, BYTES_MAX);
    buf_init(&vectors, BYTES_MAX);
    buf_init(&divided, BYTES_MAX);
    assert_true(lexical_save(x, &(struct index_sink){put, &words}) && dense_save(y, &(struct index_sink){put, &vectors}));
    assert_true(dense_save(z, &(struct index_sink){put, &divided}));
    for (int i = 0; i < DAMAGES; i++) {
        struct buf *b = i % 4 ? &words : i % 8 ? &vectors : &divided;
        size_t at = any(4) ? any((uint32_t)b->n) : any(128), n = 1 + any(4);
        char kept[4];
        n = n < b->n - at ? n : b->n - at;
        memcpy(kept, b->p + at, n);
        for (size_t k = 0; k < n; k++)
            b->p[at + k] = (char)(any(3) ? any(256) : any(2) * 255);
        if (i % 4)
            use_words(read_words(buf_view(b)));
        else
            use_vectors(read_vectors(buf_view(b)));
        memcpy(b->p + at, kept, n);
    }
    for (size_t n = 0; n < words.n; n += 1 + n / 50)
        assert_null(read_words((struct span){words.p, n}));
    for (size_t n = 0; n < vectors.n; n += 1 + n / 50)
        assert_null(read_vectors((struct span){vectors.p, n}));
    for (size_t n = 0; n < divided.n; n += 1 + n / 50)
        assert_null(read_vectors((struct span){divided.p, n}));
    buf_free(&words);
    buf_free(&vectors);
    buf_free(&divided);
    lexical_free(x);
    dense_free(y);
    dense_free(z);
}

/* Of those, any that a search could follow out of bounds, or that would give a row twice or not at all. */
static void damaged_neighbourhoods_are_refused(void **state)
{
    (void)state;
    enum { DOCUMENTS = 30, ROWS = DOCUMENTS * OF_A_DOCUMENT, CENTRE = DENSE_DIMENSIONS + 4, BLOCK_ROWS = 16 * 4 };
    struct dense *x = some_divided(DOCUMENTS);
    struct buf b;
    buf_init(&b, BYTES_MAX);
    assert_true(dense_save(x, &(struct index_sink){put, &b}));
    size_t at = 16 + DOCUMENTS * 16 + (size_t)ROWS * (4 + 2 + DENSE_DIMENSIONS); /* head, runs, scales, ratios, vectors */
    uint32_t regions, count, row;
    memcpy(&regions, b.p + at, 4);
    memcpy(&count, b.p + at + 4, 4);
    size_t first = at + 8, scales = first + (regions + 1) * 4 + regions * DENSE_DIMENSIONS, mean = first + (regions + 1) * 4 + (regions + count) * CENTRE;
    size_t counts = mean + DENSE_DIMENSIONS * 4, rows = b.n - BLOCK_ROWS;
    memcpy(&row, b.p + rows, 4);
    const uint32_t nan = 0x7FC00000, huge = 0x7F000000;
    const struct {
        size_t at;
        uint32_t value;
    } damages[] = {{12, 3},           {12, 1},       {at, 0},          {at, 129},        {at, regions + 1}, {at + 4, 0},     {at + 4, count + 1},
                   {at + 4, 1 << 20}, {first, 1},    {first + 4, ~0u}, {first + 4, 600}, {scales, nan},     {scales, huge},  {mean, nan},
                   {mean, huge},      {counts, ~0u}, {counts, ROWS},   {rows, ROWS},     {rows, ~0u},       {rows, row ^ 1}, {scales + 4, 0xBF800000},
                   {mean - 4, nan}};
    for (size_t i = 0; i < sizeof damages / sizeof *damages; i++) {
        char kept[4];
        memcpy(kept, b.p + damages[i].at, 4);
        memcpy(b.p + damages[i].at, &damages[i].value, 4);
        assert_null(read_vectors(buf_view(&b)));
        memcpy(b.p + damages[i].at, kept, 4);
    }
    struct dense *again = read_vectors(buf_view(&b));
    assert_same_vectors(x, again);
    dense_free(again);
    buf_free(&b);
    dense_free(x);
}

/* Writing the lists takes memory, and reading them more than reading codes in order does. */
static void memory_may_run_out_for_neighbourhoods(void **state)
{
    (void)state;
    struct dense *x = some_divided(60), *again = NULL;
    struct buf b;
    buf_init(&b, BYTES_MAX);
    assert_non_null(buf_reserve(&b, dense_bytes(x) * 4)); /* then the sink needs none */
    dense_remove(x, 3);
    allocations_left = 0;
    assert_false(dense_save(x, &(struct index_sink){put, &b}));
    allocations_left = -1;
    buf_clear(&b);
    assert_true(dense_save(x, &(struct index_sink){put, &b}));
    for (long n = 0; !again; n++) {
        allocations_left = n;
        again = read_vectors(buf_view(&b));
        allocations_left = -1;
    }
    assert_true(dense_divided(again));
    assert_finds_itself(again, 4, 0);
    dense_free(again);
    buf_free(&b);
    dense_free(x);
}

static void memory_may_run_out(void **state)
{
    (void)state;
    struct lexical *x = some_words(60);
    struct dense *y = some_vectors(MANY / OF_A_DOCUMENT);
    struct buf words, vectors, after;
    buf_init(&words, BYTES_MAX);
    buf_init(&vectors, BYTES_MAX);
    buf_init(&after, BYTES_MAX);
    assert_true(lexical_save(x, &(struct index_sink){put, &words}) && dense_save(y, &(struct index_sink){put, &vectors}));
    struct lexical *a = NULL;
    struct dense *b = NULL;
    for (long n = 0; !a; n++) {
        allocations_left = n;
        a = read_words(buf_view(&words));
        allocations_left = -1;
    }
    for (long n = 0; !b; n++) {
        allocations_left = n;
        b = read_vectors(buf_view(&vectors));
        allocations_left = -1;
    }
    assert_same_words(x, a);
    assert_same_vectors(y, b);
    lexical_remove(a, 3);
    assert_non_null(buf_reserve(&after, words.n)); /* then the sink needs none */
    bool saved = false;
    for (long n = 0; !saved; n++) {
        buf_clear(&after);
        allocations_left = n;
        saved = lexical_save(a, &(struct index_sink){put, &after});
        allocations_left = -1;
    }
    lexical_free(a);
    a = read_words(buf_view(&after));
    lexical_remove(x, 3);
    assert_same_words(x, a);
    lexical_free(a);
    dense_free(b);
    buf_free(&words);
    buf_free(&vectors);
    buf_free(&after);
    lexical_free(x);
    dense_free(y);
}

/* A sink that refuses after some pieces, as one does when the index changes. */
static bool put_some(void *context, const void *bytes, size_t n)
{
    (void)bytes;
    (void)n;
    return (*(long *)context)-- > 0;
}

static void a_sink_may_refuse(void **state)
{
    (void)state;
    struct lexical *x = some_words(30);
    struct dense *y = some_vectors(30), *z = some_divided(30);
    lexical_remove(x, 5);
    dense_remove(y, 5);
    dense_remove(z, 5);
    for (long n = 0;; n++) {
        long left = n;
        if (lexical_save(x, &(struct index_sink){put_some, &left}))
            break;
        assert_int_equal(left, -1); /* nothing was put afterwards */
    }
    for (long n = 0;; n++) {
        long left = n;
        if (dense_save(y, &(struct index_sink){put_some, &left}))
            break;
        assert_int_equal(left, -1);
    }
    for (long n = 0;; n++) {
        long left = n;
        if (dense_save(z, &(struct index_sink){put_some, &left}))
            break;
        assert_int_equal(left, -1);
    }
    lexical_free(x);
    dense_free(y);
    dense_free(z);
}

static bool is_not_nine(const void *context, int64_t document_id)
{
    (void)context;
    return document_id != 9;
}

static void chunks_of_unknown_documents_are_refused(void **state)
{
    (void)state;
    struct lexical *x = some_words(12);
    struct dense *y = some_vectors(12);
    struct buf bytes;
    buf_init(&bytes, BYTES_MAX);
    assert_true(lexical_save(x, &(struct index_sink){put, &bytes}));
    struct span rest = buf_view(&bytes);
    assert_null(lexical_load(&(struct index_source){get, &rest, rest.n}, &(struct index_known){is_not_nine, NULL}));
    buf_clear(&bytes);
    assert_true(dense_save(y, &(struct index_sink){put, &bytes}));
    rest = buf_view(&bytes);
    assert_null(dense_load(&(struct index_source){get, &rest, rest.n}, &(struct index_known){is_not_nine, NULL}));
    buf_free(&bytes);
    lexical_free(x);
    dense_free(y);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_come_back_and_live_on),
        cmocka_unit_test(vectors_come_back_and_live_on),
        cmocka_unit_test(divided_vectors_come_back_and_live_on),
        cmocka_unit_test(nothing_of_the_dead_is_written),
        cmocka_unit_test(damaged_bytes_harm_nobody),
        cmocka_unit_test(damaged_neighbourhoods_are_refused),
        cmocka_unit_test(memory_may_run_out_for_neighbourhoods),
        cmocka_unit_test(memory_may_run_out),
        cmocka_unit_test(a_sink_may_refuse),
        cmocka_unit_test(chunks_of_unknown_documents_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
