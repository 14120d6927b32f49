/* Searching the lexical index: term at a time within windows of chunk numbers, so that the sums stay in the cache and nothing is allocated; the best are kept in a heap. */
#include <math.h>
#include <string.h>

#include "index/filter.h"
#include "index/postings.h"

enum { WINDOW = 2048 }; /* chunks whose sums are held at once; a multiple of 64 */

struct cursor {
    const struct posting *at, *end;
    double idf;
};

struct search {
    const struct lexical *index;
    const struct lexical_query *query;
    struct cursor cursors[LEXICAL_TERMS_MAX];
    size_t cursor_count;
    double mass;                  /* idf of all terms of the query, unknown ones included */
    double norm_base, norm_slope; /* k1 * (1 - b + b * length / average) = base + slope * length */
    struct lexical_hit *hits;     /* a heap, the worst first */
    size_t count, limit;
    double score[WINDOW], covered[WINDOW]; /* of the chunks of the window whose bit is set */
    uint64_t touched[WINDOW / 64];
};

/* Is a better than b? */
static bool better(const struct lexical_hit *a, const struct lexical_hit *b)
{
    if (a->score > b->score || a->score < b->score)
        return a->score > b->score;
    if (a->document_id != b->document_id)
        return a->document_id < b->document_id;
    return a->ordinal < b->ordinal;
}

static void sink(struct lexical_hit *heap, size_t count, size_t i)
{
    struct lexical_hit hit = heap[i];
    for (size_t child; (child = 2 * i + 1) < count; i = child) {
        if (child + 1 < count && better(&heap[child], &heap[child + 1]))
            child++;
        if (better(&heap[child], &hit))
            break;
        heap[i] = heap[child];
    }
    heap[i] = hit;
}

static void offer(struct search *s, struct lexical_hit hit)
{
    if (s->count < s->limit) {
        size_t i = s->count++;
        for (; i > 0 && better(&s->hits[(i - 1) / 2], &hit); i = (i - 1) / 2)
            s->hits[i] = s->hits[(i - 1) / 2];
        s->hits[i] = hit;
    } else if (better(&hit, &s->hits[0])) {
        s->hits[0] = hit;
        sink(s->hits, s->count, 0);
    }
}

static void open_cursors(struct search *s)
{
    size_t terms = s->query->count < LEXICAL_TERMS_MAX ? s->query->count : LEXICAL_TERMS_MAX;
    for (size_t i = 0; i < terms; i++) {
        const struct postings *p = postings_of(s->index, s->query->terms[i]);
        uint32_t living = p ? postings_living(s->index, p) : 0;
        double idf = idf_of(s->index, living);
        s->mass += idf;
        if (living)
            s->cursors[s->cursor_count++] = (struct cursor){p->list, p->list + p->count, idf};
    }
}

/* The first chunk that any cursor stands on, NO_CHUNK when all are done. */
static uint32_t first_chunk(const struct search *s)
{
    uint32_t first = NO_CHUNK;
    for (size_t i = 0; i < s->cursor_count; i++) {
        const struct cursor *c = &s->cursors[i];
        if (c->at < c->end && c->at->chunk < first)
            first = c->at->chunk;
    }
    return first;
}

static void add_term(struct search *s, struct cursor *c, uint32_t first)
{
    const uint32_t *lengths = s->index->lengths;
    for (; c->at < c->end && c->at->chunk - first < WINDOW; c->at++) {
        uint32_t chunk = c->at->chunk, i = chunk - first;
        if (lengths[chunk] == LENGTH_DEAD)
            continue;
        uint64_t bit = UINT64_C(1) << (i % 64);
        if (!(s->touched[i / 64] & bit)) {
            s->touched[i / 64] |= bit;
            s->score[i] = s->covered[i] = 0;
        }
        double count = c->at->count;
        s->score[i] += c->idf * count / (count + s->norm_base + s->norm_slope * lengths[chunk]);
        s->covered[i] += c->idf;
    }
}

/* What a sum must reach to be worth a division: a little below what the worst hit has, for rounding. */
static double cutoff_of(const struct search *s)
{
    return s->count == s->limit ? (double)s->hits[0].score * s->mass * (1 - 1e-6) : 0;
}

