/* The in-memory indexes: current at once, apart by tenant, bounded, and safe for many threads. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "answer_world.h"
#include "app/indexes.h"
#include "base/buf.h"
#include "store/account.h"
#include "store/document.h"

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

/* ---- a large index ---- */

enum { MANY = 8000 }; /* three times this is large (index/lexical.c) */

struct many {
    const struct principal *p;
    struct world_id id;
    const char *word;
};

static enum db_status insert_many_chunks(struct db_conn *c, const struct many *m)
{
    struct term terms[] = {{span_of(m->word), 1}, {SPAN("common"), 1}};
    struct buf encoded;
    enum db_status status = DB_OK;
    buf_init(&encoded, 256);
    assert_true(terms_encode(terms, 2, &encoded));
    for (int32_t i = 0; status == DB_OK && i < MANY; i++) {
        struct chunk_row row = {.chunk = {.ordinal = i, .text = span_of(m->word)}, .terms = buf_view(&encoded), .length = 2};
        status = store_chunk_insert(&m->p->tenant, c, m->id.id, 1, &row);
    }
    buf_free(&encoded);
    return status;
}

static enum db_status insert_many(struct db_conn *c, void *context)
{
    struct many *m = context;
    struct document_row row = {.document_id = m->id.id,
                               .filename = span_of(m->word),
                               .media_type = SPAN("text/plain"),
                               .language = "en",
                               .version = 1,
                               .analysis_version = 1,
                               .status = "queued",
                               .chunks = MANY};
    bool found, changed;
    memcpy(row.public_id, m->id.public_id, sizeof row.public_id);
    enum db_status status = store_collection_by_name(&m->p->tenant, c, SPAN("default"), true, 1, &row.collection_id, &found);
    if (status == DB_OK)
        status = store_document_insert(&m->p->tenant, c, &row);
    if (status == DB_OK)
        status = insert_many_chunks(c, m);
    if (status == DB_OK)
        status = store_tenant_next_seq(&m->p->tenant, c, &row.seq);
    return status == DB_OK ? store_document_completed(&m->p->tenant, c, &row, &changed) : status;
}

static struct world_id add_many(struct world *w, const struct principal *p, const char *word)
{
    struct many m = {.p = p, .id.id = sys_random_id(), .word = word};
    sys_public_id(m.id.public_id, "doc_");
    assert_int_equal(db_transact(w->db, insert_many, &m), DB_OK);
    return m.id;
}

static void wait_until_renewed(struct world *w, uint64_t times)
{
    for (int i = 0; i < 60000 && indexes_renewed(w->app.indexes) < times; i++)
        nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
    assert_int_equal(indexes_renewed(w->app.indexes), times);
}

static size_t bytes_held(struct world *w)
{
    size_t entries, bytes;
    indexes_held(w->app.indexes, &entries, &bytes);
    return bytes;
}

static size_t chunks_held(struct world *w, struct principal *p)
{
    world_refresh(w, p);
    struct index_entry *open = indexes_open(w->app.indexes, &p->tenant, NULL);
    assert_non_null(open);
    size_t chunks = lexical_chunks(index_lexical(open));
    indexes_close(w->app.indexes, open);
    return chunks;
}

static void a_large_index_is_built_anew_when_a_third_is_dead(void **state)
{
    (void)state;
    struct world *w = world_new(PLENTY);
    struct principal p = world_tenant(w);
    add_many(w, &p, "apple");
    struct world_id b = add_many(w, &p, "bread"), c = add_many(w, &p, "cider");
    world_add(w, &p, &(struct world_document){.name = "d", .text = "A dumpling."});
    assert_found(w, &p, "bread", "bread");
    size_t before = bytes_held(w);
    world_delete(w, &p, b);
    assert_found(w, &p, "bread", "");
    assert_int_equal(indexes_renewed(w->app.indexes), 0); /* a third is not more than a third */
    world_replace(w, &p, c, "Something short.");
    assert_found(w, &p, "cider", "cider"); /* its name */
    wait_until_renewed(w, 1);
    assert_true(bytes_held(w) < before / 2);
    assert_int_equal(chunks_held(w, &p), MANY + 2);
    assert_found(w, &p, "bread", "");
    assert_found(w, &p, "short", "cider");
    assert_found(w, &p, "dumpling", "d");
    world_add(w, &p, &(struct world_document){.name = "e", .text = "An egg."});
    assert_found(w, &p, "egg", "e");
    assert_int_equal(indexes_renewed(w->app.indexes), 1);
    world_free(w);
}

static void a_server_stops_while_an_index_is_built_anew(void **state)
{
    (void)state;
    struct world *w = world_new(PLENTY);
    struct principal p = world_tenant(w);
    struct world_id a = add_many(w, &p, "apple"), b = add_many(w, &p, "bread");
    add_many(w, &p, "cider");
    assert_found(w, &p, "bread", "bread");
    world_delete(w, &p, a);
    world_delete(w, &p, b);
    assert_found(w, &p, "cider", "cider");
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
        cmocka_unit_test(a_large_index_is_built_anew_when_a_third_is_dead),
        cmocka_unit_test(a_server_stops_while_an_index_is_built_anew),
        cmocka_unit_test(searches_and_updates_side_by_side),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
