/* Retrieval: filters → the documents that may be searched, question → terms, index → hits, rows → passages. */
#include "app/retrieve.h"

#include <stdlib.h>
#include <string.h>

#include "app/calibrate.h"
#include "app/indexes.h"
#include "app/query_words.h"
#include "app/small_index.h"
#include "base/json.h"
#include "base/utf8.h"
#include "store/account.h"
#include "store/document.h"

/* More hits than asked for are taken, since some may be copies of others. */
enum { HITS_A_PASSAGE = 4, ROW_BYTES = 2 << 20 };

/* ---- filters ---- */

struct scope_of_search {
    int64_t collection_id;    /* 0: any */
    const int64_t *documents; /* row ids, ascending; NULL: any */
    size_t document_count;
    const json_t *metadata; /* NULL or empty: any */
};

struct resolve {
    const struct principal *by;
    const struct retrieve_query *query;
    struct arena *arena;
    int64_t *ids; /* [query->document_count] */
    size_t count;
    int64_t collection_id;
    bool collection_found;
};

static int by_id(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static enum db_status resolve_collection(struct resolve *r, struct db_conn *c)
{
    r->collection_found = true;
    if (!r->query->collection.p)
        return DB_OK;
    return store_collection_by_name(&r->by->tenant, c, r->query->collection, false, 0, &r->collection_id, &r->collection_found);
}

static enum db_status resolve_rows(struct db_conn *c, void *context)
{
    struct resolve *r = context;
    enum db_status status = resolve_collection(r, c);
    struct arena *scratch = arena_new(ROW_BYTES);
    if (!scratch)
        return DB_ERROR;
    for (size_t i = 0; status == DB_OK && i < r->query->document_count; i++) {
        struct document_row row;
        bool found;
        arena_reset(scratch);
        status = store_document_by_public_id(&r->by->tenant, c, r->query->document_ids[i], scratch, &row, &found);
        if (status == DB_OK && found)
            r->ids[r->count++] = row.document_id;
    }
    arena_free(scratch);
    return status;
}

static bool resolve_scope(struct app *app, const struct principal *by, const struct retrieve_query *query, struct arena *arena, struct scope_of_search *scope,
                          struct problem *problem)
{
    struct resolve r = {.by = by, .query = query, .arena = arena, .collection_id = by->collection_id};
    *scope = (struct scope_of_search){.collection_id = by->collection_id, .metadata = query->metadata};
    if (!query->collection.p && !query->document_count)
        return true;
    r.ids = arena_array(arena, query->document_count, sizeof *r.ids);
    enum db_status status = r.ids ? db_snapshot(app->db, resolve_rows, &r) : DB_ERROR;
    if (status != DB_OK)
        return problem_db(problem, status);
    if (!r.collection_found || (by->collection_id && r.collection_id != by->collection_id))
        return problem_set(problem, PROBLEM_NOT_FOUND, "", "There is no collection of that name.");
    scope->collection_id = r.collection_id;
    if (query->document_count) {
        qsort(r.ids, r.count, sizeof *r.ids, by_id);
        scope->documents = r.ids;
        scope->document_count = r.count;
    }
    return true;
}

static bool metadata_matches(const struct indexed_document *d, const json_t *wanted)
{
    char why[80];
    json_t *have = d->metadata ? json_read(span_of(d->metadata), why, sizeof why) : NULL;
    const char *name;
    json_t *value;
    bool matches = have != NULL;
    json_object_foreach((json_t *)wanted, name, value) matches = matches && json_equal(json_object_get(have, name), value);
    json_decref(have);
    return matches;
}

static bool in_scope(const struct scope_of_search *scope, const struct indexed_document *d)
{
    if (scope->collection_id && d->collection_id != scope->collection_id)
        return false;
    if (scope->documents && !bsearch(&d->document_id, scope->documents, scope->document_count, sizeof *scope->documents, by_id))
        return false;
    return json_object_size(scope->metadata) == 0 || metadata_matches(d, scope->metadata);
}

/* The documents to search, ascending; *ids stays NULL when all are. */
static bool allowed_documents(const struct index_entry *entry, const struct scope_of_search *scope, struct arena *arena, int64_t **ids, size_t *count)
{
    *ids = NULL;
    *count = 0;
    if (!scope->collection_id && !scope->documents && json_object_size(scope->metadata) == 0)
        return true;
    size_t all;
    const struct indexed_document *documents = index_documents(entry, &all);
    int64_t *list = arena_array(arena, all, sizeof *list);
    if (!list)
        return false;
    for (size_t i = 0; i < all; i++) {
        if (in_scope(scope, &documents[i]))
            list[(*count)++] = documents[i].document_id;
    }
    *ids = list;
    return true;
}

/* ---- search ---- */

struct hit {
    struct lexical_hit at;
    struct passage_match match;
};

static int best_first(const void *a, const void *b)
{
    const struct lexical_hit *x = &((const struct hit *)a)->at, *y = &((const struct hit *)b)->at;
    if (x->score != y->score)
        return (x->score < y->score) - (x->score > y->score);
    if (x->document_id != y->document_id)
        return (x->document_id > y->document_id) - (x->document_id < y->document_id);
    return (x->ordinal > y->ordinal) - (x->ordinal < y->ordinal);
}

static bool same_chunk(const struct hit *a, const struct hit *b)
{
    return a->at.document_id == b->at.document_id && a->at.ordinal == b->at.ordinal;
}

/* Puts the hits of all languages in order; of a chunk found under several, the best stays. */
static size_t merge(struct hit *hits, size_t count, size_t limit)
{
    qsort(hits, count, sizeof *hits, best_first);
    size_t kept = 0;
    for (size_t i = 0; i < count && kept < limit; i++) {
        bool known = false;
        for (size_t k = 0; k < kept && !known; k++)
            known = same_chunk(&hits[k], &hits[i]);
        if (!known)
            hits[kept++] = hits[i];
    }
    return kept;
}

struct search {
    const struct index_entry *entry;
    struct arena *arena;
    size_t limit;
    int64_t *documents; /* NULL: all */
    size_t document_count;
    struct hit *hits; /* [limit * QUERY_LANGUAGES] */
    size_t count;
};

static bool search_set(struct search *s, const struct query_terms *set)
{
    struct lexical_hit *found = arena_array(s->arena, s->limit, sizeof *found);
    if (!found)
        return false;
    struct lexical_query query = {.terms = set->terms, .count = set->count, .documents = s->documents, .document_count = s->document_count};
    size_t n = lexical_search(index_lexical(s->entry), &query, found, s->limit);
    if (!small_index_correct(index_lexical(s->entry), set, found, n, s->arena))
        return false;
    for (size_t i = 0; i < n; i++) {
        const struct indexed_document *d = index_document(s->entry, found[i].document_id);
        if (d)
            s->hits[s->count++] = (struct hit){
                found[i], {.version = d->version, .language = d->language, .lexical = (double)found[i].score, .coverage = (double)found[i].coverage}};
    }
    return true;
}

static bool search_entry(struct search *s, const struct retrieve_query *query, const struct scope_of_search *scope)
{
    struct query_words words;
    if (!query_words_make(s->entry, query->text, s->arena, &words) || !allowed_documents(s->entry, scope, s->arena, &s->documents, &s->document_count))
        return false;
    s->hits = arena_array(s->arena, s->limit * QUERY_LANGUAGES, sizeof *s->hits);
    if (!s->hits)
        return false;
    if (s->documents && !s->document_count)
        return true;
    for (size_t i = 0; i < words.count; i++) {
        if (words.sets[i].count && !search_set(s, &words.sets[i]))
            return false;
    }
    s->count = merge(s->hits, s->count, s->limit);
    return true;
}

/* ---- the rows of the hits ---- */

struct fetch {
    const struct tenant *tenant;
    const struct hit *hits;
    size_t hit_count, wanted;
    struct arena *arena, *scratch;
    struct passages *out;
    bool stale;  /* a hit was of a version that is no longer the indexed one */
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

static bool keep_passage(struct fetch *f, const struct hit *hit, const struct chunk_found *row)
{
    struct passage *p = &f->out->list[f->out->count];
    *p = (struct passage){.document_id = hit->at.document_id, .chunk = row->chunk, .score = calibrate_similarity(hit->match.lexical)};
    memcpy(p->document, row->document_public_id, sizeof p->document);
    p->document_name = arena_copy(f->arena, row->document_name);
    p->chunk.heading = arena_copy(f->arena, row->chunk.heading);
    p->chunk.text = arena_copy(f->arena, row->chunk.text);
    f->out->matches[f->out->count] = hit->match;
    if (!p->document_name.p || !p->chunk.heading.p || !p->chunk.text.p)
        return false;
    f->out->count++;
    return true;
}

static enum db_status fetch_rows(struct db_conn *c, void *context)
{
    struct fetch *f = context;
    enum db_status status = store_tenant_seq(f->tenant, c, &f->seq);
    for (size_t i = 0; status == DB_OK && i < f->hit_count && f->out->count < f->wanted; i++) {
        struct chunk_found row;
        bool found;
        arena_reset(f->scratch);
        status = store_chunk_get(f->tenant, c, f->hits[i].at.document_id, f->hits[i].at.ordinal, f->scratch, &row, &found);
        if (status != DB_OK)
            break;
        if (!found || row.version != f->hits[i].match.version)
            f->stale = true;
        else if (!is_copy(f->out, row.chunk.text) && !keep_passage(f, &f->hits[i], &row))
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
    f->out->coverage = f->out->count ? f->out->matches[0].coverage : 0;
    return status == DB_OK || problem_db(problem, status);
}

/* One search as of tenant->index_seq; *stale, with the seq to try again with, when documents changed between the index and the rows. */
static bool retrieve_once(struct app *app, struct tenant *tenant, const struct retrieve_query *query, const struct scope_of_search *scope, struct arena *arena,
                          struct passages *out, bool *stale, struct problem *problem)
{
    size_t wanted = query->top_k < 1 ? 1 : query->top_k > 100 ? 100 : (size_t)query->top_k;
    struct search s = {.arena = arena, .limit = wanted * HITS_A_PASSAGE};
    struct index_entry *entry = indexes_open(app->indexes, tenant, problem);
    if (!entry)
        return false;
    s.entry = entry;
    bool ok = search_entry(&s, query, scope);
    indexes_close(app->indexes, entry);
    if (!ok)
        return problem_db(problem, DB_ERROR);
    struct fetch f = {.tenant = tenant, .hits = s.hits, .hit_count = s.count, .wanted = wanted, .arena = arena, .out = out};
    if (!fetch(app, &f, problem))
        return false;
    *stale = f.stale;
    tenant->index_seq = f.seq > tenant->index_seq ? f.seq : tenant->index_seq;
    return true;
}

bool retrieve(struct app *app, const struct principal *by, const struct retrieve_query *query, struct arena *arena, struct passages *out,
              struct problem *problem)
{
    struct scope_of_search scope;
    struct tenant tenant = by->tenant;
    bool stale = false;
    *out = (struct passages){0};
    measure(&app->measures, MEASURE_SEARCHES);
    if (!resolve_scope(app, by, query, arena, &scope, problem) || !retrieve_once(app, &tenant, query, &scope, arena, out, &stale, problem))
        return false;
    return !stale || retrieve_once(app, &tenant, query, &scope, arena, out, &stale, problem);
}