static void collect(struct search *s, uint32_t first)
{
    double cutoff = cutoff_of(s);
    for (size_t w = 0; w < WINDOW / 64; w++) {
        for (uint64_t left = s->touched[w]; left; left &= left - 1) {
            size_t i = w * 64 + (size_t)__builtin_ctzll(left);
            if (s->score[i] < cutoff)
                continue;
            const struct chunk_row *row = &s->index->chunks[first + i];
            float score = (float)(s->score[i] / s->mass);
            bool full = s->count == s->limit;
            if ((full && score < s->hits[0].score) || !filter_allows(s->query->documents, s->query->document_count, row->document_id))
                continue;
            offer(s, (struct lexical_hit){row->document_id, row->ordinal, score, (float)(s->covered[i] / s->mass)});
            cutoff = cutoff_of(s);
        }
    }
    memset(s->touched, 0, sizeof s->touched);
}

/* Turns the heap into a list, the best first. */
static void sort_hits(struct search *s)
{
    for (size_t n = s->count; n > 1; n--) {
        struct lexical_hit worst = s->hits[0];
        s->hits[0] = s->hits[n - 1];
        s->hits[n - 1] = worst;
        sink(s->hits, n - 1, 0);
    }
}

static void begin(struct search *s, const struct lexical *x, const struct lexical_query *query)
{
    s->index = x;
    s->query = query;
    s->cursor_count = s->count = s->limit = 0;
    s->mass = 0;
    s->hits = NULL;
    memset(s->touched, 0, sizeof s->touched);
    double average = lexical_chunks(x) ? (double)x->living_length / (double)lexical_chunks(x) : 0;
    s->norm_base = x->k1 * (1 - x->b);
    s->norm_slope = average > 0 ? x->k1 * x->b / average : 0;
    open_cursors(s);
}

size_t lexical_search(const struct lexical *x, const struct lexical_query *query, struct lexical_hit *hits, size_t limit)
{
    if (limit == 0 || lexical_chunks(x) == 0)
        return 0;
    struct search s;
    begin(&s, x, query);
    s.hits = hits;
    s.limit = limit;
    for (uint32_t first; (first = first_chunk(&s)) != NO_CHUNK;) {
        first -= first % WINDOW;
        for (size_t i = 0; i < s.cursor_count; i++)
            add_term(&s, &s.cursors[i], first);
        collect(&s, first);
    }
    sort_hits(&s);
    return s.count;
}

/* ---- chunks that are named ---- */

/* A document's chunks mostly came together and in order: then the place of one follows from that of the last. */
static uint32_t chunk_of(const struct lexical *x, int64_t document_id, int32_t ordinal)
{
    uint64_t newest;
    if (!map_get(x->documents, document_key(&document_id), &newest))
        return NO_CHUNK;
    int64_t guess = (int64_t)newest - x->chunks[newest].ordinal + ordinal;
    if (guess >= 0 && guess <= (int64_t)newest && x->chunks[guess].document_id == document_id && x->chunks[guess].ordinal == ordinal)
        return (uint32_t)guess;
    uint32_t chunk = (uint32_t)newest;
    while (chunk != NO_CHUNK && x->chunks[chunk].ordinal != ordinal)
        chunk = x->chunks[chunk].previous;
    return chunk;
}

/* How often the chunk holds the term of a cursor. */
static uint32_t count_in(const struct cursor *c, uint32_t chunk)
{
    size_t low = 0, high = (size_t)(c->end - c->at);
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (c->at[middle].chunk < chunk)
            low = middle + 1;
        else
            high = middle;
    }
    return c->at + low < c->end && c->at[low].chunk == chunk ? c->at[low].count : 0;
}

static void score_one(const struct search *s, struct lexical_hit *hit)
{
    uint32_t chunk = chunk_of(s->index, hit->document_id, hit->ordinal);
    double score = 0, covered = 0;
    for (size_t i = 0; chunk != NO_CHUNK && i < s->cursor_count; i++) {
        double count = count_in(&s->cursors[i], chunk);
        score += count > 0 ? s->cursors[i].idf * count / (count + s->norm_base + s->norm_slope * s->index->lengths[chunk]) : 0;
        covered += count > 0 ? s->cursors[i].idf : 0;
    }
    hit->score = s->mass > 0 ? (float)(score / s->mass) : 0;
    hit->coverage = s->mass > 0 ? (float)(covered / s->mass) : 0;
}

void lexical_score(const struct lexical *x, const struct lexical_query *query, struct lexical_hit *hits, size_t count)
{
    struct search s;
    begin(&s, x, query);
    for (size_t i = 0; i < count; i++)
        score_one(&s, &hits[i]);
}
