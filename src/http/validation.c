/* Validation of JSON bodies: all faults of a body in one reply, in the form of FastAPI (pydantic 2). */
#include <stdio.h>
#include <string.h>

#include "base/utf8.h"
#include "http/call.h"
#include "http/call_body.h"
#include "http/problem_reply.h"
#include "http/rfc3339.h"

enum { ECHO_BYTES = 200, FAULTS_BYTES = 1 << 20 };

void validation_begin(struct validation *v, const json_t *body)
{
    *v = (struct validation){json_array(), body};
}

/* What is echoed as "input": scalars, clipped, and nothing of members that are secrets. */
static json_t *echo(const char *name, const json_t *value)
{
    static const char *const secrets[] = {"password", "new_password", "old_password", "current_password", "api_key", "token", "access_token"};
    for (size_t i = 0; i < sizeof secrets / sizeof *secrets; i++) {
        if (!strcmp(name, secrets[i]))
            return NULL;
    }
    if (json_is_string(value))
        return json_from(utf8_clip(json_text(value), ECHO_BYTES));
    return json_is_number(value) || json_is_boolean(value) ? json_deep_copy(value) : NULL;
}

static void add(struct validation *v, const char *name, const char *type, const char *message)
{
    json_array_append_new(v->faults, call_fault(type, name, message, echo(name, json_object_get(v->body, name))));
}

void validation_fault(struct validation *v, const char *name, const char *type, const char *message)
{
    add(v, name, type, message);
}

/* The member; NULL when it is absent or null, which is a fault when it is required. */
static const json_t *member(struct validation *v, const char *name, bool required)
{
    const json_t *value = json_object_get(v->body, name);
    if (value && !json_is_null(value))
        return value;
    if (required)
        add(v, name, "missing", "Field required");
    return NULL;
}

static void add_length(struct validation *v, const char *name, bool is_short, size_t bound)
{
    char message[80];
    snprintf(message, sizeof message, "String should have at %s %zu character%s", is_short ? "least" : "most", bound, bound == 1 ? "" : "s");
    add(v, name, is_short ? "string_too_short" : "string_too_long", message);
}

struct span validation_text(struct validation *v, const char *name, bool required, size_t min, size_t max)
{
    const struct span none = {NULL, 0};
    const json_t *value = member(v, name, required);
    if (!value)
        return none;
    struct span text = json_text(value);
    size_t length = utf8_length(text);
    if (!text.p)
        add(v, name, "string_type", "Input should be a valid string");
    else if (length < min || length > max)
        add_length(v, name, length < min, length < min ? min : max);
    else if (!utf8_is_plain(text))
        add(v, name, "value_error", "String may hold no control characters but line breaks and tabs");
    else
        return text;
    return none;
}

int64_t validation_int(struct validation *v, const char *name, int64_t fallback, int64_t min, int64_t max)
{
    char message[80];
    const json_t *value = member(v, name, false);
    if (!value)
        return fallback;
    int64_t number = json_integer_value(value);
    if (!json_is_integer(value)) {
        add(v, name, "int_type", "Input should be a valid integer");
        return fallback;
    }
    if (number >= min && number <= max)
        return number;
    snprintf(message, sizeof message, "Input should be %s than or equal to %lld", number < min ? "greater" : "less", (long long)(number < min ? min : max));
    add(v, name, number < min ? "greater_than_equal" : "less_than_equal", message);
    return fallback;
}

double validation_number(struct validation *v, const char *name, double fallback, double min, double max)
{
    char message[80];
    const json_t *value = member(v, name, false);
    if (!value)
        return fallback;
    double number = json_number_value(value);
    if (!json_is_number(value)) {
        add(v, name, "float_type", "Input should be a valid number");
        return fallback;
    }
    if (number >= min && number <= max)
        return number;
    snprintf(message, sizeof message, "Input should be %s than or equal to %g", number < min ? "greater" : "less", number < min ? min : max);
    add(v, name, number < min ? "greater_than_equal" : "less_than_equal", message);
    return fallback;
}

bool validation_bool(struct validation *v, const char *name, bool fallback)
{
    const json_t *value = member(v, name, false);
    if (!value)
        return fallback;
    if (!json_is_boolean(value))
        add(v, name, "bool_type", "Input should be a valid boolean");
    return json_is_boolean(value) ? json_is_true(value) : fallback;
}

int64_t validation_time(struct validation *v, const char *name)
{
    const json_t *value = member(v, name, false);
    int64_t wall_ms = 0;
    if (value && (!rfc3339_read(json_text(value), &wall_ms) || !wall_ms))
        add(v, name, "datetime_parsing", "Input should be a time as in RFC 3339 with an offset, like 2026-11-23T09:30:00Z");
    return wall_ms;
}

bool validation_end(struct validation *v, struct exchange *x)
{
    bool none = v->faults && json_array_size(v->faults) == 0;
    struct buf out;
    buf_init(&out, FAULTS_BYTES);
    if (!none && v->faults)
        call_faults_body(&out, x, "validation", v->faults);
    json_decref(v->faults);
    v->faults = NULL;
    if (!none && out.n && !out.failed)
        exchange_reply(x, 422, "application/problem+json", buf_view(&out));
    else if (!none)
        reply_error(x, 500, "internal", "The server had no memory for the reply; try again.");
    buf_free(&out);
    return none;
}
