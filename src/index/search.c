/* Searching the lexical index: MaxScore (Turtle and Flood 1995) with bounds by block (Ding and Suel 2011), within windows of chunk numbers, so that sums stay in the cache and
 * nothing is allocated. In each window the terms that together cannot lift a chunk among the best are only looked up for the chunks that the others found. Sums are whole
 * numbers of 2^-40: in whatever order they come about, they are the same. */
#include <math.h>
#include <string.h>

#include "index/filter.h"
#include "index/postings.h"

enum {
    WINDOW = 2048, /* chunks whose sums are held at once; a multiple of 64 */
    TABLE_COUNTS = 4,
    TABLE_LENGTHS = 512, /* most chunks are shorter, and most counts are small: their weights are looked up */
    TABLE_FROM = 4096,   /* postings of the query from which making the table pays */
    LISTED_SHARE = 64,   /* a list of documents that is at most so small a part of all is looked at by itself */
};

static const double unit = 1099511627776.0; /* 2^40 */

struct cursor {
    struct place place;
    double idf;       /* in units */
    uint64_t covers;  /* the same, whole */
    double bound;     /* what a chunk of the window can have of it, at most */
    uint32_t bounded; /* the block that block_bound is of; none at first */
    double block_bound;
};

struct sums {
    uint64_t score, covered;
};

struct search {
    const struct lexical *index;
    const struct lexical_query *query;
    struct cursor cursors[LEXICAL_TERMS_MAX];
    uint16_t order[LEXICAL_TERMS_MAX]; /* of the cursors, by their bound in the window, the least first */
    size_t cursor_count;
    double mass;                  /* idf of all terms of the query, unknown ones included, in units */
    double norm_base, norm_slope; /* k1 * (1 - b + b * length / average) = base + slope * length */
    bool has_table;
    double table[TABLE_COUNTS][TABLE_LENGTHS];
    struct lexical_hit *hits; /* a heap, the worst first */
    size_t count, limit;
    struct sums sums[WINDOW]; /* of the chunks of the window whose bit is set */
    uint64_t touched[WINDOW / 64];
};

/* ---- the best ---- */

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

/* What a sum must reach to be worth a division: a little below what the worst hit has, for rounding. */
static double cutoff_of(const struct search *s)
{
    return s->count == s->limit ? (double)s->hits[0].score * s->mass * (1 - 1e-6) : 0;
}

/* ---- weights ---- */

/* BM25's weight of a count in a chunk of that length, without (k1 + 1): in [0, 1). */
static double weight_at(const struct search *s, uint32_t count, uint32_t length)
{
    return count / (count + s->norm_base + s->norm_slope * length);
}

static inline double weight_of(const struct search *s, uint32_t count, uint32_t length)
{
    return s->has_table && count <= TABLE_COUNTS && length < TABLE_LENGTHS ? s->table[count - 1][length] : weight_at(s, count, length);
}

static void fill_table(struct search *s)
{
    for (uint32_t count = 1; count <= TABLE_COUNTS; count++) {
        for (uint32_t length = 0; length < TABLE_LENGTHS; length++)
            s->table[count - 1][length] = weight_at(s, count, length);
    }
    s->has_table = true;
}

static void open_cursors(struct search *s)
{
    size_t terms = s->query->count < LEXICAL_TERMS_MAX ? s->query->count : LEXICAL_TERMS_MAX;
    for (size_t i = 0; i < terms; i++) {
        const struct postings *p = postings_of(s->index, s->query->terms[i]);
        uint32_t living = p ? postings_living(s->index, p) : 0;
        double idf = idf_of(s->index, living) * unit;
        s->mass += idf;
        if (!living)
            continue;
        s->order[s->cursor_count] = (uint16_t)s->cursor_count;
        s->cursors[s->cursor_count++] = (struct cursor){.place = place_first(p), .idf = idf, .covers = (uint64_t)idf, .bounded = UINT32_MAX};
    }
}

static void begin(struct search *s, const struct lexical *x, const struct lexical_query *query)
{
    s->index = x;
    s->query = query;
    s->cursor_count = s->count = s->limit = 0;
    s->mass = 0;
    s->hits = NULL;
    s->has_table = false;
    memset(s->touched, 0, sizeof s->touched);
    double average = lexical_chunks(x) ? (double)x->living_length / (double)lexical_chunks(x) : 0;
    s->norm_base = x->k1 * (1 - x->b);
    s->norm_slope = average > 0 ? x->k1 * x->b / average : 0;
    open_cursors(s);
}

/* ---- bounds ---- */

/* The most that a posting of the block can weigh. */
static double bound_of_block(const struct search *s, const struct block *b)
{
    double most = 0;
    for (size_t i = 0; i < COUNT_CLASSES; i++) {
        if (b->shortest[i] == LENGTH_DEAD)
            continue;
        double weight = weight_of(s, count_class_most[i] < b->most ? count_class_most[i] : b->most, b->shortest[i]);
        most = weight > most ? weight : most;
    }
    return most;
}

