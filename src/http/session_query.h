/* What the calls on conversations have in common (session_calls.c, resumable.c). */
#ifndef HTTP_SESSION_QUERY_H
#define HTTP_SESSION_QUERY_H

#include "app/sessions.h"
#include "http/call.h"

/* Authenticates for chat and reads the query's `user` (p == NULL: none). False: x has been finished. */
bool session_call_begin(struct exchange *x, struct principal *by, struct span *user);

/* What a stored answer told at its end; interrupted is not set. */
struct answer_end shown_end(const struct shown_message *message);
/* Makes a stored source of a source's JSON: its name is null when the document is gone, and `removed` is added. Gives back its argument. */
json_t *shown_source_json(const struct shown_source *source, json_t *value);

#endif
