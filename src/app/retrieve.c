/* Retrieval: the question's vector, the index, the rows of the best candidates. */
#include "app/retrieve.h"

#include <string.h>

#include "app/calibrate.h"
#include "app/candidates.h"
#include "app/embedder.h"
#include "app/indexes.h"
#include "app/search_scope.h"
#include "store/account.h"
#include "store/document.h"

/* More candidates than asked for are taken, since some may be copies of others. */
enum { CANDIDATES_A_PASSAGE = 4, ROW_BYTES = 2 << 20 };

/* ---- the rows of the hits ---- */

struct fetch {
    const struct tenant *tenant;
    const struct candidates *found;
    int64_t index_seq; /* of the index they were found in */
    size_t wanted;
    struct arena *arena, *scratch;
    struct passages *out;
    bool stale;  /* a document changed between the index and the rows */
    int64_t seq; /* of the snapshot that was read */
};

static bool is_copy(const struct passages *p, struct span text)
{
    for (size_t i = 0; i < p->count; i++) {
        if (span_eq(p->list[i].chunk.text, text))
            return true;
    }
    return false;
}

static bool keep_passage(struct fetch *f, const struct candidate *c, const struct chunk_found *row)
{
    struct passage *p = &f->out->list[f->out->count];
    struct passage_match *match = &f->out->matches[f->out->count];
    *match = (struct passage_match){
        .version = row->version, .lexical = (double)c->lexical, .coverage = (double)c->coverage, .dense = (double)c->cosine, .fused = c->fused};
    memcpy(match->language.code, row->language, sizeof match->language.code);
    *p = (struct passage){.document_id = c->document_id, .chunk = row->chunk, .score = calibrate_similarity(c->fused, f->found->weight)};
    memcpy(p->document, row->document_public_id, sizeof p->document);
    p->document_name = arena_copy(f->arena, row->document_name);
    p->chunk.heading = arena_copy(f->arena, row->chunk.heading);
    p->chunk.text = arena_copy(f->arena, row->chunk.text);
    if (!p->document_name.p || !p->chunk.heading.p || !p->chunk.text.p)
        return false;
    f->out->count++;
    return true;
}

static enum db_status fetch_rows(struct db_conn *c, void *context)
{
    struct fetch *f = context;
    enum db_status status = store_tenant_seq(f->tenant, c, &f->seq);
    for (size_t i = 0; status == DB_OK && i < f->found->count && f->out->count < f->wanted; i++) {
        const struct candidate *candidate = &f->found->list[i];
        struct chunk_found row;
        bool found;
        arena_reset(f->scratch);
        status = store_chunk_get(f->tenant, c, candidate->document_id, candidate->ordinal, f->scratch, &row, &found);
        if (status != DB_OK)
            break;
        if (!found || row.seq > f->index_seq)
            f->stale = true;
        else if (!is_copy(f->out, row.chunk.text) && !keep_passage(f, candidate, &row))
            status = DB_ERROR;
    }
    return status;
}

static bool fetch(struct app *app, struct fetch *f, struct problem *problem)
{
    f->out->list = arena_array(f->arena, f->wanted, sizeof *f->out->list);
    f->out->matches = arena_array(f->arena, f->wanted, sizeof *f->out->matches);
    f->out->count = 0;
    f->scratch = arena_new(ROW_BYTES);
    enum db_status status = f->out->list && f->out->matches && f->scratch ? db_snapshot(app->db, fetch_rows, f) : DB_ERROR;
    arena_free(f->scratch);
    f->out->weight = f->found->weight;
    f->out->coverage = f->out->count ? f->out->matches[0].coverage : 0;
    return status == DB_OK || problem_db(problem, status);
}

/* What stays the same when a search is made again. */
struct search {
    struct app *app;
    struct tenant tenant;
    struct search_scope scope;
    struct candidates_query query;
    struct embed_vector vector;
    struct arena *arena;
    struct problem *problem;
    size_t wanted;
};

/* One search as of tenant.index_seq; *stale, with the seq to try again with, when documents changed between the index and the rows. */
static bool search_once(struct search *s, struct passages *out, bool *stale)
{
    struct candidates found;
    struct fetch f = {.tenant = &s->tenant, .found = &found, .wanted = s->wanted, .arena = s->arena, .out = out};
    struct index_entry *entry = indexes_open(s->app->indexes, &s->tenant, s->problem);
    if (!entry)
        return false;
    bool ok = candidates_find(entry, &s->query, s->arena, &found);
    f.index_seq = index_seq(entry);
    indexes_close(s->app->indexes, entry);
    if (!ok)
        return problem_db(s->problem, DB_ERROR);
    if (!fetch(s->app, &f, s->problem))
        return false;
    *stale = f.stale;
    s->tenant.index_seq = f.seq > s->tenant.index_seq ? f.seq : s->tenant.index_seq;
    return true;
}

/* The vector comes before the index is opened: it takes milliseconds in which nobody should wait for the index. */
static bool embed_question(struct search *s)
{
    if (!s->app->embedder || s->query.mode == RETRIEVE_LEXICAL)
        return true;
    if (!embedder_text(s->app->embedder, s->query.text, &s->vector))
        return problem_db(s->problem, DB_ERROR);
    s->query.vector = &s->vector;
    return true;
}

bool retrieve(struct app *app, const struct principal *by, const struct retrieve_query *query, struct arena *arena, struct passages *out,
              struct problem *problem)
{
    struct search s = {.app = app, .tenant = by->tenant, .arena = arena, .problem = problem};
    bool stale = false;
    *out = (struct passages){0};
    measure(&app->measures, MEASURE_SEARCHES);
    s.wanted = query->top_k < 1 ? 1 : query->top_k > 100 ? 100 : (size_t)query->top_k;
    s.query = (struct candidates_query){
        .text = query->text, .mode = query->mode, .spread = query->spread, .scope = &s.scope, .limit = s.wanted * CANDIDATES_A_PASSAGE};
    if (!search_scope_resolve(app, by, query, arena, &s.scope, problem) || !embed_question(&s) || !search_once(&s, out, &stale))
        return false;
    return !stale || search_once(&s, out, &stale);
}
