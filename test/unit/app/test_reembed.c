/* After a change of the encoder: old vectors answer until the new ones are complete, nothing is lost meanwhile, nothing is done twice, nothing is left
 * behind. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <pthread.h>

#include "app/documents.h"
#include "app/encoders.h"
#include "app/indexes.h"
#include "app/ingest.h"
#include "app/measures.h"
#include "app/reembed.h"
#include "base/log.h"
#include "fake_embed.h"
#include "meaning_world.h"

enum { DOCUMENTS = 100, TRIES = 4000 };

#define UNTIL(condition)                                                                                                                                       \
    do {                                                                                                                                                       \
        for (int tries = 0; tries < TRIES && !(condition); tries++)                                                                                            \
            world_pause();                                                                                                                                     \
        assert_true(condition);                                                                                                                                \
    } while (0)

static struct reembed_progress progress(const struct app *app)
{
    struct reembed_progress p;
    reembed_progress(app->reembed, &p);
    return p;
}

static int64_t count_rows(struct world *w, const struct db_statement *statement, const char *model)
{
    struct db_conn *c = db_acquire(w->db, DB_READ);
    struct db_stmt *s = db_prepare(c, statement);
    db_bind_int(s, 1, w->by.tenant.id);
    db_bind_text(s, 2, span_of(model));
    assert_int_equal(db_step(s), DB_ROW);
    int64_t count = db_int(s, 0);
    db_end(s);
    db_release(c);
    return count;
}

static int64_t vectors_of(struct world *w, const char *model)
{
    static const struct db_statement statement = {"test.vectors", "select count(*) from embedding where tenant_id = $1 and model = $2"};
    return count_rows(w, &statement, model);
}

static bool is_settled(struct world *w, const char *model)
{
    static const struct db_statement statement = {"test.settled", "select count(*) from tenant_model where tenant_id = $1 and model = $2 and settled = 1"};
    return count_rows(w, &statement, model) == 1;
}

static void add_library(struct world *w)
{
    world_add(w, "holidays", "Our office is closed on bank holidays.");
    world_add(w, "doors", "A garage is next door.");
    world_add(w, "tea", "Green leaves are steeped for three minutes.");
}

/* Found by the meaning of a notion alone: no passage has the word. */
static void assert_meaning(struct world *w, const char *question, const char *expected)
{
    assert_string_equal(world_names(w, question, RETRIEVE_SEMANTIC), expected);
    assert_string_equal(world_names(w, question, RETRIEVE_HYBRID), expected);
    assert_string_equal(world_names(w, question, RETRIEVE_LEXICAL), "");
    arena_reset(w->arena);
}

static void old_vectors_answer_until_the_new_are_complete(void **state)
{
    struct world *w = *state;
    add_library(w);
    assert_meaning(w, "vacation", "holidays ");
    world_stop(w);
    fake_embed_gate("fake-2", 1);
    world_start(w, "fake-2");
    UNTIL(vectors_of(w, "fake-2") == 1);
    assert_meaning(w, "vacation", "holidays ");
    assert_int_equal(encoders_open_count(w->app->encoders), 2);
    assert_int_equal(progress(w->app).tenants, 1);
    assert_int_equal(progress(w->app).passages, 3);
    fake_embed_allow(1);
    UNTIL(vectors_of(w, "fake-2") == 2);
    assert_meaning(w, "vacation", "holidays ");
    assert_false(is_settled(w, "fake-2"));
    fake_embed_gate("", 0);
    for (int tries = 0; tries < TRIES && !is_settled(w, "fake-2"); tries++)
        assert_meaning(w, "vacation", "holidays "); /* at every moment */
    assert_true(is_settled(w, "fake-2"));
    assert_int_equal(vectors_of(w, "fake-1"), 0);
    assert_int_equal(vectors_of(w, "fake-2"), 3);
    for (int tries = 0; tries < TRIES && encoders_open_count(w->app->encoders) > 1; tries++)
        assert_meaning(w, "vacation", "holidays "); /* until the index has followed */
    assert_int_equal(encoders_open_count(w->app->encoders), 1);
    UNTIL(progress(w->app).tenants == 0);
    assert_meaning(w, "vacation", "holidays ");
}

