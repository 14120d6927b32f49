/* How the files of the store bind and read: the tenant first, rows copied into an arena. */
#ifndef STORE_ROW_H
#define STORE_ROW_H

#include "base/arena.h"
#include "db/db.h"
#include "doc/tenant.h"

/* Prepares a statement of a tenant with $1 bound to it. */
struct db_stmt *row_prepare(const struct tenant *t, struct db_conn *c, const struct db_statement *statement);

/* 0 is bound as null. */
void row_bind_optional(struct db_stmt *s, int parameter, int64_t value);
void row_bind_cstr(struct db_stmt *s, int parameter, const char *value);

/* One step of a statement that gives at most one row: DB_OK with *found, or the error. The columns may be read until db_end. */
enum db_status row_first(struct db_stmt *s, bool *found);
/* The same, and the row's only column, a number. Ends the statement. */
enum db_status row_number(struct db_stmt *s, int64_t *value, bool *found);

/* Copies columns of the current row. `failed` sticks when the arena is full; row_end makes a status of it. */
struct row_reader {
    struct db_stmt *s;
    struct arena *arena;
    bool failed;
};
/* Null gives p == NULL. */
struct span row_text(struct row_reader *r, int column);
struct span row_blob(struct row_reader *r, int column);
/* Into an array; what does not fit fails. */
void row_cstr(struct row_reader *r, int column, char *out, size_t size);
/* A blob of exactly `size` bytes; anything else fails. */
void row_bytes(struct row_reader *r, int column, unsigned char *out, size_t size);
/* Ends the statement; steps a writing one to its end first. `status` if that is an error already, else DB_ERROR when a copy failed. */
enum db_status row_end(struct row_reader *r, enum db_status status);

/* Rows of unknown number as one array in an arena. */
struct row_array {
    struct arena *arena;
    size_t size; /* of an element */
    char *p;
    size_t count, room;
};
/* A zeroed element at the end, valid until the next; NULL when the arena is full. */
void *row_append(struct row_array *a);

#endif
