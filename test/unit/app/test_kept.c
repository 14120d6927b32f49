/* What searches keep in memory and compare: packed metadata, marked words, passages, keys. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "app/key_cache.h"
#include "app/metadata.h"
#include "app/passage_cache.h"

/* ---- metadata ---- */

static bool holds(const char *have, const char *want)
{
    struct span packed, wanted;
    assert_true(metadata_pack_text(span_of(have), &packed));
    assert_true(metadata_pack_text(span_of(want), &wanted));
    bool result = metadata_holds(packed, wanted);
    free((char *)packed.p);
    free((char *)wanted.p);
    return result;
}

static void metadata_is_compared_member_by_member(void **state)
{
    static const struct {
        const char *have, *want;
        bool holds;
    } cases[] = {
        {"{\"a\":1,\"b\":\"x\"}", "{\"a\":1}", true},
        {"{\"a\":1,\"b\":\"x\"}", "{\"b\":\"x\",\"a\":1}", true},
        {"{\"b\":\"x\",\"a\":1}", "{\"a\":1,\"b\":\"x\"}", true},
        {"{\"a\":1}", "{\"a\":1,\"b\":\"x\"}", false},
        {"{\"a\":1}", "{\"a\":\"1\"}", false},
        {"{\"a\":1}", "{\"a\":1.0}", false},
        {"{\"a\":0.1}", "{\"a\":0.10}", true},
        {"{\"a\":0.1}", "{\"a\":0.10000000000000002}", false},
        {"{\"a\":null}", "{\"a\":null}", true},
        {"{\"b\":1}", "{\"a\":null}", false},
        {"{\"a\":{\"x\":1,\"y\":[2]}}", "{\"a\":{\"y\":[2],\"x\":1}}", true},
        {"{\"a\":[1,2]}", "{\"a\":[2,1]}", false},
        {"{\"ab\":1,\"a\":2}", "{\"a\":2}", true},
        {"{\"a\":\"\xC3\xA9\"}", "{\"a\":\"\\u00e9\"}", true},
        {"{\"\":1}", "{\"\":1}", true},
        {"{}", "{}", true},
        {"", "{}", true},
        {"not JSON", "{\"a\":1}", false},
        {"{}", "{\"a\":1}", false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        if (holds(cases[i].have, cases[i].want) != cases[i].holds)
            fail_msg("%s in %s", cases[i].want, cases[i].have);
    }
}

/* ---- highlights ---- */

static struct query_words words_of(struct span *terms, size_t count)
{
    struct query_words words = {.count = 1};
    words.sets[0] = (struct query_terms){{"en"}, terms, count};
    return words;
}

static void marked_words_are_found(void **state)
{
    struct arena *arena = arena_new(1 << 20);
    struct span text = SPAN("Caf\xC3\xA9 owners roast. Roasting the SKU-12/7, roasted."),
                terms[] = {SPAN("roast"), SPAN("caf\xC3\xA9"), SPAN("sku-12/7"), SPAN("12")};
    struct query_words words = words_of(terms, 4);
    struct word_mark *marks;
    struct text_range *ranges;
    struct term_set set;
    size_t mark_count, count;
    (void)state;
    assert_true(word_marks(text, (struct language){"en"}, arena, &marks, &mark_count));
    assert_true(term_set_make(&words, arena, &set));
    assert_true(highlights_find(marks, mark_count, &set, arena, &ranges, &count));
    const int64_t expected[][2] = {{0, 4}, {12, 17}, {19, 27}, {32, 40}, {42, 49}};
    assert_int_equal(count, 5);
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(ranges[i].start, expected[i][0]);
        assert_int_equal(ranges[i].end, expected[i][1]);
    }
    arena_free(arena);
}

static void terms_of_several_languages_count_once(void **state)
{
    struct arena *arena = arena_new(1 << 20);
    struct span first[] = {SPAN("hotel"), SPAN("price")}, second[] = {SPAN("hotel"), SPAN("prices")};
    struct query_words words = words_of(first, 2);
    struct term_set set;
    (void)state;
    words.sets[words.count++] = (struct query_terms){{""}, second, 2};
    assert_true(term_set_make(&words, arena, &set));
    assert_int_equal(set.count, 3);
    assert_int_equal(term_set_find(&set, term_hash(SPAN("prices"))), 2);
    assert_int_equal(term_set_find(&set, term_hash(SPAN("priced"))), set.count);
    arena_free(arena);
}

/* ---- passages ---- */

static struct kept_passage passage_of(const char *text)
{
    return (struct kept_passage){.chunk = {.ordinal = 3, .page = 2, .start = 5, .end = 9, .heading = SPAN("Head"), .text = span_of(text)}};
}

