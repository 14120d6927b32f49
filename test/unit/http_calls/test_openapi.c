/* The OpenAPI document against the route table, and against itself. */
#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* The table itself, with handlers that are never called: so this test needs no other part of the product. */
#include "http/call.h"
#include "http/error_types.h"
#include "http/openapi.h"
#include "http/routes.h"

#define UNUSED_HANDLER(name)                                                                                                                                   \
    void name(struct exchange *x)                                                                                                                              \
    {                                                                                                                                                          \
        (void)x;                                                                                                                                               \
    }
UNUSED_HANDLER(call_register)
UNUSED_HANDLER(call_login)
UNUSED_HANDLER(call_create_api_key)
UNUSED_HANDLER(call_list_api_keys)
UNUSED_HANDLER(call_change_api_key)
UNUSED_HANDLER(call_revoke_api_key)
UNUSED_HANDLER(call_rotate_api_key)
UNUSED_HANDLER(call_get_me)
UNUSED_HANDLER(call_logout)
UNUSED_HANDLER(call_change_password)
UNUSED_HANDLER(call_upload)
UNUSED_HANDLER(call_add_text)
UNUSED_HANDLER(call_list_documents)
UNUSED_HANDLER(call_get_document)
UNUSED_HANDLER(call_delete_document)
UNUSED_HANDLER(call_list_collections)
UNUSED_HANDLER(call_create_collection)
UNUSED_HANDLER(call_rename_collection)
UNUSED_HANDLER(call_delete_collection)
UNUSED_HANDLER(call_search)
UNUSED_HANDLER(call_chat)
UNUSED_HANDLER(call_chat_stream)
UNUSED_HANDLER(call_get_settings)
UNUSED_HANDLER(call_put_settings)
UNUSED_HANDLER(call_list_sessions)
UNUSED_HANDLER(call_get_session)
UNUSED_HANDLER(call_delete_session)
UNUSED_HANDLER(call_list_messages)
UNUSED_HANDLER(call_give_feedback)
UNUSED_HANDLER(call_follow_message)
UNUSED_HANDLER(call_stop_message)
UNUSED_HANDLER(call_openapi)
UNUSED_HANDLER(call_livez)
UNUSED_HANDLER(call_readyz)
UNUSED_HANDLER(call_metrics)
UNUSED_HANDLER(call_metrics_apart)
UNUSED_HANDLER(call_docs)
UNUSED_HANDLER(call_docs_file)
UNUSED_HANDLER(call_favicon)
UNUSED_HANDLER(call_error_page)
UNUSED_HANDLER(call_admit_knowledge_write)

static int set_up(void **state)
{
    char why[200];
    *state = json_read(openapi_document(), why, sizeof why);
    return *state == NULL;
}

static int tear_down(void **state)
{
    json_decref(*state);
    return 0;
}

static const char *method_name(enum http_method method)
{
    static const char *const names[HTTP_METHODS] = {"get", "post", "put", "patch", "delete", "head", "options"};
    return names[method];
}

static const json_t *operation_of(const json_t *root, const struct route *r)
{
    return json_object_get(json_object_get(json_object_get(root, "paths"), r->pattern), method_name(r->method));
}

/* What a page loads is no call of the API. */
static bool is_page_file(const struct route *r)
{
    struct span pattern = span_of(r->pattern);
    return span_starts(pattern, SPAN("/docs/")) || span_eq(pattern, SPAN("/favicon.ico"));
}

static void test_every_route_is_described(void **state)
{
    for (size_t i = 0; i < product_route_count; i++) {
        const struct route *r = &product_routes[i];
        const char *id = json_string_value(json_object_get(operation_of(*state, r), "operationId"));
        if (is_page_file(r))
            continue;
        if (!id || strcmp(id, r->operation) != 0)
            fail_msg("%s %s is %s in the document", method_name(r->method), r->pattern, id ? id : "missing");
    }
}

static void test_every_operation_is_routed(void **state)
{
    size_t operations = 0, described = 0;
    const char *path;
    json_t *item;
    json_object_foreach(json_object_get(*state, "paths"), path, item) operations += json_object_size(item);
    for (size_t i = 0; i < product_route_count; i++)
        described += !is_page_file(&product_routes[i]);
    assert_int_equal(operations, described);
}

static void test_head(void **state)
{
    assert_string_equal(json_string_value(json_object_get(*state, "openapi")), "3.1.0");
    assert_string_equal(json_string_value(json_object_get(json_array_get(json_object_get(*state, "servers"), 0), "url")), "/");
    const char *version = json_string_value(json_object_get(json_object_get(*state, "info"), "version"));
    assert_true(version && isdigit((unsigned char)*version) && strcmp(version, "0.0.0") != 0);
}

static bool has_reply(const json_t *operation, const char *status)
{
    return json_object_get(json_object_get(operation, "responses"), status) != NULL;
}

static void need_reply(const struct route *r, const json_t *operation, const char *status, bool expected)
{
    if (has_reply(operation, status) != expected)
        fail_msg("%s %s: reply %s", r->operation, expected ? "lacks" : "should not have", status);
}

