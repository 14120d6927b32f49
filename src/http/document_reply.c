/* The wait: each document that is still in work has a waiter with ingest; the last one to fire replies, on the thread that fired it: one row a document is read. */
#include "http/document_reply.h"

#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "app/documents.h"
#include "http/list_query.h"

enum { WAIT_DEFAULT_S = 10, WAIT_MAX_S = 60 };

static json_t *error_json(const struct document_row *row)
{
    if (!row->error_code.p)
        return json_null();
    return json_pack("{s:o, s:o}", "code", json_from(row->error_code), "message", text_or_null(row->error_message));
}

/* The notes about a document that is no failure, a line each; fills *joined with one text of them, or null. */
static json_t *notes_json(const struct document_row *row, json_t **joined)
{
    json_t *notes = json_array();
    struct span rest = row->error_code.p ? (struct span){0} : row->error_message, note;
    struct buf text;
    buf_init(&text, rest.n + 1);
    while (rest.n) {
        span_cut(rest, '\n', &note, &rest);
        json_array_append_new(notes, json_from(note));
        buf_str(&text, text.n ? " " : "");
        buf_span(&text, note);
    }
    *joined = text.n ? json_from(buf_view(&text)) : json_null();
    buf_free(&text);
    return notes;
}

json_t *document_json(const struct document_row *row)
{
    char why[160];
    json_t *metadata = json_read(row->metadata, why, sizeof why);
    if (!json_is_object(metadata)) {
        json_decref(metadata);
        metadata = json_object();
    }
    json_t *note, *notes = notes_json(row, &note);
    return json_pack("{s:s, s:o, s:s, s:o, s:I, s:I, s:I, s:I, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "id", row->public_id, "filename",
                     json_from(row->filename), "status", row->status, "media_type", json_from(row->media_type), "size_bytes", (json_int_t)row->size_bytes,
                     "pages", (json_int_t)row->pages, "chunks", (json_int_t)row->chunks, "progress", (json_int_t)row->progress, "error", error_json(row),
                     "note", note, "notes", notes, "external_id", text_or_null(row->external_id), "metadata", metadata, "collection",
                     text_or_null(row->collection), "language", row->language[0] ? json_string(row->language) : json_null(), "created_at",
                     call_time(row->created_at), "updated_at", call_time(row->updated_at));
}

/* ---- Prefer (RFC 7240) ---- */

struct preference {
    int64_t wait_s;
    bool async;
    bool said; /* one of the two was asked for */
};

static struct preference read_preference(struct exchange *x)
{
    struct preference p = {.wait_s = WAIT_DEFAULT_S};
    struct span rest, one, name, value;
    if (!exchange_header(x, "Prefer", &rest))
        return p;
    while (rest.n) {
        span_cut(rest, ',', &one, &rest);
        span_cut(one, ';', &one, &value);
        bool has_value = span_cut(one, '=', &name, &value);
        name = span_trim(name);
        if (span_eq_nocase(name, SPAN("respond-async")))
            p.async = p.said = true;
        if (has_value && span_eq_nocase(name, SPAN("wait")) && span_to_int(span_trim(value), 0, INT64_MAX, &p.wait_s))
            p.said = true;
    }
    p.wait_s = p.async ? 0 : p.wait_s > WAIT_MAX_S ? WAIT_MAX_S : p.wait_s;
    return p;
}

static void say_preference(struct exchange *x, const struct preference *p)
{
    char applied[40];
    if (!p->said)
        return;
    snprintf(applied, sizeof applied, "wait=%lld", (long long)p->wait_s);
    exchange_add_header(x, "Preference-Applied", p->async ? "respond-async" : applied);
}

/* ---- the wait ---- */

struct pending {
    struct exchange *x;
    struct principal by;
    struct accepted_document *accepted; /* [count] */
    size_t count;
    bool several;
    struct idempotent *claim;
    _Atomic size_t left; /* waiters that have not fired, and one for the handler */
};

static bool is_finished(const struct document_row *row)
{
    return strcmp(row->status, "completed") == 0 || strcmp(row->status, "failed") == 0;
}

/* One that failed is not. */
static bool is_searchable(const struct document_row *row)
{
    return strcmp(row->status, "completed") == 0;
}

/* As it is now; one that was deleted meanwhile stays as it was accepted. */
static void refresh(struct pending *p, struct accepted_document *d)
{
    struct document_row now;
    if (documents_get(call_app(p->x), &p->by, span_of(d->row.public_id), exchange_arena(p->x), &now, &(struct problem){0}))
        d->row = now;
}

static void answer(struct pending *p)
{
    bool searchable = true, any_new = false;
    json_t *list = json_array();
    for (size_t i = 0; i < p->count; i++) {
        struct accepted_document *d = &p->accepted[i];
        refresh(p, d);
        searchable = searchable && is_searchable(&d->row);
        any_new = any_new || d->how != ACCEPTED_EXISTING;
        json_array_append_new(list, document_json(&d->row));
    }
    json_t *value = p->several ? json_pack("{s:O}", "documents", list) : json_incref(json_array_get(list, 0));
    json_decref(list);
    idempotent_reply(p->x, p->claim, !any_new ? 200 : searchable ? 201 : 202, value);
}

static void one_done(void *context)
{
    struct pending *p = context;
    if (atomic_fetch_sub(&p->left, 1) == 1)
        answer(p);
}

void reply_when_searchable(struct exchange *x, const struct principal *by, struct accepted_document *accepted, size_t count, bool several,
                           struct idempotent *claim)
{
    struct preference preference = read_preference(x);
    struct pending *p = arena_alloc(exchange_arena(x), sizeof *p);
    if (!p) {
        idempotent_fail(
            x, claim,
            &(struct problem){.kind = PROBLEM_UNAVAILABLE, .detail = "There is not enough memory now; the documents are stored.", .retry_after_s = 1});
        return;
    }
    *p = (struct pending){.x = x, .by = *by, .accepted = accepted, .count = count, .several = several, .claim = claim};
    atomic_store(&p->left, count + 1);
    say_preference(x, &preference);
    int64_t deadline = sys_mono_ms() + preference.wait_s * 1000;
    for (size_t i = 0; i < count; i++) {
        const struct document_row *row = &accepted[i].row;
        bool wait = preference.wait_s > 0 && !is_finished(row);
        if (!wait || !ingest_wait(call_app(x), by, row->document_id, row->version, deadline, one_done, p))
            one_done(p);
    }
    one_done(p);
}
