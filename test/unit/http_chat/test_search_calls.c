/* /search through a fake exchange. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "app/accounts.h"
#include "base/utf8.h"
#include "chat_world.h"
#include "http/routes.h"

static int set_up(void **state)
{
    static struct company c;
    c = company_world();
    world_add(c.w, &c.p,
              &(struct world_document){
                  .name = "kettle", .text = "Die Übersicht – the warranty of the kettle lasts two years.", .metadata = "{\"product\":\"kettle\"}"});
    world_add(c.w, &c.p, &(struct world_document){.name = "lamp", .text = "The lamp has a warranty of one year.", .metadata = "{\"product\":\"lamp\"}"});
    *state = &c;
    return 0;
}

static int tear_down(void **state)
{
    company_world_free(*state);
    return 0;
}

static const char *name_of(const json_t *reply, size_t result)
{
    const char *name = json_string_value(json_object_get(json_array_get(json_object_get(reply, "results"), result), "document_name"));
    return name ? name : "";
}

static void assert_highlights(const json_t *result, const char *const *words, size_t count)
{
    struct span text = json_text(json_object_get(result, "text"));
    const json_t *list = json_object_get(result, "highlights");
    assert_int_equal(json_array_size(list), count);
    for (size_t i = 0; i < count; i++) {
        const json_t *range = json_array_get(list, i);
        size_t start = utf8_offset(text, (size_t)json_integer_value(json_object_get(range, "start")));
        size_t end = utf8_offset(text, (size_t)json_integer_value(json_object_get(range, "end")));
        assert_true(span_eq((struct span){text.p + start, end - start}, span_of(words[i])));
    }
}

static void results_with_highlights(void **state)
{
    struct company *c = *state;
    json_t *reply = company_json(c, call_search, "{\"query\": \"kettle warranties\"}", 200);
    const json_t *results = json_object_get(reply, "results");
    assert_int_equal(json_array_size(results), 2);
    assert_string_equal(name_of(reply, 0), "kettle");
    static const char *const members[] = {"document_id", "document_name", "similarity_score", "text", "page", "heading", "start", "end", "highlights"};
    for (size_t i = 0; i < sizeof members / sizeof *members; i++)
        assert_non_null(json_object_get(json_array_get(results, 0), members[i]));
    assert_highlights(json_array_get(results, 0), (const char *const[]){"warranty", "kettle"}, 2);
    assert_true(json_is_real(json_object_get(reply, "took_ms")));
    json_decref(reply);
}

static void filters_and_modes(void **state)
{
    struct company *c = *state;
    json_t *reply = company_json(c, call_search, "{\"query\": \"warranty\", \"filters\": {\"metadata\": {\"product\": \"lamp\"}}, \"mode\": \"lexical\"}", 200);
    assert_int_equal(json_array_size(json_object_get(reply, "results")), 1);
    assert_string_equal(name_of(reply, 0), "lamp");
    json_decref(reply);
    reply = company_json(c, call_search, "{\"query\": \"warranty\", \"filters\": {\"document_id\": [\"doc_none\"]}, \"mode\": \"hybrid\"}", 200);
    assert_int_equal(json_array_size(json_object_get(reply, "results")), 0);
    json_decref(reply);
    reply = company_json(c, call_search, "{\"query\": \"warranty\", \"top_k\": 1}", 200);
    assert_int_equal(json_array_size(json_object_get(reply, "results")), 1);
    json_decref(reply);
    json_decref(company_json(c, call_search, "{\"query\": \"warranty\", \"mode\": \"semantic\"}", 422));
    json_decref(company_json(c, call_search, "{\"query\": \"warranty\", \"mode\": \"psychic\"}", 422));
    json_decref(company_json(c, call_search, "{\"query\": \"warranty\", \"top_k\": 101}", 422));
    json_decref(company_json(c, call_search, "{\"query\": \"\"}", 422));
    json_decref(company_json(c, call_search, "{\"query\": \"warranty\", \"collection\": \"lamps\"}", 404));
}

static void either_scope_will_do(void **state)
{
    struct company *c = *state;
    static const struct {
        unsigned scopes;
        int status;
    } cases[] = {{SCOPE_CHAT, 200}, {SCOPE_KNOWLEDGE_READ, 200}, {SCOPE_KNOWLEDGE_WRITE, 403}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct new_key key;
        struct problem problem;
        struct company as = *c;
        assert_true(accounts_create_key(&c->w->app, &c->p, SPAN("narrow"), cases[i].scopes, 0, &key, &problem));
        snprintf(as.api_key, sizeof as.api_key, "%s", key.api_key);
        json_decref(company_json(&as, call_search, "{\"query\": \"warranty\"}", cases[i].status));
        json_decref(company_json(&as, call_chat, "{\"question\": \"warranty\"}", cases[i].scopes == SCOPE_CHAT ? 200 : 403));
    }
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {CASE(results_with_highlights), CASE(filters_and_modes), CASE(either_scope_will_do)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
