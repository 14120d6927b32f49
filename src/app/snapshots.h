/* The folder of index snapshots: one file a tenant, so that a cold start need not read every row. They are never the truth: each document in one is compared
 * with its row before a search sees it (app/index_entry.c), and a file that is missing, old, damaged or of something else costs time alone. */
#ifndef APP_SNAPSHOTS_H
#define APP_SNAPSHOTS_H

#include "app/snapshot_file.h"

struct snapshots;

#define SNAPSHOTS_FOLDER "snapshots" /* in the data folder */

/* Snapshots in that folder (made when absent, for its owner alone), of at most so many bytes together; the key tells those of this database. What earlier
 * runs left half written is removed. With max_bytes 0 all of them are removed, and NULL is returned as when the folder cannot be made (logged): then there
 * are none. */
struct snapshots *snapshots_open(const char *folder, int64_t max_bytes, const unsigned char key[SNAPSHOT_KEY_BYTES]);
void snapshots_close(struct snapshots *s);

/* As snapshot_read, of the tenant's file; false, with a line in the log, when there is one that cannot be used: it is removed. */
bool snapshots_load(struct snapshots *s, struct snapshot_of *of, const struct snapshot_reading *r);
/* What is forgotten from now on is not written by the next snapshots_save of that tenant: to be called before the index is looked at. */
void snapshots_begin(struct snapshots *s, int64_t tenant_id);
/* As snapshot_write, to a new file that takes the tenant's place when it is whole; others, those used longest ago first, are removed to make room
 * (SNAPSHOT_FAILED when there is none). SNAPSHOT_CHANGED too when the tenant's was forgotten meanwhile. One thread at a time. */
enum snapshot_end snapshots_save(struct snapshots *s, const struct snapshot_of *of, const struct snapshot_writing *w);
/* Removes the tenant's, and makes one that is being written moot. Any thread. */
void snapshots_forget(struct snapshots *s, int64_t tenant_id);

/* Calls visit(context, tenant_id) for each file, which may forget it. */
void snapshots_each(struct snapshots *s, void (*visit)(void *context, int64_t tenant_id), void *context);
/* As snapshot_peek, of the tenant's file; of->model and all but seq as for snapshots_load. */
bool snapshots_peek(struct snapshots *s, struct snapshot_of *of);
/* The bound of all files together, and how much there is. */
int64_t snapshots_limit(const struct snapshots *s);
int64_t snapshots_bytes(struct snapshots *s);

#endif
