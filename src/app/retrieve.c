/* Retrieval: the question's vector, the index, the passages of the best candidates. */
#include "app/retrieve.h"

#include <string.h>

#include "app/calibrate.h"
#include "app/candidates.h"
#include "app/encoders.h"
#include "app/highlights.h"
#include "app/indexes.h"
#include "app/nearness.h"
#include "app/passage_cache.h"
#include "app/search_scope.h"
#include "store/account.h"
#include "store/document.h"

/* Some candidates may be copies of others, so a few more than asked for are taken; when those do not suffice, again and again so many times more. */
enum { LIMIT_GROWTH = 4, LIMIT_MAX = 1 << 14, CANDIDATES_BYTES = 64 << 20, ROW_BYTES = 4 << 20, TRIES = 2 };

/* What stays the same when a search is made again. */
struct search {
    struct app *app;
    struct tenant tenant;
    struct search_scope scope;
    struct candidates_query query;
    struct embedder *encoder; /* of the tenant's vectors, taken; NULL: words must do */
    struct embed_vector vector;
    const struct retrieve_query *asked;
    size_t wanted;         /* passages, or documents when they are grouped */
    struct arena *arena;   /* of the result */
    struct arena *finding; /* for candidates */
    struct arena *row;     /* for one passage at a time */
    struct problem *problem;
};

/* ---- from candidates to passages ---- */

struct group {
    int64_t document_id;
    int passages;
};

struct collecting {
    const struct search *search;
    const struct index_entry *entry;
    struct candidates *found;
    struct term_set terms;
    struct nearness near;
    size_t near_at, near_end; /* the next candidate whose nearness is to be told, and where that ends */
    struct passages *out;
    struct group *groups; /* [search->wanted], group_count of them in use; NULL when passages are not grouped */
    size_t group_count;
    size_t at;       /* the next candidate */
    bool needs_rows; /* its text is not in memory */
    bool ended;      /* all that follow score too low */
    bool stale;      /* a document changed between the index and the rows */
    int64_t seq;     /* then: of the snapshot that was read */
};

static bool is_full(const struct collecting *c)
{
    const struct search *s = c->search;
    if (!c->groups)
        return c->out->count == s->wanted;
    return c->out->count == s->wanted * (size_t)s->asked->group_size;
}

static struct group *group_of(struct collecting *c, int64_t document_id)
{
    size_t i = 0;
    while (i < c->group_count && c->groups[i].document_id != document_id)
        i++;
    return i < c->group_count ? &c->groups[i] : NULL;
}

/* Whether its document may give one more. */
static bool is_admitted(struct collecting *c, int64_t document_id)
{
    if (!c->groups)
        return true;
    const struct group *g = group_of(c, document_id);
    return g ? g->passages < c->search->asked->group_size : c->group_count < c->search->wanted;
}

static void count_in(struct collecting *c, int64_t document_id)
{
    struct group *g = c->groups ? group_of(c, document_id) : NULL;
    if (c->groups && !g) {
        g = &c->groups[c->group_count++];
        *g = (struct group){.document_id = document_id};
    }
    if (g)
        g->passages++;
}

static bool is_copy(const struct passages *p, struct span text)
{
    for (size_t i = 0; i < p->count; i++) {
        if (span_eq(p->list[i].chunk.text, text))
            return true;
    }
    return false;
}

/* Terms of the question that the chunk is indexed under, in the arena of the result. */
static bool explain(const struct collecting *c, const struct candidate *candidate, struct passage_match *match)
{
    struct arena *arena = c->search->arena;
    match->terms = arena_array(arena, c->terms.count, sizeof *match->terms);
    for (size_t i = 0; match->terms && i < c->terms.count; i++) {
        struct lexical_query one = {.terms = &c->terms.terms[i], .count = 1};
        struct lexical_hit hit = {.document_id = candidate->document_id, .ordinal = candidate->ordinal};
        lexical_score(index_lexical(c->entry), &one, &hit, 1);
        if (hit.coverage > 0)
            match->terms[match->term_count++] = c->out->terms[i];
    }
    return match->terms;
}

