/* Searching the dense index: all vectors, those of listed documents, or those that the codes say are nearest. */
#include "index/dense_internal.h"
#include "index/filter.h"

enum {
    BLOCK = 256,        /* rows scanned at once */
    KEPT_DIVIDED = 250, /* candidates of the codes whose vectors are looked at: as many at least, and KEPT_EACH for each hit; … */
    KEPT_SMALL = 300,   /* … more where it is not divided: there codes tell less … */
    KEPT_LARGE = 500,   /* … the less, the more rows it has */
    KEPT_EACH = 4,
    LARGE = 300000,
    NEAR_PART = 80,    /* of a divided one the neighbourhoods that hold an 80th of the rows are looked at … */
    NEAR_LEAST = 4000, /* … or so many rows, if that is more */
    LISTED_PART = 8,   /* where fewer documents than an 8th are allowed, all their vectors are looked at */
    DEAD_PART = 16,
};

/* Rounding of both vectors can carry a cosine just past its bounds. */
static float cosine_of(int32_t dot, float a, float b)
{
    float cosine = (float)dot * a * b;
    return cosine > 1 ? 1 : cosine < -1 ? -1 : cosine;
}

static bool better(const struct dense_hit *a, const struct dense_hit *b)
{
    if (a->cosine > b->cosine || a->cosine < b->cosine)
        return a->cosine > b->cosine;
    if (a->document_id != b->document_id)
        return a->document_id < b->document_id;
    return a->ordinal < b->ordinal;
}

/* A search that goes on. */
struct search {
    const struct dense *index;
    const struct dense_query *query;
    struct dense_hit *hits;
    size_t count, limit;
};

/* The hits are a heap while they are collected, the worst first. */
static void sink(struct dense_hit *heap, size_t count, size_t i)
{
    struct dense_hit hit = heap[i];
    for (size_t child; (child = 2 * i + 1) < count; i = child) {
        if (child + 1 < count && better(&heap[child], &heap[child + 1]))
            child++;
        if (better(&heap[child], &hit))
            break;
        heap[i] = heap[child];
    }
    heap[i] = hit;
}

static void offer(struct search *s, const struct dense_hit *hit)
{
    if (s->count < s->limit) {
        size_t i = s->count++;
        for (; i > 0 && better(&s->hits[(i - 1) / 2], hit); i = (i - 1) / 2)
            s->hits[i] = s->hits[(i - 1) / 2];
        s->hits[i] = *hit;
    } else if (better(hit, &s->hits[0])) {
        s->hits[0] = *hit;
        sink(s->hits, s->limit, 0);
    }
}

/* Turns the heap into a list, the best first. */
static void sort_hits(struct dense_hit *hits, size_t count)
{
    for (; count > 1; count--) {
        struct dense_hit worst = hits[0];
        hits[0] = hits[count - 1];
        hits[count - 1] = worst;
        sink(hits, count - 1, 0);
    }
}

static bool allowed(const void *context, uint32_t row)
{
    const struct search *s = context;
    const struct run *run = &s->index->runs[s->index->run_of[row]];
    return run->ordinal != DEAD && filter_allows(s->query->documents, s->query->document_count, run->document_id);
}

static struct dense_hit hit_of(const struct dense *x, uint32_t row, float cosine)
{
    const struct run *run = &x->runs[x->run_of[row]];
    return (struct dense_hit){run->document_id, run->ordinal + (int32_t)(row - run->first), cosine, (float)x->ratios[row] / RATIO_STEPS};
}

static float row_cosine(const struct dense *x, const struct dense_query *query, uint32_t row)
{
    int32_t dot;
    x->dots(query->values, vector_of(x, row), 1, &dot);
    return cosine_of(dot, query->scale, x->scales[row]);
}

static void look_at(struct search *s, uint32_t row)
{
    struct dense_hit hit = hit_of(s->index, row, row_cosine(s->index, s->query, row));
    offer(s, &hit);
}

/* Offers the rows from `first` on whose dot products those are; most are told off by their cosine alone. */
static void collect(struct search *s, uint32_t first, const int32_t *dots, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        float cosine = cosine_of(dots[i], s->query->scale, s->index->scales[first + i]);
        if ((s->count == s->limit && cosine < s->hits[0].cosine) || !allowed(s, first + i))
            continue;
        struct dense_hit hit = hit_of(s->index, first + i, cosine);
        offer(s, &hit);
    }
}

