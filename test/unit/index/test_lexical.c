/* The lexical index against a plain scorer that looks at every chunk, on data at random: adding, removing, filters, bounds, and memory that runs out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "index/lexical.h"

enum { WORDS = 60, CHUNKS = 24000, TERMS = 12 };

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

/* What the plain scorer knows of a chunk. */
struct plain_chunk {
    int64_t document;
    int32_t ordinal;
    uint32_t counts[WORDS]; /* by word */
    uint32_t length;
    bool dead;
};

struct world {
    struct lexical *index;
    struct plain_chunk *chunks; /* [CHUNKS] */
    size_t count;
    char words[WORDS][8];
    uint32_t seed;
};

static uint32_t next_random(struct world *w)
{
    w->seed = w->seed * 1664525 + 1013904223;
    return w->seed >> 8;
}

static struct span word(const struct world *w, size_t i)
{
    return span_of(w->words[i]);
}

static void world_init(struct world *w, uint32_t seed)
{
    *w = (struct world){.index = lexical_new(), .chunks = calloc(CHUNKS, sizeof *w->chunks), .seed = seed};
    for (size_t i = 0; i < WORDS; i++)
        snprintf(w->words[i], sizeof w->words[i], "w%zu", i);
}

static void world_free(struct world *w)
{
    lexical_free(w->index);
    free(w->chunks);
}

/* Low words are common, high ones rare. */
static size_t random_word(struct world *w)
{
    size_t a = next_random(w) % WORDS, b = next_random(w) % WORDS;
    return a < b ? a : b;
}

static size_t terms_of(const struct world *w, const struct plain_chunk *c, struct term terms[WORDS])
{
    size_t n = 0;
    for (size_t i = 0; i < WORDS; i++) {
        if (c->counts[i])
            terms[n++] = (struct term){word(w, i), c->counts[i]};
    }
    return n;
}

static void add_random(struct world *w, int64_t document, int32_t ordinal)
{
    struct plain_chunk *c = &w->chunks[w->count];
    *c = (struct plain_chunk){.document = document, .ordinal = ordinal};
    for (size_t n = next_random(w) % TERMS; n > 0; n--) {
        uint32_t times = 1 + next_random(w) % 3;
        c->counts[random_word(w)] += times;
        c->length += times;
    }
    struct term terms[WORDS];
    assert_true(lexical_add(w->index, document, ordinal, terms, terms_of(w, c, terms), c->length));
    w->count++;
}

static void remove_document(struct world *w, int64_t document)
{
    lexical_remove(w->index, document);
    for (size_t i = 0; i < w->count; i++)
        w->chunks[i].dead = w->chunks[i].dead || w->chunks[i].document == document;
}

static double plain_idf(const struct world *w, size_t term)
{
    double n = 0, df = 0;
    for (size_t i = 0; i < w->count; i++) {
        n += !w->chunks[i].dead;
        df += !w->chunks[i].dead && term < WORDS && w->chunks[i].counts[term];
    }
    return log(1 + (n - df + 0.5) / (df + 0.5));
}

static int best_first(const void *a, const void *b)
{
    const struct lexical_hit *x = a, *y = b;
    if (x->score > y->score || x->score < y->score)
        return x->score > y->score ? -1 : 1;
    if (x->document_id != y->document_id)
        return x->document_id < y->document_id ? -1 : 1;
    return (x->ordinal > y->ordinal) - (x->ordinal < y->ordinal);
}

static bool listed(const struct lexical_query *q, int64_t document)
{
    for (size_t i = 0; q->documents && i < q->document_count; i++) {
        if (q->documents[i] == document)
            return true;
    }
    return q->documents == NULL;
}

