/* Statements: kept prepared on their connection, found again by the address of their text, with an error that sticks from the first bad bind to the step. */
#include <string.h>

#include "base/log.h"
#include "base/utf8.h"
#include "db/engine.h"

static const struct db_engine *engine_of(const struct db_stmt *s)
{
    return s->conn->db->engine;
}

static struct db_stmt **slot_of(struct db_conn *c, const struct db_statement *text)
{
    uint64_t mixed = (uint64_t)(uintptr_t)text * 0x9E3779B97F4A7C15u;
    return &c->cache[mixed >> 58]; /* the top 6 bits: DB_CACHE_SLOTS */
}

static struct db_stmt *find_or_make(struct db_conn *c, const struct db_statement *text)
{
    struct db_stmt **slot = slot_of(c, text);
    for (struct db_stmt *s = *slot; s; s = s->next)
        if (s->text == text)
            return s;
    struct db_stmt *s = c->db->engine->prepare(c, text);
    if (!s)
        return NULL;
    s->conn = c;
    s->text = text;
    s->next = *slot;
    *slot = s;
    return s;
}

struct db_stmt *db_prepare(struct db_conn *c, const struct db_statement *statement)
{
    struct db_stmt *s = find_or_make(c, statement);
    if (!s)
        return NULL;
    if (s->in_use) {
        log_event(LOG_ERROR, "statement used twice at a time", log_str("statement", statement->name));
        return NULL;
    }
    s->in_use = true;
    s->done = false;
    s->status = DB_OK;
    c->in_use++;
    return s;
}

/* What a bind or step gave; anything but DB_OK from a bind, or DB_ROW from a step, is the end. */
static void note(struct db_stmt *s, enum db_status status, enum db_status go_on)
{
    s->status = status;
    s->done = status != go_on;
}

static bool may_bind(struct db_stmt *s, int parameter)
{
    if (!s || s->done)
        return false;
    if (parameter >= 1 && parameter <= DB_PARAMETERS_MAX)
        return true;
    note(s, DB_ERROR, DB_OK);
    return false;
}

void db_bind_int(struct db_stmt *s, int parameter, int64_t value)
{
    if (may_bind(s, parameter))
        note(s, engine_of(s)->bind_int(s, parameter, value), DB_OK);
}

/* PostgreSQL takes no other text, so SQLite must not either. */
static bool is_text(struct db_stmt *s, int parameter, struct span value)
{
    if (!memchr(value.p, 0, value.n) && utf8_valid(value))
        return true;
    log_event(LOG_ERROR, "text is not UTF-8 or holds NUL", log_str("statement", s->text->name), log_int("parameter", parameter));
    return false;
}

void db_bind_text(struct db_stmt *s, int parameter, struct span value)
{
    if (value.p && may_bind(s, parameter))
        note(s, is_text(s, parameter, value) ? engine_of(s)->bind_text(s, parameter, value) : DB_ERROR, DB_OK);
}

void db_bind_blob(struct db_stmt *s, int parameter, struct span value)
{
    if (value.p && may_bind(s, parameter))
        note(s, engine_of(s)->bind_blob(s, parameter, value), DB_OK);
}

/* Parameters are null from the start and bound once. */
void db_bind_null(struct db_stmt *s, int parameter)
{
    (void)may_bind(s, parameter);
}

enum db_status db_step(struct db_stmt *s)
{
    if (!s)
        return DB_ERROR;
    if (!s->done)
        note(s, engine_of(s)->step(s), DB_ROW);
    return s->status;
}

int64_t db_int(struct db_stmt *s, int column)
{
    return engine_of(s)->column_int(s, column);
}

struct span db_text(struct db_stmt *s, int column)
{
    return engine_of(s)->column_text(s, column);
}

struct span db_blob(struct db_stmt *s, int column)
{
    return engine_of(s)->column_blob(s, column);
}

bool db_is_null(struct db_stmt *s, int column)
{
    return engine_of(s)->column_is_null(s, column);
}

void db_end(struct db_stmt *s)
{
    if (!s || !s->in_use)
        return;
    engine_of(s)->reset(s);
    s->in_use = false;
    s->conn->in_use--;
}

enum db_status db_run(struct db_stmt *s, int64_t *changed)
{
    enum db_status status;
    if (changed)
        *changed = 0;
    while ((status = db_step(s)) == DB_ROW)
        continue;
    if (status == DB_OK && changed)
        *changed = engine_of(s)->changes(s);
    db_end(s);
    return status;
}

void db_statements_end(struct db_conn *c)
{
    for (size_t i = 0; i < DB_CACHE_SLOTS && c->in_use > 0; i++)
        for (struct db_stmt *s = c->cache[i]; s; s = s->next) {
            if (!s->in_use)
                continue;
            log_event(LOG_ERROR, "statement left open", log_str("statement", s->text->name));
            db_end(s);
        }
}

void db_statements_free(struct db_conn *c)
{
    db_statements_end(c);
    for (size_t i = 0; i < DB_CACHE_SLOTS; i++)
        while (c->cache[i]) {
            struct db_stmt *s = c->cache[i];
            c->cache[i] = s->next;
            c->db->engine->finalize(s);
        }
}
