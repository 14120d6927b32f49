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
    call_reply(x, 200, json_pack("{s:o, s:f}", "fallback_text", json_from(settings.fallback_text), "threshold", settings.threshold));
}

void call_get_settings(struct exchange *x)
{
    struct principal by;
    if (call_authenticate(x, SCOPE_ADMIN, &by))
        reply(x, &by);
}

/* A member that is left out changes nothing; null brings the default back. */
static bool read_change(struct exchange *x, const json_t *body, struct settings_change *change)
{
    struct validation v;
    validation_begin(&v, body);
    *change =
        (struct settings_change){.set_fallback = json_object_get(body, "fallback_text") != NULL, .set_threshold = json_object_get(body, "threshold") != NULL};
    change->fallback_text = validation_text(&v, "fallback_text", false, 1, SETTINGS_FALLBACK_MAX);
    if (change->fallback_text.p && !span_trim(change->fallback_text).n)
        validation_fault(&v, "fallback_text", "value_error", "String should hold more than white space");
    if (!change->fallback_text.p)
        change->fallback_text = SPAN("");
    change->threshold = validation_number(&v, "threshold", -1, 0, 1);
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
