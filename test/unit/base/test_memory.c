/* The arena and the hash map. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdalign.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/map.h"

enum { KEYS = 100000 };

static void an_arena_hands_out_zeroed_aligned_memory(void **state)
{
    (void)state;
    struct arena *a = arena_new(4 << 20);
    for (int round = 0; round < 2; round++) { /* the second round gets used memory back */
        size_t sum = 0;
        for (size_t n = 0; n < 1500; n += 7) {
            unsigned char *p = arena_alloc(a, n);
            assert_non_null(p);
            assert_int_equal((uintptr_t)p % alignof(max_align_t), 0);
            for (size_t i = 0; i < n; i++)
                assert_int_equal(p[i], 0);
            memset(p, 0xAA, n);
            sum += n ? n : 1;
        }
        assert_int_equal(arena_used(a), sum);
        assert_non_null(arena_alloc(a, 2 << 20)); /* larger than any block */
        arena_reset(a);
        assert_int_equal(arena_used(a), 0);
    }
    arena_free(a);
    arena_free(NULL);
}

static void an_arena_has_a_bound(void **state)
{
    (void)state;
    struct arena *a = arena_new(100);
    assert_null(arena_alloc(a, 101));
    assert_non_null(arena_alloc(a, 60));
    assert_null(arena_alloc(a, 41));
    assert_non_null(arena_alloc(a, 40));
    assert_null(arena_alloc(a, 1));
    arena_reset(a);
    assert_non_null(arena_alloc(a, 100));
    arena_reset(a);
    assert_null(arena_array(a, SIZE_MAX / 2, 4)); /* the product does not fit */
    assert_null(arena_array(a, 51, 2));
    assert_non_null(arena_array(a, 50, 2));
    arena_free(a);
}

static void an_arena_copies_strings(void **state)
{
    (void)state;
    struct arena *a = arena_new(20);
    assert_string_equal(arena_cstr(a, SPAN("abc")), "abc");
    struct span s = arena_copy(a, SPAN("defgh"));
    assert_true(span_eq(s, SPAN("defgh")));
    s = arena_copy(a, SPAN("too long to fit"));
    assert_true(s.p == NULL && s.n == 0);
    assert_string_equal(arena_cstr(a, SPAN("")), "");
    arena_free(a);
}

static struct span key_of(char name[24], unsigned i)
{
    return (struct span){name, (size_t)snprintf(name, 24, "key-%u", i)};
}

/* Puts, replaces and removes 100,000 keys; what is removed is gone, all else stays. */
static void a_map_keeps_what_it_is_given(void **state)
{
    (void)state;
    struct map *m = map_new();
    char name[24];
    uint64_t value;
    assert_false(map_get(m, SPAN("a"), &value));
    assert_false(map_remove(m, SPAN("a")));
    for (unsigned i = 0; i < KEYS; i++)
        assert_true(map_put(m, key_of(name, i), i));
    for (unsigned i = 0; i < KEYS; i += 2)
        assert_true(map_put(m, key_of(name, i), i + 7ull));
    assert_int_equal(map_count(m), KEYS);
    size_t full = map_bytes(m);
    for (unsigned i = 0; i < KEYS; i += 3)
        assert_true(map_remove(m, key_of(name, i)));
    assert_int_equal(map_count(m), KEYS - (KEYS + 2) / 3);
    assert_true(map_bytes(m) < full);
    for (unsigned i = 0; i < KEYS; i++) {
        assert_int_equal(map_get(m, key_of(name, i), &value), i % 3 != 0);
        if (i % 3)
            assert_int_equal(value, i % 2 ? i : i + 7ull);
    }
    assert_false(map_remove(m, key_of(name, 0)));
    map_free(m);
    map_free(NULL);
}

static void a_map_is_walked_once_over(void **state)
{
    (void)state;
    struct map *m = map_new();
    static const struct span keys[] = {SPAN(""), SPAN("a"), {"a\0b", 3}, {"a\0c", 3}};
    for (uint64_t i = 0; i < 4; i++)
        assert_true(map_put(m, keys[i], i));
    unsigned seen = 0;
    size_t at = 0;
    struct span key;
    uint64_t value;
    while (map_next(m, &at, &key, &value)) {
        assert_true(span_eq(key, keys[value]));
        assert_false(seen & 1u << value);
        seen |= 1u << value;
    }
    assert_int_equal(seen, 15);
    map_free(m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_arena_hands_out_zeroed_aligned_memory),
        cmocka_unit_test(an_arena_has_a_bound),
        cmocka_unit_test(an_arena_copies_strings),
        cmocka_unit_test(a_map_keeps_what_it_is_given),
        cmocka_unit_test(a_map_is_walked_once_over),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