static void what_is_uploaded_meanwhile_is_found_before_and_after(void **state)
{
    struct world *w = *state;
    add_library(w);
    world_stop(w);
    fake_embed_gate("fake-2", 1);
    world_start(w, "fake-2");
    UNTIL(vectors_of(w, "fake-2") == 1);
    world_add(w, "prices", "The price is low.");
    assert_int_equal(vectors_of(w, "fake-1"), 4);
    assert_int_equal(vectors_of(w, "fake-2"), 2);
    assert_meaning(w, "money", "prices ");
    fake_embed_gate("", 0);
    for (int tries = 0; tries < TRIES && !is_settled(w, "fake-2"); tries++)
        assert_meaning(w, "money", "prices ");
    assert_true(is_settled(w, "fake-2"));
    assert_int_equal(vectors_of(w, "fake-1"), 0);
    assert_int_equal(vectors_of(w, "fake-2"), 4);
    assert_meaning(w, "money", "prices ");
    world_stop(w);
    world_start(w, "fake-2");
    assert_meaning(w, "money", "prices ");
    assert_meaning(w, "vacation", "holidays ");
}

/* Between the vector of a question and its search. */
static void change_over(void *world)
{
    struct world *w = world;
    struct embedder *encoder;
    fake_embed_gate("", 0);
    UNTIL(is_settled(w, "fake-2"));
    for (int tries = 0; tries < TRIES; tries++) {
        world_names(w, "tea", RETRIEVE_LEXICAL); /* the index follows */
        assert_true(indexes_encoder(w->app->indexes, &w->by.tenant, &encoder, NULL));
        encoders_give(w->app->encoders, encoder);
        if (encoder == encoders_own(w->app->encoders))
            return;
        world_pause();
    }
    fail_msg("the index does not change over");
}

static void a_question_that_the_change_over_catches_is_found(void **state)
{
    struct world *w = *state;
    add_library(w);
    world_stop(w);
    fake_embed_gate("fake-2", 0);
    world_start(w, "fake-2");
    UNTIL(progress(w->app).passages == 3);
    fake_embed_on_question(change_over, w);
    assert_string_equal(world_names(w, "vacation", RETRIEVE_SEMANTIC), "holidays ");
    assert_true(is_settled(w, "fake-2"));
}

/* ---- a restart ---- */

struct closing {
    struct world *world;
    atomic_bool ended;
};

static void *end_server(void *context)
{
    struct closing *c = context;
    world_stop(c->world);
    atomic_store(&c->ended, true);
    return NULL;
}

/* Ends the server while its thread of vectors waits at the gate. */
static void stop_at_gate(struct world *w)
{
    struct closing c = {.world = w};
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, end_server, &c), 0);
    while (!atomic_load(&c.ended)) {
        for (int i = 0; i < 4 && !atomic_load(&c.ended); i++)
            world_pause();
        fake_embed_allow(1);
    }
    pthread_join(thread, NULL);
}

static void a_restart_goes_on_where_it_was(void **state)
{
    struct world *w = *state;
    for (int i = 0; i < DOCUMENTS; i++) {
        char name[16];
        snprintf(name, sizeof name, "d%d", i);
        world_add(w, name, i == 77 ? "The garage is shut." : "Nothing of note.");
    }
    world_stop(w);
    fake_embed_gate("fake-2", 7);
    world_start(w, "fake-2");
    UNTIL(fake_embed_made() == 7);
    stop_at_gate(w);
    size_t before = fake_embed_made();
    assert_true(before >= 7 && before < DOCUMENTS);
    fake_embed_gate("fake-2", DOCUMENTS);
    world_start(w, "fake-2");
    assert_meaning(w, "car", "d77 ");
    UNTIL(is_settled(w, "fake-2"));
    assert_int_equal(before + fake_embed_made(), DOCUMENTS);
    assert_meaning(w, "car", "d77 ");
    fake_embed_gate("", 0);
}

