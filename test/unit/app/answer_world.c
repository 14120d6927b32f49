/* A database with tenants and documents, for tests. */
#include "answer_world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/live.h"
#include "base/buf.h"
#include "store/account.h"
#include "store/document.h"
#include "text/chunker.h"
#include "text/words.h"

enum { BLOCKS_MAX = 4096, TEXT_BYTES = 8 << 20, WORK_BYTES = 64 << 20 };

static void need(bool truth, const char *what)
{
    if (truth)
        return;
    fprintf(stderr, "answer world: %s\n", what);
    abort();
}

struct world *world_new(size_t index_memory)
{
    struct world *w = calloc(1, sizeof *w);
    char why[200] = "";
    need(w != NULL, "no memory");
    const char *dir = getenv("TMPDIR");
    snprintf(w->path, sizeof w->path, "%s/answer-world-XXXXXX", dir ? dir : P_tmpdir);
    int fd = mkstemp(w->path);
    need(fd >= 0, "no temporary file");
    close(fd);
    struct db_options options = {.readers = 4, .busy_timeout_ms = 5000};
    w->db = db_open(&db_sqlite, w->path, &options, why, sizeof why);
    need(w->db && db_migrate(w->db, why, sizeof why), why);
    w->config.index_memory_bytes = index_memory;
    w->app = (struct app){.config = &w->config, .db = w->db, .indexes = indexes_new(w->db, index_memory, NULL), .live = live_new()};
    need(w->app.indexes && w->app.live, "no indexes");
    return w;
}

void world_free(struct world *w)
{
    static const char *const endings[] = {"", "-wal", "-shm", ".lock"};
    live_free(w->app.live);
    indexes_free(w->app.indexes);
    db_close(w->db);
    for (size_t i = 0; i < 4; i++) {
        char path[160];
        snprintf(path, sizeof path, "%s%s", w->path, endings[i]);
        unlink(path);
    }
    free(w);
}

/* ---- tenants ---- */

static enum db_status insert_tenant(struct db_conn *c, void *context)
{
    struct principal *p = context;
    struct tenant_row row = {.name = SPAN("Test"), .created_at = sys_wall_ms()};
    int64_t collection;
    bool found;
    memcpy(row.public_id, p->tenant_public_id, sizeof row.public_id);
    snprintf(row.status, sizeof row.status, "active");
    enum db_status status = store_tenant_insert(&p->tenant, c, &row);
    return status == DB_OK ? store_collection_by_name(&p->tenant, c, SPAN("default"), true, sys_wall_ms(), &collection, &found) : status;
}

struct principal world_tenant(struct world *w)
{
    struct principal p = {.tenant = {.id = sys_random_id()}, .scopes = SCOPE_DEFAULT};
    sys_public_id(p.tenant_public_id, "ten_");
    sys_public_id(p.actor, "key_");
    need(db_transact(w->db, insert_tenant, &p) == DB_OK, "no tenant");
    return p;
}

static enum db_status read_seq(struct db_conn *c, void *context)
{
    struct principal *p = context;
    return store_tenant_seq(&p->tenant, c, &p->tenant.index_seq);
}

void world_refresh(struct world *w, struct principal *p)
{
    need(db_snapshot(w->db, read_seq, p) == DB_OK, "no seq");
}

/* ---- documents ---- */

struct put {
    const struct principal *p;
    const struct world_document *document; /* NULL for a replacement */
    struct document_row row;
    const struct chunk *chunks;
    size_t chunk_count;
    struct arena *arena;
};

