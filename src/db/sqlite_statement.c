/* The SQLite driver, statements. Parameters are bound by name: SQLite numbers $2 as 1 when it comes first in the text. */
#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "db/sqlite.h"

static struct sqlite_conn *conn_of(struct db_stmt *s)
{
    return (struct sqlite_conn *)s->conn;
}

static sqlite3_stmt *handle_of(struct db_stmt *s)
{
    return ((struct sqlite_stmt *)s)->handle;
}

static void find_parameters(struct sqlite_stmt *s)
{
    for (int i = 1; i <= DB_PARAMETERS_MAX; i++) {
        char name[8];
        snprintf(name, sizeof name, "$%d", i);
        s->index[i] = (unsigned char)sqlite3_bind_parameter_index(s->handle, name);
    }
}

struct db_stmt *sqlite_prepare(struct db_conn *base, const struct db_statement *text)
{
    struct sqlite_conn *c = (struct sqlite_conn *)base;
    struct sqlite_stmt *s = calloc(1, sizeof *s);
    if (!s)
        return NULL;
    int code = sqlite3_prepare_v3(c->handle, text->sql, -1, SQLITE_PREPARE_PERSISTENT, &s->handle, NULL);
    if (code == SQLITE_OK && sqlite3_bind_parameter_count(s->handle) <= DB_PARAMETERS_MAX) {
        find_parameters(s);
        return &s->base;
    }
    /* The text is the program's own and holds no value. */
    log_event(LOG_ERROR, "statement cannot be prepared", log_str("statement", text->name), log_str("error", sqlite3_errmsg(c->handle)));
    sqlite3_finalize(s->handle);
    free(s);
    return NULL;
}

void sqlite_finalize(struct db_stmt *s)
{
    sqlite3_finalize(handle_of(s));
    free(s);
}

/* SQLite's number of the parameter; 0, which no bind accepts, when the text has none of that name. */
static int index_of(struct db_stmt *s, int parameter)
{
    return ((struct sqlite_stmt *)s)->index[parameter];
}

static enum db_status bound(struct db_stmt *s, int code)
{
    return sqlite_status(conn_of(s), code, s->text->name);
}

enum db_status sqlite_bind_integer(struct db_stmt *s, int parameter, int64_t value)
{
    return bound(s, sqlite3_bind_int64(handle_of(s), index_of(s, parameter), value));
}

enum db_status sqlite_bind_string(struct db_stmt *s, int parameter, struct span value)
{
    return bound(s, sqlite3_bind_text64(handle_of(s), index_of(s, parameter), value.p, value.n, SQLITE_STATIC, SQLITE_UTF8));
}

enum db_status sqlite_bind_bytes(struct db_stmt *s, int parameter, struct span value)
{
    return bound(s, sqlite3_bind_blob64(handle_of(s), index_of(s, parameter), value.p, value.n, SQLITE_STATIC));
}

enum db_status sqlite_step(struct db_stmt *s)
{
    return sqlite_status(conn_of(s), sqlite3_step(handle_of(s)), s->text->name);
}

int64_t sqlite_integer(struct db_stmt *s, int column)
{
    return sqlite3_column_int64(handle_of(s), column);
}

/* SQLite gives NULL for an empty value too; here only for null. */
static struct span column_span(struct db_stmt *s, int column, const void *p)
{
    if (p)
        return (struct span){p, (size_t)sqlite3_column_bytes(handle_of(s), column)};
    return (struct span){sqlite_is_null(s, column) ? NULL : "", 0};
}

struct span sqlite_string(struct db_stmt *s, int column)
{
    return column_span(s, column, sqlite3_column_text(handle_of(s), column));
}

struct span sqlite_bytes(struct db_stmt *s, int column)
{
    return column_span(s, column, sqlite3_column_blob(handle_of(s), column));
}

bool sqlite_is_null(struct db_stmt *s, int column)
{
    return sqlite3_column_type(handle_of(s), column) == SQLITE_NULL;
}

int64_t sqlite_changed(struct db_stmt *s)
{
    return sqlite3_changes64(conn_of(s)->handle);
}

void sqlite_reset(struct db_stmt *s)
{
    sqlite3_reset(handle_of(s));
    sqlite3_clear_bindings(handle_of(s));
}