static void changing_back_in_the_middle_costs_nothing(void **state)
{
    struct world *w = *state;
    add_library(w);
    world_stop(w);
    fake_embed_gate("fake-2", 1);
    world_start(w, "fake-2");
    UNTIL(vectors_of(w, "fake-2") == 1);
    stop_at_gate(w);
    fake_embed_gate("fake-1", 0); /* would wait for ever, had it anything to make */
    world_start(w, "fake-1");
    assert_meaning(w, "vacation", "holidays ");
    UNTIL(is_settled(w, "fake-1"));
    assert_int_equal(vectors_of(w, "fake-2"), 0);
    assert_int_equal(vectors_of(w, "fake-1"), 3);
    assert_meaning(w, "vacation", "holidays ");
    fake_embed_gate("", 0);
}

/* ---- without the old weight file ---- */

static void without_the_old_weight_file_words_do_meanwhile(void **state)
{
    struct world *w = *state;
    add_library(w);
    world_stop(w);
    log_set_level(LOG_ERROR + 1); /* it warns */
    fake_embed_hide("fake-1");
    fake_embed_gate("fake-2", 0);
    world_start(w, "fake-2");
    assert_string_equal(world_names(w, "bank holidays", RETRIEVE_HYBRID), "holidays ");
    assert_string_equal(world_names(w, "vacation", RETRIEVE_HYBRID), "");
    fake_embed_gate("fake-2", 1); /* document by document */
    world_until_found(w, "vacation", "holidays ");
    assert_string_equal(world_names(w, "car", RETRIEVE_HYBRID), "");
    fake_embed_gate("", 0);
    world_until_found(w, "car", "doors ");
    UNTIL(is_settled(w, "fake-2"));
    assert_int_equal(vectors_of(w, "fake-1"), 0);
    assert_int_equal(encoders_open_count(w->app->encoders), 1);
    fake_embed_hide("");
    log_set_level(LOG_ERROR);
}

/* ---- what changes under its hands ---- */

static void a_document_that_is_replaced_meanwhile_keeps_its_new_vectors(void **state)
{
    struct world *w = *state;
    struct problem problem = {0};
    add_library(w);
    struct document_row going = world_add(w, "going", "Work is money.");
    world_stop(w);
    fake_embed_gate("fake-2", 0);
    world_start(w, "fake-2");
    UNTIL(progress(w->app).passages == 4);
    assert_true(documents_delete(w->app, &w->by, span_of(going.public_id), &problem));
    struct document_row row;
    enum accepted how;
    struct upload upload = {.fd = -1, .filename = SPAN("holidays"), .text = SPAN("Every price is fair."), .replace = true};
    assert_true(ingest_accept(w->app, &w->by, &upload, w->arena, &row, &how, &problem));
    UNTIL(documents_get(w->app, &w->by, span_of(row.public_id), w->arena, &row, &problem) && strcmp(row.status, "completed") == 0);
    fake_embed_gate("", 0); /* until then it has the old text in its hands */
    UNTIL(is_settled(w, "fake-2"));
    assert_meaning(w, "money", "holidays ");
    assert_meaning(w, "vacation", "");
    assert_int_equal(vectors_of(w, "fake-1"), 0);
    assert_int_equal(vectors_of(w, "fake-2"), 3);
}

static void vectors_that_no_encoder_made_are_made_later(void **state)
{
    struct world *w = *state;
    world_add(w, "tea", "Green leaves are steeped for three minutes.");
    world_stop(w);
    world_start(w, NULL);
    world_add(w, "parking", "A garage for your car is next door.");
    assert_string_equal(world_names(w, "pricing of garage", RETRIEVE_HYBRID), "parking ");
    world_stop(w);
    world_start(w, "fake-1");
    world_until_found(w, "parking", "parking "); /* nobody searched in between */
    UNTIL(is_settled(w, "fake-1"));
    assert_int_equal(vectors_of(w, "fake-1"), 2);
}

