/* The life of one tenant's index in memory: CPU and wall time of loading it from the database, of the update after a deletion, of building it anew when a
 * third is dead, and what it takes in memory by part.
 *
 *     bench_life FILE PASSAGES CHUNKS [vectors] [delete] [snapshot]
 *
 * FILE: the database, filled from PASSAGES (bench/lexical.py makes it) where it is absent, and kept. snapshot: loads it from one too, which it writes to
 * FILE.snapshots and removes.
 *
 * Documents have 16 chunks. Vectors are random: they are loaded like any other, and not searched here. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "app/encoders.h"
#include "app/indexes.h"
#include "app/snapshots.h"
#include "app/vector_blob.h"
#include "base/buf.h"
#include "store/account.h"
#include "store/document.h"

enum { CHUNKS_OF_A_DOCUMENT = 16, DOCUMENTS_AT_ONCE = 200, LINE_MAX_BYTES = 1 << 16, ARENA_BYTES = 64 << 20, ROUNDS = 3, PATIENCE_S = 60 };

#define MEMORY ((size_t)64 << 30)
#define MODEL SPAN("bench") /* whose vectors the tenant has, so the index holds them, though no encoder made them */

static const struct tenant tenant = {.id = 4711};

static void need(bool truth, const char *what)
{
    if (truth)
        return;
    fprintf(stderr, "%s\n", what);
    exit(1);
}

