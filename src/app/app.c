/* The product as a whole: makes its parts in the order in which they need one another, ends them in reverse. */
#include "app/app.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

#include "app/accounts.h"
#include "app/answer_cache.h"
#include "app/budget.h"
#include "app/encoders.h"
#include "app/indexes.h"
#include "app/ingest.h"
#include "app/live.h"
#include "app/reembed.h"
#include "app/retention.h"
#include "app/snapshots.h"

/* Requests that have reserved tokens and learn then that all calls are taken. */
enum { SPARE_RESERVATIONS = 64 };

const struct app_config app_default_config = {
    .program = "/proc/self/exe",
    .spool_dir = ".",
    .registration_open = true,
    .token_ttl_s = 86400,
    .extract = {.memory_bytes = 512 << 20, .cpu_s = 30, .wall_s = 60, .output_bytes = 64 << 20, .ocr_s = 300},
    .file_max_bytes = 50 << 20,
    .content_max_bytes = 5 << 20,
    .ingest_workers = 2,
    .index_memory_bytes = 1 << 30,
    .snapshot_bytes = 1 << 30,
    .llm = {.url = "", .api_key = "", .calls_max = 256, .silence_ms = 30000, .total_ms = 120000},
    .llm_model = "default",
    .llm_max_tokens = 512,
    .llm_context_tokens = 4096,
    .llm_temperature_milli = 200,
};

/* Each call ends with one task, so the queue holds them all. */
static bool start_model(struct app *app, char *why, size_t why_size)
{
    const struct llm_options *options = &app->config->llm;
    if (!*options->url)
        return true;
    app->answers = pool_new("answers", 2, options->calls_max);
    /* An answer may make two calls: the first for its question in other words. */
    app->budget = budget_new(2 * options->calls_max + SPARE_RESERVATIONS);
    if (app->config->llm_cache_bytes)
        app->cache = answer_cache_new(app->config->llm_cache_bytes);
    if (app->answers && app->budget && (app->cache || !app->config->llm_cache_bytes))
        app->llm = llm_client_new(options, why, why_size);
    else
        snprintf(why, why_size, "There is not enough memory to start.");
    return app->llm != NULL;
}

/* Before ingest, whose workers poke it. */
static bool start_reembed(struct app *app, char *why, size_t why_size)
{
    if (!app->encoders || (app->reembed = reembed_new(app)))
        return true;
    snprintf(why, why_size, "There are no threads left to start.");
    return false;
}

/* Without them indexes are built from rows: nothing that is missing here keeps the server from starting. */
static void start_snapshots(struct app *app)
{
    unsigned char key[SNAPSHOT_KEY_BYTES];
    int64_t epoch = accounts_snapshot_key(app->accounts, key);
    if (app->config->snapshot_dir)
        app->snapshots = snapshots_open(app->config->snapshot_dir, app->config->snapshot_bytes, key);
    sodium_memzero(key, sizeof key);
    if (app->snapshots && !indexes_keep_snapshots(app->indexes, app->snapshots, epoch, INDEX_SNAPSHOT_LEAST)) {
        snapshots_close(app->snapshots);
        app->snapshots = NULL;
    }
}

struct app *app_new(const struct app_config *config, struct db *db, char *why, size_t why_size)
{
    struct app *app = calloc(1, sizeof *app);
    if (!app) {
        snprintf(why, why_size, "There is not enough memory to start.");
        return NULL;
    }
    app->config = config;
    app->db = db;
    if (config->model && !(app->encoders = encoders_new(db, config->model, why, why_size))) {
        free(app);
        return NULL;
    }
    app->embedder = encoders_own(app->encoders);
    app->accounts = accounts_new(db, config, why, why_size);
    app->indexes = indexes_new(db, config->index_memory_bytes, app->encoders);
    app->live = live_new();
    if (!app->indexes || !app->live)
        snprintf(why, why_size, "There is not enough memory to start.");
    if (app->accounts && app->indexes)
        start_snapshots(app);
    if (app->accounts && app->indexes && app->live && start_model(app, why, why_size) && start_reembed(app, why, why_size))
        app->ingest = ingest_new(app, why, why_size);
    if (app->ingest && !(app->retention = retention_new(app)))
        snprintf(why, why_size, "There are no threads left to start.");
    if (!app->retention) {
        app_free(app);
        return NULL;
    }
    return app;
}

void app_stop(struct app *app)
{
    ingest_stop(app->ingest);
    retention_free(app->retention);
    app->retention = NULL;
    reembed_stop(app->reembed);
}

void app_cut_answers(struct app *app)
{
    if (app->llm)
        llm_client_stop(app->llm);
}

void app_free(struct app *app)
{
    if (!app)
        return;
    retention_free(app->retention);
    llm_client_free(app->llm);
    pool_free(app->answers);
    budget_free(app->budget);
    answer_cache_free(app->cache);
    if (app->ingest) {
        ingest_stop(app->ingest);
        ingest_free(app->ingest);
    }
    reembed_free(app->reembed);
    live_free(app->live);
    indexes_free(app->indexes);
    snapshots_close(app->snapshots);
    accounts_free(app->accounts);
    encoders_free(app->encoders);
    free(app);
}
