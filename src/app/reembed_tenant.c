/* One tenant: its documents in the order of their last change, until none is left that changed since it was looked at; then the tenant changes over, or is
 * settled.
 *
 * Before the change-over only vectors are added, which nobody sees. After it those of other encoders are deleted. Every transaction begins with the lease,
 * and none writes to a document that has changed since its texts were read: it comes again, with a newer seq. */
#include <string.h>

#include "app/chunk_vectors.h"
#include "app/ingest.h"
#include "app/reembed_internal.h"
#include "base/log.h"
#include "store/account.h"
#include "store/document.h"

enum { BATCH = 64, CHANGES_BYTES = 256 << 20, BATCH_BYTES = 128 << 20, LEASE_MS = 300000 };

struct course {
    struct reembed_round *round;
    struct tenant tenant;
    struct model_name answering; /* whose vectors do */
    bool held;                   /* the lease */
    int64_t after;               /* what changed up to this seq is in order */
    bool counting;               /* documents are met for the first time */
    struct arena *changes, *batch;
    struct document_change *list; /* [count] of what changed after that, as of seq */
    size_t count;
    int64_t seq, new_seq;
    bool ended;
};

static struct reembed *of(const struct course *c)
{
    return c->round->reembed;
}

static bool has_changed_over(const struct course *c)
{
    return strcmp(c->answering.text, c->round->model.text) == 0;
}

static enum db_status hold(struct course *c, struct db_conn *conn)
{
    return store_tenant_model_hold(&c->tenant, conn, of(c)->owner, sys_wall_ms() + LEASE_MS, &c->held);
}

/* ---- a document ---- */

struct batch {
    struct course *course;
    int64_t document_id, version, seq;
    int32_t from; /* the first chunk that may lack a vector */
    struct document_row row;
    bool same;            /* it is as it was */
    struct chunk *chunks; /* [count], at most BATCH, without a vector */
    size_t count;
    struct span *vectors; /* [count] */
    bool others;          /* it has vectors of other encoders, and they may go */
};

static enum db_status is_same(struct batch *b, struct db_conn *conn)
{
    struct course *c = b->course;
    bool found;
    enum db_status status = store_document_get(&c->tenant, conn, b->document_id, c->batch, &b->row, &found);
    b->same = status == DB_OK && found && b->row.indexed_version == b->version && b->row.seq == b->seq;
    return status;
}

static enum db_status read_batch(struct db_conn *conn, void *context)
{
    struct batch *b = context;
    struct course *c = b->course;
    struct span model = span_of(c->round->model.text);
    enum db_status status = is_same(b, conn);
    if (status == DB_OK && b->same)
        status = store_chunk_lacking(&c->tenant, conn, b->document_id, b->version, model, b->from, BATCH, c->batch, &b->chunks, &b->count);
    if (status == DB_OK && b->same && has_changed_over(c))
        status = store_embedding_has_other(&c->tenant, conn, b->document_id, model, &b->others);
    return status;
}

/* New vectors of the encoder that answers are to be seen by the next search. */
static enum db_status show(struct batch *b, struct db_conn *conn)
{
    struct course *c = b->course;
    bool changed;
    enum db_status status = store_tenant_next_seq(&c->tenant, conn, &c->new_seq);
    return status == DB_OK ? store_document_embedded(&c->tenant, conn, b->document_id, b->version, c->new_seq, &changed) : status;
}

static enum db_status write_batch(struct db_conn *conn, void *context)
{
    struct batch *b = context;
    struct course *c = b->course;
    struct span model = span_of(c->round->model.text);
    enum db_status status = hold(c, conn);
    if (status == DB_OK && c->held)
        status = is_same(b, conn);
    if (status != DB_OK || !c->held || !b->same)
        return status;
    for (size_t i = 0; i < b->count && status == DB_OK; i++)
        status = store_embedding_insert(&c->tenant, conn, b->document_id, b->version, b->chunks[i].ordinal, model, b->vectors[i]);
    if (status == DB_OK && b->count && has_changed_over(c))
        status = show(b, conn);
    if (status == DB_OK && b->others && b->count < BATCH)
        status = store_embedding_delete_other(&c->tenant, conn, b->document_id, model);
    return status;
}

static bool go_on(void *reembed, size_t done)
{
    (void)done;
    return !((struct reembed *)reembed)->stopping;
}

static bool make(struct batch *b)
{
    struct course *c = b->course;
    return !b->count || chunk_vectors(embedder_model(c->round->encoder), c->round->scratch, ingest_title(b->row.filename), b->chunks, b->count, c->batch, go_on,
                                      of(c), &b->vectors);
}