static double seconds(clockid_t clock)
{
    struct timespec t;
    clock_gettime(clock, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

/* ---- filling ---- */

struct filling {
    FILE *passages;
    struct arena *arena;
    size_t documents; /* to write now */
    size_t written;
    bool vectors;
    uint64_t random;
};

static struct span next_line(struct filling *f)
{
    static char line[LINE_MAX_BYTES];
    if (!fgets(line, sizeof line, f->passages)) {
        rewind(f->passages);
        need(fgets(line, sizeof line, f->passages) != NULL, "there are no passages");
    }
    return span_trim(span_of(line));
}

static enum db_status insert_vector(struct filling *f, struct db_conn *c, int64_t document_id, int32_t ordinal)
{
    struct stored_vector v = {.vector.scale = 0.001f, .ratio = 1};
    char blob[VECTOR_BLOB_BYTES];
    for (size_t i = 0; i < EMBED_DIMENSIONS; i++) {
        f->random = f->random * 6364136223846793005u + 1442695040888963407u;
        v.vector.values[i] = (int8_t)(f->random >> 56);
    }
    vector_encode(&v, blob);
    return store_embedding_insert(&tenant, c, document_id, 1, ordinal, MODEL, (struct span){blob, sizeof blob});
}

static enum db_status insert_chunk(struct filling *f, struct db_conn *c, int64_t document_id, int32_t ordinal)
{
    struct chunk_row row = {.chunk = {.ordinal = ordinal, .text = next_line(f)}};
    struct term *terms;
    size_t count;
    uint32_t length;
    struct buf encoded;
    buf_init(&encoded, LINE_MAX_BYTES * 2);
    arena_reset(f->arena);
    need(words_terms(row.chunk.text, (struct language){"en"}, f->arena, &terms, &count, &length) && terms_encode(terms, count, &encoded), "no memory");
    row.terms = buf_view(&encoded);
    row.length = length;
    enum db_status status = store_chunk_insert(&tenant, c, document_id, 1, &row);
    buf_free(&encoded);
    return status == DB_OK && f->vectors ? insert_vector(f, c, document_id, ordinal) : status;
}

static enum db_status insert_document(struct filling *f, struct db_conn *c, int64_t collection_id, int64_t document_id)
{
    struct document_row row = {.document_id = document_id,
                               .collection_id = collection_id,
                               .filename = SPAN("handbook.txt"),
                               .media_type = SPAN("text/plain"),
                               .language = "en",
                               .version = 1,
                               .analysis_version = 1,
                               .status = "queued",
                               .chunks = CHUNKS_OF_A_DOCUMENT};
    bool changed;
    sys_public_id(row.public_id, "doc_");
    sys_random(row.content_hash, sizeof row.content_hash);
    enum db_status status = store_document_insert(&tenant, c, &row);
    for (int32_t i = 0; status == DB_OK && i < CHUNKS_OF_A_DOCUMENT; i++)
        status = insert_chunk(f, c, document_id, i);
    if (status == DB_OK)
        status = store_tenant_next_seq(&tenant, c, &row.seq);
    return status == DB_OK ? store_document_completed(&tenant, c, &row, &changed) : status;
}

static enum db_status insert_some(struct db_conn *c, void *context)
{
    struct filling *f = context;
    int64_t collection_id;
    bool found;
    enum db_status status = store_collection_by_name(&tenant, c, SPAN("default"), true, 1, &collection_id, &found);
    for (size_t i = 0; status == DB_OK && i < f->documents; i++)
        status = insert_document(f, c, collection_id, (int64_t)(f->written + i + 1));
    return status;
}

static enum db_status insert_tenant(struct db_conn *c, void *context)
{
    struct tenant_row row = {.name = SPAN("Bench"), .status = "active"};
    (void)context;
    sys_public_id(row.public_id, "ten_");
    return store_tenant_insert(&tenant, c, &row);
}

static void fill(struct db *db, const char *passages, size_t chunks, bool vectors)
{
    struct filling f = {.passages = fopen(passages, "rb"), .arena = arena_new(ARENA_BYTES), .vectors = vectors};
    size_t documents = chunks / CHUNKS_OF_A_DOCUMENT;
    need(f.passages && f.arena, "the passages cannot be read");
    need(db_transact(db, insert_tenant, NULL) == DB_OK, "no tenant");
    double start = seconds(CLOCK_PROCESS_CPUTIME_ID);
    while (f.written < documents) {
        f.documents = documents - f.written < DOCUMENTS_AT_ONCE ? documents - f.written : DOCUMENTS_AT_ONCE;
        need(db_transact(db, insert_some, &f) == DB_OK, "not written");
        f.written += f.documents;
    }
    printf("filled in %.1f s CPU\n", seconds(CLOCK_PROCESS_CPUTIME_ID) - start);
    fclose(f.passages);
    arena_free(f.arena);
}

/* ---- measuring ---- */

struct deletion {
    int64_t first, count;
};

static enum db_status delete_some(struct db_conn *c, void *context)
{
    const struct deletion *d = context;
    int64_t seq;
    bool changed;
    enum db_status status = DB_OK;
    for (int64_t i = 0; status == DB_OK && i < d->count; i++) {
        status = store_tenant_next_seq(&tenant, c, &seq);
        if (status == DB_OK)
            status = store_document_delete(&tenant, c, d->first + i, seq, 1, &changed);
    }
    return status;
}

static enum db_status read_seq(struct db_conn *c, void *context)
{
    struct tenant *t = context;
    return store_tenant_seq(t, c, &t->index_seq);
}

/* Opens the index as a search does, and says how long that took. */
static void open_timed(struct indexes *x, struct db *db, const char *what)
{
    struct tenant t = tenant;
    need(db_snapshot(db, read_seq, &t) == DB_OK, "no tenant");
    double wall = seconds(CLOCK_MONOTONIC), cpu = seconds(CLOCK_PROCESS_CPUTIME_ID), own = seconds(CLOCK_THREAD_CPUTIME_ID);
    struct index_entry *e = indexes_open(x, &t, NULL);
    own = seconds(CLOCK_THREAD_CPUTIME_ID) - own;
    wall = seconds(CLOCK_MONOTONIC) - wall;
    cpu = seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu;
    need(e != NULL, "the index cannot be opened");
    size_t chunks = lexical_chunks(index_lexical(e)), words = lexical_bytes(index_lexical(e)), vectors = dense_bytes(index_dense(e)), entries, bytes;
    indexes_held(x, &entries, &bytes);
    printf("%-28s %7.1f ms CPU (%.1f of this thread), %7.1f ms wall; %zu chunks, %.1f MB (words %.1f, vectors %.1f)\n", what, cpu * 1e3, own * 1e3, wall * 1e3,
           chunks, (double)bytes / 1e6, (double)words / 1e6, (double)vectors / 1e6);
    indexes_close(x, e);
}

static void delete_and_open(struct indexes *x, struct db *db, struct deletion d, const char *what)
{
    need(db_transact(db, delete_some, &d) == DB_OK, "not deleted");
    open_timed(x, db, what);
}

/* Opens the index again and again, as searches do, until it has been built anew more than so many times. */
static void open_until_renewed(struct indexes *x, struct db *db, uint64_t times)
{
    double longest = 0, start = seconds(CLOCK_MONOTONIC), cpu = seconds(CLOCK_PROCESS_CPUTIME_ID);
    size_t opened = 0;
    struct tenant t = tenant;
    need(db_snapshot(db, read_seq, &t) == DB_OK, "no tenant");
    while (indexes_renewed(x) == times && seconds(CLOCK_MONOTONIC) - start < PATIENCE_S) {
        double before = seconds(CLOCK_MONOTONIC);
        struct index_entry *e = indexes_open(x, &t, NULL);
        double taken = seconds(CLOCK_MONOTONIC) - before;
        longest = taken > longest ? taken : longest;
        opened++;
        indexes_close(x, e);
        nanosleep(&(struct timespec){.tv_nsec = 100000}, NULL);
    }
    printf("built anew beside searches in %.1f ms wall, %.1f ms CPU with them; %zu opened it meanwhile, the longest wait %.2f ms\n",
           (seconds(CLOCK_MONOTONIC) - start) * 1e3, (seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu) * 1e3, opened, longest * 1e3);
}

/* Writes a snapshot as the end of a server does, of an index that was divided first when it is large, and loads it. */
static void load_from_snapshot(struct db *db, const char *file, struct encoders *encoders, bool large)
{
    static const unsigned char key[SNAPSHOT_KEY_BYTES];
    char folder[4096];
    snprintf(folder, sizeof folder, "%s.snapshots", file);
    for (int i = 0; i <= ROUNDS; i++) {
        struct indexes *x = indexes_new(db, MEMORY, encoders);
        struct snapshots *s = snapshots_open(folder, INT64_MAX, key);
        need(x && s && indexes_keep_snapshots(x, s, 0, INDEX_SNAPSHOT_LEAST), "no snapshots");
        open_timed(x, db, i ? "loaded from a snapshot" : "loaded from rows, to be kept");
        need(indexes_loads(x, INDEX_FROM_SNAPSHOT) == (i > 0), "the snapshot was not used");
        if (i == 0 && large)
            open_until_renewed(x, db, 0);
        double cpu = seconds(CLOCK_PROCESS_CPUTIME_ID), wall = seconds(CLOCK_MONOTONIC);
        indexes_free(x);
        if (i == 0)
            printf("%-28s %7.1f ms CPU, %7.1f ms wall; %.1f MB\n", "written", (seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu) * 1e3,
                   (seconds(CLOCK_MONOTONIC) - wall) * 1e3, (double)snapshots_bytes(s) / 1e6);
        snapshots_close(s);
    }
    snapshots_open(folder, 0, key);
}

static struct db *open_database(const char *file)
{
    char why[300] = "";
    struct db *db = db_open(&db_sqlite, file, NULL, why, sizeof why);
    need(db && db_migrate(db, why, sizeof why), why);
    return db;
}

int main(int argc, char **argv)
{
    if (argc < 4 || strtoul(argv[3], NULL, 10) < CHUNKS_OF_A_DOCUMENT) {
        fprintf(stderr, "usage: bench_life FILE PASSAGES CHUNKS [vectors|delete|snapshot]...\n");
        return 2;
    }
    bool absent = access(argv[1], F_OK) != 0, vectors = false, delete = false, snapshot = false;
    for (int i = 4; i < argc; i++) {
        vectors = vectors || strcmp(argv[i], "vectors") == 0;
        delete = delete || strcmp(argv[i], "delete") == 0;
        snapshot = snapshot || strcmp(argv[i], "snapshot") == 0;
    }
    size_t chunks = strtoul(argv[3], NULL, 10);
    struct db *db = open_database(argv[1]);
    bool large = vectors && chunks >= DENSE_DIVIDED;
    struct indexes *x = NULL;
    char why[300] = "";
    struct encoders *encoders = vectors ? encoders_new(db, MODEL_PATH, why, sizeof why) : NULL;
    need(encoders || !vectors, why);
    if (absent)
        fill(db, argv[2], chunks, vectors);
    for (int i = 0; i < ROUNDS; i++) {
        indexes_free(x);
        x = indexes_new(db, MEMORY, encoders);
        need(x != NULL, "no memory");
        open_timed(x, db, "loaded from rows");
    }
    open_timed(x, db, "opened again");
    if (large)
        open_until_renewed(x, db, 0);
    if (snapshot)
        load_from_snapshot(db, argv[1], encoders, large);
    if (delete) {
        int64_t documents = (int64_t)(chunks / CHUNKS_OF_A_DOCUMENT), third = documents / 3;
        delete_and_open(x, db, (struct deletion){1, 1}, "one document deleted");
        delete_and_open(x, db, (struct deletion){2, third - 2}, "nearly a third deleted");
        delete_and_open(x, db, (struct deletion){third, 3}, "and a few");
        open_until_renewed(x, db, large);
        open_timed(x, db, "opened again");
    }
    indexes_free(x);
    encoders_free(encoders);
    db_close(db);
    return 0;
}