static struct block block_of(struct span line)
{
    if (span_starts(line, SPAN("# ")))
        return (struct block){.kind = BLOCK_HEADING, .level = 1, .text = span_skip(line, 2)};
    if (span_starts(line, SPAN("- ")))
        return (struct block){.kind = BLOCK_LIST_ITEM, .level = 1, .text = span_skip(line, 2)};
    if (span_starts(line, SPAN("|| ")))
        return (struct block){.kind = BLOCK_TABLE_HEADER, .text = span_skip(line, 3)};
    if (span_starts(line, SPAN("| ")))
        return (struct block){.kind = BLOCK_TABLE_ROW, .text = span_skip(line, 2)};
    return (struct block){.kind = BLOCK_PARAGRAPH, .text = line};
}

static void cut(struct put *put, const char *content)
{
    struct block *blocks = calloc(BLOCKS_MAX, sizeof *blocks);
    struct buf text;
    struct chunk *chunks;
    struct span line, rest = span_of(content);
    size_t n = 0;
    struct chunker_options options = {.min_tokens = 100, .max_tokens = 200, .count = count_tokens_roughly};
    need(blocks != NULL, "no memory");
    while (rest.n && n < BLOCKS_MAX) {
        span_cut(rest, '\n', &line, &rest);
        if (span_trim(line).n)
            blocks[n++] = block_of(line);
    }
    buf_init(&text, TEXT_BYTES);
    need(chunk_document(blocks, n, &options, put->arena, &text, &chunks, &put->chunk_count), "not chunked");
    put->chunks = chunks;
    buf_free(&text);
    free(blocks);
}

static enum db_status insert_chunk(struct put *put, struct db_conn *c, const struct chunk *chunk)
{
    struct chunk_row row = {.chunk = *chunk};
    struct language language;
    struct term *terms;
    size_t count;
    uint32_t length;
    struct buf encoded, words;
    memcpy(language.code, put->row.language, sizeof language.code);
    buf_init(&encoded, TEXT_BYTES);
    buf_init(&words, TEXT_BYTES);
    buf_printf(&words, "%.*s\n%.*s\n%.*s", SPAN_ARG(put->row.filename), SPAN_ARG(chunk->heading), SPAN_ARG(chunk->text));
    need(words_terms(buf_view(&words), language, put->arena, &terms, &count, &length) && terms_encode(terms, count, &encoded), "no terms");
    row.terms = buf_view(&encoded);
    row.length = length;
    enum db_status status = store_chunk_insert(&put->p->tenant, c, put->row.document_id, put->row.version, &row);
    buf_free(&encoded);
    buf_free(&words);
    return status;
}

static enum db_status write_version(struct db_conn *c, void *context)
{
    struct put *put = context;
    bool found = true, changed = true;
    const struct tenant *t = &put->p->tenant;
    struct document_row *row = &put->row;
    enum db_status status = DB_OK;
    if (put->document) {
        status = store_collection_by_name(t, c, row->collection, true, sys_wall_ms(), &row->collection_id, &found);
        if (status == DB_OK)
            status = store_document_insert(t, c, row);
    } else {
        status = store_document_replace(t, c, row);
    }
    if (status == DB_OK)
        status = store_tenant_next_seq(t, c, &row->seq);
    for (size_t i = 0; status == DB_OK && i < put->chunk_count; i++)
        status = insert_chunk(put, c, &put->chunks[i]);
    if (status == DB_OK)
        status = store_chunk_delete_others(t, c, row->document_id, row->version);
    row->chunks = (int64_t)put->chunk_count;
    if (status == DB_OK)
        status = store_document_completed(t, c, row, &changed);
    need(status != DB_OK || changed, "the document was not completed");
    return status;
}

