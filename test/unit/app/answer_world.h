/* A small world for tests of retrieval and answers: a database file of its own, tenants, and documents put in as ingest would. Everything ends the test when
 * it fails. */
#ifndef TEST_ANSWER_WORLD_H
#define TEST_ANSWER_WORLD_H

#include "app/answer.h"
#include "app/app.h"
#include "app/principal.h"
#include "doc/block.h"

struct world {
    char path[128];
    struct app_config config;
    struct db *db;
    struct app app;
};

struct world *world_new(size_t index_memory);
void world_free(struct world *w);

/* A tenant with the collection "default"; its handle sees nothing newer than itself until world_refresh. */
struct principal world_tenant(struct world *w);
/* Reads index_seq, as authentication does for each request. */
void world_refresh(struct world *w, struct principal *p);

struct world_document {
    const char *name, *text; /* "# " begins a heading, "- " an item, "| " a table row with TABs; other lines are paragraphs */
    const char *collection;  /* NULL: "default" */
    const char *metadata;    /* NULL: {} */
    const char *language;    /* NULL: "en" */
};
struct world_id {
    int64_t id;
    char public_id[PUBLIC_ID_SIZE];
};
struct world_id world_add(struct world *w, const struct principal *p, const struct world_document *document);
/* A new version of the document, searchable when this returns. */
void world_replace(struct world *w, const struct principal *p, struct world_id id, const char *text);
void world_delete(struct world *w, const struct principal *p, struct world_id id);
void world_setting(struct world *w, const struct principal *p, const char *name, const char *value);
int64_t world_collection(struct world *w, const struct principal *p, const char *name);

/* Searches as a new request; the names of the documents found, in order, joined by spaces, in the arena. */
const char *world_search(struct world *w, struct principal *p, const struct retrieve_query *query, struct arena *arena);

#endif