static double bound_of_tail(const struct search *s, const struct postings *p, uint32_t from, uint32_t end)
{
    double most = 0;
    for (uint32_t i = from; i < p->tail_count && p->tail[i].chunk < end; i++) {
        double weight = weight_of(s, p->tail[i].count, s->index->lengths[p->tail[i].chunk]);
        most = weight > most ? weight : most;
    }
    return most;
}

/* The most that a chunk before `end` can have of a term. The bound of the block it stands in is kept: a rare word's block reaches over many windows. */
static double bound_before(const struct search *s, struct cursor *c, uint32_t end)
{
    const struct postings *p = c->place.list;
    double most = 0;
    if (c->place.chunk >= end)
        return 0;
    for (uint32_t i = c->place.block; i < p->block_count && p->blocks[i].first < end; i++) {
        double bound = i == c->bounded ? c->block_bound : bound_of_block(s, &p->blocks[i]);
        most = bound > most ? bound : most;
        if (p->blocks[i].last >= end) {
            c->bounded = i;
            c->block_bound = bound;
        }
    }
    double tail = bound_of_tail(s, p, c->place.block == p->block_count ? c->place.at : 0, end);
    return (tail > most ? tail : most) * c->idf;
}

/* Brings the terms into the order of their bounds in the window; returns how many of the first cannot reach the cutoff together. *rest: what they can. */
static size_t split(struct search *s, uint32_t end, double cutoff, double *rest)
{
    for (size_t i = 0; i < s->cursor_count; i++)
        s->cursors[i].bound = bound_before(s, &s->cursors[i], end);
    for (size_t i = 1; i < s->cursor_count; i++) {
        uint16_t moving = s->order[i];
        size_t to = i;
        for (; to > 0 && s->cursors[s->order[to - 1]].bound > s->cursors[moving].bound; to--)
            s->order[to] = s->order[to - 1];
        s->order[to] = moving;
    }
    size_t weak = 0;
    for (*rest = 0; weak < s->cursor_count && *rest + s->cursors[s->order[weak]].bound < cutoff; weak++)
        *rest += s->cursors[s->order[weak]].bound;
    return weak;
}

/* ---- windows ---- */

static inline void add_posting(struct search *s, const struct cursor *c, uint32_t first, uint32_t chunk, uint32_t count)
{
    uint32_t length = s->index->lengths[chunk], i = chunk - first;
    uint64_t bit = UINT64_C(1) << (i % 64);
    if (length == LENGTH_DEAD)
        return;
    if (!(s->touched[i / 64] & bit)) {
        s->touched[i / 64] |= bit;
        s->sums[i] = (struct sums){0};
    }
    s->sums[i].score += (uint64_t)(c->idf * weight_of(s, count, length));
    s->sums[i].covered += c->covers;
}

/* The postings of the block it stands in, up to the end of the window. */
static void add_block(struct search *s, struct cursor *c, uint32_t first, uint32_t end)
{
    const struct block *b = &c->place.list->blocks[c->place.block];
    const uint8_t *counts = block_counts(b);
    uint32_t at = c->place.at, chunk = c->place.chunk;
    while (chunk < end) {
        add_posting(s, c, first, chunk, counts ? counts[at] : 1);
        if (++at == BLOCK_POSTINGS)
            break;
        chunk += block_step(b, at);
    }
    c->place.at = at;
    c->place.chunk = chunk;
    if (at == BLOCK_POSTINGS) {
        c->place.at--;
        place_next(&c->place);
    }
}

static void add_term(struct search *s, struct cursor *c, uint32_t first, uint32_t end)
{
    while (c->place.chunk < end) {
        if (c->place.block < c->place.list->block_count) {
            add_block(s, c, first, end);
        } else {
            add_posting(s, c, first, c->place.chunk, place_count(&c->place));
            place_next(&c->place);
        }
    }
}

/* Adds what the weak terms give to a chunk, the strongest of them first; false as soon as it cannot reach the cutoff. */
static bool add_weak(struct search *s, size_t weak, double rest, double cutoff, uint32_t chunk, struct sums *sums)
{
    for (size_t i = weak; i > 0; i--) {
        struct cursor *c = &s->cursors[s->order[i - 1]];
        if ((double)sums->score + rest < cutoff)
            return false;
        rest -= c->bound;
        place_seek(&c->place, chunk);
        if (c->place.chunk != chunk)
            continue;
        sums->score += (uint64_t)(c->idf * weight_of(s, place_count(&c->place), s->index->lengths[chunk]));
        sums->covered += c->covers;
    }
    return (double)sums->score >= cutoff;
}