/* What can be said of every operation from its route. */
static void test_operations_are_complete(void **state)
{
    for (size_t i = 0; i < product_route_count; i++) {
        const struct route *r = &product_routes[i];
        const json_t *operation = operation_of(*state, r);
        if (is_page_file(r))
            continue;
        bool reads_body = r->body_max > IGNORED_BODY_BYTES;
        bool metrics = !strcmp(r->operation, "getMetrics"); /* hidden without a token, which has no scopes */
        bool guarded = json_array_size(json_object_get(operation, "security")) > 0;
        assert_true(json_string_length(json_object_get(operation, "summary")) > 0);
        assert_true(json_string_length(json_object_get(operation, "description")) > 0);
        assert_true(json_is_array(json_object_get(operation, "security")));
        need_reply(r, operation, "401", guarded || !strcmp(r->operation, "login"));
        need_reply(r, operation, "503", true);
        need_reply(r, operation, "404", strchr(r->pattern, '{') || (strstr(r->pattern, "/chat") && reads_body) || strstr(r->pattern, "/search") || metrics);
        static const char *const of_bodies[] = {"400", "413", "415", "422"};
        for (size_t k = 0; reads_body && k < 4; k++)
            need_reply(r, operation, of_bodies[k], true);
        assert_true((json_object_get(operation, "requestBody") != NULL) == reads_body);
        if (guarded)
            need_reply(r, operation, "403", !metrics);
    }
}

static const json_t *follow(const json_t *root, struct span reference)
{
    struct span rest = span_skip(reference, 2), name;
    const json_t *value = root;
    while (rest.n) {
        span_cut(rest, '/', &name, &rest);
        value = json_object_getn(value, name.p, name.n);
    }
    return value;
}

/* Every {name} of a path is a required path parameter. */
static void test_path_parameters(void **state)
{
    for (size_t i = 0; i < product_route_count; i++) {
        const struct route *r = &product_routes[i];
        size_t index, in_path = 0;
        json_t *parameter;
        if (!strchr(r->pattern, '{') || is_page_file(r))
            continue;
        json_array_foreach(json_object_get(operation_of(*state, r), "parameters"), index, parameter)
        {
            struct span reference = json_text(json_object_get(parameter, "$ref"));
            const json_t *described = reference.p ? follow(*state, reference) : parameter;
            in_path += span_eq(json_text(json_object_get(described, "in")), SPAN("path")) && json_is_true(json_object_get(described, "required"));
        }
        assert_int_equal(in_path, 1);
    }
}

/* Calls see(text) for each string under "$ref" or "type": "/errors/…" anywhere in the value. */
static void walk(const json_t *root, const json_t *value)
{
    const char *name;
    json_t *member;
    size_t index;
    if (json_is_array(value)) {
        json_array_foreach(value, index, member) walk(root, member);
        return;
    }
    json_object_foreach((json_t *)value, name, member)
    {
        struct span text = json_text(member);
        if (!strcmp(name, "$ref") && !follow(root, text))
            fail_msg("nothing at %.*s", SPAN_ARG(text));
        if (!strcmp(name, "type") && span_starts(text, SPAN("/errors/")) && !error_type_find(span_skip(text, 8)))
            fail_msg("%.*s is not explained", SPAN_ARG(text));
        walk(root, member);
    }
}

static void test_references(void **state)
{
    walk(*state, *state);
}

/* Each schema's example, and each object that a reply or body gives as one, has all that the schema requires. */
static void check_example(const json_t *root, const json_t *media, const char *where)
{
    const json_t *example = json_object_get(media, "example");
    const json_t *schema = json_object_get(media, "schema");
    struct span reference = json_text(json_object_get(schema, "$ref"));
    if (reference.p)
        schema = follow(root, reference);
    const json_t *any = json_object_get(schema, "anyOf");
    if (any)
        schema = follow(root, json_text(json_object_get(json_array_get(any, 0), "$ref")));
    const json_t *required = json_object_get(schema, "required"), *properties = json_object_get(schema, "properties");
    if (!example)
        return;
    for (size_t i = 0; i < json_array_size(required); i++) {
        const char *name = json_string_value(json_array_get(required, i));
        assert_non_null(json_object_get(properties, name));
        if (!json_object_get(example, name))
            fail_msg("%s: the example lacks %s", where, name);
    }
    const char *name;
    json_t *member;
    json_object_foreach((json_t *)example, name, member)
    {
        if (properties && !json_object_get(properties, name))
            fail_msg("%s: the example has %s, the schema has not", where, name);
    }
}

static void check_contents(const json_t *root, const json_t *holder, const char *where)
{
    const char *type;
    json_t *media;
    json_object_foreach(json_object_get(holder, "content"), type, media)
    {
        if (strstr(type, "json"))
            check_example(root, media, where);
    }
}

static void test_examples(void **state)
{
    for (size_t i = 0; i < product_route_count; i++) {
        const json_t *operation = operation_of(*state, &product_routes[i]);
        const char *status;
        json_t *reply;
        check_contents(*state, json_object_get(operation, "requestBody"), product_routes[i].operation);
        json_object_foreach(json_object_get(operation, "responses"), status, reply)
        {
            struct span reference = json_text(json_object_get(reply, "$ref"));
            check_contents(*state, reference.p ? follow(*state, reference) : reply, product_routes[i].operation);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_route_is_described),
        cmocka_unit_test(test_every_operation_is_routed),
        cmocka_unit_test(test_head),
        cmocka_unit_test(test_operations_are_complete),
        cmocka_unit_test(test_path_parameters),
        cmocka_unit_test(test_references),
        cmocka_unit_test(test_examples),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
