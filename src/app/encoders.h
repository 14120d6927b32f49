/* The encoders of a server: the one that --model names, which all vectors are to come from, and beside it those that a tenant's vectors still come from. */
#ifndef APP_ENCODERS_H
#define APP_ENCODERS_H

#include "app/embedder.h"
#include "db/db.h"
#include "store/model.h"

struct encoders;

/* Opens the weight file and records in the database that vectors are to come from it, with its path. NULL with a sentence in why. The database is borrowed. */
struct encoders *encoders_new(struct db *db, const char *path, char *why, size_t why_size);
/* Every one that was taken has been given back. */
void encoders_free(struct encoders *e);

/* The one that was opened first; it stays. NULL for NULL. */
struct embedder *encoders_own(const struct encoders *e);
/* The name of the one that vectors are to come from: this server's own, unless another that uses the database was started later with another. */
bool encoders_target(struct encoders *e, struct model_name *name);

/* The encoder of that name, opened from where it lay when it was last in use, if nobody has taken it yet; encoders_give gives it back, and the last one to
 * do so closes it. NULL, said in the log, when the file is not there or is another now: then its vectors cannot be compared with anything, and words must
 * do. The caller holds no database connection. NULL for NULL and for "". */
struct embedder *encoders_take(struct encoders *e, const struct model_name *name);
/* NULL is fine. */
void encoders_give(struct encoders *e, struct embedder *taken);
/* Takes once more what is taken already. NULL is fine. */
struct embedder *encoders_share(struct encoders *e, struct embedder *taken);

/* How many weight files are open, for tests and metrics. */
size_t encoders_open_count(struct encoders *e);

#endif
