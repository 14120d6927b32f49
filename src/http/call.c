/* What every call needs: authentication, a JSON body, replies and problems. */
#include "http/call.h"

#include <stdio.h>
#include <string.h>

#include "app/accounts.h"
#include "http/call_body.h"
#include "http/error_types.h"
#include "http/problem_reply.h"

enum { REPLY_BYTES_MAX = 64 << 20 };

struct app *call_app(const struct exchange *x)
{
    return exchange_context(x);
}

/* ---- replies ---- */

void call_reply(struct exchange *x, int status, json_t *value)
{
    struct buf out;
    buf_init(&out, REPLY_BYTES_MAX);
    if (value)
        json_write(&out, value);
    json_decref(value);
    if (value && !out.failed)
        exchange_reply(x, status, "application/json", buf_view(&out));
    else
        reply_error(x, 500, "internal", "The server had no memory for the reply; try again.");
    buf_free(&out);
}

json_t *call_time(int64_t wall_ms)
{
    char text[TIMESTAMP_SIZE];
    if (!wall_ms)
        return json_null();
    sys_timestamp(text, wall_ms);
    return json_string(text);
}

/* ---- problems ---- */

/* "email" → ["body","email"], "query.limit" → ["query","limit"], "" → ["body"]. */
static json_t *location(const char *where)
{
    static const char *const places[] = {"query", "path", "header"};
    struct span place, name;
    bool dotted = span_cut(span_of(where), '.', &place, &name);
    for (size_t i = 0; dotted && i < sizeof places / sizeof *places; i++) {
        if (span_eq(place, span_of(places[i])))
            return json_pack("[s, o]", places[i], json_from(name));
    }
    return *where ? json_pack("[s, s]", "body", where) : json_pack("[s]", "body");
}

json_t *call_fault(const char *type, const char *where, const char *message, json_t *input)
{
    return json_pack("{s:s, s:o, s:s, s:o}", "type", type, "loc", location(where), "msg", message, "input", input ? input : json_null());
}

void call_faults_body(struct buf *out, const struct exchange *x, const char *slug, const json_t *faults)
{
    buf_str(out, "{\"detail\":");
    json_write(out, faults);
    buf_printf(out, ",\"type\":\"/errors/%s\",\"title\":", slug);
    buf_json(out, span_of(http_reason(422)));
    buf_str(out, ",\"status\":422,\"request_id\":");
    buf_json(out, span_of(exchange_request_id(x)));
    buf_char(out, '}');
}

void call_problem_body(struct buf *out, const struct exchange *x, const struct problem *problem)
{
    int status = error_status(problem->kind);
    const char *slug = *problem->slug ? problem->slug : http_slug(status);
    if (problem->kind != PROBLEM_INVALID) {
        problem_body(out, status, slug, problem->detail, exchange_request_id(x));
        return;
    }
    json_t *faults = json_pack("[o]", call_fault("value_error", problem->field, problem->detail, NULL));
    if (faults)
        call_faults_body(out, x, slug, faults);
    else
        out->failed = true;
    json_decref(faults);
}

/* The fields of draft-ietf-httpapi-ratelimit-headers: the limit, and that nothing is left of it for so many seconds. */
static void limit_headers(struct exchange *x, const struct limit *limit, int reset_s)
{
    char value[96];
    snprintf(value, sizeof value, "\"%s\";r=0;t=%d", limit->name, reset_s);
    exchange_add_header(x, "RateLimit", value);
    snprintf(value, sizeof value, "\"%s\";q=%d;w=%d", limit->name, limit->most, limit->window_s);
    exchange_add_header(x, "RateLimit-Policy", value);
}

void call_problem_headers(struct exchange *x, const struct problem *problem)
{
    char seconds[16];
    if (problem->kind == PROBLEM_UNAUTHORIZED)
        exchange_add_header(x, "WWW-Authenticate", "Bearer realm=\"chatifix\"");
    if (problem->limit.name)
        limit_headers(x, &problem->limit, problem->retry_after_s);
    if (problem->retry_after_s <= 0)
        return;
    snprintf(seconds, sizeof seconds, "%d", problem->retry_after_s);
    exchange_add_header(x, "Retry-After", seconds);
}