static void look_at_all(struct search *s)
{
    const struct dense *x = s->index;
    int32_t dots[BLOCK];
    for (uint32_t first = 0; first < x->count; first += BLOCK) {
        uint32_t count = x->count - first < BLOCK ? x->count - first : BLOCK;
        x->dots(s->query->values, vector_of(x, first), count, dots);
        collect(s, first, dots, count);
    }
}

static void look_at_run(struct search *s, const struct run *run)
{
    for (uint32_t i = 0; i < run->count; i++)
        look_at(s, run->first + i);
}

static void look_at_listed(struct search *s)
{
    const struct dense *x = s->index;
    for (size_t i = 0; i < s->query->document_count; i++) {
        uint64_t newest = NO_RUN;
        if (i > 0 && s->query->documents[i] == s->query->documents[i - 1])
            continue; /* named twice */
        if (!map_get(x->documents, document_key(&s->query->documents[i]), &newest))
            continue;
        for (uint32_t run = (uint32_t)newest; run != NO_RUN; run = x->runs[run].previous)
            look_at_run(s, &x->runs[run]);
    }
}

/* The nearest rows of a divided index. What a search may not find (other documents, or many dead) is counted out of what is enough; half then is, since it is a
 * greater part of what is left. */
static size_t nearest_of_lists(const struct search *s, const struct codes_query *query, size_t keep, uint32_t *rows)
{
    const struct dense *x = s->index;
    bool selective = s->query->documents || x->dead > x->count / DEAD_PART;
    uint32_t enough = x->count / NEAR_PART > NEAR_LEAST ? x->count / NEAR_PART : NEAR_LEAST;
    return lists_nearest(x->lists, query, selective, selective ? enough / 2 : enough, keep, rows);
}

static void look_at_nearest(struct search *s, size_t keep)
{
    const struct dense *x = s->index;
    uint32_t rows[CODES_KEEP_MAX];
    struct codes_query query = {s->query->values, s->query->scale, allowed, s};
    size_t count = x->lists ? nearest_of_lists(s, &query, keep, rows) : codes_nearest(x->codes, x->count, &query, keep, rows);
    for (size_t i = 0; i < count; i++) {
        if (i + 8 < count) {
            for (size_t line = 0; line < DENSE_DIMENSIONS; line += 64)
                __builtin_prefetch(vector_of(x, rows[i + 8]) + line);
        }
        look_at(s, rows[i]);
    }
}

static size_t kept_for(const struct dense *x, size_t limit)
{
    size_t least = x->lists ? KEPT_DIVIDED : x->count < LARGE ? KEPT_SMALL : KEPT_LARGE;
    return limit * KEPT_EACH > least ? limit * KEPT_EACH : least;
}

size_t dense_search(const struct dense *x, const struct dense_query *query, struct dense_hit *hits, size_t limit)
{
    struct search s = {.index = x, .query = query, .hits = hits, .limit = limit};
    if (!limit)
        return 0;
    if (query->documents && query->document_count < map_count(x->documents) / LISTED_PART)
        look_at_listed(&s);
    else if ((x->codes || x->lists) && limit <= CODES_KEEP_MAX / KEPT_EACH)
        look_at_nearest(&s, kept_for(x, limit));
    else
        look_at_all(&s);
    sort_hits(hits, s.count);
    return s.count;
}

static uint32_t row_of(const struct dense *x, int64_t document_id, int32_t ordinal)
{
    uint64_t newest;
    if (!map_get(x->documents, document_key(&document_id), &newest))
        return NO_ROW;
    for (uint32_t at = (uint32_t)newest; at != NO_RUN; at = x->runs[at].previous) {
        const struct run *run = &x->runs[at];
        if (ordinal >= run->ordinal && (uint32_t)(ordinal - run->ordinal) < run->count)
            return run->first + (uint32_t)(ordinal - run->ordinal);
    }
    return NO_ROW;
}

bool dense_score(const struct dense *x, const struct dense_query *query, struct dense_hit *hit)
{
    uint32_t row = row_of(x, hit->document_id, hit->ordinal);
    if (row == NO_ROW)
        return false;
    *hit = hit_of(x, row, row_cosine(x, query, row));
    return true;
}

bool dense_add_to(const struct dense *x, int64_t document_id, int32_t ordinal, float weight, float sum[DENSE_DIMENSIONS])
{
    uint32_t row = row_of(x, document_id, ordinal);
    if (row == NO_ROW)
        return false;
    const int8_t *v = vector_of(x, row);
    for (size_t i = 0; i < DENSE_DIMENSIONS; i++)
        sum[i] += weight * x->scales[row] * (float)v[i];
    return true;
}