static bool highlight(const struct collecting *c, const struct kept_passage *kept, struct passage_match *match)
{
    return highlights_find(kept->marks, kept->mark_count, &c->terms, c->search->arena, &match->highlights, &match->highlight_count);
}

static bool keep(struct collecting *c, const struct indexed_document *d, const struct candidate *candidate, const struct kept_passage *kept, double score)
{
    const struct retrieve_query *asked = c->search->asked;
    struct arena *arena = c->search->arena;
    struct passage *p = &c->out->list[c->out->count];
    struct passage_match *match = &c->out->matches[c->out->count];
    *match = (struct passage_match){.version = d->version,
                                    .language = d->language,
                                    .lexical = (double)candidate->lexical,
                                    .coverage = (double)candidate->coverage,
                                    .dense = (double)candidate->cosine,
                                    .meaning = (double)candidate->meaning,
                                    .nearness = (double)candidate->nearness,
                                    .fused = candidate->fused};
    *p = (struct passage){.document_id = d->document_id, .chunk = kept->chunk, .score = score};
    memcpy(p->document, d->public_id, sizeof p->document);
    p->document_name = arena_copy(arena, d->name);
    p->chunk.heading = arena_copy(arena, kept->chunk.heading);
    p->chunk.text = arena_copy(arena, kept->chunk.text);
    if (!p->document_name.p || !p->chunk.heading.p || !p->chunk.text.p)
        return false;
    if ((asked->highlights && !highlight(c, kept, match)) || (asked->explain && !explain(c, candidate, match)))
        return false;
    c->out->count++;
    count_in(c, d->document_id);
    return true;
}

/* *found false: the row is not what the index knows of. */
static enum db_status read_row(struct collecting *c, struct db_conn *conn, const struct passage_name *name, struct kept_passage *kept, bool *found)
{
    struct chunk_found row;
    enum db_status status = store_chunk_get(&c->search->tenant, conn, name->document_id, name->ordinal, c->search->row, &row, found);
    if (status != DB_OK || !*found)
        return status;
    *found = row.seq == name->seq;
    *kept = (struct kept_passage){.chunk = row.chunk};
    return DB_OK;
}

static bool mark(const struct collecting *c, struct language language, struct kept_passage *kept)
{
    struct word_mark *marks;
    if (!word_marks(kept->chunk.text, language, c->search->row, &marks, &kept->mark_count))
        return false;
    kept->marks = marks;
    return true;
}

/* The text of a candidate, from memory or else from the database; *there false: it is to be had neither way now. */
static enum db_status obtain(struct collecting *c, struct db_conn *conn, const struct indexed_document *d, int32_t ordinal, struct kept_passage *kept,
                             bool *there)
{
    struct passage_cache *cache = index_passages(c->entry);
    struct passage_name name = {d->document_id, d->seq, ordinal};
    enum db_status status = DB_OK;
    bool known = cache && passage_cache_get(cache, &name, c->search->row, kept);
    c->needs_rows = !known && !conn;
    *there = known;
    if (!known && conn) {
        status = read_row(c, conn, &name, kept, there);
        c->stale = c->stale || (status == DB_OK && !*there);
    }
    bool marked = c->search->asked->highlights || c->near.count, complete = known && (kept->marks || !marked);
    if (status != DB_OK || !*there || complete)
        return status;
    if (marked && !mark(c, d->language, kept))
        return DB_ERROR;
    if (cache)
        passage_cache_put(cache, &name, kept);
    return DB_OK;
}

static enum db_status take(struct collecting *c, struct db_conn *conn, const struct candidate *candidate, double score)
{
    const struct indexed_document *d = index_document(c->entry, candidate->document_id);
    struct kept_passage kept;
    bool there = false;
    if (!d || !is_admitted(c, candidate->document_id))
        return DB_OK;
    arena_reset(c->search->row);
    enum db_status status = obtain(c, conn, d, candidate->ordinal, &kept, &there);
    if (status == DB_OK && there && !is_copy(c->out, kept.chunk.text) && !keep(c, d, candidate, &kept, score))
        status = DB_ERROR;
    return status;
}

