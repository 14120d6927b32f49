/* The product as a whole: makes its parts in the order in which they need one another, ends them in reverse. */
#include "app/app.h"

#include <stdio.h>
#include <stdlib.h>

#include "app/accounts.h"
#include "app/ingest.h"
#include "app/retrieve.h"

const struct app_config app_default_config = {
    .program = "/proc/self/exe",
    .spool_dir = ".",
    .registration_open = true,
    .token_ttl_s = 86400,
    .extract = {.memory_bytes = 512 << 20, .cpu_s = 30, .wall_s = 60, .output_bytes = 64 << 20},
    .file_max_bytes = 50 << 20,
    .content_max_bytes = 5 << 20,
    .ingest_workers = 2,
    .index_memory_bytes = 1 << 30,
};

struct app *app_new(const struct app_config *config, struct db *db, char *why, size_t why_size)
{
    struct app *app = calloc(1, sizeof *app);
    if (!app) {
        snprintf(why, why_size, "There is not enough memory to start.");
        return NULL;
    }
    app->config = config;
    app->db = db;
    app->accounts = accounts_new(db, config, why, why_size);
    app->indexes = indexes_new(db, config->index_memory_bytes);
    if (!app->indexes)
        snprintf(why, why_size, "There is not enough memory to start.");
    if (app->accounts && app->indexes)
        app->ingest = ingest_new(app, why, why_size);
    if (!app->ingest) {
        app_free(app);
        return NULL;
    }
    return app;
}

void app_stop(struct app *app)
{
    ingest_stop(app->ingest);
}

void app_free(struct app *app)
{
    if (!app)
        return;
    if (app->ingest) {
        ingest_stop(app->ingest);
        ingest_free(app->ingest);
    }
    indexes_free(app->indexes);
    accounts_free(app->accounts);
    free(app);
}
