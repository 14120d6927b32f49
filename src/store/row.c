/* Binding and reading rows. */
#include "store/row.h"

#include <string.h>

#include "base/log.h"

struct db_stmt *row_prepare(const struct tenant *t, struct db_conn *c, const struct db_statement *statement)
{
    struct db_stmt *s = db_prepare(c, statement);
    db_bind_int(s, 1, t->id);
    return s;
}

void row_bind_optional(struct db_stmt *s, int parameter, int64_t value)
{
    if (value)
        db_bind_int(s, parameter, value);
    else
        db_bind_null(s, parameter);
}

void row_bind_cstr(struct db_stmt *s, int parameter, const char *value)
{
    db_bind_text(s, parameter, span_of(value));
}

enum db_status row_first(struct db_stmt *s, bool *found)
{
    enum db_status status = db_step(s);
    *found = status == DB_ROW;
    return *found ? DB_OK : status;
}

enum db_status row_number(struct db_stmt *s, int64_t *value, bool *found)
{
    enum db_status status = row_first(s, found);
    if (*found)
        *value = db_int(s, 0);
    return row_end(&(struct row_reader){.s = s}, status);
}

static struct span copy(struct row_reader *r, struct span value)
{
    if (!value.p)
        return value;
    struct span copied = arena_copy(r->arena, value);
    r->failed = r->failed || !copied.p;
    return copied;
}

struct span row_text(struct row_reader *r, int column)
{
    return copy(r, db_text(r->s, column));
}

struct span row_blob(struct row_reader *r, int column)
{
    return copy(r, db_blob(r->s, column));
}

void row_cstr(struct row_reader *r, int column, char *out, size_t size)
{
    if (!span_to_cstr(db_text(r->s, column), out, size))
        r->failed = true;
}

void row_bytes(struct row_reader *r, int column, unsigned char *out, size_t size)
{
    struct span value = db_blob(r->s, column);
    if (value.n == size)
        memcpy(out, value.p, size);
    else
        r->failed = true;
}

enum db_status row_end(struct row_reader *r, enum db_status status)
{
    /* A writing statement that returns a row is committed by its last step, which may fail. */
    enum db_status ended = db_run(r->s, NULL);
    if (status != DB_OK)
        return status;
    if (r->failed)
        log_event(LOG_ERROR, "a row does not fit", log_int("arena used", r->arena ? (int64_t)arena_used(r->arena) : 0));
    return r->failed ? DB_ERROR : ended;
}

void *row_append(struct row_array *a)
{
    if (a->count == a->room) {
        size_t room = a->room ? a->room * 2 : 16;
        char *p = arena_array(a->arena, room, a->size);
        if (!p)
            return NULL;
        if (a->count)
            memcpy(p, a->p, a->count * a->size);
        a->p = p;
        a->room = room;
    }
    return memset(a->p + a->count++ * a->size, 0, a->size);
}
