/* A worker pool: a few threads and one bounded queue. Work that may block (database, files, hashing) runs here, never on a network thread. */
#ifndef BASE_POOL_H
#define BASE_POOL_H

#include <stdbool.h>
#include <stddef.h>

struct pool;

typedef void pool_task(void *arg);

/* `threads` workers (1 to 64) named `name` (at most 15 bytes) and room for `queue_max` waiting tasks; NULL when they cannot be started. */
struct pool *pool_new(const char *name, unsigned threads, size_t queue_max);
/* Queues task(arg); false when the queue is full or the pool is stopping: the caller keeps arg. */
bool pool_submit(struct pool *p, pool_task *task, void *arg);
/* Takes no more tasks, finishes those queued, ends the threads and frees the pool. */
void pool_free(struct pool *p);
/* Tasks waiting now. */
size_t pool_waiting(struct pool *p);

#endif
