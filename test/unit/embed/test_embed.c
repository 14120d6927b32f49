/* The whole encoder on the real weights: known similarities, batches, limits, odd input, threads. */
#include <math.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "model_world.h"

#define S(literal) SPAN(literal)

static void embed(const struct embed_model *m, const struct span *texts, size_t count, struct embed_vector *out)
{
    struct embed_scratch *s = embed_scratch_new(m);
    assert_non_null(s);
    memset(out, 0x55, count * sizeof *out);
    embed_texts(m, s, EMBED_PASSAGE, texts, count, out);
    embed_scratch_free(s);
}

/* The example pairs of the Sentence-Transformers documentation; the fp32 model gives these figures, int8 comes within 0.02. */
static void known_pairs_with(const char *kernels)
{
    static const struct {
        struct span a, b;
        float cosine;
    } pairs[] = {
        {S("The cat sits outside"), S("The dog plays in the garden"), 0.2838f},
        {S("A man is playing guitar"), S("A woman watches TV"), -0.0327f},
        {S("The new movie is awesome"), S("The new movie is so great"), 0.8939f},
    };
    struct embed_model *m = world_model(kernels);
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        struct embed_vector v[2];
        embed(m, (const struct span[]){pairs[i].a, pairs[i].b}, 2, v);
        print_message("%s: %.4f, fp32 %.4f\n", embed_kernels(m), (double)world_cosine(&v[0], &v[1]), (double)pairs[i].cosine);
        assert_float_equal(world_cosine(&v[0], &v[1]), pairs[i].cosine, 0.02);
        assert_float_equal(world_cosine(&v[0], &v[0]), 1, 0.01);
    }
    embed_close(m);
}

static void known_pairs_scalar(void **state)
{
    (void)state;
    known_pairs_with("scalar");
}

static void known_pairs_avx2(void **state)
{
    (void)state;
    known_pairs_with("avx2");
}

static void known_pairs_vnni(void **state)
{
    (void)state;
    known_pairs_with("avx512-vnni");
}

static struct span words(struct buf *b, const char *word, size_t count)
{
    buf_clear(b);
    for (size_t i = 0; i < count; i++)
        buf_printf(b, "%s ", word);
    return buf_view(b);
}

static const struct span mixed[] = {
    S("How many days of vacation do I have?"),
    S(""),
    S("Full-time employees have 25 days of vacation a year."),
    S("x"),
    S("Der Urlaub beträgt 30 Tage. Отпуск составляет тридцать дней. 休假三十天。"),
    S("How do I reset my password, and where is the button for it? I have looked in the settings, in the profile and on the page of my account without finding "
      "any."),
    S("Invoices are sent on the first of each month."),
};
enum { MIXED = sizeof mixed / sizeof *mixed };

static void batch_equals_single_with(const char *kernels)
{
    struct embed_model *m = world_model(kernels);
    struct embed_vector together[MIXED], backwards[MIXED], alone;
    struct span turned[MIXED];
    for (size_t i = 0; i < MIXED; i++)
        turned[i] = mixed[MIXED - 1 - i];
    embed(m, mixed, MIXED, together);
    embed(m, turned, MIXED, backwards);
    for (size_t i = 0; i < MIXED; i++) {
        embed(m, &mixed[i], 1, &alone);
        assert_memory_equal(&alone, &together[i], sizeof alone);
        assert_memory_equal(&alone, &backwards[MIXED - 1 - i], sizeof alone);
    }
    embed_close(m);
}

static void batch_equals_single_scalar(void **state)
{
    (void)state;
    batch_equals_single_with("scalar");
}

static void batch_equals_single_avx2(void **state)
{
    (void)state;
    batch_equals_single_with("avx2");
}

static void batch_equals_single_vnni(void **state)
{
    (void)state;
    batch_equals_single_with("avx512-vnni");
}

/* More tokens than one pass takes, and more texts: the split into passes must not show. */
static void many_texts_need_many_passes(void **state)
{
    (void)state;
    struct embed_model *m = world_model(NULL);
    enum { MANY = 1100 };
    struct span *texts = calloc(MANY, sizeof *texts);
    struct embed_vector *out = calloc(MANY, sizeof *out), alone;
    struct buf b;
    buf_init(&b, 1 << 20);
    struct span longest = words(&b, "garden", 400);
    for (size_t i = 0; i < MANY; i++)
        texts[i] = i % 200 == 199 ? longest : i < 600 ? S("") : S("A cat.");
    embed(m, texts, MANY, out);
    for (size_t i = 0; i < MANY; i += 199) {
        embed(m, &texts[i], 1, &alone);
        assert_memory_equal(&alone, &out[i], sizeof alone);
    }
    free(texts);
    free(out);
    buf_free(&b);
    embed_close(m);
}

static void count_call(void *context)
{
    ++*(size_t *)context;
}

