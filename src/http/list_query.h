/* limit and cursor of a list. */
#ifndef HTTP_LIST_QUERY_H
#define HTTP_LIST_QUERY_H

#include "http/call.h"

enum { LIST_LIMIT_DEFAULT = 100, LIST_LIMIT_MAX = 1000 };

/* cursor: p == NULL when absent. False: x has been finished with 422. */
bool list_query_read(struct exchange *x, int64_t *limit, struct span *cursor);
/* A page's cursor as JSON: null for "". */
json_t *list_cursor_json(const char *cursor);
json_t *text_or_null(struct span s);

#endif
