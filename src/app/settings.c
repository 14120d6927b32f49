/* Settings of a company: read together before an answer, changed one by one. */
#include "app/settings.h"

#include <stdio.h>

#include "app/calibrate.h"
#include "base/utf8.h"
#include "store/account.h"

enum { PPM = 1000000, NUMBER_BYTES = 24, PERSONA_BYTES = 4 * SETTINGS_PERSONA_MAX };

static const char default_fallback[] = "I could not find an answer to that in the documents.";

/* The threshold is stored in millionths. An empty value stands for the default, of these settings and of all. */
static const char fallback_name[] = "fallback_text", threshold_name[] = "threshold_ppm", persona_name[] = "persona", tokens_name[] = "model_tokens_a_day";
const char settings_retention_name[] = "retention_days";

struct reading {
    const struct tenant *tenant;
    struct arena *arena;
    struct settings *out;
};

/* *value is left as it is where nothing is set. */
static enum db_status read_one(const struct reading *r, struct db_conn *c, const char *name, struct span *value)
{
    bool found;
    struct span stored;
    enum db_status status = store_setting_get(r->tenant, c, name, r->arena, &stored, &found);
    if (status == DB_OK && found && stored.n)
        *value = stored;
    return status;
}

static enum db_status read_all(struct db_conn *c, void *context)
{
    struct reading *r = context;
    struct settings *out = r->out;
    struct span threshold = SPAN(""), tokens = SPAN(""), days = SPAN("");
    int64_t ppm;
    *out = (struct settings){.fallback_text = span_of(default_fallback), .threshold = answer_threshold, .persona = SPAN("")};
    enum db_status status = read_one(r, c, fallback_name, &out->fallback_text);
    if (status == DB_OK)
        status = read_one(r, c, threshold_name, &threshold);
    if (status == DB_OK)
        status = read_one(r, c, persona_name, &out->persona);
    if (status == DB_OK)
        status = read_one(r, c, tokens_name, &tokens);
    if (status == DB_OK)
        status = read_one(r, c, settings_retention_name, &days);
    if (span_to_int(threshold, 0, PPM, &ppm))
        out->threshold = (double)ppm / PPM;
    if (!span_to_int(tokens, 1, SETTINGS_TOKENS_MAX, &out->model_tokens_a_day))
        out->model_tokens_a_day = 0;
    if (!span_to_int(days, 0, SETTINGS_DAYS_MAX, &out->retention_days))
        out->retention_days = -1;
    out->persona = utf8_clip(out->persona, PERSONA_BYTES);
    return status;
}

bool settings_read(struct app *app, const struct principal *by, struct arena *arena, struct settings *out, struct problem *problem)
{
    struct reading r = {.tenant = &by->tenant, .arena = arena, .out = out};
    enum db_status status = db_snapshot(app->db, read_all, &r);
    return status == DB_OK || problem_db(problem, status);
}

struct writing {
    const struct tenant *tenant;
    const struct settings_change *change;
};

/* The default is kept as nothing: it may change with the server. */
static enum db_status write_number(const struct writing *w, struct db_conn *c, const char *name, bool is_default, int64_t number)
{
    char text[NUMBER_BYTES] = "";
    if (!is_default)
        snprintf(text, sizeof text, "%lld", (long long)number);
    return store_setting_put(w->tenant, c, name, span_of(text));
}

static enum db_status write_set(struct db_conn *c, void *context)
{
    const struct writing *w = context;
    const struct settings_change *change = w->change;
    enum db_status status = DB_OK;
    if (change->set_fallback)
        status = store_setting_put(w->tenant, c, fallback_name, change->fallback_text);
    if (status == DB_OK && change->set_threshold)
        status = write_number(w, c, threshold_name, change->threshold < 0, (int64_t)(change->threshold * PPM + 0.5));
    if (status == DB_OK && change->set_persona)
        status = store_setting_put(w->tenant, c, persona_name, change->persona);
    if (status == DB_OK && change->set_model_tokens)
        status = write_number(w, c, tokens_name, change->model_tokens_a_day == 0, change->model_tokens_a_day);
    if (status == DB_OK && change->set_retention)
        status = write_number(w, c, settings_retention_name, change->retention_days < 0, change->retention_days);
    return status;
}

bool settings_write(struct app *app, const struct principal *by, const struct settings_change *change, struct problem *problem)
{
    struct writing w = {.tenant = &by->tenant, .change = change};
    enum db_status status = db_transact(app->db, write_set, &w);
    return status == DB_OK || problem_db(problem, status);
}
