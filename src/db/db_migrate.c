/* Brings the schema up to date: numbered steps, each in its own transaction together with the note that it ran. */
#include <stdio.h>

#include "base/sys.h"
#include "db/engine.h"

static const char make_table[] =
    "create table if not exists schema_migration (version bigint not null primary key, name text not null, applied_at bigint not null)";
static const struct db_statement newest = {"migration.newest", "select max(version) from schema_migration"};
static const struct db_statement note = {"migration.note", "insert into schema_migration (version, name, applied_at) values ($1, $2, $3)"};

struct step {
    const struct db_migration *migration; /* NULL: only make the table of steps */
    char *why;
    size_t why_size;
};

static enum db_status run_step(struct db_conn *c, void *context)
{
    struct step *step = context;
    const struct db_migration *m = step->migration;
    const struct db_engine *engine = c->db->engine;
    enum db_status status = engine->exec(c, m ? m->sql : make_table, step->why, step->why_size);
    if (status != DB_OK || !m)
        return status;
    struct db_stmt *s = db_prepare(c, &note);
    db_bind_int(s, 1, m->version);
    db_bind_text(s, 2, span_of(m->name));
    db_bind_int(s, 3, sys_wall_ms());
    return db_run(s, NULL);
}

static bool apply(struct db *db, const struct db_migration *m, char *why, size_t why_size)
{
    char reason[256] = "";
    struct step step = {m, reason, sizeof reason};
    enum db_status status = db_transact(db, run_step, &step);
    if (status == DB_OK)
        return true;
    if (reason[0] == '\0')
        snprintf(reason, sizeof reason, "%s", status == DB_FULL ? "the disk is full" : status == DB_RETRY ? "the database is busy" : "see the log");
    snprintf(why, why_size, "The database could not be brought to schema %s: %s.", m ? m->name : "0", reason);
    return false;
}

static bool read_version(struct db *db, int64_t *version)
{
    struct db_conn *c = db_acquire(db, DB_WRITE);
    if (!c)
        return false;
    struct db_stmt *s = db_prepare(c, &newest);
    bool ok = db_step(s) == DB_ROW;
    *version = ok ? db_int(s, 0) : 0;
    db_end(s);
    db_release(c);
    return ok;
}

bool db_migrate_list(struct db *db, const struct db_migration *list, size_t count, char *why, size_t why_size)
{
    int64_t version;
    if (!apply(db, NULL, why, why_size))
        return false;
    if (!read_version(db, &version)) {
        snprintf(why, why_size, "The version of the database's schema could not be read: see the log.");
        return false;
    }
    if (version > (int64_t)count) {
        snprintf(why, why_size, "The database has schema %lld, made by a newer version of this program, which knows only up to %zu: start that version.",
                 (long long)version, count);
        return false;
    }
    for (size_t i = (size_t)version; i < count; i++)
        if (!apply(db, &list[i], why, why_size))
            return false;
    return true;
}

bool db_migrate(struct db *db, char *why, size_t why_size)
{
    return db_migrate_list(db, db_migrations, db_migrations_count, why, why_size);
}
