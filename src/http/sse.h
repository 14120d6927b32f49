/* Server-sent events (HTML Living Standard, 9.2) as this API sends them: one JSON line an event, one event a write. */
#ifndef HTTP_SSE_H
#define HTTP_SSE_H

#include "http/exchange.h"

/* No event is larger, framing included: proxies and readers with small buffers get it whole. */
enum { SSE_EVENT_MAX = 4096, SSE_HEARTBEAT_MS = 15000 };

/* ---- framing; pure ---- */
/* Appends "id: ID\ndata: {"type":"TYPE","data":JSON}\n\n". type: plain ASCII. json: one valid JSON value without line breaks; U+0085, U+2028 and U+2029,
 * which some readers take for line breaks, are written as escapes. out->failed when there is no room. */
void sse_frame(struct buf *out, uint64_t id, const char *type, struct span json);
/* A comment line, which readers ignore. */
void sse_frame_comment(struct buf *out);

/* ---- a stream on an exchange ---- */
struct sse {
    struct exchange *x;
    struct buf event;
    uint64_t id;     /* of the last event, from 1 */
    int64_t sent_at; /* when it was sent; milliseconds */
};
/* Sends the head of the reply. sse_end is due in any case. False: the client is gone. */
bool sse_begin(struct sse *s, struct exchange *x);
/* False when the client is gone, or the event would be larger than SSE_EVENT_MAX (nothing was sent then; see sse_fits). */
bool sse_send(struct sse *s, const char *type, struct span json);
/* Whether sse_send would find it small enough. */
bool sse_fits(struct sse *s, const char *type, struct span json);
/* The same under an id above the last one. */
bool sse_send_as(struct sse *s, uint64_t id, const char *type, struct span json);
/* As much of a text as one event takes, cut between code points. */
struct span sse_piece(struct span text);
/* A text as the data of one or several events of that type. Each raises the id by its bytes: so an id tells how much of the text was sent, however it was cut. */
bool sse_send_text(struct sse *s, const char *type, struct span text);
/* Keeps proxies from closing a stream that is silent for long: a comment when nothing was sent for SSE_HEARTBEAT_MS. False when the client is gone. */
bool sse_heartbeat(struct sse *s);
/* Finishes the exchange. */
void sse_end(struct sse *s);

#endif