struct world_id world_add(struct world *w, const struct principal *p, const struct world_document *d)
{
    struct world_id id = {.id = sys_random_id()};
    struct put put = {.p = p, .document = d, .arena = arena_new(WORK_BYTES)};
    struct document_row *row = &put.row;
    sys_public_id(id.public_id, "doc_");
    row->document_id = id.id;
    memcpy(row->public_id, id.public_id, sizeof row->public_id);
    row->collection = span_of(d->collection ? d->collection : "default");
    row->filename = span_of(d->name);
    row->media_type = SPAN("text/plain");
    row->metadata = span_of(d->metadata ? d->metadata : "{}");
    row->version = 1;
    row->created_at = row->updated_at = sys_wall_ms();
    sys_random(row->content_hash, sizeof row->content_hash);
    snprintf(row->language, sizeof row->language, "%s", d->language ? d->language : "en");
    snprintf(row->status, sizeof row->status, "queued");
    need(put.arena != NULL, "no memory");
    cut(&put, d->text);
    need(db_transact(w->db, write_version, &put) == DB_OK, "not stored");
    arena_free(put.arena);
    return id;
}

static enum db_status read_row(struct db_conn *c, void *context)
{
    struct put *put = context;
    bool found;
    enum db_status status = store_document_get(&put->p->tenant, c, put->row.document_id, put->arena, &put->row, &found);
    need(status == DB_OK && found, "no such document");
    return status;
}

void world_replace(struct world *w, const struct principal *p, struct world_id id, const char *text)
{
    struct put put = {.p = p, .row = {.document_id = id.id}, .arena = arena_new(WORK_BYTES)};
    need(put.arena && db_snapshot(w->db, read_row, &put) == DB_OK, "not read");
    put.row.version++;
    put.row.updated_at = sys_wall_ms();
    sys_random(put.row.content_hash, sizeof put.row.content_hash);
    cut(&put, text);
    need(db_transact(w->db, write_version, &put) == DB_OK, "not replaced");
    arena_free(put.arena);
}

static enum db_status bury(struct db_conn *c, void *context)
{
    struct put *put = context;
    int64_t seq;
    bool changed;
    enum db_status status = store_tenant_next_seq(&put->p->tenant, c, &seq);
    return status == DB_OK ? store_document_delete(&put->p->tenant, c, put->row.document_id, seq, sys_wall_ms(), &changed) : status;
}

void world_delete(struct world *w, const struct principal *p, struct world_id id)
{
    struct put put = {.p = p, .row = {.document_id = id.id}};
    need(db_transact(w->db, bury, &put) == DB_OK, "not deleted");
}

/* ---- settings, collections ---- */

struct named {
    const struct principal *p;
    const char *name, *value;
    int64_t id;
};

static enum db_status put_setting(struct db_conn *c, void *context)
{
    const struct named *n = context;
    return store_setting_put(&n->p->tenant, c, n->name, span_of(n->value));
}

void world_setting(struct world *w, const struct principal *p, const char *name, const char *value)
{
    struct named n = {.p = p, .name = name, .value = value};
    need(db_transact(w->db, put_setting, &n) == DB_OK, "no setting");
}

static enum db_status find_collection(struct db_conn *c, void *context)
{
    struct named *n = context;
    bool found;
    return store_collection_by_name(&n->p->tenant, c, span_of(n->name), true, sys_wall_ms(), &n->id, &found);
}

int64_t world_collection(struct world *w, const struct principal *p, const char *name)
{
    struct named n = {.p = p, .name = name};
    need(db_transact(w->db, find_collection, &n) == DB_OK, "no collection");
    return n.id;
}

/* ---- searches ---- */

const char *world_search(struct world *w, struct principal *p, const struct retrieve_query *query, struct arena *arena)
{
    struct passages found;
    struct problem problem = {0};
    struct buf names;
    world_refresh(w, p);
    if (!retrieve(&w->app, p, query, arena, &found, &problem))
        return problem.kind == PROBLEM_NOT_FOUND ? "not found" : "problem";
    buf_init(&names, TEXT_BYTES);
    for (size_t i = 0; i < found.count; i++) {
        buf_str(&names, i ? " " : "");
        buf_span(&names, found.list[i].document_name);
    }
    char *copy = arena_cstr(arena, buf_view(&names));
    buf_free(&names);
    need(copy != NULL, "no memory");
    return copy;
}