/* Every chunk scored by the formula; a term number of WORDS is a word that no chunk holds. Returns all hits, sorted. */
static size_t plain_search(const struct world *w, const struct lexical_query *q, const size_t *numbers, struct lexical_hit *hits)
{
    double mass = 0, idf[TERMS], living = 0, length = 0;
    for (size_t t = 0; t < q->count; t++)
        mass += idf[t] = plain_idf(w, numbers[t]);
    for (size_t i = 0; i < w->count; i++) {
        living += !w->chunks[i].dead;
        length += w->chunks[i].dead ? 0 : w->chunks[i].length;
    }
    size_t n = 0;
    for (size_t i = 0; i < w->count; i++) {
        const struct plain_chunk *c = &w->chunks[i];
        double score = 0, covered = 0;
        for (size_t t = 0; t < q->count; t++) {
            double tf = numbers[t] < WORDS ? c->counts[numbers[t]] : 0;
            if (tf > 0) {
                score += idf[t] * tf * 2.2 / (tf + 1.2 * (1 - 0.75 + 0.75 * c->length / (length / living)));
                covered += idf[t];
            }
        }
        if (covered > 0 && !c->dead && listed(q, c->document))
            hits[n++] = (struct lexical_hit){c->document, c->ordinal, (float)(score / (2.2 * mass)), (float)(covered / mass)};
    }
    qsort(hits, n, sizeof *hits, best_first);
    return n;
}

/* Same scores at every rank and the same chunks; where the two round a score differently, neighbours may change places. */
static void assert_same(const struct lexical_hit *got, const struct lexical_hit *expected, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        assert_float_equal(got[i].score, expected[i].score, 1e-6);
        assert_true(i == 0 || best_first(&got[i - 1], &got[i]) < 0);
        assert_true(got[i].score > 0 && got[i].score <= 1 && got[i].coverage > 0 && got[i].coverage <= 1);
        if (got[i].document_id == expected[i].document_id && got[i].ordinal == expected[i].ordinal)
            assert_float_equal(got[i].coverage, expected[i].coverage, 1e-6);
        else
            assert_true((i > 0 && fabsf(expected[i - 1].score - expected[i].score) < 1e-6f) || fabsf(expected[i + 1].score - expected[i].score) < 1e-6f);
    }
}

/* What a search found, scored by name; and chunks that are not there, or that share no term. */
static void assert_named_chunks_score_the_same(const struct world *w, const struct lexical_query *query, const struct lexical_hit *found, size_t count)
{
    struct lexical_hit named[52];
    for (size_t i = 0; i < count; i++)
        named[i] = (struct lexical_hit){found[i].document_id, found[i].ordinal, -1, -1};
    named[count] = (struct lexical_hit){found->document_id, 1000, -1, -1};
    named[count + 1] = (struct lexical_hit){-5, 0, -1, -1};
    lexical_score(w->index, query, named, count + 2);
    for (size_t i = 0; i < count; i++)
        assert_true(named[i].score == found[i].score && named[i].coverage == found[i].coverage);
    for (size_t i = count; i < count + 2; i++)
        assert_true(named[i].score == 0 && named[i].coverage == 0);
}

static void compare(struct world *w, const int64_t *documents, size_t document_count)
{
    struct span terms[TERMS];
    size_t numbers[TERMS], count = 1 + next_random(w) % 6, at = next_random(w) % 9;
    for (size_t t = 0; t < count; t++, at += 1 + next_random(w) % 10) {
        numbers[t] = at < WORDS ? at : WORDS;
        terms[t] = at < WORDS ? word(w, at) : SPAN("never");
        if (at >= WORDS)
            count = t + 1;
    }
    struct lexical_query query = {.terms = terms, .count = count, .documents = documents, .document_count = document_count};
    struct lexical_hit *expected = calloc(w->count + 2, sizeof *expected), got[50] = {{0}};
    size_t all = plain_search(w, &query, numbers, expected), limit = next_random(w) % 50;
    size_t n = lexical_search(w->index, &query, got, limit);
    assert_int_equal(n, all < limit ? all : limit);
    assert_same(got, expected, n);
    for (size_t t = 0; t < count; t++)
        assert_float_equal(lexical_idf(w->index, terms[t]), plain_idf(w, numbers[t]), 1e-9);
    assert_named_chunks_score_the_same(w, &query, got, n);
    free(expected);
}

