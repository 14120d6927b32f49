/* A company with documents on a server whose encoder is the fake one (fake_embed.h), which can be ended and started with another. */
#ifndef TEST_MEANING_WORLD_H
#define TEST_MEANING_WORLD_H

#include "app/retrieve.h"
#include "store/document.h"

struct world {
    char folder[64], path[96];
    struct app_config config;
    struct db *db;
    struct app *app;
    struct principal by;
    struct arena *arena;
};

/* cmocka's set-up and tear-down: a server with "fake-1". */
int world_open(void **state);
int world_close(void **state);
/* The server ends, and another begins on the same database; model NULL: without an encoder. */
void world_stop(struct world *w);
void world_start(struct world *w, const char *model);

/* Another company, w->by.tenant. */
void world_add_tenant(struct world *w);

/* A few milliseconds. */
void world_pause(void);
/* Adds a text and waits until it is searchable. */
struct document_row world_add(struct world *w, const char *name, const char *content);
void world_search(struct world *w, const char *text, enum retrieve_mode mode, struct passages *found);
/* The names found, in order, each with a space behind it. In w->arena. */
const char *world_names(struct world *w, const char *text, enum retrieve_mode mode);
/* Searches by meaning again and again until those are found. */
void world_until_found(struct world *w, const char *text, const char *expected);

#define IN_WORLD(test) cmocka_unit_test_setup_teardown(test, world_open, world_close)

#endif
