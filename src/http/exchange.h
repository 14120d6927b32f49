/* An exchange: one request and the making of its reply, as handlers see it.
 *
 * A handler runs on a thread of its route's pool, never on a network thread. It reads the request and finishes the exchange exactly once: with
 * exchange_reply, or with exchange_stream_begin … exchange_stream_end. It may return without finishing and hand the exchange to somebody who
 * finishes it later (a finished ingest, a model's stream); from then on that somebody owns it. The connection may go away at any time: the
 * exchange stays valid until finished, sends into nothing, and says so through exchange_gone.
 *
 * A client that ends its own side of the connection counts as gone, for TCP cannot tell it from one that has left; a whole reply is sent to it all
 * the same, a stream is cut. For HEAD the core drops the body of a reply, and exchange_stream_begin says false: there is nothing to send. */
#ifndef HTTP_EXCHANGE_H
#define HTTP_EXCHANGE_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/sys.h"

struct exchange;

enum http_method { HTTP_GET, HTTP_POST, HTTP_PUT, HTTP_PATCH, HTTP_DELETE, HTTP_HEAD, HTTP_OPTIONS, HTTP_METHODS };

/* ---- the request; everything borrowed until the exchange is finished ---- */
enum http_method exchange_method(const struct exchange *x);
struct span exchange_path(const struct exchange *x);
/* The value of {name} in the route's pattern, percent-decoded; empty when the pattern has none. */
struct span exchange_path_param(const struct exchange *x, const char *name);
/* The first value of a query parameter, percent-decoded into the exchange's arena; false when absent. */
bool exchange_query_param(struct exchange *x, const char *name, struct span *value);
/* The value of a header field by name (case ignored), trimmed; false when absent. Fields that come more than once are joined by ", ". */
bool exchange_header(struct exchange *x, const char *name, struct span *value);
/* The body: in memory up to 64 KiB, else in an unnamed spool file. */
int64_t exchange_body_size(const struct exchange *x);
/* The whole body in memory (at most max bytes; the route's bound holds anyway), in the exchange; false when it is larger or cannot be read. */
bool exchange_body(struct exchange *x, size_t max, struct span *body);
/* Reads body bytes at an offset, wherever they are; the number read, 0 at the end, -1 on error. For multipart. */
int64_t exchange_body_read(struct exchange *x, int64_t offset, void *out, size_t n);
/* "request id" of the reply, the log line and the error body. */
const char *exchange_request_id(const struct exchange *x);
/* The client's address as text. */
const char *exchange_peer(const struct exchange *x);
/* Memory that lives as long as the exchange; at most 4 MiB. */
struct arena *exchange_arena(struct exchange *x);
/* What the server was started with (http_options.context). */
void *exchange_context(const struct exchange *x);
/* A pointer carried from the admit step to the handler; freed with `release` when the exchange ends. */
void exchange_set_user(struct exchange *x, void *user, void (*release)(void *));
void *exchange_user(const struct exchange *x);

/* ---- the reply ---- */
/* Adds a header field to the reply to come; both copied. Values with control characters are dropped and logged. */
void exchange_add_header(struct exchange *x, const char *name, const char *value);
/* Finishes with a whole body (copied). content_type NULL: no body. x is gone afterwards. */
void exchange_reply(struct exchange *x, int status, const char *content_type, struct span body);
/* Starts a streamed reply (chunked, or until close for HTTP/1.0). False when the client is gone; exchange_stream_end is due all the same. */
bool exchange_stream_begin(struct exchange *x, int status, const char *content_type);
/* Sends bytes in one write (one event a call), at once where the socket takes them. Waits while 256 KiB are unsent, at most 30 s. False when the client is gone or too slow. */
bool exchange_stream_send(struct exchange *x, struct span bytes);
/* Whether exchange_stream_send would take 128 KiB without waiting. For threads that must not wait. */
bool exchange_stream_has_room(struct exchange *x);
/* Finishes the streamed reply. x is gone afterwards. */
void exchange_stream_end(struct exchange *x);
/* Whether the client has hung up. Cheap; may be asked from any thread. */
bool exchange_gone(const struct exchange *x);

/* Only in an admit step: read the body and call the handler then. x is not to be touched afterwards. */
void exchange_continue(struct exchange *x);

#endif
