/* Hybrid search from upload to hits, with a fake encoder: both legs, modes, gate, removal, and documents without vectors. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "app/documents.h"
#include "app/fusion.h"
#include "base/buf.h"
#include "meaning_world.h"

static void add_library(struct world *w)
{
    world_add(w, "holidays", "Our office is closed on bank holidays.");
    world_add(w, "parking", "A garage for your car is next door.");
    world_add(w, "tea", "Green leaves are steeped for three minutes.");
}

static void meaning_finds_what_words_do_not(void **state)
{
    struct world *w = *state;
    add_library(w);
    assert_string_equal(world_names(w, "Do you work during vacation?", RETRIEVE_HYBRID), "holidays ");
    assert_string_equal(world_names(w, "Do you work during vacation?", RETRIEVE_SEMANTIC), "holidays ");
    assert_string_equal(world_names(w, "Do you work during vacation?", RETRIEVE_LEXICAL), "");
    assert_string_equal(world_names(w, "leaves", RETRIEVE_HYBRID), "tea ");
    assert_string_equal(world_names(w, "leaves", RETRIEVE_SEMANTIC), "");
    assert_string_equal(world_names(w, "zymurgy", RETRIEVE_HYBRID), "");
}

static void every_hit_has_both_scores(void **state)
{
    struct world *w = *state;
    struct passages found;
    add_library(w);
    world_add(w, "both", "The price of a holiday.");
    world_search(w, "holiday price", RETRIEVE_HYBRID, &found);
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
    world_search(w, "holiday price", RETRIEVE_LEXICAL, &words);
    world_search(w, "holiday price", RETRIEVE_SEMANTIC, &meaning);
    assert_float_equal((float)(words.matches[0].fused - 0.2), (float)found.matches[0].lexical, 1e-6);
    assert_true(found.matches[0].nearness == 1 && found.matches[1].nearness == 0); /* "price of a holiday" */
    assert_float_equal(meaning.matches[0].fused, found.matches[0].dense, 1e-9);
    assert_float_equal(meaning.matches[0].lexical, found.matches[0].lexical, 1e-9);
}

static void a_word_of_the_title_counts_twice(void **state)
{
    struct world *w = *state;
    world_add(w, "alpha notes", "Oolong steeps briefly.");
    world_add(w, "oolong notes", "Alpha steeps briefly.");
    assert_string_equal(world_names(w, "oolong", RETRIEVE_LEXICAL), "oolong notes alpha notes ");
    assert_string_equal(world_names(w, "alpha", RETRIEVE_LEXICAL), "alpha notes oolong notes ");
}

static void where_the_model_is_a_stranger_words_decide(void **state)
{
    struct world *w = *state;
    struct passages found;
    world_add(w, "a", "Urlaub Donaudampfschifffahrtsgesellschaft Versicherungsangelegenheiten");
    world_add(w, "b", "Kaffeemaschinenbedienungsanleitung Reinigungsvorschriften");
    world_search(w, "vacation Reinigungsvorschriften", RETRIEVE_HYBRID, &found);
    assert_int_equal(found.count, 1);
    assert_true(found.weight == 0 && found.matches[0].fused == found.matches[0].lexical);
    assert_true(span_eq(found.list[0].document_name, SPAN("b")));
    assert_string_equal(world_names(w, "vacation", RETRIEVE_HYBRID), "");
    assert_string_equal(world_names(w, "vacation", RETRIEVE_SEMANTIC), "a ");
}

static void vectors_go_with_their_document(void **state)
{
    struct world *w = *state;
    struct problem problem = {0};
    struct document_row row = world_add(w, "parking", "A garage is next door.");
    assert_string_equal(world_names(w, "car", RETRIEVE_HYBRID), "parking ");
    assert_true(documents_delete(w->app, &w->by, span_of(row.public_id), &problem));
    assert_string_equal(world_names(w, "car", RETRIEVE_HYBRID), "");
}

/* Both others share one notion of the question and are as near to it; the one that also shares the best passage's other notion comes first. */
static void what_is_near_to_the_best_passage_comes_first(void **state)
{
    struct world *w = *state;
    struct passages found;
    world_add(w, "apart", "Garage office money.");
    world_add(w, "akin", "Vacation office money.");
    world_add(w, "best", "Holiday work.");
    world_search(w, "holiday parking", RETRIEVE_HYBRID, &found);
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
    world_add(w, "long", buf_cstr(&text));
    buf_clear(&text);
    buf_str(&text, "The garage opens at nine.");
    for (int i = 0; i < 44; i++)
        buf_printf(&text, " Leaf 2%d is green.", i);
    world_add(w, "other", buf_cstr(&text));
    buf_free(&text);
    struct retrieve_query query = {.text = SPAN("garage"), .top_k = 5};
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
    struct document_row parking = world_add(w, "parking", "A garage is next door.");
    world_add(w, "other", "Another garage is far away.");
    struct span ids[] = {span_of(parking.public_id)};
    struct retrieve_query query = {.text = SPAN("car"), .top_k = 5, .document_ids = ids, .document_count = 1};
    assert_true(retrieve(w->app, &w->by, &query, w->arena, &found, &problem));
    assert_int_equal(found.count, 1);
    assert_true(found.list[0].document_id == parking.document_id);
}

static void missing_vectors_are_made(void **state)
{
    struct world *w = *state;
    struct problem problem = {0};
    world_stop(w);
    world_start(w, NULL);
    struct document_row before = world_add(w, "parking", "A garage is next door.");
    assert_string_equal(world_names(w, "garage", RETRIEVE_HYBRID), "parking ");
    assert_string_equal(world_names(w, "car", RETRIEVE_SEMANTIC), ""); /* no model: by words */
    world_stop(w);
    world_start(w, "fake-1");
    assert_string_equal(world_names(w, "garage", RETRIEVE_HYBRID), "parking "); /* found by words meanwhile */
    world_until_found(w, "car", "parking ");
    struct document_row after;
    assert_true(documents_get(w->app, &w->by, span_of(before.public_id), w->arena, &after, &problem));
    assert_string_equal(after.status, "completed");
    assert_true(after.version == before.version && after.chunks == before.chunks && after.seq > before.seq);
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_WORLD(meaning_finds_what_words_do_not),   IN_WORLD(every_hit_has_both_scores),
        IN_WORLD(a_word_of_the_title_counts_twice),  IN_WORLD(where_the_model_is_a_stranger_words_decide),
        IN_WORLD(vectors_go_with_their_document),    IN_WORLD(a_spread_list_shows_more_documents),
        IN_WORLD(filters_hold_for_both_legs),        IN_WORLD(missing_vectors_are_made),
        IN_WORLD(a_model_that_is_not_there_is_said), IN_WORLD(what_is_near_to_the_best_passage_comes_first),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
