/* `chatifix backup` and `chatifix restore`: the data file while a server writes to it, and back into a data folder. */
#ifndef BACKUP_H
#define BACKUP_H

#include "db/db.h"
#include "options.h"

/* Both return the exit status, 0 or 1 with a sentence on standard error. */
int backup(const struct options *options, const struct db_engine *engine, const char *file);
/* Makes the data folder when absent. */
int restore(const struct options *options, const struct db_engine *engine, const char *file);

#endif
