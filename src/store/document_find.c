/* Finding documents: one by its id, name or content, many newest first, and what changed for the index. */
#include "base/buf.h"
#include "store/document.h"
#include "store/row.h"
#include "store/sql.h"

/* In the order that read_document reads them. */
#define SELECT_DOCUMENT                                                                                                                                        \
    "select d.document_id, d.public_id, d.collection_id, k.name, d.external_id, d.filename, d.media_type, d.language, d.size_bytes, d.content_hash, "          \
    "d.version,"                                                                                                                                               \
    " d.indexed_version, d.analysis_version, d.seq, d.status, d.progress, d.error_code, d.error_message, d.pages, d.chunks, d.metadata, d.created_at,"         \
    " d.updated_at from document d join collection k on k.tenant_id = $1 and k.collection_id = d.collection_id where d.tenant_id = $1 and d.tombstone = 0"
#define NEWEST " order by d.public_id desc limit 1"
/* Every condition with a null, or 0, lets all pass. */
#define FILTER                                                                                                                                                 \
    " and (cast($2 as text) is null or d.status = $2) and (cast($3 as bigint) = 0 or d.collection_id = $3)"                                                    \
    " and (cast($4 as text) is null or lower(d.filename) like lower($4) escape '!')"

const struct db_statement store_document_find_sql[DOCUMENT_FIND_SQL] = {
    [DOCUMENT_GET] = {"document.get", SELECT_DOCUMENT " and d.document_id = $2"},
    [DOCUMENT_BY_PUBLIC_ID] = {"document.by_public_id", SELECT_DOCUMENT " and d.public_id = $2"},
    [DOCUMENT_BY_EXTERNAL_ID] = {"document.by_external_id", SELECT_DOCUMENT " and d.external_id = $2"},
    [DOCUMENT_BY_CONTENT] = {"document.by_content",
                             SELECT_DOCUMENT " and d.content_hash = $4 and d.collection_id = $2 and d.filename = $3 and d.status <> 'failed'" NEWEST},
    [DOCUMENT_BY_FILENAME] = {"document.by_filename", SELECT_DOCUMENT " and d.collection_id = $2 and d.filename = $3" NEWEST},
    [DOCUMENT_LIST] = {"document.list", SELECT_DOCUMENT FILTER " and d.public_id < $5 order by d.public_id desc limit $6"},
    [DOCUMENT_COUNT] = {"document.count", "select count(*) from document d where d.tenant_id = $1 and d.tombstone = 0" FILTER},
    [DOCUMENT_CHANGES] = {"document.changes", "select document_id, indexed_version, seq, collection_id, chunks, tombstone, updated_at from document"
                                              " where tenant_id = $1 and seq > $2 order by seq"},
    [DOCUMENT_PASSAGES] = {"document.passages", "select cast(coalesce(sum(chunks), 0) as bigint) from document where tenant_id = $1 and tombstone = 0"
                                                " and indexed_version > 0"},
};

static struct db_stmt *prepare(const struct tenant *t, struct db_conn *c, enum document_find_sql which)
{
    return row_prepare(t, c, &store_document_find_sql[which]);
}

static void read_document(struct row_reader *r, struct document_row *row)
{
    *row = (struct document_row){.document_id = db_int(r->s, 0)};
    row_cstr(r, 1, row->public_id, sizeof row->public_id);
    row->collection_id = db_int(r->s, 2);
    row->collection = row_text(r, 3);
    row->external_id = row_text(r, 4);
    row->filename = row_text(r, 5);
    row->media_type = row_text(r, 6);
    row_cstr(r, 7, row->language, sizeof row->language);
    row->size_bytes = db_int(r->s, 8);
    row_bytes(r, 9, row->content_hash, sizeof row->content_hash);
    row->version = db_int(r->s, 10);
    row->indexed_version = db_int(r->s, 11);
    row->analysis_version = db_int(r->s, 12);
    row->seq = db_int(r->s, 13);
    row_cstr(r, 14, row->status, sizeof row->status);
    row->progress = db_int(r->s, 15);
    row->error_code = row_text(r, 16);
    row->error_message = row_text(r, 17);
    row->pages = db_int(r->s, 18);
    row->chunks = db_int(r->s, 19);
    row->metadata = row_text(r, 20);
    row->created_at = db_int(r->s, 21);
    row->updated_at = db_int(r->s, 22);
}

static enum db_status read_one(struct db_stmt *s, struct arena *arena, struct document_row *row, bool *found)
{
    struct row_reader r = {.s = s, .arena = arena};
    enum db_status status = row_first(s, found);
    if (*found)
        read_document(&r, row);
    return row_end(&r, status);
}

/* ---- one ---- */

enum db_status store_document_get(const struct tenant *t, struct db_conn *c, int64_t document_id, struct arena *arena, struct document_row *row, bool *found)
{
    struct db_stmt *s = prepare(t, c, DOCUMENT_GET);
    db_bind_int(s, 2, document_id);
    return read_one(s, arena, row, found);
}

enum db_status store_document_by_public_id(const struct tenant *t, struct db_conn *c, struct span public_id, struct arena *arena, struct document_row *row,
                                           bool *found)
{
    struct db_stmt *s = prepare(t, c, DOCUMENT_BY_PUBLIC_ID);
    db_bind_text(s, 2, public_id);
    return read_one(s, arena, row, found);
}

