/* GET and PUT /api/v1/settings: how a company's answers behave. */
#include "app/settings.h"
#include "http/call.h"
#include "http/routes.h"

enum { BODY_MAX = 1 << 20 };

static void reply(struct exchange *x, const struct principal *by)
{
    struct settings settings;
    struct problem problem;
    if (!settings_read(call_app(x), by, exchange_arena(x), &settings, &problem)) {
        call_fail(x, &problem);
        return;
    }
    json_t *tokens = settings.model_tokens_a_day ? json_integer(settings.model_tokens_a_day) : json_null();
    json_t *days = settings.retention_days >= 0 ? json_integer(settings.retention_days) : json_null();
    call_reply(x, 200,
               json_pack("{s:o, s:f, s:o, s:o, s:o}", "fallback_text", json_from(settings.fallback_text), "threshold", settings.threshold, "persona",
                         json_from(settings.persona), "model_tokens_a_day", tokens, "retention_days", days));
}

void call_get_settings(struct exchange *x)
{
    struct principal by;
    if (call_authenticate(x, SCOPE_ADMIN, &by))
        reply(x, &by);
}

/* Text that says something; empty, which brings the default back, where the member is null, left out or refused. */
static struct span read_text(struct validation *v, const char *name, size_t max)
{
    struct span text = validation_text(v, name, false, 1, max);
    if (text.p && !span_trim(text).n)
        validation_fault(v, name, "value_error", "String should hold more than white space");
    return text.p ? text : SPAN("");
}

static bool has(const json_t *body, const char *name)
{
    return json_object_get(body, name) != NULL;
}

/* A member that is left out changes nothing; null brings the default back. */
static bool read_change(struct exchange *x, const json_t *body, struct settings_change *change)
{
    struct validation v;
    validation_begin(&v, body);
    *change = (struct settings_change){.set_fallback = has(body, "fallback_text"),
                                       .set_threshold = has(body, "threshold"),
                                       .set_persona = has(body, "persona"),
                                       .set_model_tokens = has(body, "model_tokens_a_day"),
                                       .set_retention = has(body, "retention_days")};
    change->fallback_text = read_text(&v, "fallback_text", SETTINGS_FALLBACK_MAX);
    change->threshold = validation_number(&v, "threshold", -1, 0, 1);
    change->persona = read_text(&v, "persona", SETTINGS_PERSONA_MAX);
    change->model_tokens_a_day = validation_int(&v, "model_tokens_a_day", 0, 1, SETTINGS_TOKENS_MAX);
    change->retention_days = validation_int(&v, "retention_days", -1, 0, SETTINGS_DAYS_MAX);
    return validation_end(&v, x);
}

static void put(struct exchange *x, const struct principal *by, const json_t *body)
{
    struct settings_change change;
    struct problem problem;
    if (!read_change(x, body, &change))
        return;
    if (settings_write(call_app(x), by, &change, &problem))
        reply(x, by);
    else
        call_fail(x, &problem);
}

void call_put_settings(struct exchange *x)
{
    struct principal by;
    if (!call_authenticate(x, SCOPE_ADMIN, &by))
        return;
    json_t *body = call_json(x, BODY_MAX);
    if (!body)
        return;
    put(x, &by, body);
    json_decref(body);
}