static void equal_to_the_plain_scorer(void **state)
{
    (void)state;
    for (uint32_t seed = 1; seed <= 12; seed++) {
        struct world w;
        world_init(&w, seed);
        size_t documents = seed % 3 == 0 ? 1200 : 40;
        for (size_t d = 0; d < documents; d++) {
            for (int32_t o = 0; o <= (int32_t)(next_random(&w) % 4); o++)
                add_random(&w, (int64_t)(d * 7919 % 5000 + 1), o);
        }
        static const int64_t few[] = {1, 7920 % 5000, 3000, 3001, 3002, 4999};
        for (int round = 0; round < 40; round++) {
            compare(&w, NULL, 0);
            compare(&w, few, sizeof few / sizeof *few);
            remove_document(&w, (int64_t)(next_random(&w) % documents * 7919 % 5000 + 1));
        }
        world_free(&w);
    }
}

/* Long lists: many blocks, steps of all sizes, windows that are left out. */
static void a_large_one_too(void **state)
{
    (void)state;
    struct world w;
    world_init(&w, 21);
    for (int64_t d = 1; d <= 12000; d++) {
        for (int32_t o = 0; o <= (int32_t)(next_random(&w) % 2); o++)
            add_random(&w, d, o);
    }
    int64_t many[1200];
    for (int64_t i = 0; i < 1200; i++)
        many[i] = i * 10 + 3;
    for (int round = 0; round < 12; round++) {
        compare(&w, NULL, 0);
        compare(&w, many, sizeof many / sizeof *many);
        compare(&w, many, 40);
        for (int i = 0; i < 20; i++)
            remove_document(&w, 1 + next_random(&w) % 12000);
    }
    for (int64_t d = 2000; d < 9000; d++)
        remove_document(&w, d);
    for (int round = 0; round < 4; round++)
        compare(&w, NULL, 0);
    world_free(&w);
}

static void removal_forgets_and_gives_room_back(void **state)
{
    (void)state;
    struct world w;
    world_init(&w, 99);
    size_t empty = lexical_bytes(w.index);
    for (int64_t d = 1; d <= 500; d++) {
        add_random(&w, d, 0);
        add_random(&w, d, 1);
    }
    assert_int_equal(lexical_chunks(w.index), 1000);
    size_t full = lexical_bytes(w.index);
    lexical_remove(w.index, 12345);
    assert_int_equal(lexical_chunks(w.index), 1000);
    for (int64_t d = 1; d <= 490; d++) {
        remove_document(&w, d);
        assert_int_equal(lexical_chunks(w.index), 1000 - 2 * d);
    }
    assert_true(lexical_bytes(w.index) < full && lexical_bytes(w.index) > empty);
    compare(&w, NULL, 0);
    for (int64_t d = 491; d <= 500; d++)
        remove_document(&w, d);
    struct span term = word(&w, 0);
    struct lexical_hit hit;
    assert_int_equal(lexical_search(w.index, &(struct lexical_query){.terms = &term, .count = 1}, &hit, 1), 0);
    add_random(&w, 1, 0); /* an id may come back */
    assert_int_equal(lexical_chunks(w.index), 1);
    compare(&w, NULL, 0);
    world_free(&w);
}