static void a_passage_is_known_by_document_change_and_number(void **state)
{
    struct arena *arena = arena_new(1 << 20);
    struct passage_cache *cache = passage_cache_new(100);
    struct passage_name name = {7, 40, 3}, others[] = {{8, 40, 3}, {7, 41, 3}, {7, 40, 4}};
    struct kept_passage kept = passage_of("Text"), got;
    struct word_mark mark = {1, 0, 4};
    (void)state;
    assert_false(passage_cache_get(cache, &name, arena, &got));
    passage_cache_put(cache, &name, &kept);
    for (size_t i = 0; i < 3; i++)
        assert_false(passage_cache_get(cache, &others[i], arena, &got));
    assert_true(passage_cache_get(cache, &name, arena, &got));
    assert_true(span_eq(got.chunk.text, SPAN("Text")) && span_eq(got.chunk.heading, SPAN("Head")));
    assert_true(got.chunk.page == 2 && got.chunk.start == 5 && got.chunk.end == 9 && got.chunk.ordinal == 3);
    assert_null(got.marks);
    size_t bytes = passage_cache_bytes(cache);
    kept.marks = &mark;
    kept.mark_count = 1;
    passage_cache_put(cache, &name, &kept);
    assert_true(passage_cache_get(cache, &name, arena, &got));
    assert_true(got.mark_count == 1 && got.marks[0].term == 1 && got.marks[0].end == 4);
    assert_int_equal(passage_cache_bytes(cache), bytes + sizeof mark);
    passage_cache_free(cache);
    arena_free(arena);
}

static bool is_even(void *context, const struct passage_name *name)
{
    (void)context;
    return name->document_id % 2 == 0;
}

static void passages_are_bounded_and_swept(void **state)
{
    struct arena *arena = arena_new(4 << 20);
    struct passage_cache *cache = passage_cache_new(256);
    struct kept_passage kept = passage_of("A passage of some length."), got;
    size_t empty = passage_cache_bytes(cache), found = 0, even = 0;
    (void)state;
    for (int64_t id = 1; id <= 1000; id++) {
        passage_cache_put(cache, &(struct passage_name){id, 1, 0}, &kept);
        assert_true(passage_cache_get(cache, &(struct passage_name){id, 1, 0}, arena, &got));
    }
    for (int64_t id = 1; id <= 1000; id++)
        found += passage_cache_get(cache, &(struct passage_name){id, 1, 0}, arena, &got);
    assert_true(found > 0 && found <= passage_cache_room(cache));
    passage_cache_sweep(cache, is_even, NULL);
    for (int64_t id = 1; id <= 1000; id++) {
        bool there = passage_cache_get(cache, &(struct passage_name){id, 1, 0}, arena, &got);
        assert_true(!there || id % 2 == 0);
        even += there;
    }
    assert_true(even > 0 && even < found);
    assert_int_equal((passage_cache_bytes(cache) - empty) % even, 0);
    char huge[40000];
    memset(huge, 'x', sizeof huge);
    kept.chunk.text = (struct span){huge, sizeof huge};
    passage_cache_put(cache, &(struct passage_name){5000, 1, 0}, &kept);
    assert_false(passage_cache_get(cache, &(struct passage_name){5000, 1, 0}, arena, &got));
    passage_cache_free(cache);
    arena_free(arena);
}

/* ---- keys ---- */

static void a_key_is_known_while_nothing_was_written(void **state)
{
    struct key_cache *cache = key_cache_new();
    unsigned char hash[API_KEY_HASH_BYTES] = {1, 2, 3}, neighbour[API_KEY_HASH_BYTES] = {1, 2, 4};
    struct known_key key = {.tenant = {.id = 5}, .key_id = 6}, got;
    (void)state;
    assert_false(key_cache_get(cache, hash, 9, &got));
    key_cache_put(cache, hash, 9, &key);
    assert_true(key_cache_get(cache, hash, 9, &got));
    assert_true(got.tenant.id == 5 && got.key_id == 6);
    assert_false(key_cache_get(cache, hash, 10, &got));
    assert_false(key_cache_get(cache, neighbour, 9, &got));
    key_cache_put(cache, neighbour, 9, &key);
    assert_false(key_cache_get(cache, hash, 9, &got));
    key_cache_put(cache, hash, 0, &key);
    assert_false(key_cache_get(cache, hash, 0, &got));
    key_cache_free(cache);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(metadata_is_compared_member_by_member), cmocka_unit_test(marked_words_are_found),
        cmocka_unit_test(terms_of_several_languages_count_once), cmocka_unit_test(a_passage_is_known_by_document_change_and_number),
        cmocka_unit_test(passages_are_bounded_and_swept),        cmocka_unit_test(a_key_is_known_while_nothing_was_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
