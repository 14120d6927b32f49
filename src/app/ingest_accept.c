/* Taking an upload in: it is checked and hashed first, then document, original and job are written in one transaction. */
#include <sodium.h>
#include <string.h>

#include "app/ingest_internal.h"
#include "base/file.h"
#include "base/log.h"
#include "base/utf8.h"
#include "store/account.h"

enum {
    HEAD_BYTES = 65536,
    PIECE_BYTES = 65536,
    FILENAME_MAX_CHARS = 255,
    EXTERNAL_ID_MAX_CHARS = 200,
    COLLECTION_MAX_CHARS = 100,
    METADATA_MAX_BYTES = 16 << 10,
    NAME_SHOWN_BYTES = 60
};

struct acceptance {
    struct app *app;
    const struct principal *by;
    const struct upload *upload;
    struct arena *arena;
    struct document_row *row;
    enum accepted how;
    int64_t replaced_version;
    char *piece; /* [DOCUMENT_PART_BYTES] */
    struct problem *problem;
};

/* ---- checks ---- */

/* A form's fields come as bytes; a JSON body was checked as it was read. */
static bool is_label(struct span s, size_t max)
{
    return s.n > 0 && utf8_valid(s) && utf8_length(s) <= max && utf8_is_plain(s);
}

static bool check_names(const struct upload *u, struct problem *problem)
{
    size_t name = utf8_length(u->filename);
    if (name < 1 || name > FILENAME_MAX_CHARS || !utf8_valid(u->filename))
        return problem_field(problem, "filename", "The name must have 1 to %d characters of UTF-8.", FILENAME_MAX_CHARS);
    if (u->external_id.p && !is_label(u->external_id, EXTERNAL_ID_MAX_CHARS))
        return problem_field(problem, "external_id", "external_id must have 1 to %d characters and no control characters.", EXTERNAL_ID_MAX_CHARS);
    if (u->metadata.n > METADATA_MAX_BYTES)
        return problem_field(problem, "metadata", "metadata must be at most %d bytes of JSON.", METADATA_MAX_BYTES);
    if (u->collection.p && !is_label(u->collection, COLLECTION_MAX_CHARS))
        return problem_field(problem, "collection", "collection must have 1 to %d characters and no control characters.", COLLECTION_MAX_CHARS);
    if (u->language.p && (u->language.n != 2 || u->language.p[0] < 'a' || u->language.p[0] > 'z' || u->language.p[1] < 'a' || u->language.p[1] > 'z'))
        return problem_field(problem, "language", "language must be a code of ISO 639-1 such as \"en\".");
    return true;
}

static bool check_size(const struct app *app, const struct upload *u, struct problem *problem)
{
    int64_t most = u->fd >= 0 ? app->config->file_max_bytes : app->config->content_max_bytes;
    if (u->size <= most)
        return true;
    return problem_set(problem, PROBLEM_TOO_LARGE, "content-too-large", "The document has %lld bytes and at most %lld are taken; split it.", (long long)u->size,
                       (long long)most);
}

/* The media type by content. What is taken stands in the refusal, and which file it is: there may be several. */
static bool decide_type(const struct upload *u, struct arena *arena, struct span *media_type, struct problem *problem)
{
    if (u->fd < 0) {
        *media_type = looks_like_markdown(u->text) ? SPAN(MEDIA_TYPE_CONTENT_MARKDOWN) : SPAN(MEDIA_TYPE_CONTENT);
        return true;
    }
    size_t n = u->size < HEAD_BYTES ? (size_t)u->size : HEAD_BYTES;
    char *head = arena_alloc(arena, n);
    if (!head || !file_read_at(u->fd, head, n, 0))
        return problem_set(problem, PROBLEM_INTERNAL, "", "The upload could not be read back; try again.");
    const char *type = extract_media_type((struct span){head, n}, u->filename);
    if (!type)
        return problem_set(problem, PROBLEM_UNSUPPORTED, "unsupported-format", "The content of \"%.*s\" is of no kind that can be read; send %s.",
                           SPAN_ARG(utf8_clip(u->filename, NAME_SHOWN_BYTES)), extract_supported());
    *media_type = span_of(type);
    return true;
}

static bool check(const struct app *app, const struct upload *u, struct arena *arena, struct span *media_type, struct problem *problem)
{
    return check_names(u, problem) && check_size(app, u, problem) && decide_type(u, arena, media_type, problem);
}