static void edges(void **state)
{
    (void)state;
    struct lexical *x = lexical_new();
    struct span terms[] = {SPAN("a"), SPAN("b")};
    struct lexical_query both = {.terms = terms, .count = 2}, none = {.terms = terms, .count = 0};
    struct lexical_hit hits[4];
    assert_int_equal(lexical_search(x, &both, hits, 4), 0);
    assert_float_equal(lexical_idf(x, SPAN("a")), log(2), 1e-12);
    const struct term one = {SPAN("a"), 1};
    assert_true(lexical_add(x, 2, 0, &one, 1, 1));
    assert_true(lexical_add(x, 1, 5, &one, 1, 1));
    assert_true(lexical_add(x, 1, 3, &one, 1, 1));
    assert_true(lexical_add(x, 9, 0, NULL, 0, 0)); /* no words: counted, never found */
    assert_int_equal(lexical_chunks(x), 4);
    assert_int_equal(lexical_search(x, &none, hits, 4), 0);
    assert_int_equal(lexical_search(x, &both, hits, 0), 0);
    assert_int_equal(lexical_search(x, &both, hits, 4), 3);
    assert_int_equal(hits[0].document_id, 1); /* equal scores: by document, then ordinal */
    assert_int_equal(hits[0].ordinal, 3);
    assert_int_equal(hits[1].ordinal, 5);
    assert_int_equal(hits[2].document_id, 2);
    assert_int_equal(lexical_search(x, &both, hits, 1), 1);
    assert_int_equal(hits[0].ordinal, 3);
    assert_true(hits[0].coverage < 0.5f); /* the unknown word weighs more */
    both.count = 1;
    assert_int_equal(lexical_search(x, &both, hits, 1), 1);
    assert_float_equal(hits[0].coverage, 1.0f, 0);
    both.documents = (const int64_t[]){0};
    assert_int_equal(lexical_search(x, &both, hits, 4), 0); /* an empty list allows none */
    lexical_free(x);
}

static void terms_beyond_the_bound_are_not_looked_at(void **state)
{
    (void)state;
    static struct span terms[LEXICAL_TERMS_MAX + 1];
    struct lexical *x = lexical_new();
    const struct term one = {SPAN("last"), 1};
    assert_true(lexical_add(x, 1, 0, &one, 1, 1));
    for (size_t i = 0; i < LEXICAL_TERMS_MAX; i++)
        terms[i] = SPAN("other");
    terms[LEXICAL_TERMS_MAX] = SPAN("last");
    struct lexical_hit hit;
    assert_int_equal(lexical_search(x, &(struct lexical_query){.terms = terms, .count = LEXICAL_TERMS_MAX + 1}, &hit, 1), 0);
    terms[LEXICAL_TERMS_MAX - 1] = SPAN("last");
    assert_int_equal(lexical_search(x, &(struct lexical_query){.terms = terms, .count = LEXICAL_TERMS_MAX + 1}, &hit, 1), 1);
    lexical_free(x);
}

/* Each allocation in turn fails: adding reports it and the index answers as before; once memory is back the same chunk goes in. */
static void running_out_of_memory_changes_nothing(void **state)
{
    (void)state;
    struct world w;
    world_init(&w, 5);
    size_t refused = 0;
    for (int64_t d = 1; d < 300; d++) {
        add_random(&w, d, 0);
        struct plain_chunk next = {.document = 1000 + d, .length = 2};
        char fresh[16];
        snprintf(fresh, sizeof fresh, "n%d", (int)d);
        const struct term terms[] = {{span_of(fresh), 1}, {word(&w, (size_t)d % WORDS), 1}};
        next.counts[(size_t)d % WORDS] = 1;
        bool added = false;
        for (long fail = 0; !added; fail++) {
            allocations_left = fail;
            added = lexical_add(w.index, next.document, 0, terms, 2, 2);
            allocations_left = -1;
            refused += !added;
            assert_int_equal(lexical_chunks(w.index), w.count + added);
            if (!added && d % 25 == 0)
                compare(&w, NULL, 0);
        }
        w.chunks[w.count++] = next;
    }
    assert_true(refused > 300);
    compare(&w, NULL, 0);
    for (int64_t d = 1; d < 300; d++) { /* compaction finds no memory: the dead stay dead */
        allocations_left = d % 5;
        lexical_remove(w.index, d);
        allocations_left = -1;
        remove_document(&w, d);
        if (d % 25 == 0)
            compare(&w, NULL, 0);
    }
    world_free(&w);
    for (long fail = 0; fail < 3; fail++) {
        allocations_left = fail;
        assert_null(lexical_new());
        allocations_left = -1;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equal_to_the_plain_scorer),
        cmocka_unit_test(a_large_one_too),
        cmocka_unit_test(removal_forgets_and_gives_room_back),
        cmocka_unit_test(edges),
        cmocka_unit_test(terms_beyond_the_bound_are_not_looked_at),
        cmocka_unit_test(running_out_of_memory_changes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
