/* What can go wrong in the product, as a person is told it. http/ turns kinds into statuses; nothing below app/ knows them. */
#ifndef APP_PROBLEM_H
#define APP_PROBLEM_H

#include <stdbool.h>

#include "db/db.h"

enum problem_kind {
    PROBLEM_NONE,
    PROBLEM_BAD_REQUEST,  /* 400 */
    PROBLEM_UNAUTHORIZED, /* 401 */
    PROBLEM_FORBIDDEN,    /* 403 */
    PROBLEM_NOT_FOUND,    /* 404 */
    PROBLEM_CONFLICT,     /* 409 */
    PROBLEM_TOO_LARGE,    /* 413 */
    PROBLEM_UNSUPPORTED,  /* 415 */
    PROBLEM_INVALID,      /* 422: field names the member */
    PROBLEM_TOO_MANY,     /* 429 with retry_after_s */
    PROBLEM_INTERNAL,     /* 500 */
    PROBLEM_UNAVAILABLE,  /* 503 with retry_after_s */
    PROBLEM_STORAGE       /* 507 */
};

/* A bound on how often something may be done: at most `most` times within window_s seconds. */
struct limit {
    const char *name; /* static; ASCII without quotes or backslashes */
    int most, window_s;
};

struct problem {
    enum problem_kind kind;
    char slug[40];    /* "/errors/" + slug; "" takes the kind's own */
    char field[64];   /* of PROBLEM_INVALID: the member at fault; "query.NAME", "path.NAME" or "header.NAME" when it is not one of the body's */
    char detail[320]; /* one sentence: what is wrong and what to do */
    int retry_after_s;
    struct limit limit; /* that was reached; name NULL: none that is told */
};

/* Fills *p and returns false, so that a function can end with: return problem_set(p, …). p may be NULL. */
bool problem_set(struct problem *p, enum problem_kind kind, const char *slug, const char *format, ...) __attribute__((format(printf, 4, 5)));
/* PROBLEM_INVALID for one member. */
bool problem_field(struct problem *p, const char *field, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* From a database status: DB_FULL → PROBLEM_STORAGE, DB_RETRY → PROBLEM_UNAVAILABLE, else PROBLEM_INTERNAL. */
bool problem_db(struct problem *p, enum db_status status);

#endif