bool ingest_check(struct app *app, const struct upload *upload, struct arena *arena, struct problem *problem)
{
    struct span media_type;
    return check(app, upload, arena, &media_type, problem);
}

static bool hash_original(struct acceptance *a)
{
    const struct upload *u = a->upload;
    crypto_hash_sha256_state state;
    crypto_hash_sha256_init(&state);
    if (u->fd < 0)
        crypto_hash_sha256_update(&state, (const unsigned char *)u->text.p, u->text.n);
    for (int64_t at = 0; u->fd >= 0 && at < u->size;) {
        size_t n = u->size - at < PIECE_BYTES ? (size_t)(u->size - at) : PIECE_BYTES;
        if (!file_read_at(u->fd, a->piece, n, at))
            return problem_set(a->problem, PROBLEM_INTERNAL, "", "The upload could not be read back; try again.");
        crypto_hash_sha256_update(&state, (const unsigned char *)a->piece, n);
        at += (int64_t)n;
    }
    crypto_hash_sha256_final(&state, a->row->content_hash);
    return true;
}

/* ---- the transaction ---- */

static enum db_status find_collection(struct acceptance *a, struct db_conn *c)
{
    bool found;
    if (a->by->collection_id && !a->upload->collection.p) {
        a->row->collection_id = a->by->collection_id;
        return DB_OK;
    }
    struct span name = a->upload->collection.p ? a->upload->collection : SPAN("default");
    enum db_status status = store_collection_by_name(&a->by->tenant, c, name, a->by->collection_id == 0, sys_wall_ms(), &a->row->collection_id, &found);
    if (status != DB_OK)
        return status;
    if (!found || (a->by->collection_id && a->row->collection_id != a->by->collection_id)) {
        problem_set(a->problem, PROBLEM_FORBIDDEN, "", "This key belongs to another collection; leave \"collection\" out.");
        return DB_ERROR;
    }
    return DB_OK;
}

/* The newest of that name. One that has an external id is another document to an upload that gives its own. */
static enum db_status find_to_replace(struct acceptance *a, struct db_conn *c, struct document_row *row, bool *found)
{
    const struct upload *u = a->upload;
    enum db_status status = store_document_by_filename(&a->by->tenant, c, a->row->collection_id, u->filename, a->arena, row, found);
    if (status == DB_OK && *found && u->external_id.p && row->external_id.p)
        *found = false;
    return status;
}

/* Nothing of the upload is new. */
static bool is_same(const struct acceptance *a, const struct document_row *row)
{
    const struct upload *u = a->upload;
    return memcmp(row->content_hash, a->row->content_hash, sizeof row->content_hash) == 0 && span_eq(row->filename, u->filename) &&
           (!u->external_id.p || span_eq(row->external_id, u->external_id)) && strcmp(row->status, "failed") != 0;
}

/* What is there already decides: the same external id when one is given, else the same name and content, else, when asked to replace, the same name. */
static enum db_status find_existing(struct acceptance *a, struct db_conn *c)
{
    const struct tenant *t = &a->by->tenant;
    const struct upload *u = a->upload;
    struct document_row row;
    bool found = false;
    enum db_status status = DB_OK;
    a->how = ACCEPTED_NEW;
    if (u->external_id.p)
        status = store_document_by_external_id(t, c, u->external_id, a->arena, &row, &found);
    else
        status = store_document_by_content(t, c, a->row->collection_id, u->filename, a->row->content_hash, a->arena, &row, &found);
    bool replaces = found;
    if (status == DB_OK && !found && u->replace) {
        status = find_to_replace(a, c, &row, &found);
        replaces = found;
    }
    if (status != DB_OK || !found)
        return status;
    if (is_same(a, &row)) {
        a->how = ACCEPTED_EXISTING;
        *a->row = row;
    } else if (replaces) {
        a->how = ACCEPTED_REPLACED;
        a->replaced_version = row.version;
        a->row->document_id = row.document_id;
        memcpy(a->row->public_id, row.public_id, sizeof row.public_id);
        a->row->version = row.version + 1;
        a->row->created_at = row.created_at;
    }
    return DB_OK;
}

