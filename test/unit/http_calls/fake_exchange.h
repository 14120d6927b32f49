/* A fake exchange for tests of the calls: implements http/exchange.h in memory, without sockets or an event loop.
 *
 * Make one, give it a request, hand it to a handler, look at the reply. It is stricter than the real one: when the exchange is finished its arena is
 * freed, so that under AddressSanitizer a handler that touches the exchange's memory afterwards fails; and finishing twice ends the test. It may be
 * finished on another thread: see fake_wait. */
#ifndef TEST_FAKE_EXCHANGE_H
#define TEST_FAKE_EXCHANGE_H

#include "base/json.h"
#include "http/exchange.h"

/* target: "/api/v1/documents?limit=2". context: what exchange_context gives. Ends the test when there is no memory. fake_free ends it. */
struct exchange *fake_new(enum http_method method, const char *target, void *context);
void fake_free(struct exchange *x);

/* ---- the request, before the handler runs; all borrowed ---- */
void fake_header(struct exchange *x, const char *name, const char *value);
/* A parameter of the route's pattern, as decoded. */
void fake_path_param(struct exchange *x, const char *name, const char *value);
/* Sets body and Content-Type (NULL: none). */
void fake_body(struct exchange *x, const char *content_type, struct span body);
/* fake_body with application/json. */
void fake_json(struct exchange *x, const char *text);
/* Another client address than 127.0.0.1. */
void fake_peer(struct exchange *x, const char *peer);
/* From the n-th exchange_stream_send on (from 0) the client is gone. */
void fake_hang_up_after(struct exchange *x, int sends);

/* ---- what came of it ---- */
/* Waits until the exchange is finished, at most `ms`; false when it is not. */
bool fake_wait(struct exchange *x, int ms);
bool fake_finished(struct exchange *x);
/* Whether an admit step let the body in (exchange_continue). */
bool fake_continued(const struct exchange *x);
/* 0 while there is no reply. */
int fake_status(const struct exchange *x);
/* "" when the reply has none. */
const char *fake_content_type(const struct exchange *x);
/* The last value added under that name (case ignored), or NULL. */
const char *fake_reply_header(const struct exchange *x, const char *name);
/* The body, or everything that was streamed. Borrowed until fake_free. */
struct span fake_reply_body(const struct exchange *x);
/* The body as JSON; NULL when it is none. Caller: json_decref. */
json_t *fake_reply_json(const struct exchange *x);
/* Calls of exchange_stream_send, and the bytes of one; the empty span past the last. */
size_t fake_events(const struct exchange *x);
struct span fake_event(const struct exchange *x, size_t index);

#endif