static void collect(struct search *s, uint32_t first, size_t weak, double rest)
{
    double cutoff = cutoff_of(s);
    for (size_t w = 0; w < WINDOW / 64; w++) {
        for (uint64_t left = s->touched[w]; left; left &= left - 1) {
            uint32_t i = (uint32_t)(w * 64) + (uint32_t)__builtin_ctzll(left);
            const struct chunk_row *row = &s->index->chunks[first + i];
            struct sums sums = s->sums[i];
            if ((double)sums.score + rest < cutoff || !filter_allows(s->query->documents, s->query->document_count, row->document_id) ||
                !add_weak(s, weak, rest, cutoff, first + i, &sums))
                continue;
            float score = (float)((double)sums.score / s->mass);
            if (s->count == s->limit && score < s->hits[0].score)
                continue;
            offer(s, (struct lexical_hit){row->document_id, row->ordinal, score, (float)((double)sums.covered / s->mass)});
            cutoff = cutoff_of(s);
        }
    }
    memset(s->touched, 0, sizeof s->touched);
}

/* The first chunk from `from` on that any term stands on, NO_CHUNK when all are done. */
static uint32_t first_chunk(struct search *s, uint32_t from)
{
    uint32_t first = NO_CHUNK;
    for (size_t i = 0; i < s->cursor_count; i++) {
        place_seek(&s->cursors[i].place, from);
        first = s->cursors[i].place.chunk < first ? s->cursors[i].place.chunk : first;
    }
    return first;
}

static void search_windows(struct search *s)
{
    for (uint32_t first = 0, end; (first = first_chunk(s, first)) != NO_CHUNK; first = end) {
        double rest, cutoff = cutoff_of(s);
        first -= first % WINDOW;
        end = first < NO_CHUNK - WINDOW ? first + WINDOW : NO_CHUNK;
        size_t weak = split(s, end, cutoff, &rest);
        if (weak == s->cursor_count)
            continue;
        for (size_t i = weak; i < s->cursor_count; i++)
            add_term(s, &s->cursors[s->order[i]], first, end);
        /* Bounds are sums of fractions, which rounding may put a little low. */
        collect(s, first, weak, rest * (1 + 1e-9) + 1);
    }
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

static struct sums sums_of(const struct search *s, uint32_t chunk)
{
    struct sums sums = {0};
    for (size_t i = 0; i < s->cursor_count; i++) {
        const struct cursor *c = &s->cursors[i];
        struct place p = c->place;
        place_seek(&p, chunk);
        if (p.chunk != chunk)
            continue;
        sums.score += (uint64_t)(c->idf * weight_of(s, place_count(&p), s->index->lengths[chunk]));
        sums.covered += c->covers;
    }
    return sums;
}

void lexical_score(const struct lexical *x, const struct lexical_query *query, struct lexical_hit *hits, size_t count)
{
    struct search s;
    begin(&s, x, query);
    for (size_t i = 0; i < count; i++) {
        uint32_t chunk = chunk_of(x, hits[i].document_id, hits[i].ordinal);
        struct sums sums = chunk != NO_CHUNK ? sums_of(&s, chunk) : (struct sums){0};
        hits[i].score = s.mass > 0 ? (float)((double)sums.score / s.mass) : 0;
        hits[i].coverage = s.mass > 0 ? (float)((double)sums.covered / s.mass) : 0;
    }
}

static void search_listed(struct search *s)
{
    const struct lexical_query *q = s->query;
    for (size_t i = 0; i < q->document_count; i++) {
        uint64_t newest = NO_CHUNK;
        if ((i > 0 && q->documents[i] == q->documents[i - 1]) || !map_get(s->index->documents, document_key(&q->documents[i]), &newest))
            continue;
        for (uint32_t chunk = (uint32_t)newest; chunk != NO_CHUNK; chunk = s->index->chunks[chunk].previous) {
            struct sums sums = sums_of(s, chunk);
            const struct chunk_row *row = &s->index->chunks[chunk];
            if (sums.covered)
                offer(s, (struct lexical_hit){row->document_id, row->ordinal, (float)((double)sums.score / s->mass), (float)((double)sums.covered / s->mass)});
        }
    }
}

/* ---- the whole ---- */

static size_t postings_of_query(const struct search *s)
{
    size_t count = 0;
    for (size_t i = 0; i < s->cursor_count; i++)
        count += s->cursors[i].place.list->count;
    return count;
}

size_t lexical_search(const struct lexical *x, const struct lexical_query *query, struct lexical_hit *hits, size_t limit)
{
    if (limit == 0 || lexical_chunks(x) == 0)
        return 0;
    struct search s;
    begin(&s, x, query);
    s.hits = hits;
    s.limit = limit;
    if (query->documents && query->document_count <= map_count(x->documents) / LISTED_SHARE) {
        search_listed(&s);
    } else {
        if (postings_of_query(&s) >= TABLE_FROM)
            fill_table(&s);
        search_windows(&s);
    }
    sort_hits(&s);
    return s.count;
}
