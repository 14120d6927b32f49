/* Retrieval: filters, copies, scores, languages, highlights. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "answer_world.h"
#include "base/json.h"
#include "base/utf8.h"

enum { ARENA_BYTES = 16 << 20, PLENTY = 1 << 30 };

struct fixture {
    struct world *w;
    struct principal p;
    struct arena *arena;
    struct world_id red, blue, green;
};

static int set_up(void **state)
{
    static struct fixture f;
    f = (struct fixture){.w = world_new(PLENTY), .arena = arena_new(ARENA_BYTES)};
    f.p = world_tenant(f.w);
    f.red = world_add(f.w, &f.p,
                      &(struct world_document){
                          .name = "red", .text = "The warranty of the red kettle lasts two years.", .metadata = "{\"product\":\"kettle\",\"year\":2024}"});
    f.blue = world_add(f.w, &f.p,
                       &(struct world_document){.name = "blue",
                                                .text = "The warranty of the blue toaster lasts three years and covers the cord, the lever and the plate.",
                                                .metadata = "{\"product\":\"toaster\"}"});
    f.green = world_add(f.w, &f.p, &(struct world_document){.name = "green", .text = "The warranty of the green lamp lasts one year.", .collection = "lamps"});
    *state = &f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    arena_free(f->arena);
    world_free(f->w);
    return 0;
}

static struct retrieve_query ask(const char *text)
{
    return (struct retrieve_query){.text = span_of(text), .top_k = 5};
}

static bool same_names(const char *found, const char *a, const char *b, const char *c)
{
    size_t n = 0;
    const char *names[] = {a, b, c};
    for (size_t i = 0; i < 3; i++) {
        if (names[i] && !strstr(found, names[i]))
            return false;
        n += names[i] ? strlen(names[i]) + 1 : 0;
    }
    return strlen(found) + 1 == n;
}

static void everything_without_filters(void **state)
{
    struct fixture *f = *state;
    struct retrieve_query q = ask("warranty");
    assert_true(same_names(world_search(f->w, &f->p, &q, f->arena), "red", "blue", "green"));
    q.top_k = 2;
    assert_int_equal(strlen(strchr(world_search(f->w, &f->p, &q, f->arena), ' ')) > 1, true);
}

static void by_document(void **state)
{
    struct fixture *f = *state;
    struct span ids[] = {span_of(f->green.public_id), SPAN("doc_unknown"), span_of(f->red.public_id)};
    struct retrieve_query q = ask("warranty");
    q.document_ids = ids;
    q.document_count = 3;
    assert_true(same_names(world_search(f->w, &f->p, &q, f->arena), "red", "green", NULL));
    q.document_ids = &ids[1];
    q.document_count = 1;
    assert_string_equal(world_search(f->w, &f->p, &q, f->arena), "");
}

static void anothers_document_matches_nothing(void **state)
{
    struct fixture *f = *state;
    struct principal other = world_tenant(f->w);
    struct span ids[] = {span_of(f->green.public_id)};
    struct retrieve_query q = ask("warranty");
    q.document_ids = ids;
    q.document_count = 1;
    assert_string_equal(world_search(f->w, &other, &q, f->arena), "");
}

static void assert_by_metadata(struct fixture *f, const char *filter, const char *names)
{
    char why[80];
    json_t *metadata = json_read(span_of(filter), why, sizeof why);
    struct retrieve_query q = ask("warranty");
    q.metadata = metadata;
    assert_string_equal(world_search(f->w, &f->p, &q, f->arena), names);
    json_decref(metadata);
}

static void by_metadata(void **state)
{
    struct fixture *f = *state;
    assert_by_metadata(f, "{\"product\":\"kettle\"}", "red");
    assert_by_metadata(f, "{\"product\":\"kettle\",\"year\":2024}", "red");
    assert_by_metadata(f, "{\"product\":\"kettle\",\"year\":2023}", "");
    assert_by_metadata(f, "{\"product\":\"toaster\"}", "blue");
    assert_by_metadata(f, "{\"product\":null}", "");
}

static void by_collection(void **state)
{
    struct fixture *f = *state;
    struct retrieve_query q = ask("warranty");
    q.collection = SPAN("lamps");
    assert_string_equal(world_search(f->w, &f->p, &q, f->arena), "green");
    q.collection = SPAN("no such");
    assert_string_equal(world_search(f->w, &f->p, &q, f->arena), "not found");
}

static void a_bound_key_stays_in_its_collection(void **state)
{
    struct fixture *f = *state;
    struct retrieve_query q = ask("warranty");
    f->p.collection_id = world_collection(f->w, &f->p, "lamps");
    assert_string_equal(world_search(f->w, &f->p, &q, f->arena), "green");
    q.collection = SPAN("lamps");
    assert_string_equal(world_search(f->w, &f->p, &q, f->arena), "green");
    q.collection = SPAN("default");
    assert_string_equal(world_search(f->w, &f->p, &q, f->arena), "not found");
    struct span ids[] = {span_of(f->red.public_id)};
    q = ask("warranty");
    q.document_ids = ids;
    q.document_count = 1;
    assert_string_equal(world_search(f->w, &f->p, &q, f->arena), "");
}

static void scores_fall_and_copies_go(void **state)
{
    struct fixture *f = *state;
    struct passages found;
    struct retrieve_query q = ask("Which warranty covers the toaster lever?");
    world_add(f->w, &f->p, &(struct world_document){.name = "copy", .text = "The warranty of the red kettle lasts two years."});
    world_refresh(f->w, &f->p);
    assert_true(retrieve(&f->w->app, &f->p, &q, f->arena, &found, NULL));
    assert_int_equal(found.count, 3);
    for (size_t i = 0; i < found.count; i++) {
        assert_true(found.list[i].score > 0 && found.list[i].score <= 1);
        assert_true(i == 0 || found.list[i].score <= found.list[i - 1].score);
    }
    assert_true(span_eq(found.list[0].document_name, SPAN("blue")));
    assert_true(found.coverage > 0.9);
}

static void nothing_to_search_for(void **state)
{
    struct fixture *f = *state;
    const char *const empty[] = {"what is the", "?!", " ", "xylophone"};
    for (size_t i = 0; i < sizeof empty / sizeof *empty; i++) {
        struct retrieve_query q = ask(empty[i]);
        assert_string_equal(world_search(f->w, &f->p, &q, f->arena), "");
    }
}

/* The German document was stemmed in German, so its word is found although most documents are English. */
static void languages_side_by_side(void **state)
{
    struct fixture *f = *state;
    world_add(f->w, &f->p, &(struct world_document){.name = "german", .text = "Die Bestellungen werden montags ausgeliefert.", .language = "de"});
    struct retrieve_query q = ask("Wann wird eine Bestellung ausgeliefert?");
    assert_string_equal(world_search(f->w, &f->p, &q, f->arena), "german");
    q = ask("How long does the warranty of the kettle last?");
    assert_int_equal(strncmp(world_search(f->w, &f->p, &q, f->arena), "red", 3), 0);
}

