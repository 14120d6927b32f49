/* An answer's events as JSON: what /chat collects into one reply and /chat/stream sends one by one. */
#ifndef HTTP_CHAT_REPLY_H
#define HTTP_CHAT_REPLY_H

#include <jansson.h>

#include "app/answer.h"
#include "http/sse.h"

/* Ways to give an answer to a client. Each finishes the exchange exactly once, whatever happens: before it returns, or later when a model gives the answer. */
/* One JSON object when the answer is complete. */
void chat_reply_whole(struct exchange *x, const struct principal *by, const struct question *question);
/* The same events, but when the client leaves the answer goes on for a while, and can be followed from where it was (http/feed.h). */
void chat_reply_resumable(struct exchange *x, const struct principal *by, const struct question *question);
/* Events as they come: start, source…, token…, citation…, done; error when the answer fails after start. Before that, problems are ordinary replies. */
void chat_reply_events(struct exchange *x, const struct principal *by, const struct question *question);

/* ---- members of an answer as JSON; NULL when there is no memory ---- */
json_t *chat_source_json(const struct answer_source *source, struct span heading, struct span snippet);
json_t *chat_citation_json(const struct answer_citation *citation);
/* A source with heading and snippet so short that it fits into an event of the stream. */
json_t *chat_source_event(const struct answer_source *source, struct sse *stream);
json_t *chat_error_event(const struct problem *problem);
/* answered, confidence, degraded, usage, and interrupted where it was: put into an object that may hold more. */
void chat_set_end(json_t *object, const struct answer_end *end);

#endif
