/* The two commands on the data file. */
#include "backup.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "app/accounts.h"
#include "app/snapshots.h"
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

/* Those of the database before, which a server would not use but remove when it starts. */
static void remove_snapshots(const struct options *o)
{
    static const unsigned char no_key[SNAPSHOT_KEY_BYTES];
    char folder[PATH_BYTES];
    snprintf(folder, sizeof folder, "%s/" SNAPSHOTS_FOLDER, o->data);
    snapshots_open(folder, 0, no_key);
}

int restore(const struct options *o, const struct db_engine *engine, const char *file)
{
    char location[PATH_BYTES], why[WHY] = "";
    options_database(o, location, sizeof location);
    bool ok = file_make_dirs(o->data);
    if (!ok)
        snprintf(why, sizeof why, "The data folder %.200s cannot be made: %s.", o->data, strerror(errno));
    ok = ok && db_restore(engine, location, file, accounts_renew_epoch, NULL, why, sizeof why);
    if (ok)
        remove_snapshots(o);
    return end(ok, "restored from", file, why);
}
