/* Two legs, one list: lexical hits of each language, dense hits, their union, and the scores that are missing. */
#include "app/candidates.h"

#include <stdlib.h>

#include "app/fusion.h"
#include "app/query_words.h"
#include "app/small_index.h"

enum { LEG_MIN = 100, GATE_TOP = 20 };

/* What a chunk without a word of the question must reach by its cosine. Foreign questions stay below: their nearest chunks have cosines of 0.1 to 0.3. */
static const double fused_alone = 0.15;

/* What a document's chunks after its best keep of their score when results are spread. */
static const double further_chunk = 0.95;

struct finding {
    const struct index_entry *entry;
    const struct candidates_query *query;
    struct arena *arena;
    struct query_words words;
    struct dense_query dense;
    int64_t *documents; /* NULL: all */
    size_t document_count, leg;
    struct candidate *list; /* [capacity]; the first lexical_count are the lexical leg, best first, then what only the dense leg found */
    size_t count, lexical_count;
    struct dense_hit *near; /* [near_count], the dense leg */
    size_t near_count;
};

/* ---- orders ---- */

static int by_chunk(const void *a, const void *b)
{
    const struct candidate *x = a, *y = b;
    if (x->document_id != y->document_id)
        return (x->document_id > y->document_id) - (x->document_id < y->document_id);
    return (x->ordinal > y->ordinal) - (x->ordinal < y->ordinal);
}

static int by_chunk_best_first(const void *a, const void *b)
{
    const struct candidate *x = a, *y = b;
    int order = by_chunk(a, b);
    return order ? order : (x->lexical < y->lexical) - (x->lexical > y->lexical);
}

static int by_words(const void *a, const void *b)
{
    const struct candidate *x = a, *y = b;
    return x->lexical != y->lexical ? (x->lexical < y->lexical) - (x->lexical > y->lexical) : by_chunk(a, b);
}

static int by_fusion(const void *a, const void *b)
{
    const struct candidate *x = a, *y = b;
    return x->fused != y->fused ? (x->fused < y->fused) - (x->fused > y->fused) : by_chunk(a, b);
}

static int by_document(const void *a, const void *b)
{
    const struct candidate *x = a, *y = b;
    return x->document_id != y->document_id ? (x->document_id > y->document_id) - (x->document_id < y->document_id) : by_fusion(a, b);
}

/* ---- the lexical leg ---- */

static struct lexical_query query_of(const struct finding *f, const struct query_terms *set)
{
    return (struct lexical_query){.terms = set->terms, .count = set->count, .documents = f->documents, .document_count = f->document_count};
}

static bool search_set(struct finding *f, const struct query_terms *set)
{
    const struct lexical *index = index_lexical(f->entry);
    struct lexical_query query = query_of(f, set);
    struct lexical_hit *hits = arena_array(f->arena, f->leg, sizeof *hits);
    if (!hits)
        return false;
    size_t count = lexical_search(index, &query, hits, f->leg);
    if (!small_index_correct(index, set, hits, count, f->arena))
        return false;
    for (size_t i = 0; i < count; i++)
        f->list[f->count++] =
            (struct candidate){.document_id = hits[i].document_id, .ordinal = hits[i].ordinal, .lexical = hits[i].score, .coverage = hits[i].coverage};
    return true;
}

/* Of a chunk found under several languages the best stays. */
static void merge_languages(struct finding *f)
{
    size_t kept = 0;
    qsort(f->list, f->count, sizeof *f->list, by_chunk_best_first);
    for (size_t i = 0; i < f->count; i++) {
        if (kept == 0 || by_chunk(&f->list[kept - 1], &f->list[i]) != 0)
            f->list[kept++] = f->list[i];
    }
    qsort(f->list, kept, sizeof *f->list, by_words);
    f->count = f->lexical_count = kept < f->leg ? kept : f->leg;
}

static bool find_by_words(struct finding *f)
{
    for (size_t i = 0; i < f->words.count; i++) {
        if (f->words.sets[i].count && !search_set(f, &f->words.sets[i]))
            return false;
    }
    merge_languages(f);
    return true;
}

/* ---- the dense leg ---- */

/* Sets cosine and ratio of what the words found. */
static void measure_cosines(struct finding *f)
{
    for (size_t i = 0; i < f->lexical_count; i++) {
        struct candidate *c = &f->list[i];
        struct dense_hit hit = {.document_id = c->document_id, .ordinal = c->ordinal};
        c->has_vector = dense_score(index_dense(f->entry), &f->dense, &hit);
        c->cosine = c->has_vector ? hit.cosine : 0;
        c->ratio = c->has_vector ? hit.ratio : 0;
    }
}

