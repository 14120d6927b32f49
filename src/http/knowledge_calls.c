/* Knowledge: upload, text, list, get and delete of documents. */
#include <sodium.h>
#include <string.h>

#include "app/documents.h"
#include "app/ingest.h"
#include "http/document_reply.h"
#include "http/routes.h"
#include "http/upload_form.h"

enum { LIST_DEFAULT = 1000, LIST_MAX = 1000, LIST_MEMORY = 32 << 20 };

/* ---- idempotency ---- */

/* SHA-256 of the body, wherever it is. */
static bool hash_body(struct exchange *x, unsigned char hash[32])
{
    char piece[65536];
    int64_t at = 0, n;
    crypto_hash_sha256_state state;
    crypto_hash_sha256_init(&state);
    while ((n = exchange_body_read(x, at, piece, sizeof piece)) > 0) {
        crypto_hash_sha256_update(&state, (const unsigned char *)piece, (unsigned long long)n);
        at += n;
    }
    crypto_hash_sha256_final(&state, hash);
    return n == 0;
}

/* False: x has been finished. */
static bool claim_key(struct exchange *x, const struct principal *by, const char *route, struct idempotent **claim)
{
    unsigned char hash[32] = {0};
    struct span key;
    if (exchange_header(x, "Idempotency-Key", &key) && !hash_body(x, hash)) {
        call_fail(x, &(struct problem){.kind = PROBLEM_INTERNAL, .detail = "The request could not be read back; try again."});
        return false;
    }
    return idempotent_begin(x, by, route, hash, claim);
}

/* ---- upload ---- */

static bool keep(struct arena *arena, struct span *s)
{
    if (s->p)
        *s = arena_copy(arena, *s);
    return s->p || !s->n;
}

/* The row's spans moved into the exchange, which outlives what they were read from. */
static bool keep_row(struct exchange *x, struct document_row *row)
{
    struct arena *arena = exchange_arena(x);
    row->error_code = row->error_message = (struct span){NULL, 0};
    return keep(arena, &row->filename) && keep(arena, &row->media_type) && keep(arena, &row->external_id) && keep(arena, &row->collection) &&
           keep(arena, &row->metadata);
}

static bool accept_one(struct exchange *x, const struct principal *by, const struct upload *upload, struct accepted_document *accepted, struct problem *problem)
{
    struct arena *scratch = arena_new(8 << 20);
    if (!scratch)
        return problem_set(problem, PROBLEM_UNAVAILABLE, "", "There is not enough memory now; try again.");
    bool ok = ingest_accept(call_app(x), by, upload, scratch, &accepted->row, &accepted->how, problem);
    if (ok && !keep_row(x, &accepted->row))
        ok = problem_set(problem, PROBLEM_UNAVAILABLE, "", "There is not enough memory now; the document is stored.");
    arena_free(scratch);
    return ok;
}

static struct upload upload_of(const struct upload_form *form, size_t i)
{
    const struct upload_file *f = &form->file[i];
    return (struct upload){.filename = f->filename,
                           .fd = f->fd,
                           .size = f->size,
                           .external_id = form->external_id,
                           .metadata = form->metadata,
                           .collection = form->collection,
                           .language = form->language,
                           .replace = form->replace};
}

/* All files before the first is stored: a refusal leaves nothing. */
static bool check_files(struct exchange *x, const struct upload_form *form, struct problem *problem)
{
    struct arena *scratch = arena_new(8 << 20);
    bool ok = scratch || problem_set(problem, PROBLEM_UNAVAILABLE, "", "There is not enough memory now; try again.");
    for (size_t i = 0; ok && i < form->count; i++) {
        struct upload upload = upload_of(form, i);
        ok = ingest_check(call_app(x), &upload, scratch, problem);
    }
    arena_free(scratch);
    return ok;
}

static bool accept_files(struct exchange *x, const struct principal *by, const struct upload_form *form, struct accepted_document *accepted,
                         struct problem *problem)
{
    for (size_t i = 0; i < form->count; i++) {
        struct upload upload = upload_of(form, i);
        if (!accept_one(x, by, &upload, &accepted[i], problem))
            return false;
    }
    return true;
}

void call_upload(struct exchange *x)
{
    struct principal by;
    struct problem problem = {0};
    struct idempotent *claim;
    struct upload_form form;
    if (!call_authenticate(x, SCOPE_KNOWLEDGE_WRITE, &by) || !claim_key(x, &by, "upload", &claim))
        return;
    bool ok = upload_form_read(x, &form, &problem);
    struct accepted_document *accepted = ok ? arena_array(exchange_arena(x), form.count, sizeof *accepted) : NULL;
    if (ok && !accepted)
        ok = problem_set(&problem, PROBLEM_UNAVAILABLE, "", "There is not enough memory now; try again.");
    ok = ok && check_files(x, &form, &problem) && accept_files(x, &by, &form, accepted, &problem);
    size_t count = form.count;
    upload_form_close(&form);
    if (ok)
        reply_when_searchable(x, &by, accepted, count, count > 1, claim);
    else
        idempotent_fail(x, claim, &problem);
}

/* ---- text ---- */

