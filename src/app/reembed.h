/* After a change of the encoder: new vectors for all passages, made in the background while the old ones answer.
 *
 * The encoder that vectors are to come from is recorded in the database (app/encoders.h), and for each tenant whose vectors answer. One thread goes through
 * the tenants whose vectors are not, or not all, of that encoder: it makes what is missing, batch by batch, each stored in a transaction of its own, so a
 * restart goes on where it was. When no passage lacks a vector the tenant changes over, in one transaction that also raises index_seq: every node sees it with
 * the tenant's next request. Then the old vectors are deleted. Where the former encoder's weight file is not there, its vectors are of no use: the tenant
 * changes over at once, is searched by words, and by meaning document by document. What was uploaded without an encoder gets its vectors in the same way.
 *
 * A tenant is worked on under a lease, so that nodes share the work. Nodes that were started with different encoders agree on the one of the newest start. */
#ifndef APP_REEMBED_H
#define APP_REEMBED_H

#include "app/app.h"

struct reembed;

/* Starts the thread, which looks at once, when it is poked, and every minute. app->encoders is there. NULL when it cannot be started. */
struct reembed *reembed_new(struct app *app);
/* There may be something to do. NULL is fine. Any thread. */
void reembed_poke(struct reembed *r);
/* Ends the thread after the texts that it has begun. NULL is fine, and to stop twice. */
void reembed_stop(struct reembed *r);
void reembed_free(struct reembed *r);

/* Of what is under way, else all 0. */
struct reembed_progress {
    int64_t tenants;        /* that are left */
    int64_t passages, done; /* theirs when it began, and how many of them have been looked at */
};
void reembed_progress(const struct reembed *r, struct reembed_progress *progress);

#endif
