/* Hybrid search from upload to hits, with a fake encoder: both legs, modes, gate, removal, and documents that lack vectors of the model in use. */
#include <setjmp.h>
#include <sodium.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "app/documents.h"
#include "app/embedder.h"
#include "app/fusion.h"
#include "app/ingest.h"
#include "app/retrieve.h"
#include "base/buf.h"
#include "base/log.h"
#include "store/account.h"

struct world {
    char folder[64], path[96];
    struct app_config config;
    struct db *db;
    struct app *app;
    struct principal by;
    struct arena *arena;
};

static enum db_status add_tenant(struct db_conn *c, void *context)
{
    const struct world *w = context;
    struct tenant_row row = {.public_id = "ten_1", .name = SPAN("Test"), .status = "active"};
    int64_t collection;
    bool found;
    enum db_status status = store_tenant_insert(&w->by.tenant, c, &row);
    return status == DB_OK ? store_collection_by_name(&w->by.tenant, c, SPAN("default"), true, 1, &collection, &found) : status;
}

static void start(struct world *w, const char *model)
{
    char why[300] = "";
    w->db = db_open(&db_sqlite, w->path, NULL, why, sizeof why);
    if (!w->db || !db_migrate(w->db, why, sizeof why))
        fail_msg("%s", why);
    w->config.model = model;
    w->app = app_new(&w->config, w->db, why, sizeof why);
    if (!w->app)
        fail_msg("%s", why);
}

static void stop(struct world *w)
{
    app_free(w->app);
    db_close(w->db);
}

static int open_world(void **state)
{
    struct world *w = calloc(1, sizeof *w);
    assert_non_null(w);
    assert_true(sodium_init() >= 0);
    log_set_level(LOG_ERROR);
    snprintf(w->folder, sizeof w->folder, "%s/hybrid-XXXXXX", P_tmpdir);
    assert_non_null(mkdtemp(w->folder));
    snprintf(w->path, sizeof w->path, "%s/test.db", w->folder);
    w->config = app_default_config;
    w->config.spool_dir = w->folder;
    w->by = (struct principal){.tenant = {.id = 77}, .actor = "key_1", .scopes = SCOPE_DEFAULT};
    w->arena = arena_new(64 << 20);
    start(w, "fake-1");
    assert_int_equal(db_transact(w->db, add_tenant, w), DB_OK);
    *state = w;
    return 0;
}

static int close_world(void **state)
{
    static const char *const names[] = {"", "-wal", "-shm", ".lock"};
    struct world *w = *state;
    char name[128];
    stop(w);
    arena_free(w->arena);
    for (size_t i = 0; i < 4; i++) {
        snprintf(name, sizeof name, "%s%s", w->path, names[i]);
        unlink(name);
    }
    rmdir(w->folder);
    free(w);
    return 0;
}

static void pause_shortly(void)
{
    nanosleep(&(struct timespec){.tv_nsec = 5000000}, NULL);
}

/* Adds a text and waits until it is searchable. */
static struct document_row add(struct world *w, const char *name, const char *content)
{
    struct document_row row;
    enum accepted how;
    struct problem problem = {0};
    struct upload upload = {.fd = -1, .filename = span_of(name), .text = span_of(content)};
    assert_true(ingest_accept(w->app, &w->by, &upload, w->arena, &row, &how, &problem));
    for (int tries = 0; tries < 4000 && strcmp(row.status, "completed") != 0; tries++) {
        pause_shortly();
        assert_true(documents_get(w->app, &w->by, span_of(row.public_id), w->arena, &row, &problem));
    }
    assert_string_equal(row.status, "completed");
    return row;
}

static enum db_status read_seq(struct db_conn *c, void *context)
{
    struct world *w = context;
    return store_tenant_seq(&w->by.tenant, c, &w->by.tenant.index_seq);
}

static void search(struct world *w, const char *text, enum retrieve_mode mode, struct passages *found)
{
    struct problem problem = {0};
    struct retrieve_query query = {.text = span_of(text), .top_k = 5, .mode = mode};
    assert_int_equal(db_snapshot(w->db, read_seq, w), DB_OK);
    if (!retrieve(w->app, &w->by, &query, w->arena, found, &problem))
        fail_msg("%s", problem.detail);
}

/* The names found, in order, each with a space behind it. */
static const char *names(struct world *w, const char *text, enum retrieve_mode mode)
{
    struct passages found;
    struct buf b;
    search(w, text, mode, &found);
    buf_init(&b, 4096);
    for (size_t i = 0; i < found.count; i++)
        buf_printf(&b, "%.*s ", SPAN_ARG(found.list[i].document_name));
    char *copy = arena_cstr(w->arena, buf_view(&b));
    buf_free(&b);
    return copy;
}

static void add_library(struct world *w)
{
    add(w, "holidays", "Our office is closed on bank holidays.");
    add(w, "parking", "A garage for your car is next door.");
    add(w, "tea", "Green leaves are steeped for three minutes.");
}

