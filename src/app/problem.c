/* Problems: kind, slug and one sentence for a person. */
#include "app/problem.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void fill(struct problem *p, enum problem_kind kind, const char *slug, const char *field)
{
    memset(p, 0, sizeof *p);
    p->kind = kind;
    snprintf(p->slug, sizeof p->slug, "%s", slug ? slug : "");
    snprintf(p->field, sizeof p->field, "%s", field);
    if (kind == PROBLEM_UNAVAILABLE)
        p->retry_after_s = 1;
}

bool problem_set(struct problem *p, enum problem_kind kind, const char *slug, const char *format, ...)
{
    if (!p)
        return false;
    fill(p, kind, slug, "");
    va_list args;
    va_start(args, format);
    vsnprintf(p->detail, sizeof p->detail, format, args);
    va_end(args);
    return false;
}

bool problem_field(struct problem *p, const char *field, const char *format, ...)
{
    if (!p)
        return false;
    fill(p, PROBLEM_INVALID, "", field);
    va_list args;
    va_start(args, format);
    vsnprintf(p->detail, sizeof p->detail, format, args);
    va_end(args);
    return false;
}

bool problem_db(struct problem *p, enum db_status status)
{
    if (status == DB_FULL)
        return problem_set(p, PROBLEM_STORAGE, "", "The server has no room left to store this; ask its operator to free some.");
    if (status == DB_RETRY)
        return problem_set(p, PROBLEM_UNAVAILABLE, "", "The database is busy; try again in a moment.");
    return problem_set(p, PROBLEM_INTERNAL, "", "Something went wrong on the server; try again, and give the request id to its operator if it stays.");
}