/* Scores of the hits by words: the best of all languages. */
static bool measure_words(struct finding *f, struct candidate *list, size_t count)
{
    struct lexical_hit *hits = arena_array(f->arena, count, sizeof *hits);
    if (!hits)
        return false;
    for (size_t s = 0; s < f->words.count; s++) {
        struct lexical_query query = query_of(f, &f->words.sets[s]);
        for (size_t i = 0; i < count; i++)
            hits[i] = (struct lexical_hit){.document_id = list[i].document_id, .ordinal = list[i].ordinal};
        lexical_score(index_lexical(f->entry), &query, hits, count);
        if (!small_index_correct(index_lexical(f->entry), &f->words.sets[s], hits, count, f->arena))
            return false;
        for (size_t i = 0; i < count; i++) {
            if (hits[i].score > list[i].lexical) {
                list[i].lexical = hits[i].score;
                list[i].coverage = hits[i].coverage;
            }
        }
    }
    return true;
}

static bool add_what_only_meaning_found(struct finding *f)
{
    struct candidate *known = arena_array(f->arena, f->lexical_count, sizeof *known);
    if (!known)
        return false;
    for (size_t i = 0; i < f->lexical_count; i++)
        known[i] = f->list[i];
    qsort(known, f->lexical_count, sizeof *known, by_chunk);
    for (size_t i = 0; i < f->near_count; i++) {
        const struct dense_hit *hit = &f->near[i];
        struct candidate c = {.document_id = hit->document_id, .ordinal = hit->ordinal, .cosine = hit->cosine, .ratio = hit->ratio, .has_vector = true};
        if (!f->lexical_count || !bsearch(&c, known, f->lexical_count, sizeof c, by_chunk))
            f->list[f->count++] = c;
    }
    return measure_words(f, f->list + f->lexical_count, f->count - f->lexical_count);
}

static bool find_by_meaning(struct finding *f)
{
    f->near = arena_array(f->arena, f->leg, sizeof *f->near);
    if (!f->near)
        return false;
    f->near_count = dense_search(index_dense(f->entry), &f->dense, f->near, f->leg);
    measure_cosines(f);
    return add_what_only_meaning_found(f);
}

/* ---- fusion ---- */

static bool among_near(const struct finding *f, const struct candidate *c)
{
    for (size_t i = 0; i < f->near_count && i < GATE_TOP; i++) {
        if (f->near[i].document_id == c->document_id && f->near[i].ordinal == c->ordinal)
            return true;
    }
    return false;
}

/* The weight of meaning for this question: by the best of each leg. */
static double weigh(const struct finding *f)
{
    float ratios[2 * GATE_TOP];
    size_t count = 0;
    if (f->query->mode != RETRIEVE_HYBRID || !f->query->vector)
        return f->query->mode == RETRIEVE_SEMANTIC && f->query->vector ? 1 : 0;
    for (size_t i = 0; i < f->near_count && i < GATE_TOP; i++)
        ratios[count++] = f->near[i].ratio;
    for (size_t i = 0; i < f->lexical_count && i < GATE_TOP; i++) {
        if (f->list[i].has_vector && !among_near(f, &f->list[i]))
            ratios[count++] = f->list[i].ratio;
    }
    return fusion_dense_weight * fusion_gate(f->query->text, ratios, count);
}

static void spread(struct candidate *list, size_t count)
{
    qsort(list, count, sizeof *list, by_document);
    for (size_t i = count; i-- > 1;)
        list[i].fused *= list[i].document_id == list[i - 1].document_id ? further_chunk : 1;
}

static void fuse(struct finding *f, struct candidates *out)
{
    size_t kept = 0;
    out->weight = weigh(f);
    for (size_t i = 0; i < f->count; i++) {
        struct candidate *c = &f->list[i];
        c->fused = fusion_score(out->weight, (double)c->cosine, (double)c->lexical);
        if (c->fused > 0 && (c->lexical > 0 || c->fused >= fused_alone))
            f->list[kept++] = *c;
    }
    if (kept && f->query->spread)
        spread(f->list, kept);
    if (kept)
        qsort(f->list, kept, sizeof *f->list, by_fusion);
    out->list = f->list;
    out->count = kept < f->query->limit ? kept : f->query->limit;
}

/* ---- all ---- */

static bool prepare(struct finding *f)
{
    const struct candidates_query *q = f->query;
    f->leg = q->limit > LEG_MIN ? q->limit : LEG_MIN;
    f->list = arena_array(f->arena, f->leg * (QUERY_LANGUAGES + 1), sizeof *f->list);
    if (!f->list || !query_words_make(f->entry, q->text, f->arena, &f->words) ||
        !search_scope_documents(f->entry, q->scope, f->arena, &f->documents, &f->document_count))
        return false;
    if (q->vector)
        f->dense = (struct dense_query){q->vector->values, q->vector->scale, f->documents, f->document_count};
    return true;
}

bool candidates_find(const struct index_entry *entry, const struct candidates_query *query, struct arena *arena, struct candidates *out)
{
    struct finding f = {.entry = entry, .query = query, .arena = arena};
    *out = (struct candidates){0};
    if (!prepare(&f))
        return false;
    if (f.documents && !f.document_count)
        return true;
    if (query->mode != RETRIEVE_SEMANTIC && !find_by_words(&f))
        return false;
    if (query->mode != RETRIEVE_LEXICAL && query->vector && !find_by_meaning(&f))
        return false;
    fuse(&f, out);
    return true;
}