enum db_status store_document_by_external_id(const struct tenant *t, struct db_conn *c, struct span external_id, struct arena *arena, struct document_row *row,
                                             bool *found)
{
    struct db_stmt *s = prepare(t, c, DOCUMENT_BY_EXTERNAL_ID);
    db_bind_text(s, 2, external_id);
    return read_one(s, arena, row, found);
}

enum db_status store_document_by_content(const struct tenant *t, struct db_conn *c, int64_t collection_id, struct span filename,
                                         const unsigned char content_hash[32], struct arena *arena, struct document_row *row, bool *found)
{
    struct db_stmt *s = prepare(t, c, DOCUMENT_BY_CONTENT);
    db_bind_int(s, 2, collection_id);
    db_bind_text(s, 3, filename);
    db_bind_blob(s, 4, (struct span){(const char *)content_hash, 32});
    return read_one(s, arena, row, found);
}

enum db_status store_document_by_filename(const struct tenant *t, struct db_conn *c, int64_t collection_id, struct span filename, struct arena *arena,
                                          struct document_row *row, bool *found)
{
    struct db_stmt *s = prepare(t, c, DOCUMENT_BY_FILENAME);
    db_bind_int(s, 2, collection_id);
    db_bind_text(s, 3, filename);
    return read_one(s, arena, row, found);
}

/* ---- many ---- */

/* %text% with what LIKE treats specially escaped by '!'; p == NULL when `text` is null, and *ok false when there is no memory. */
static struct span like_pattern(struct buf *b, struct span text, bool *ok)
{
    buf_init(b, 2 * text.n + 2);
    *ok = true;
    if (!text.p)
        return (struct span){0};
    buf_char(b, '%');
    for (size_t i = 0; i < text.n; i++) {
        char ch = text.p[i];
        if (ch == '%' || ch == '_' || ch == '!')
            buf_char(b, '!');
        buf_char(b, ch);
    }
    buf_char(b, '%');
    *ok = !b->failed;
    return buf_view(b);
}

/* Binds $2 to $4. */
static void bind_filter(struct db_stmt *s, const struct document_filter *filter, struct span pattern)
{
    db_bind_text(s, 2, filter->status);
    db_bind_int(s, 3, filter->collection_id);
    db_bind_text(s, 4, pattern);
}

static enum db_status read_list(struct db_stmt *s, struct arena *arena, struct document_row **rows, size_t *count)
{
    struct row_reader r = {.s = s, .arena = arena};
    struct row_array array = {.arena = arena, .size = sizeof **rows};
    enum db_status status;
    while ((status = db_step(s)) == DB_ROW && !r.failed) {
        struct document_row *row = row_append(&array);
        if (row)
            read_document(&r, row);
        else
            r.failed = true;
    }
    *rows = (struct document_row *)(void *)array.p;
    *count = array.count;
    return row_end(&r, status == DB_ROW ? DB_OK : status);
}

enum db_status store_document_list(const struct tenant *t, struct db_conn *c, const struct document_filter *filter, struct arena *arena,
                                   struct document_row **rows, size_t *count)
{
    bool ok;
    struct buf b;
    struct span pattern = like_pattern(&b, filter->name_contains, &ok);
    struct db_stmt *s = ok ? prepare(t, c, DOCUMENT_LIST) : NULL;
    bind_filter(s, filter, pattern);
    /* Public ids are a lower-case prefix and hexadecimal digits: all are below this. */
    db_bind_text(s, 5, filter->before.p ? filter->before : SPAN("zzzzzzzz"));
    db_bind_int(s, 6, filter->limit);
    enum db_status status = read_list(s, arena, rows, count);
    buf_free(&b);
    return status;
}

enum db_status store_document_count(const struct tenant *t, struct db_conn *c, const struct document_filter *filter, int64_t *total)
{
    bool ok, found;
    struct buf b;
    struct span pattern = like_pattern(&b, filter->name_contains, &ok);
    struct db_stmt *s = ok ? prepare(t, c, DOCUMENT_COUNT) : NULL;
    bind_filter(s, filter, pattern);
    enum db_status status = row_number(s, total, &found);
    buf_free(&b);
    return status;
}

/* ---- for the index ---- */

enum db_status store_document_changes(const struct tenant *t, struct db_conn *c, int64_t after_seq, struct arena *arena, struct document_change **changes,
                                      size_t *count)
{
    struct row_reader r = {.s = prepare(t, c, DOCUMENT_CHANGES), .arena = arena};
    struct row_array array = {.arena = arena, .size = sizeof **changes};
    enum db_status status;
    db_bind_int(r.s, 2, after_seq);
    while ((status = db_step(r.s)) == DB_ROW && !r.failed) {
        struct document_change *change = row_append(&array);
        r.failed = !change;
        if (change)
            *change = (struct document_change){.document_id = db_int(r.s, 0),
                                               .indexed_version = db_int(r.s, 1),
                                               .seq = db_int(r.s, 2),
                                               .collection_id = db_int(r.s, 3),
                                               .chunks = db_int(r.s, 4),
                                               .alive = db_int(r.s, 5) == 0,
                                               .updated_at = db_int(r.s, 6)};
    }
    *changes = (struct document_change *)(void *)array.p;
    *count = array.count;
    return row_end(&r, status == DB_ROW ? DB_OK : status);
}

enum db_status store_document_passages(const struct tenant *t, struct db_conn *c, int64_t *passages)
{
    bool found;
    return row_number(prepare(t, c, DOCUMENT_PASSAGES), passages, &found);
}
