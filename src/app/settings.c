/* Settings of a company: read together before an answer, changed one by one. */
#include "app/settings.h"

#include <stdio.h>

#include "app/calibrate.h"
#include "store/account.h"

enum { PPM = 1000000, NUMBER_BYTES = 24 };

static const char default_fallback[] = "I could not find an answer to that in the documents.";

/* The threshold is stored in millionths. An empty value stands for the default, of these settings and of all. */
static const char fallback_name[] = "fallback_text", threshold_name[] = "threshold_ppm";

struct reading {
    const struct tenant *tenant;
    struct arena *arena;
    struct settings *out;
};

static enum db_status read_both(struct db_conn *c, void *context)
{
    struct reading *r = context;
    struct span fallback, threshold;
    bool found;
    int64_t ppm;
    *r->out = (struct settings){.fallback_text = span_of(default_fallback), .threshold = answer_threshold};
    enum db_status status = store_setting_get(r->tenant, c, fallback_name, r->arena, &fallback, &found);
    if (status == DB_OK && found && fallback.n)
        r->out->fallback_text = fallback;
    if (status == DB_OK)
        status = store_setting_get(r->tenant, c, threshold_name, r->arena, &threshold, &found);
    if (status == DB_OK && found && span_to_int(threshold, 0, PPM, &ppm))
        r->out->threshold = (double)ppm / PPM;
    return status;
}

bool settings_read(struct app *app, const struct principal *by, struct arena *arena, struct settings *out, struct problem *problem)
{
    struct reading r = {.tenant = &by->tenant, .arena = arena, .out = out};
    enum db_status status = db_snapshot(app->db, read_both, &r);
    return status == DB_OK || problem_db(problem, status);
}

struct writing {
    const struct tenant *tenant;
    const struct settings_change *change;
};

static enum db_status write_set(struct db_conn *c, void *context)
{
    const struct writing *w = context;
    const struct settings_change *change = w->change;
    char number[NUMBER_BYTES] = "";
    enum db_status status = DB_OK;
    if (change->set_fallback)
        status = store_setting_put(w->tenant, c, fallback_name, change->fallback_text);
    if (change->threshold >= 0)
        snprintf(number, sizeof number, "%lld", (long long)(change->threshold * PPM + 0.5));
    if (status == DB_OK && change->set_threshold)
        status = store_setting_put(w->tenant, c, threshold_name, span_of(number));
    return status;
}

bool settings_write(struct app *app, const struct principal *by, const struct settings_change *change, struct problem *problem)
{
    struct writing w = {.tenant = &by->tenant, .change = change};
    enum db_status status = db_transact(app->db, write_set, &w);
    return status == DB_OK || problem_db(problem, status);
}
