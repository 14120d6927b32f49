/* The in-memory indexes: current at once, apart by tenant, bounded, and safe for many threads. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "answer_world.h"
#include "app/indexes.h"

enum { ARENA_BYTES = 16 << 20, PLENTY = 1 << 30 };

static struct retrieve_query ask(const char *text)
{
    return (struct retrieve_query){.text = span_of(text), .top_k = 5};
}

static void assert_found(struct world *w, struct principal *p, const char *query, const char *names)
{
    struct arena *arena = arena_new(ARENA_BYTES);
    struct retrieve_query q = ask(query);
    assert_string_equal(world_search(w, p, &q, arena), names);
    arena_free(arena);
}

static void changes_are_seen_by_the_next_search(void **state)
{
    (void)state;
    struct world *w = world_new(PLENTY);
    struct principal p = world_tenant(w);
    assert_found(w, &p, "parking permit", "");
    struct world_id a = world_add(w, &p, &(struct world_document){.name = "a", .text = "Parking permits are given out at the front desk."});
    assert_found(w, &p, "parking permit", "a");
    struct world_id b = world_add(w, &p, &(struct world_document){.name = "b", .text = "The canteen opens at noon."});
    assert_found(w, &p, "when does the canteen open", "b");
    world_replace(w, &p, a, "Bicycles may be left in the yard.");
    assert_found(w, &p, "parking permit", "");
    assert_found(w, &p, "bicycle", "a");
    world_delete(w, &p, b);
    assert_found(w, &p, "canteen", "");
    assert_found(w, &p, "bicycle", "a");
    world_free(w);
}

static void a_request_sees_what_was_there_when_it_began(void **state)
{
    (void)state;
    struct world *w = world_new(PLENTY);
    struct principal p = world_tenant(w);
    for (int i = 0; i < 50; i++) {
        char text[80], name[16];
        snprintf(name, sizeof name, "d%d", i);
        snprintf(text, sizeof text, "Notice number%d speaks about the lift.", i);
        world_add(w, &p, &(struct world_document){.name = name, .text = text});
        snprintf(text, sizeof text, "number%d", i);
        assert_found(w, &p, text, name);
    }
    world_free(w);
}

static void tenants_never_mix(void **state)
{
    (void)state;
    struct world *w = world_new(PLENTY);
    struct principal first = world_tenant(w), second = world_tenant(w);
    world_add(w, &first, &(struct world_document){.name = "one", .text = "The secret word is heliotrope."});
    world_add(w, &second, &(struct world_document){.name = "two", .text = "The secret word is marigold."});
    assert_found(w, &first, "secret heliotrope marigold", "one");
    assert_found(w, &second, "secret heliotrope marigold", "two");
    assert_found(w, &second, "heliotrope", "");
    world_free(w);
}

static void another_epoch_builds_anew(void **state)
{
    (void)state;
    struct world *w = world_new(PLENTY);
    struct principal p = world_tenant(w);
    world_add(w, &p, &(struct world_document){.name = "a", .text = "Umbrellas are lent at the gate."});
    assert_found(w, &p, "umbrella", "a");
    p.tenant.index_epoch++;
    assert_found(w, &p, "umbrella", "a");
    world_free(w);
}

static void the_least_recently_used_goes_first(void **state)
{
    (void)state;
    struct world *w = world_new(1);
    struct principal p[3] = {world_tenant(w), world_tenant(w), world_tenant(w)};
    size_t entries, bytes;
    for (int i = 0; i < 3; i++)
        world_add(w, &p[i], &(struct world_document){.name = "a", .text = "Umbrellas are lent at the gate."});
    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < 3; i++) {
            assert_found(w, &p[i], "umbrella", "a");
            indexes_held(w->app.indexes, &entries, &bytes);
            assert_int_equal(entries, 1); /* the one just used stays, whatever its size */
            assert_true(bytes > 0);
        }
    }
    assert_int_equal(indexes_evicted(w->app.indexes), 5); /* at each use but the first */
    world_free(w);
}