/* While the thread is at another company, and nothing is recorded of this one yet, uploads must not make it look as if it had changed over. */
static void a_company_in_the_queue_keeps_its_old_vectors(void **state)
{
    static const struct db_statement forget = {"test.forget", "delete from tenant_model where tenant_id > 0 and $1 = 0"};
    struct world *w = *state;
    int64_t second = w->by.tenant.id;
    world_stop(w);
    world_start(w, "fake-2");
    add_library(w);
    w->by.tenant.id = 5; /* comes first */
    world_add_tenant(w);
    add_library(w);
    world_stop(w);
    world_start(w, NULL);
    struct db_conn *c = db_acquire(w->db, DB_WRITE);
    struct db_stmt *s = db_prepare(c, &forget);
    db_bind_int(s, 1, 0);
    assert_int_equal(db_run(s, NULL), DB_OK);
    db_release(c);
    world_stop(w);
    fake_embed_gate("fake-1", 0);
    world_start(w, "fake-1"); /* whose name is the first in any order */
    UNTIL(progress(w->app).tenants == 2);
    w->by.tenant.id = second;
    for (int i = 0; i < 8; i++) {
        char name[16];
        snprintf(name, sizeof name, "d%d", i);
        world_add(w, name, "Nothing of note.");
        assert_meaning(w, "vacation", "holidays ");
    }
    fake_embed_gate("", 0);
    UNTIL(is_settled(w, "fake-1"));
    assert_meaning(w, "vacation", "holidays ");
    assert_int_equal(vectors_of(w, "fake-1"), 11);
}

/* ---- a cluster ---- */

static void nodes_of_different_encoders_follow_the_newest_start(void **state)
{
    struct world *w = *state;
    char why[300] = "";
    add_library(w);
    assert_meaning(w, "vacation", "holidays ");
    struct app *first = w->app;
    struct app_config config = w->config;
    config.model = "fake-2";
    fake_embed_gate("fake-2", 0);
    w->app = app_new(&config, w->db, why, sizeof why);
    assert_non_null(w->app);
    struct app *second = w->app;
    UNTIL(progress(second).passages == 3);
    assert_meaning(w, "vacation", "holidays ");
    w->app = first;
    assert_meaning(w, "vacation", "holidays ");
    fake_embed_gate("", 0);
    UNTIL(is_settled(w, "fake-2"));
    world_until_found(w, "vacation", "holidays "); /* the first node opens the other's file */
    world_add(w, "prices", "The price is low.");
    world_until_found(w, "money", "prices ");
    w->app = second;
    world_until_found(w, "money", "prices ");
    app_free(second);
    w->app = first;
    reembed_poke(first->reembed); /* it has the last word of nothing */
    UNTIL(is_settled(w, "fake-2"));
    assert_int_equal(vectors_of(w, "fake-2"), 4);
    assert_int_equal(vectors_of(w, "fake-1"), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_WORLD(old_vectors_answer_until_the_new_are_complete),
        IN_WORLD(what_is_uploaded_meanwhile_is_found_before_and_after),
        IN_WORLD(a_question_that_the_change_over_catches_is_found),
        IN_WORLD(a_restart_goes_on_where_it_was),
        IN_WORLD(changing_back_in_the_middle_costs_nothing),
        IN_WORLD(without_the_old_weight_file_words_do_meanwhile),
        IN_WORLD(a_document_that_is_replaced_meanwhile_keeps_its_new_vectors),
        IN_WORLD(vectors_that_no_encoder_made_are_made_later),
        IN_WORLD(a_company_in_the_queue_keeps_its_old_vectors),
        IN_WORLD(nodes_of_different_encoders_follow_the_newest_start),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