static enum db_status store_original(struct acceptance *a, struct db_conn *c)
{
    const struct upload *u = a->upload;
    enum db_status status = DB_OK;
    for (int64_t at = 0, part = 0; at < u->size && status == DB_OK; part++) {
        size_t n = u->size - at < DOCUMENT_PART_BYTES ? (size_t)(u->size - at) : DOCUMENT_PART_BYTES;
        struct span data = {a->piece, n};
        if (u->fd < 0)
            data.p = u->text.p + at;
        else if (!file_read_at(u->fd, a->piece, n, at))
            return DB_ERROR;
        status = store_part_insert(&a->by->tenant, c, a->row->document_id, a->row->version, part, data);
        at += (int64_t)n;
    }
    return status;
}

static enum db_status count_usage(struct acceptance *a, struct db_conn *c)
{
    enum db_status status = store_usage_add(&a->by->tenant, c, "documents", 1, a->row->updated_at);
    return status == DB_OK ? store_usage_add(&a->by->tenant, c, "bytes", a->upload->size, a->row->updated_at) : status;
}

static void new_identity(struct acceptance *a)
{
    a->row->document_id = sys_random_id();
    sys_public_id(a->row->public_id, "doc_");
    a->row->version = 1;
    a->row->created_at = a->row->updated_at = sys_wall_ms();
}

static enum db_status accept_body(struct db_conn *c, void *context)
{
    struct acceptance *a = context;
    const struct tenant *t = &a->by->tenant;
    new_identity(a);
    enum db_status status = find_collection(a, c);
    if (status == DB_OK)
        status = find_existing(a, c);
    if (status != DB_OK || a->how == ACCEPTED_EXISTING)
        return status;
    status = a->how == ACCEPTED_NEW ? store_document_insert(t, c, a->row) : store_document_replace(t, c, a->row);
    if (status == DB_OK)
        status = store_original(a, c);
    if (status == DB_OK)
        status = store_job_insert(t, c, a->row->document_id, a->row->version, a->row->updated_at, a->row->updated_at);
    return status == DB_OK ? count_usage(a, c) : status;
}

static void describe(struct acceptance *a)
{
    const struct upload *u = a->upload;
    struct document_row *row = a->row;
    row->external_id = u->external_id;
    row->filename = u->filename;
    row->size_bytes = u->size;
    row->metadata = u->metadata.p ? u->metadata : SPAN("{}");
    row->collection = u->collection.p ? u->collection : SPAN("default");
    if (u->language.p)
        memcpy(row->language, u->language.p, 2);
    memcpy(row->status, "queued", sizeof "queued");
}

static bool store(struct acceptance *a)
{
    struct problem *problem = a->problem;
    problem->kind = PROBLEM_NONE;
    enum db_status status = db_transact(a->app->db, accept_body, a);
    if (status == DB_OK)
        return true;
    if (problem->kind != PROBLEM_NONE)
        return false;
    if (status == DB_CONFLICT)
        return problem_set(problem, PROBLEM_CONFLICT, "", "Another document has just taken this external_id; ask again.");
    return problem_db(problem, status);
}

bool ingest_accept(struct app *app, const struct principal *by, const struct upload *upload, struct arena *arena, struct document_row *document,
                   enum accepted *how, struct problem *problem)
{
    struct upload u = *upload;
    if (u.fd < 0)
        u.size = (int64_t)u.text.n;
    struct acceptance a = {.app = app, .by = by, .upload = &u, .arena = arena, .row = document, .problem = problem};
    memset(document, 0, sizeof *document);
    if (!check(app, &u, arena, &document->media_type, problem))
        return false;
    a.piece = arena_alloc(arena, u.fd < 0 ? 1 : DOCUMENT_PART_BYTES);
    if (!a.piece)
        return problem_set(problem, PROBLEM_UNAVAILABLE, "", "There is not enough memory for this upload now; try again.");
    if (!hash_original(&a))
        return false;
    describe(&a);
    if (!store(&a))
        return false;
    *how = a.how;
    if (a.how != ACCEPTED_EXISTING) {
        measure(&app->measures, MEASURE_ACCEPTED);
        log_event(LOG_INFO, "document accepted", log_str("document", document->public_id), log_int("bytes", document->size_bytes));
        ingest_poke(app->ingest);
    }
    if (a.how == ACCEPTED_REPLACED)
        waiters_fire(&app->ingest->waiters, by->tenant.id, document->document_id, a.replaced_version);
    return true;
}