static void highlights_are_the_words_of_the_query(void **state)
{
    struct fixture *f = *state;
    world_add(f->w, &f->p, &(struct world_document){.name = "cafe", .text = "Café „Ümlaut“ roasts its own beans. Roasting takes an hour."});
    world_refresh(f->w, &f->p);
    struct retrieve_query q = ask("roasted bean");
    struct passages found;
    q.highlights = true;
    assert_true(retrieve(&f->w->app, &f->p, &q, f->arena, &found, NULL));
    assert_int_equal(found.count, 1);
    const struct text_range *ranges = found.matches[0].highlights;
    size_t count = found.matches[0].highlight_count;
    const char *const expected[] = {"roasts", "beans", "Roasting"};
    struct span text = found.list[0].chunk.text;
    assert_int_equal(count, 3);
    for (size_t i = 0; i < count; i++) {
        size_t start = utf8_offset(text, (size_t)ranges[i].start), end = utf8_offset(text, (size_t)ranges[i].end);
        assert_true(span_eq((struct span){text.p + start, end - start}, span_of(expected[i])));
    }
}

/* A text out of few words, so that many score nearly alike and documents hold several passages of the same worth. */
/* The documents hold the same words as often, so only where they stand tells them apart. */
static void words_near_each_other_count(void **state)
{
    struct fixture *f = *state;
    world_add(f->w, &f->p, &(struct world_document){.name = "apart", .text = "The ticket is early, and trains reach the office."});
    world_add(f->w, &f->p, &(struct world_document){.name = "turned", .text = "The office ticket is early, and the trains reach."});
    world_add(f->w, &f->p, &(struct world_document){.name = "near", .text = "The ticket office is early, and the trains reach."});
    static const struct {
        const char *query, *first, *last; /* NULL: any, of equals */
    } cases[] = {
        {"ticket office", NULL, "apart"},      {"\"ticket office\"", "near", NULL},   {"trains to the \xE2\x80\x9Cticket office\xE2\x80\x9D", "near", NULL},
        {"\"office ticket\"", "turned", NULL}, {"\"ticket is early\"", NULL, "near"}, {"\"ticket office", NULL, "apart"}, /* no quotation: it does not end */
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct retrieve_query q = ask(cases[i].query);
        const char *names = world_search(f->w, &f->p, &q, f->arena);
        if (cases[i].first)
            assert_int_equal(strncmp(names, cases[i].first, strlen(cases[i].first)), 0);
        if (cases[i].last)
            assert_string_equal(strrchr(names, ' ') + 1, cases[i].last);
    }
}