static void meaning_finds_what_words_do_not(void **state)
{
    struct world *w = *state;
    add_library(w);
    assert_string_equal(names(w, "Do you work during vacation?", RETRIEVE_HYBRID), "holidays ");
    assert_string_equal(names(w, "Do you work during vacation?", RETRIEVE_SEMANTIC), "holidays ");
    assert_string_equal(names(w, "Do you work during vacation?", RETRIEVE_LEXICAL), "");
    assert_string_equal(names(w, "leaves", RETRIEVE_HYBRID), "tea ");
    assert_string_equal(names(w, "leaves", RETRIEVE_SEMANTIC), "");
    assert_string_equal(names(w, "zymurgy", RETRIEVE_HYBRID), "");
}

static void every_hit_has_both_scores(void **state)
{
    struct world *w = *state;
    struct passages found;
    add_library(w);
    add(w, "both", "The price of a holiday.");
    search(w, "holiday price", RETRIEVE_HYBRID, &found);
    assert_int_equal(found.count, 2); /* "holidays" has the stem and one of two notions */
    assert_float_equal(found.weight, fusion_dense_weight, 1e-9);
    assert_true(span_eq(found.list[0].document_name, SPAN("both")));
    for (size_t i = 0; i < found.count; i++) {
        const struct passage_match *m = &found.matches[i];
        assert_true(m->lexical > 0 && m->dense > 0);
        double fused = fusion_score(found.weight, m->meaning, m->lexical, m->coverage) + (1 - found.weight) * 0.2 * m->nearness;
        assert_float_equal(m->fused, fused, 1e-6);
        assert_true(m->meaning <= found.matches[0].dense + 1e-6);
        assert_true(found.list[i].score > 0 && found.list[i].score <= 1 && (i == 0 || found.list[i].score <= found.list[i - 1].score));
    }
    struct passages words, meaning;
    search(w, "holiday price", RETRIEVE_LEXICAL, &words);
    search(w, "holiday price", RETRIEVE_SEMANTIC, &meaning);
    assert_float_equal((float)(words.matches[0].fused - 0.2), (float)found.matches[0].lexical, 1e-6);
    assert_true(found.matches[0].nearness == 1 && found.matches[1].nearness == 0); /* "price of a holiday" */
    assert_float_equal(meaning.matches[0].fused, found.matches[0].dense, 1e-9);
    assert_float_equal(meaning.matches[0].lexical, found.matches[0].lexical, 1e-9);
}

static void a_word_of_the_title_counts_twice(void **state)
{
    struct world *w = *state;
    add(w, "alpha notes", "Oolong steeps briefly.");
    add(w, "oolong notes", "Alpha steeps briefly.");
    assert_string_equal(names(w, "oolong", RETRIEVE_LEXICAL), "oolong notes alpha notes ");
    assert_string_equal(names(w, "alpha", RETRIEVE_LEXICAL), "alpha notes oolong notes ");
}

static void where_the_model_is_a_stranger_words_decide(void **state)
{
    struct world *w = *state;
    struct passages found;
    add(w, "a", "Urlaub Donaudampfschifffahrtsgesellschaft Versicherungsangelegenheiten");
    add(w, "b", "Kaffeemaschinenbedienungsanleitung Reinigungsvorschriften");
    search(w, "vacation Reinigungsvorschriften", RETRIEVE_HYBRID, &found);
    assert_int_equal(found.count, 1);
    assert_true(found.weight == 0 && found.matches[0].fused == found.matches[0].lexical);
    assert_true(span_eq(found.list[0].document_name, SPAN("b")));
    assert_string_equal(names(w, "vacation", RETRIEVE_HYBRID), "");
    assert_string_equal(names(w, "vacation", RETRIEVE_SEMANTIC), "a ");
}

static void vectors_go_with_their_document(void **state)
{
    struct world *w = *state;
    struct problem problem = {0};
    struct document_row row = add(w, "parking", "A garage is next door.");
    assert_string_equal(names(w, "car", RETRIEVE_HYBRID), "parking ");
    assert_true(documents_delete(w->app, &w->by, span_of(row.public_id), &problem));
    assert_string_equal(names(w, "car", RETRIEVE_HYBRID), "");
}

/* Both others share one notion of the question and are as near to it; the one that also shares the best passage's other notion comes first. */
static void what_is_near_to_the_best_passage_comes_first(void **state)
{
    struct world *w = *state;
    struct passages found;
    add(w, "apart", "Garage office money.");
    add(w, "akin", "Vacation office money.");
    add(w, "best", "Holiday work.");
    search(w, "holiday parking", RETRIEVE_HYBRID, &found);
    assert_int_equal(found.count, 3);
    assert_true(span_eq(found.list[1].document_name, SPAN("akin")));
    assert_float_equal(found.matches[1].dense, found.matches[2].dense, 1e-6);
    assert_true(found.matches[1].meaning > found.matches[2].meaning + 0.05 && found.matches[1].fused > found.matches[2].fused + 0.03);
}