void call_fail(struct exchange *x, const struct problem *problem)
{
    struct buf out;
    buf_init(&out, REPLY_BYTES_MAX);
    call_problem_headers(x, problem);
    call_problem_body(&out, x, problem);
    if (out.failed)
        reply_error(x, 500, "internal", "The server had no memory for the reply; try again.");
    else
        exchange_reply(x, error_status(problem->kind), "application/problem+json", buf_view(&out));
    buf_free(&out);
}

/* ---- authentication ---- */

/* Once a request; later callers get what the first found. NULL: x has been finished. */
static const struct principal *authenticated(struct exchange *x)
{
    struct principal *principal = exchange_user(x);
    if (principal)
        return principal;
    struct credential credential = {{NULL, 0}, {NULL, 0}};
    struct problem problem;
    exchange_header(x, "Authorization", &credential.authorization);
    exchange_header(x, "X-API-Key", &credential.api_key);
    principal = arena_alloc(exchange_arena(x), sizeof *principal);
    if (!principal)
        problem_set(&problem, PROBLEM_UNAVAILABLE, "", "The server is short of memory; try again in a moment.");
    if (!principal || !authenticate(call_app(x), &credential, principal, &problem)) {
        call_fail(x, &problem);
        return NULL;
    }
    exchange_set_user(x, principal, NULL);
    return principal;
}

bool call_authenticate(struct exchange *x, unsigned scope, struct principal *principal)
{
    struct problem problem;
    const struct principal *found = authenticated(x);
    if (!found)
        return false;
    *principal = *found;
    if (require_scope(found, scope, &problem))
        return true;
    call_fail(x, &problem);
    return false;
}

void call_admit_knowledge_write(struct exchange *x)
{
    struct principal principal;
    if (call_authenticate(x, SCOPE_KNOWLEDGE_WRITE, &principal))
        exchange_continue(x);
}

/* ---- the body ---- */

/* application/json and anything ending in +json, with or without parameters; and nothing at all. */
static bool is_json(struct exchange *x)
{
    struct span value, type, parameters;
    if (!exchange_header(x, "Content-Type", &value) || !value.n)
        return true;
    span_cut(value, ';', &type, &parameters);
    type = span_trim(type);
    return span_eq_nocase(type, SPAN("application/json")) || (span_ends_nocase(type, SPAN("+json")) && span_find(type, SPAN("/")) > 0);
}

/* The parser quotes what it stumbled over, which may be a piece of a password: cut " near '…'" out. */
static void cut_quotation(char *why)
{
    char *near = strstr(why, " near '");
    char *place = near ? strstr(near, " (line ") : NULL;
    for (char *next = place; next; next = strstr(next + 1, " (line "))
        place = next;
    if (place)
        memmove(near, place, strlen(place) + 1);
    else if (near)
        memcpy(near, ".", 2);
}

static void fail_body(struct exchange *x, const char *type, const char *message)
{
    struct validation v;
    validation_begin(&v, NULL);
    validation_fault(&v, "", type, message);
    validation_end(&v, x);
}

static json_t *parsed(struct exchange *x, struct span body)
{
    char why[320];
    json_t *value = json_read(body, why, sizeof why);
    if (!value) {
        cut_quotation(why);
        reply_error(x, 400, "malformed-json", why);
        return NULL;
    }
    if (json_is_object(value))
        return value;
    json_decref(value);
    fail_body(x, "model_attributes_type", "Input should be a valid dictionary or object to extract fields from");
    return NULL;
}

json_t *call_json(struct exchange *x, size_t max_bytes)
{
    char detail[120];
    struct span body;
    if (!is_json(x)) {
        reply_error(x, 415, "unsupported-format", "This call takes JSON; send the body with Content-Type: application/json.");
        return NULL;
    }
    if (exchange_body_size(x) > (int64_t)max_bytes) {
        snprintf(detail, sizeof detail, "The body may have at most %zu bytes; send less.", max_bytes);
        reply_error(x, 413, "content-too-large", detail);
        return NULL;
    }
    if (!exchange_body(x, max_bytes, &body)) {
        reply_error(x, 500, "internal", "The server could not read the body back; try again.");
        return NULL;
    }
    if (!span_trim(body).n) {
        fail_body(x, "missing", "Field required");
        return NULL;
    }
    return parsed(x, body);
}