/* With so many documents that the one with the phrase is not among the first by its words. */
static void a_quotation_is_found_far_down(void **state)
{
    struct fixture *f = *state;
    char name[16], text[32];
    for (int i = 0; i < 30; i++) {
        snprintf(name, sizeof name, "short%d", i);
        snprintf(text, sizeof text, "Office ticket %d.", i);
        world_add(f->w, &f->p, &(struct world_document){.name = name, .text = text});
    }
    world_add(f->w, &f->p, &(struct world_document){.name = "long", .text = "Early in the morning the ticket office opens its seven grey doors to everybody."});
    struct retrieve_query q = ask("\"ticket office\"");
    assert_int_equal(strncmp(world_search(f->w, &f->p, &q, f->arena), "long", 4), 0);
}

static void a_misspelt_word_finds_its_neighbour(void **state)
{
    struct fixture *f = *state;
    world_add(f->w, &f->p, &(struct world_document){.name = "rooms", .text = "Accommodation is booked by the travel desk under code AB-1234."});
    static const struct {
        const char *query, *names;
    } cases[] = {
        {"accomodation", "rooms"}, /* one letter left out */
        {"acomodation", "rooms"},  /* two edits in a long word */
        {"tarvel", "rooms"},       /* exchanged */
        {"wrrnty", ""},            /* two edits are too many for a short word */
        {"dsk", ""},               /* so is one for three letters */
        {"AB-1243", "rooms"},      /* a number is what it says: found by AB alone */
        {"1243", ""},
        {"red kettel", "red"},
        {"warranty of the red ketle", "red blue green"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct retrieve_query q = ask(cases[i].query);
        const char *names = world_search(f->w, &f->p, &q, f->arena);
        if (strncmp(names, cases[i].names, strcspn(cases[i].names, " ")) != 0 || !names[0] != !cases[i].names[0])
            fail_msg("%s: %s", cases[i].query, names);
    }
}

static void add_babble(struct fixture *f, int number)
{
    static const char *const words[] = {"warranty", "kettle", "toaster", "lamp", "cord", "lever", "plate", "bulb", "switch", "heater"};
    char text[4096];
    size_t n = 0;
    unsigned state = (unsigned)number * 2654435761u + 1;
    for (int part = 0; part < 1 + number % 5; part++) {
        n += (size_t)snprintf(text + n, sizeof text - n, "# Part %d of %d\n", part, number);
        for (int i = 0; i < 12; i++) {
            state = state * 1664525u + 1013904223u;
            n += (size_t)snprintf(text + n, sizeof text - n, "%s ", words[(state >> 20) % 10]);
        }
        n += (size_t)snprintf(text + n, sizeof text - n, "\n");
    }
    char name[16];
    snprintf(name, sizeof name, "d%d", number);
    world_add(f->w, &f->p, &(struct world_document){.name = name, .text = text});
}

static void a_short_list_is_the_beginning_of_a_long_one(void **state)
{
    struct fixture *f = *state;
    for (int i = 0; i < 160; i++)
        add_babble(f, i);
    world_refresh(f->w, &f->p);
    for (int spread = 0; spread < 2; spread++) {
        struct passages all, some;
        struct retrieve_query q = ask("kettle cord of the heater with a switch");
        q.mode = RETRIEVE_LEXICAL;
        q.spread = spread;
        q.top_k = 100;
        assert_true(retrieve(&f->w->app, &f->p, &q, f->arena, &all, NULL));
        assert_int_equal(all.count, 100);
        for (q.top_k = 1; q.top_k < 40; q.top_k += 4) {
            assert_true(retrieve(&f->w->app, &f->p, &q, f->arena, &some, NULL));
            assert_int_equal(some.count, q.top_k);
            for (size_t i = 0; i < some.count; i++)
                assert_true(some.matches[i].fused == all.matches[i].fused);
        }
    }
}

static void groups_hold_the_best_of_each_document(void **state)
{
    struct fixture *f = *state;
    struct passages found;
    for (int i = 0; i < 60; i++)
        add_babble(f, i);
    world_refresh(f->w, &f->p);
    struct retrieve_query q = ask("kettle cord of the heater with a switch");
    q.group_size = 2;
    q.top_k = 20;
    assert_true(retrieve(&f->w->app, &f->p, &q, f->arena, &found, NULL));
    size_t documents = 0;
    for (size_t i = 0; i < found.count; i++) {
        size_t before = 0;
        for (size_t k = 0; k < i; k++)
            before += found.list[k].document_id == found.list[i].document_id;
        assert_true(before < 2);
        documents += before == 0;
        assert_true(i == 0 || found.list[i].score <= found.list[i - 1].score);
    }
    assert_int_equal(documents, 20);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        CASE(everything_without_filters),
        CASE(by_document),
        CASE(anothers_document_matches_nothing),
        CASE(by_metadata),
        CASE(by_collection),
        CASE(nothing_to_search_for),
        CASE(a_bound_key_stays_in_its_collection),
        CASE(scores_fall_and_copies_go),
        CASE(languages_side_by_side),
        CASE(a_short_list_is_the_beginning_of_a_long_one),
        CASE(groups_hold_the_best_of_each_document),
        CASE(highlights_are_the_words_of_the_query),
        CASE(words_near_each_other_count),
        CASE(a_misspelt_word_finds_its_neighbour),
        CASE(a_quotation_is_found_far_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