/* Once a layer: two short texts are one pass, two of the most tokens are two. */
static void between_layers_it_asks(void **state)
{
    (void)state;
    struct embed_model *m = world_model(NULL);
    struct embed_scratch *s = embed_scratch_new(m);
    struct embed_vector plain[2], asked[2];
    struct buf b;
    size_t calls = 0;
    buf_init(&b, 1 << 16);
    struct span longest = words(&b, "garden", 400);
    assert_non_null(s);
    embed_texts(m, s, EMBED_PASSAGE, mixed, 2, plain);
    embed_scratch_between(s, count_call, &calls);
    embed_texts(m, s, EMBED_PASSAGE, mixed, 2, asked);
    assert_int_equal(calls, 6);
    assert_memory_equal(plain, asked, sizeof plain);
    embed_texts(m, s, EMBED_PASSAGE, (const struct span[]){longest, longest}, 2, asked);
    assert_int_equal(calls, 18);
    embed_scratch_between(s, NULL, NULL);
    embed_texts(m, s, EMBED_PASSAGE, mixed, 2, asked);
    assert_int_equal(calls, 18);
    embed_scratch_free(s);
    buf_free(&b);
    embed_close(m);
}

static void long_text_is_cut(void **state)
{
    (void)state;
    struct embed_model *m = world_model(NULL);
    struct embed_vector v[3];
    struct embed_count count;
    struct buf fits, over;
    buf_init(&fits, 1 << 20);
    buf_init(&over, 1 << 20);
    struct span texts[3] = {words(&fits, "garden", EMBED_TOKENS_MAX - 2), words(&over, "garden", 5000), words(&over, "garden", 5000)};
    texts[2].n = texts[0].n - 7;
    embed(m, texts, 3, v);
    assert_memory_equal(&v[0], &v[1], sizeof v[0]);
    assert_memory_not_equal(&v[0], &v[2], sizeof v[0]);
    embed_count(m, texts[1], &count);
    assert_int_equal(count.tokens, 5000);
    buf_free(&fits);
    buf_free(&over);
    embed_close(m);
}

static void is_unit(const struct embed_vector *v)
{
    int max = 0;
    for (size_t i = 0; i < EMBED_DIMENSIONS; i++)
        max = abs(v->values[i]) > max ? abs(v->values[i]) : max;
    assert_int_equal(max, 127);
    assert_float_equal(world_cosine(v, v), 1, 0.01);
}

static void odd_input_has_a_vector(void **state)
{
    (void)state;
    struct embed_model *m = world_model(NULL);
    const struct span odd[] = {S(""), S("   \t\n"), S("\xff\xfe\x80"), S("caf\xc3"), S("\0\0"), S("\xed\xa0\x80\xf4\x90\x80\x80"), S("\xe2\x80\x8b")};
    struct embed_vector v[sizeof odd / sizeof *odd], cut[2];
    embed(m, odd, sizeof odd / sizeof *odd, v);
    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++)
        is_unit(&v[i]);
    assert_memory_equal(&v[0], &v[1], sizeof v[0]);
    assert_memory_equal(&v[0], &v[2], sizeof v[0]);
    embed(m, (const struct span[]){S("caf"), S("caf\xc3")}, 2, cut);
    assert_memory_equal(&cut[0], &cut[1], sizeof cut[0]);
    embed_close(m);
}

static void counts_tell_how_foreign_a_text_is(void **state)
{
    (void)state;
    struct embed_model *m = world_model(NULL);
    struct embed_count count;
    embed_count(m, S("How many days of vacation, please?"), &count);
    assert_int_equal(count.tokens, 8);
    assert_int_equal(count.pieces, 6);
    assert_int_equal(count.words, 6);
    embed_count(m, S("Отпуск составляет тридцать дней"), &count);
    assert_int_equal(count.words, 4);
    assert_true(count.pieces > 3 * count.words);
    embed_count(m, S(""), &count);
    assert_int_equal(count.tokens + count.pieces + count.words, 0);
    embed_close(m);
}

struct worker {
    const struct embed_model *model;
    const struct embed_vector *expected;
    bool ok;
};

static void *work(void *argument)
{
    struct worker *w = argument;
    struct embed_scratch *s = embed_scratch_new(w->model);
    struct embed_vector v;
    w->ok = s != NULL;
    for (size_t i = 0; w->ok && i < 2 * MIXED; i++) {
        embed_texts(w->model, s, EMBED_PASSAGE, &mixed[i % MIXED], 1, &v);
        w->ok = memcmp(&v, &w->expected[i % MIXED], sizeof v) == 0;
    }
    embed_scratch_free(s);
    return NULL;
}

static void threads_share_a_model(void **state)
{
    (void)state;
    enum { THREADS = 8 };
    struct embed_model *m = world_model(NULL);
    struct embed_vector expected[MIXED];
    struct worker workers[THREADS];
    pthread_t threads[THREADS];
    embed(m, mixed, MIXED, expected);
    for (size_t i = 0; i < THREADS; i++) {
        workers[i] = (struct worker){m, expected, false};
        assert_int_equal(pthread_create(&threads[i], NULL, work, &workers[i]), 0);
    }
    for (size_t i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
        assert_true(workers[i].ok);
    }
    embed_close(m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_pairs_scalar),
        cmocka_unit_test(known_pairs_avx2),
        cmocka_unit_test(known_pairs_vnni),
        cmocka_unit_test(batch_equals_single_scalar),
        cmocka_unit_test(batch_equals_single_avx2),
        cmocka_unit_test(batch_equals_single_vnni),
        cmocka_unit_test(many_texts_need_many_passes),
        cmocka_unit_test(between_layers_it_asks),
        cmocka_unit_test(long_text_is_cut),
        cmocka_unit_test(odd_input_has_a_vector),
        cmocka_unit_test(counts_tell_how_foreign_a_text_is),
        cmocka_unit_test(threads_share_a_model),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
