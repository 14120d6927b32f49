/* The two commands on the data file. */
#include "backup.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "app/accounts.h"
#include "base/file.h"

enum { WHY = 1024, PATH_BYTES = 4096 };

static int end(bool ok, const char *done, const char *file, const char *why)
{
    if (ok)
        printf("%s %s\n", done, file);
    else
        fprintf(stderr, "chatifix: %s\n", why);
    return ok ? 0 : 1;
}

int backup(const struct options *o, const struct db_engine *engine, const char *file)
{
    char location[PATH_BYTES], why[WHY] = "";
    options_database(o, location, sizeof location);
    return end(db_backup(engine, location, file, why, sizeof why), "backed up to", file, why);
}

int restore(const struct options *o, const struct db_engine *engine, const char *file)
{
    char location[PATH_BYTES], why[WHY] = "";
    options_database(o, location, sizeof location);
    bool ok = file_make_dirs(o->data);
    if (!ok)
        snprintf(why, sizeof why, "The data folder %.200s cannot be made: %s.", o->data, strerror(errno));
    return end(ok && db_restore(engine, location, file, accounts_renew_epoch, NULL, why, sizeof why), "restored from", file, why);
}