/* Two chunks of one document, each a little better than that of another: spread, the other comes second. */
static void a_spread_list_shows_more_documents(void **state)
{
    struct world *w = *state;
    struct passages found;
    struct problem problem = {0};
    struct buf text;
    buf_init(&text, 1 << 16);
    for (int chunk = 0; chunk < 2; chunk++) {
        buf_printf(&text, "The garage opens at %d.", chunk + 7);
        for (int i = 0; i < 40; i++)
            buf_printf(&text, " Leaf %d%d is green.", chunk, i);
        buf_str(&text, "\n\n");
    }
    add(w, "long", buf_cstr(&text));
    buf_clear(&text);
    buf_str(&text, "The garage opens at nine.");
    for (int i = 0; i < 44; i++)
        buf_printf(&text, " Leaf 2%d is green.", i);
    add(w, "other", buf_cstr(&text));
    buf_free(&text);
    struct retrieve_query query = {.text = SPAN("garage"), .top_k = 5};
    assert_int_equal(db_snapshot(w->db, read_seq, w), DB_OK);
    assert_true(retrieve(w->app, &w->by, &query, w->arena, &found, &problem));
    assert_int_equal(found.count, 3);
    assert_true(span_eq(found.list[2].document_name, SPAN("other")));
    query.spread = true;
    assert_true(retrieve(w->app, &w->by, &query, w->arena, &found, &problem));
    assert_int_equal(found.count, 3);
    assert_true(span_eq(found.list[1].document_name, SPAN("other")));
    assert_true(found.list[1].score <= found.list[0].score && found.list[2].score <= found.list[1].score);
}

static void filters_hold_for_both_legs(void **state)
{
    struct world *w = *state;
    struct passages found;
    struct problem problem = {0};
    struct document_row parking = add(w, "parking", "A garage is next door.");
    add(w, "other", "Another garage is far away.");
    struct span ids[] = {span_of(parking.public_id)};
    struct retrieve_query query = {.text = SPAN("car"), .top_k = 5, .document_ids = ids, .document_count = 1};
    assert_int_equal(db_snapshot(w->db, read_seq, w), DB_OK);
    assert_true(retrieve(w->app, &w->by, &query, w->arena, &found, &problem));
    assert_int_equal(found.count, 1);
    assert_true(found.list[0].document_id == parking.document_id);
}

/* Waits for the jobs that the search before has queued. */
static void until_found(struct world *w, const char *text, const char *expected)
{
    for (int tries = 0; tries < 4000 && strcmp(names(w, text, RETRIEVE_SEMANTIC), expected) != 0; tries++) {
        arena_reset(w->arena);
        pause_shortly();
    }
    assert_string_equal(names(w, text, RETRIEVE_SEMANTIC), expected);
}

static void missing_vectors_are_made_when_the_index_is_built(void **state)
{
    struct world *w = *state;
    struct problem problem = {0};
    stop(w);
    start(w, NULL);
    struct document_row before = add(w, "parking", "A garage is next door.");
    assert_string_equal(names(w, "garage", RETRIEVE_HYBRID), "parking ");
    assert_string_equal(names(w, "car", RETRIEVE_SEMANTIC), ""); /* no model: by words */
    stop(w);
    start(w, "fake-1");
    assert_string_equal(names(w, "garage", RETRIEVE_HYBRID), "parking "); /* found by words meanwhile */
    until_found(w, "car", "parking ");
    struct document_row after;
    assert_true(documents_get(w->app, &w->by, span_of(before.public_id), w->arena, &after, &problem));
    assert_string_equal(after.status, "completed");
    assert_true(after.version == before.version && after.chunks == before.chunks && after.seq > before.seq);
    stop(w);
    start(w, "fake-2"); /* vectors of different models are never compared */
    assert_string_equal(names(w, "car", RETRIEVE_SEMANTIC), "");
    until_found(w, "car", "parking ");
}

static void a_model_that_is_not_there_is_said(void **state)
{
    struct world *w = *state;
    char why[300] = "";
    struct app_config config = w->config;
    config.model = "nowhere";
    assert_null(app_new(&config, w->db, why, sizeof why));
    assert_non_null(strstr(why, "nowhere"));
    assert_non_null(strstr(why, "script/bootstrap"));
    assert_non_null(strstr(why, "--model none"));
}

#define IN_WORLD(test) cmocka_unit_test_setup_teardown(test, open_world, close_world)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_WORLD(meaning_finds_what_words_do_not),   IN_WORLD(every_hit_has_both_scores),
        IN_WORLD(a_word_of_the_title_counts_twice),  IN_WORLD(where_the_model_is_a_stranger_words_decide),
        IN_WORLD(vectors_go_with_their_document),    IN_WORLD(a_spread_list_shows_more_documents),
        IN_WORLD(filters_hold_for_both_legs),        IN_WORLD(missing_vectors_are_made_when_the_index_is_built),
        IN_WORLD(a_model_that_is_not_there_is_said), IN_WORLD(what_is_near_to_the_best_passage_comes_first),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