/* Looks into the first candidates and orders them anew; without a connection up to the first that is not in memory. */
static enum db_status bring_near(struct collecting *c, struct db_conn *conn)
{
    enum db_status status = DB_OK;
    while (status == DB_OK && c->near_at < c->near_end) {
        struct candidate *candidate = &c->found->list[c->near_at];
        const struct indexed_document *d = index_document(c->entry, candidate->document_id);
        struct kept_passage kept;
        bool there = false;
        arena_reset(c->search->row);
        status = d ? obtain(c, conn, d, candidate->ordinal, &kept, &there) : DB_OK;
        if (c->needs_rows)
            return status;
        candidate->nearness = there && status == DB_OK ? (float)nearness_of(&c->near, kept.marks, kept.mark_count) : 0;
        if (++c->near_at == c->near_end)
            candidates_add_nearness(c->found, c->near_end, c->near.share);
    }
    return status;
}

/* Goes down the list; without a connection up to the first passage that is not in memory. */
static enum db_status collect(struct collecting *c, struct db_conn *conn)
{
    c->needs_rows = false;
    enum db_status status = bring_near(c, conn);
    while (status == DB_OK && !c->needs_rows && c->at < c->found->count && !is_full(c)) {
        const struct candidate *candidate = &c->found->list[c->at];
        double score = calibrate_similarity(candidate->fused, c->found->weight);
        c->ended = score < c->search->asked->min_score;
        if (c->ended)
            break;
        status = take(c, conn, candidate, score);
        if (c->needs_rows)
            break;
        c->at++;
    }
    return status;
}

static enum db_status collect_rows(struct db_conn *conn, void *context)
{
    struct collecting *c = context;
    enum db_status status = collect(c, conn);
    return status == DB_OK && c->stale ? store_tenant_seq(&c->search->tenant, conn, &c->seq) : status;
}

static bool list_terms(struct collecting *c)
{
    struct arena *arena = c->search->arena;
    c->out->terms = arena_array(arena, c->terms.count, sizeof *c->out->terms);
    bool ok = c->out->terms;
    for (size_t i = 0; ok && i < c->terms.count; i++) {
        c->out->terms[c->out->term_count++] = arena_copy(arena, c->terms.terms[i]);
        ok = c->out->terms[i].p;
    }
    return ok;
}

static bool begin(struct collecting *c)
{
    const struct search *s = c->search;
    size_t most = s->wanted * (s->asked->group_size ? (size_t)s->asked->group_size : 1);
    *c->out = (struct passages){.weight = c->found->weight, .by_words = c->found->lexical_count, .by_meaning = c->found->near_count};
    c->out->list = arena_array(s->arena, most, sizeof *c->out->list);
    c->out->matches = arena_array(s->arena, most, sizeof *c->out->matches);
    c->groups = s->asked->group_size ? arena_array(s->arena, s->wanted, sizeof *c->groups) : NULL;
    bool ok = c->out->list && c->out->matches && (c->groups || !s->asked->group_size);
    ok = ok && term_set_make(&c->found->words, s->finding, &c->terms) && (!s->asked->explain || list_terms(c)) &&
         nearness_make(c->entry, s->query.text, &c->found->words, &c->terms, s->finding, &c->near);
    size_t depth = c->near.count && c->found->weight < 1 ? nearness_depth(s->query.text) : 0;
    c->near_end = depth < c->found->count ? depth : c->found->count;
    return ok;
}

/* ---- the search ---- */

/* The candidates of the index and their passages; *more: with a larger limit there may be more of them. */
static enum db_status search_index(struct search *s, struct collecting *c, bool *more)
{
    struct candidates found;
    c->found = &found;
    arena_reset(s->finding);
    if (!candidates_find(c->entry, &s->query, s->finding, &found) || !begin(c))
        return DB_ERROR;
    enum db_status status = collect(c, NULL);
    if (status == DB_OK && c->needs_rows)
        status = db_snapshot(s->app->db, collect_rows, c);
    bool enough = c->groups ? c->group_count == s->wanted || c->group_count == found.document_count : c->out->count == s->wanted;
    *more = !enough && found.more && !c->ended && !c->stale;
    return status;
}

