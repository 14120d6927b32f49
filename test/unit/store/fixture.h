/* What the tests of the store share: a fresh database with two tenants, and rows with everything filled in. */
#ifndef TEST_STORE_FIXTURE_H
#define TEST_STORE_FIXTURE_H

#include "place.h"
#include "store/account.h"
#include "store/conversation.h"
#include "store/document.h"
#include "store/job.h"

enum { NOW = 1000000 };

struct fixture {
    struct place place;
    struct db *db;
    struct db_conn *c; /* the writer */
    struct arena *arena;
    struct tenant a, b;
    int64_t collection_a, collection_b;
};

/* cmocka's set-up and tear-down; *state is a struct fixture. */
int fixture_set_up(void **state);
int fixture_tear_down(void **state);

/* A document row of that number: ids, names and content follow from it. */
struct document_row fixture_document(int64_t collection_id, int number);
/* Inserts it. */
void fixture_insert_document(struct fixture *f, const struct tenant *t, int number);
/* A chunk whose text is `text`. */
struct chunk_row fixture_chunk(int32_t ordinal, const char *text);
/* The number of rows of a table that belong to a tenant. */
enum fixture_table { IN_DOCUMENT_PART, IN_CHUNK, IN_EMBEDDING, IN_JOB, IN_TENANT_WORK, IN_IDEMPOTENCY, IN_AUDIT, IN_MESSAGE_SOURCE };
int64_t fixture_count(struct fixture *f, const struct tenant *t, enum fixture_table table);

#define STORE_TEST(name) cmocka_unit_test_setup_teardown(name, fixture_set_up, fixture_tear_down)
#define assert_ok(call) assert_int_equal(call, DB_OK)
#define assert_text(span, text) assert_true(span_eq(span, SPAN(text)))

#endif
