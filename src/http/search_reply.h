/* The reply of a search, written straight to bytes. */
#ifndef HTTP_SEARCH_REPLY_H
#define HTTP_SEARCH_REPLY_H

#include "app/retrieve.h"
#include "base/buf.h"

/* {"results": [...], "took_ms"}, or {"groups": [{..., "passages": [...]}], "took_ms"} where query->group_size is set; with query->explain beside them what each
 * score is made of. */
void search_reply_write(struct buf *out, const struct retrieve_query *query, const struct passages *passages, double took_ms);

#endif