/* Vectors of different encoders are never compared: where the index has changed over since the question's was made, it is searched by words. */
static void match_encoder(struct search *s, const struct index_entry *entry, bool *stale)
{
    *stale = s->query.vector && index_encoder(entry) != s->encoder;
    if (*stale)
        s->query.vector = NULL;
}

/* One search as of tenant.index_seq; *stale, with the seq to try again with, when documents changed between the index and the rows, or the index its
 * encoder. */
static bool search_once(struct search *s, struct passages *out, bool *stale)
{
    struct collecting c;
    bool more = true;
    enum db_status status = DB_OK;
    struct index_entry *entry = indexes_open(s->app->indexes, &s->tenant, s->problem);
    if (!entry)
        return false;
    bool outmoded;
    match_encoder(s, entry, &outmoded);
    size_t most = s->wanted * (s->asked->group_size ? (size_t)s->asked->group_size : 1);
    size_t least = nearness_depth(s->query.text);
    for (s->query.limit = most + most / 4 + 1 > least ? most + most / 4 + 1 : least; status == DB_OK && more && s->query.limit <= LIMIT_MAX;
         s->query.limit *= LIMIT_GROWTH) {
        c = (struct collecting){.search = s, .entry = entry, .out = out};
        status = search_index(s, &c, &more);
    }
    indexes_close(s->app->indexes, entry);
    if (status != DB_OK)
        return problem_db(s->problem, status);
    out->coverage = out->count ? out->matches[0].coverage : 0;
    *stale = c.stale || outmoded;
    s->tenant.index_seq = c.seq > s->tenant.index_seq ? c.seq : s->tenant.index_seq;
    return true;
}

/* The vector comes before the index is opened for the search: it takes milliseconds in which nobody should wait for the index. */
static bool embed_question(struct search *s)
{
    struct encoders *encoders = s->app->encoders;
    struct embedder *encoder, *before = s->encoder;
    if (!encoders || s->query.mode == RETRIEVE_LEXICAL)
        return true;
    if (!indexes_encoder(s->app->indexes, &s->tenant, &encoder, s->problem))
        return false;
    encoders_give(encoders, before);
    s->encoder = encoder;
    s->query.vector = encoder ? &s->vector : NULL;
    if (!encoder || encoder == before)
        return true;
    s->query.unlike = (double)embed_unlike(embedder_model(encoder));
    s->query.multilingual = embed_is_multilingual(embedder_model(encoder));
    return embedder_text(encoder, s->query.text, &s->vector) || problem_db(s->problem, DB_ERROR);
}

static bool search(struct search *s, struct passages *out)
{
    bool stale = true;
    for (int tries = 0; stale && tries < TRIES; tries++) {
        if (!embed_question(s) || !search_once(s, out, &stale))
            return false;
    }
    return true;
}

bool retrieve(struct app *app, const struct principal *by, const struct retrieve_query *query, struct arena *arena, struct passages *out,
              struct problem *problem)
{
    struct search s = {.app = app, .tenant = by->tenant, .asked = query, .arena = arena, .problem = problem};
    *out = (struct passages){0};
    measure(&app->measures, MEASURE_SEARCHES);
    s.wanted = query->top_k < 1 ? 1 : query->top_k > 100 ? 100 : (size_t)query->top_k;
    s.query = (struct candidates_query){.text = query->text, .mode = query->mode, .spread = query->spread && !query->group_size, .scope = &s.scope};
    if (!search_scope_resolve(app, by, query, arena, &s.scope, problem))
        return false;
    s.finding = arena_new(CANDIDATES_BYTES);
    s.row = arena_new(ROW_BYTES);
    bool ok = s.finding && s.row ? search(&s, out) : problem_db(problem, DB_ERROR);
    encoders_give(app->encoders, s.encoder);
    arena_free(s.row);
    arena_free(s.finding);
    return ok;
}