static struct span metadata_text(struct exchange *x, struct validation *v, const json_t *body)
{
    const json_t *metadata = json_object_get(body, "metadata");
    if (!metadata || json_is_null(metadata))
        return (struct span){NULL, 0};
    if (!json_is_object(metadata)) {
        validation_fault(v, "metadata", "dict_type", "Input should be an object");
        return (struct span){NULL, 0};
    }
    struct buf text;
    buf_init(&text, 64 << 10);
    json_write(&text, metadata);
    struct span copy = text.failed ? (struct span){NULL, 0} : arena_copy(exchange_arena(x), buf_view(&text));
    if (!copy.p)
        validation_fault(v, "metadata", "too_long", "metadata must be at most 16 KiB of JSON");
    buf_free(&text);
    return copy;
}

static void accept_text(struct exchange *x, const struct principal *by, const struct upload *upload, struct idempotent *claim)
{
    struct problem problem = {0};
    struct accepted_document *accepted = arena_alloc(exchange_arena(x), sizeof *accepted);
    if (!accepted)
        problem_set(&problem, PROBLEM_UNAVAILABLE, "", "There is not enough memory now; try again.");
    if (accepted && accept_one(x, by, upload, accepted, &problem)) {
        reply_when_searchable(x, by, accepted, 1, false, claim);
        return;
    }
    idempotent_fail(x, claim, &problem);
}

void call_add_text(struct exchange *x)
{
    struct principal by;
    struct idempotent *claim;
    if (!call_authenticate(x, SCOPE_KNOWLEDGE_WRITE, &by))
        return;
    int64_t content_max = call_app(x)->config->content_max_bytes;
    json_t *body = call_json(x, (size_t)content_max * 3 + (1 << 20));
    if (!body)
        return;
    struct validation v;
    validation_begin(&v, body);
    struct upload upload = {.fd = -1};
    upload.filename = validation_text(&v, "title", true, 1, 200);
    upload.text = validation_text(&v, "content", true, 0, (size_t)content_max);
    upload.external_id = validation_text(&v, "external_id", false, 1, 200);
    upload.collection = validation_text(&v, "collection", false, 1, 100);
    upload.language = validation_text(&v, "language", false, 2, 2);
    upload.replace = validation_bool(&v, "replace", false);
    upload.metadata = metadata_text(x, &v, body);
    if (validation_end(&v, x) && claim_key(x, &by, "text", &claim))
        accept_text(x, &by, &upload, claim);
    json_decref(body);
}

/* ---- list, get, delete ---- */

static json_t *page_json(const struct document_page *page)
{
    json_t *documents = json_array();
    for (size_t i = 0; i < page->count; i++)
        json_array_append_new(documents, document_json(&page->rows[i]));
    return json_pack("{s:o, s:I, s:o}", "documents", documents, "total", (json_int_t)page->total, "next_cursor",
                     page->next_cursor[0] ? json_string(page->next_cursor) : json_null());
}

static bool is_status(struct span s)
{
    return span_eq(s, SPAN("queued")) || span_eq(s, SPAN("processing")) || span_eq(s, SPAN("completed")) || span_eq(s, SPAN("failed"));
}

static bool read_query(struct exchange *x, struct document_query *query, struct problem *problem)
{
    struct span limit;
    *query = (struct document_query){.limit = LIST_DEFAULT};
    if (exchange_query_param(x, "limit", &limit) && !span_to_int(limit, 1, LIST_MAX, &query->limit))
        return problem_field(problem, "query.limit", "limit must be a number from 1 to %d.", LIST_MAX);
    if (exchange_query_param(x, "status", &query->status) && !is_status(query->status))
        return problem_field(problem, "query.status", "status must be queued, processing, completed or failed.");
    exchange_query_param(x, "cursor", &query->cursor);
    if (exchange_query_param(x, "q", &query->name_contains) && query->name_contains.n > 255)
        return problem_field(problem, "query.q", "q must be at most 255 bytes.");
    return true;
}

void call_list_documents(struct exchange *x)
{
    struct principal by;
    struct problem problem = {0};
    struct document_query query;
    struct document_page page;
    if (!call_authenticate(x, SCOPE_KNOWLEDGE_READ, &by))
        return;
    struct arena *arena = arena_new(LIST_MEMORY);
    bool ok = arena ? read_query(x, &query, &problem) && documents_list(call_app(x), &by, &query, arena, &page, &problem)
                    : problem_set(&problem, PROBLEM_UNAVAILABLE, "", "There is not enough memory now; try again.");
    if (ok)
        call_reply(x, 200, page_json(&page));
    else
        call_fail(x, &problem);
    arena_free(arena);
}

void call_get_document(struct exchange *x)
{
    struct principal by;
    struct problem problem = {0};
    struct document_row row;
    if (!call_authenticate(x, SCOPE_KNOWLEDGE_READ, &by))
        return;
    if (documents_get(call_app(x), &by, exchange_path_param(x, "document_id"), exchange_arena(x), &row, &problem))
        call_reply(x, 200, document_json(&row));
    else
        call_fail(x, &problem);
}

void call_delete_document(struct exchange *x)
{
    struct principal by;
    struct problem problem = {0};
    if (!call_authenticate(x, SCOPE_KNOWLEDGE_WRITE, &by))
        return;
    if (documents_delete(call_app(x), &by, exchange_path_param(x, "document_id"), &problem))
        exchange_reply(x, 204, NULL, (struct span){"", 0});
    else
        call_fail(x, &problem);
}
