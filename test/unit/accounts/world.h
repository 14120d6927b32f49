/* A small world for tests of accounts and calls: a database of its own in a new folder, an app with accounts and nothing else, and a clock that stands
 * until it is moved. */
#ifndef TEST_ACCOUNTS_WORLD_H
#define TEST_ACCOUNTS_WORLD_H

#include "app/accounts.h"

struct world {
    char folder[256], path[300];
    struct db *db;
    struct app_config config;
    struct app app;
    struct arena *arena;
};

/* cmocka's set-up and tear-down: *state is a struct world. The clock starts at 2026-11-23T09:30:00Z. */
int world_open(void **state);
int world_close(void **state);
/* Ends the accounts and starts them again on the same database, as a restart does. */
void world_restart(struct world *w);
void world_advance_ms(int64_t ms);
/* Runs one statement of the test's own on the database. */
void world_sql(struct world *w, const char *sql);
/* The first column of the first row as a number; -1 without a row. */
int64_t world_number(struct world *w, const char *sql);

/* Registers "My Company" under that address with the password "secure_password_123". */
struct grant world_register(struct world *w, const char *email);
/* What authenticate says to that token or key (Authorization: Bearer); the principal in *by, which may be NULL. */
bool world_bearer(struct world *w, const char *credential, struct principal *by);
/* A key made by the owner behind the grant. */
struct new_key world_key(struct world *w, const struct grant *owner, unsigned scopes);

#endif
