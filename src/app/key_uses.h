/* The last use of API keys, noted beside the requests: at most once a minute a key, never waited for, left out when the writer is busy. */
#ifndef APP_KEY_USES_H
#define APP_KEY_USES_H

#include "db/db.h"
#include "doc/tenant.h"

struct key_uses;

/* Starts its one thread; NULL when that fails. db is borrowed until key_uses_free. */
struct key_uses *key_uses_new(struct db *db);
/* Writes what is queued, then ends. */
void key_uses_free(struct key_uses *u);
/* The key was used at now_ms (wall clock); last_ms: what its row says so far. Thread-safe, quick. */
void key_uses_note(struct key_uses *u, const struct tenant *tenant, int64_t key_id, int64_t last_ms, int64_t now_ms);

#endif
