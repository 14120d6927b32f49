/* A feed: all that an answer's stream has told so far, and the one connection that it is being told to. So an answer goes on when that connection breaks, and
 * another takes it up from the last event it has seen.
 *
 * Event ids: start is 1, each source one more, then each event of text raises the id by its bytes, each citation and the last event by one. They follow from what
 * is told alone, not from how the text was cut, so a stored answer gives the same ids as its stream did. Thread-safe; nothing here waits but feed_end and a
 * follower of a feed that has ended. */
#ifndef HTTP_FEED_H
#define HTTP_FEED_H

#include "http/sse.h"

/* How long an answer goes on with nobody listening. */
enum { FEED_ALONE_MS = 60000 };

struct feed;

/* x: the exchange that the answer was asked for on, to be finished by feed_end; NULL for an answer of the past. One reference; NULL when there is no memory. */
struct feed *feed_new(struct exchange *x);
void *feed_retain(void *feed);
void feed_release(struct feed *f);

struct exchange *feed_exchange(const struct feed *f);
/* Begins the reply on the feed's own exchange; it may have gone already. */
void feed_begin(struct feed *f);
/* Was feed_begin called? Else the exchange is still to be finished otherwise. */
bool feed_begun(const struct feed *f);

/* What is told, in this order: start, source…, text, citation…, then done or error. json as for sse_send. False when there is no memory. */
bool feed_tell(struct feed *f, const char *type, struct span json);
bool feed_say(struct feed *f, struct span text);
/* Sends what there is room for, and a heartbeat when it is due. False when nobody has listened for FEED_ALONE_MS at now_ms (sys_mono_ms). */
bool feed_look(struct feed *f, int64_t now_ms);
/* Nothing more comes: tells the rest, waiting for a slow reader, and finishes its exchange and the feed's own. */
void feed_end(struct feed *f);

/* Tells x everything behind the event of that id, and what comes; finishes x in any case, with 204 when that was the last event of all. Whoever listened until
 * now is left. */
void feed_follow(struct feed *f, struct exchange *x, uint64_t after);

#endif
