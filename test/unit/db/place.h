/* A folder of a test's own with the path of a database in it. */
#ifndef TEST_DB_PLACE_H
#define TEST_DB_PLACE_H

#include "db/db.h"

struct place {
    char folder[256];
    char path[300];
};

/* Makes the folder; fails the test when it cannot. */
void place_make(struct place *p);
/* Removes the database's files and the folder. */
void place_remove(const struct place *p);
/* Opens the database of the place, without migrations; fails the test when it cannot. options may be NULL. */
struct db *place_open(const struct place *p, const struct db_options *options);

#endif
