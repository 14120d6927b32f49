/* Lists' queries. */
#include "http/list_query.h"

bool list_query_read(struct exchange *x, int64_t *limit, struct span *cursor)
{
    struct span text;
    struct problem problem;
    *limit = LIST_LIMIT_DEFAULT;
    *cursor = (struct span){NULL, 0};
    exchange_query_param(x, "cursor", cursor);
    if (!exchange_query_param(x, "limit", &text) || span_to_int(text, 1, LIST_LIMIT_MAX, limit))
        return true;
    problem_field(&problem, "query.limit", "limit must be a number from 1 to %d.", LIST_LIMIT_MAX);
    call_fail(x, &problem);
    return false;
}

json_t *list_cursor_json(const char *cursor)
{
    return *cursor ? json_string(cursor) : json_null();
}

json_t *text_or_null(struct span s)
{
    return s.p ? json_from(s) : json_null();
}
