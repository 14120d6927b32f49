/* Folders of tests. */
#include "place.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

void place_make(struct place *p)
{
    const char *base = getenv("TMPDIR");
    snprintf(p->folder, sizeof p->folder, "%s/db-XXXXXX", base && strlen(base) < 200 ? base : P_tmpdir);
    assert_non_null(mkdtemp(p->folder));
    snprintf(p->path, sizeof p->path, "%s/test.db", p->folder);
}

void place_remove(const struct place *p)
{
    static const char *const endings[] = {"", "-wal", "-shm", "-journal", ".lock"};
    for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++) {
        char name[320];
        snprintf(name, sizeof name, "%s%s", p->path, endings[i]);
        unlink(name);
    }
    rmdir(p->folder);
}

struct db *place_open(const struct place *p, const struct db_options *options)
{
    char why[512] = "";
    struct db *db = db_open(&db_sqlite, p->path, options, why, sizeof why);
    if (!db)
        fail_msg("%s", why);
    return db;
}
