/* Backup and restore: what is the same for every driver. */
#include <stdio.h>

#include "db/engine.h"

struct restoring {
    const struct db_engine *engine;
    db_body *body;
    void *context;
};

bool db_backup(const struct db_engine *engine, const char *location, const char *file, char *why, size_t why_size)
{
    return engine->backup(location, file, why, why_size);
}

/* Brings the copy to this program's schema, or refuses one that is newer, and lets the caller change what must not come back as it was. */
static bool adapt(const char *location, void *context, char *why, size_t why_size)
{
    const struct restoring *r = context;
    struct db *db = db_open(r->engine, location, &(struct db_options){.readers = 1}, why, why_size);
    if (!db)
        return false;
    bool ok = db_migrate(db, why, why_size);
    if (ok && db_transact(db, r->body, r->context) != DB_OK) {
        snprintf(why, why_size, "The copy of the backup cannot be changed: see the log.");
        ok = false;
    }
    db_close(db);
    return ok;
}

bool db_restore(const struct db_engine *engine, const char *location, const char *file, db_body *body, void *context, char *why, size_t why_size)
{
    struct restoring r = {engine, body, context};
    return engine->restore(location, file, adapt, &r, why, why_size);
}