/* False when the course ends here. */
static bool do_batch(struct batch *b)
{
    struct course *c = b->course;
    struct db *db = of(c)->app->db;
    arena_reset(c->batch);
    c->new_seq = 0;
    if (of(c)->stopping || db_snapshot(db, read_batch, b) != DB_OK)
        return false;
    if (!b->same || (!b->count && !b->others))
        return true;
    if (!make(b) || db_transact(db, write_batch, b) != DB_OK || !c->held)
        return false;
    of(c)->made += b->same ? b->count : 0;
    b->seq = c->new_seq ? c->new_seq : b->seq;
    b->from = b->count ? b->chunks[b->count - 1].ordinal + 1 : b->from;
    return true;
}

static bool visit(struct course *c, const struct document_change *change)
{
    struct batch b = {.course = c, .document_id = change->document_id, .version = change->indexed_version, .seq = change->seq};
    if (!change->alive || change->indexed_version <= 0)
        return true;
    do {
        if (!do_batch(&b))
            return false;
        reembed_tell(of(c));
    } while (b.same && b.count == BATCH);
    of(c)->done += c->counting ? change->chunks : 0;
    return true;
}

/* ---- the tenant ---- */

static enum db_status list_changes(struct db_conn *conn, void *context)
{
    struct course *c = context;
    enum db_status status = store_tenant_seq(&c->tenant, conn, &c->seq);
    return status == DB_OK ? store_document_changes(&c->tenant, conn, c->after, c->changes, &c->list, &c->count) : status;
}

static enum db_status change_over(struct course *c, struct db_conn *conn)
{
    enum db_status status = store_tenant_model_switch(&c->tenant, conn, span_of(c->round->model.text), of(c)->owner, &c->held);
    return status == DB_OK && c->held ? store_tenant_next_seq(&c->tenant, conn, &c->new_seq) : status;
}

static enum db_status change_over_now(struct db_conn *conn, void *context)
{
    return change_over(context, conn);
}

/* Only if nothing has changed since the last look. */
static enum db_status end_phase(struct db_conn *conn, void *context)
{
    struct course *c = context;
    int64_t seq;
    enum db_status status = store_tenant_seq(&c->tenant, conn, &seq);
    c->ended = status == DB_OK && seq == c->after;
    if (!c->ended)
        return status;
    return has_changed_over(c) ? store_tenant_model_settle(&c->tenant, conn, of(c)->owner, &c->held) : change_over(c, conn);
}

/* Looks at all that changed; *left false when there was nothing. False when the course ends here. */
static bool look(struct course *c, bool *left)
{
    arena_reset(c->changes);
    if (db_snapshot(of(c)->app->db, list_changes, c) != DB_OK)
        return false;
    for (size_t i = 0; i < c->count; i++)
        if (!visit(c, &c->list[i]))
            return false;
    *left = c->count > 0;
    c->after = c->seq;
    c->counting = false;
    return true;
}

/* Until nothing is left in this phase. */
static bool do_phase(struct course *c)
{
    bool left;
    c->after = 0;
    do {
        if (!look(c, &left))
            return false;
        c->ended = false;
        if (!left && (db_transact(of(c)->app->db, end_phase, c) != DB_OK || !c->held))
            return false;
    } while (!c->ended);
    return true;
}

static bool change_over_with_former(struct course *c)
{
    struct encoders *encoders = of(c)->app->encoders;
    struct embedder *former = encoders_take(encoders, &c->answering);
    bool ok = former ? do_phase(c) : db_transact(of(c)->app->db, change_over_now, c) == DB_OK && c->held;
    encoders_give(encoders, former);
    if (ok)
        log_event(LOG_DEBUG, "a company changes over to new vectors", log_int("tenant", c->tenant.id), log_str("before", c->answering.text));
    c->answering = c->round->model;
    return ok;
}

/* One process has a database of one node, so a lease of before it belongs to nobody. */
static enum db_status claim(struct db_conn *conn, void *context)
{
    struct course *c = context;
    int64_t now = sys_wall_ms();
    enum db_status status = store_tenant_model(&c->tenant, conn, &c->answering);
    if (!c->answering.text[0])
        c->answering = c->round->model;
    if (status == DB_OK)
        status = store_tenant_model_claim(&c->tenant, conn, span_of(c->answering.text), of(c)->owner, of(c)->alone ? INT64_MAX : now, now + LEASE_MS, &c->held);
    return status;
}

enum reembed_end reembed_tenant(struct reembed_round *round, int64_t tenant_id)
{
    struct course c = {.round = round, .tenant = {.id = tenant_id}, .counting = true};
    c.changes = arena_new(CHANGES_BYTES);
    c.batch = arena_new(BATCH_BYTES);
    bool claimed = c.changes && c.batch && db_transact(round->reembed->app->db, claim, &c) == DB_OK && c.held;
    bool ok = claimed && (has_changed_over(&c) || change_over_with_former(&c)) && do_phase(&c);
    arena_free(c.changes);
    arena_free(c.batch);
    return ok ? REEMBED_SETTLED : claimed ? REEMBED_FAILED : REEMBED_ELSEWHERE;
}
