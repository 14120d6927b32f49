/* Chunks → vectors with the fake encoder: each chunk gets its own, copies share one, headings count while there is room, and a watch can break off. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "app/chunk_vectors.h"
#include "base/buf.h"

struct maker {
    struct embed_model *model;
    struct embed_scratch *scratch;
    struct arena *arena;
    size_t asked, stop_at;
    struct span title;
};

static bool watch(void *context, size_t done)
{
    struct maker *m = context;
    (void)done;
    return ++m->asked != m->stop_at;
}

static struct maker maker_new(void)
{
    char why[80];
    struct maker m = {.model = embed_open("fake", why, sizeof why), .arena = arena_new(4 << 20)};
    m.scratch = embed_scratch_new(m.model);
    return m;
}

static void maker_free(struct maker *m)
{
    embed_scratch_free(m->scratch);
    embed_close(m->model);
    arena_free(m->arena);
}

static bool make(struct maker *m, const struct chunk *chunks, size_t count, struct span **blobs)
{
    return chunk_vectors(m->model, m->scratch, m->title, chunks, count, m->arena, watch, m, blobs);
}

/* The notions (components) that a stored vector has, as letters from 'a' on. */
static void assert_notions(struct span blob, const char *expected)
{
    struct stored_vector v;
    char notions[8] = "";
    size_t n = 0;
    assert_true(vector_decode(blob, &v));
    for (size_t i = 0; i < 4; i++) {
        if (v.vector.values[i])
            notions[n++] = (char)('a' + i);
    }
    assert_string_equal(notions, expected);
}

static void each_chunk_gets_its_own(void **state)
{
    (void)state;
    static const char *const texts[] = {"holiday", "car", "holiday", "holiday office", "money", "tea", "car", "holiday"};
    static const char *const notions[] = {"a", "c", "a", "ab", "d", "", "c", "a"};
    enum { CHUNKS = 100 };
    struct maker m = maker_new();
    struct chunk chunks[CHUNKS] = {{0}};
    struct span *blobs;
    for (size_t i = 0; i < CHUNKS; i++)
        chunks[i].text = span_of(texts[i * 7 % 8]);
    assert_true(make(&m, chunks, CHUNKS, &blobs));
    for (size_t i = 0; i < CHUNKS; i++)
        assert_notions(blobs[i], notions[i * 7 % 8]);
    assert_int_equal(m.asked, 1); /* five texts, one batch */
    assert_true(make(&m, chunks, 0, &blobs));
    maker_free(&m);
}

static void a_heading_counts_while_there_is_room(void **state)
{
    (void)state;
    struct maker m = maker_new();
    struct buf text;
    struct span *blobs;
    buf_init(&text, 4096);
    for (int i = 0; i < EMBED_TOKENS_MAX - 3; i++)
        buf_str(&text, "tea ");
    struct chunk chunks[] = {
        {.heading = SPAN("Cost > Parking"), .text = SPAN("holiday")},
        {.heading = SPAN("Cost > Parking"), .text = buf_view(&text)}, /* room for one word */
        {.heading = SPAN("Cost and Parking"), .text = buf_view(&text)},
        {.heading = SPAN(""), .text = SPAN("...")},
    };
    assert_true(make(&m, chunks, 4, &blobs));
    assert_notions(blobs[0], "acd");
    assert_notions(blobs[1], "c");
    assert_notions(blobs[2], "");
    struct stored_vector v;
    assert_true(vector_decode(blobs[0], &v) && v.ratio == 1);
    assert_true(vector_decode(blobs[3], &v) && v.ratio == 1); /* no words */
    buf_free(&text);
    maker_free(&m);
}

/* A text as another encoder may have cut it: too long for this one. What stands at its end counts too, and as much as it is long. */
static void a_chunk_that_is_too_long_is_embedded_in_parts(void **state)
{
    (void)state;
    struct maker m = maker_new();
    struct buf text, one;
    struct span *blobs;
    struct stored_vector v;
    buf_init(&text, 65536);
    buf_init(&one, 65536);
    for (int i = 0; i < 3 * EMBED_TOKENS_MAX; i++) {
        buf_str(&text, i < 2 * EMBED_TOKENS_MAX ? "holiday " : "car ");
        buf_str(&one, "teatea");
    }
    struct chunk chunks[] = {{.heading = SPAN("Cost"), .text = buf_view(&text)}, {.text = buf_view(&one)}, {.text = SPAN("money")}};
    assert_true(make(&m, chunks, 3, &blobs));
    assert_notions(blobs[0], "ac");
    assert_true(vector_decode(blobs[0], &v) && v.vector.values[0] > 2 * v.vector.values[2]);
    assert_notions(blobs[1], "");
    assert_notions(blobs[2], "d");
    buf_free(&text);
    buf_free(&one);
    maker_free(&m);
}

static void a_title_counts_where_it_tells(void **state)
{
    (void)state;
    static const struct {
        const char *title, *notions;
    } cases[] = {{"Parking and Cost", "acd"}, {"parking_cost", "acd"}, {"parking", "a"}, {"parking 12 a1", "a"}, {"", "a"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct maker m = maker_new();
        struct chunk chunk = {.text = SPAN("holiday")};
        struct span *blobs;
        m.title = span_of(cases[i].title);
        assert_true(make(&m, &chunk, 1, &blobs));
        assert_notions(blobs[0], cases[i].notions);
        maker_free(&m);
    }
}

static void a_watch_breaks_off(void **state)
{
    (void)state;
    enum { CHUNKS = 40 };
    struct maker m = maker_new();
    struct chunk chunks[CHUNKS] = {{0}};
    struct span *blobs;
    char texts[CHUNKS][4];
    for (size_t i = 0; i < CHUNKS; i++) {
        texts[i][0] = (char)('a' + i % 26);
        texts[i][1] = (char)('a' + i / 26);
        chunks[i].text = (struct span){texts[i], 2};
    }
    assert_true(make(&m, chunks, CHUNKS, &blobs));
    assert_int_equal(m.asked, 3);
    m.asked = 0;
    m.stop_at = 2;
    assert_false(make(&m, chunks, CHUNKS, &blobs));
    maker_free(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_chunk_gets_its_own),
        cmocka_unit_test(a_heading_counts_while_there_is_room),
        cmocka_unit_test(a_chunk_that_is_too_long_is_embedded_in_parts),
        cmocka_unit_test(a_title_counts_where_it_tells),
        cmocka_unit_test(a_watch_breaks_off),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