static void an_index_in_use_is_not_dropped(void **state)
{
    (void)state;
    struct world *w = world_new(1);
    struct principal p[2] = {world_tenant(w), world_tenant(w)};
    size_t entries, bytes;
    for (int i = 0; i < 2; i++)
        world_add(w, &p[i], &(struct world_document){.name = "a", .text = "Umbrellas are lent at the gate."});
    world_refresh(w, &p[0]);
    struct index_entry *open = indexes_open(w->app.indexes, &p[0].tenant, NULL);
    assert_non_null(open);
    assert_found(w, &p[1], "umbrella", "a");
    assert_int_equal(lexical_chunks(index_lexical(open)), 1);
    indexes_close(w->app.indexes, open);
    indexes_held(w->app.indexes, &entries, &bytes);
    assert_int_equal(entries, 1);
    world_free(w);
}

/* ---- threads ---- */

enum { SEARCHERS = 4, WRITES = 40 };

struct crowd {
    struct world *w;
    struct principal p[2];
    atomic_bool done;
    atomic_int searches, wrong;
};

struct seat {
    struct crowd *crowd;
    int tenant;
};

static void *search_on(void *context)
{
    struct seat *seat = context;
    struct crowd *c = seat->crowd;
    struct principal p = c->p[seat->tenant];
    const char *mine = seat->tenant ? "anchor1" : "anchor0";
    while (!atomic_load(&c->done)) {
        struct arena *arena = arena_new(ARENA_BYTES);
        struct retrieve_query q = ask("anchor lighthouse");
        if (strstr(world_search(c->w, &p, &q, arena), mine) == NULL)
            atomic_fetch_add(&c->wrong, 1);
        atomic_fetch_add(&c->searches, 1);
        arena_free(arena);
    }
    return NULL;
}

static void write_on(struct crowd *c)
{
    struct world_id changing[2];
    for (int t = 0; t < 2; t++)
        changing[t] = world_add(c->w, &c->p[t], &(struct world_document){.name = "changing", .text = "A lighthouse keeper."});
    for (int i = 0; i < WRITES; i++) {
        char text[80];
        snprintf(text, sizeof text, "The keeper wrote entry%d.", i);
        world_replace(c->w, &c->p[i % 2], changing[i % 2], text);
        snprintf(text, sizeof text, "entry%d", i);
        assert_found(c->w, &c->p[i % 2], text, "changing");
    }
}

static void searches_and_updates_side_by_side(void **state)
{
    (void)state;
    struct crowd c = {.w = world_new(1)};
    pthread_t threads[SEARCHERS];
    struct seat seats[SEARCHERS];
    for (int t = 0; t < 2; t++) {
        c.p[t] = world_tenant(c.w);
        world_add(c.w, &c.p[t], &(struct world_document){.name = t ? "anchor1" : "anchor0", .text = "An anchor lies before the lighthouse."});
    }
    for (int i = 0; i < SEARCHERS; i++) {
        seats[i] = (struct seat){&c, i % 2};
        assert_int_equal(pthread_create(&threads[i], NULL, search_on, &seats[i]), 0);
    }
    write_on(&c);
    atomic_store(&c.done, true);
    for (int i = 0; i < SEARCHERS; i++)
        pthread_join(threads[i], NULL);
    assert_true(atomic_load(&c.searches) > 0);
    assert_int_equal(atomic_load(&c.wrong), 0);
    world_free(c.w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(changes_are_seen_by_the_next_search),
        cmocka_unit_test(a_request_sees_what_was_there_when_it_began),
        cmocka_unit_test(tenants_never_mix),
        cmocka_unit_test(another_epoch_builds_anew),
        cmocka_unit_test(the_least_recently_used_goes_first),
        cmocka_unit_test(an_index_in_use_is_not_dropped),
        cmocka_unit_test(searches_and_updates_side_by_side),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
