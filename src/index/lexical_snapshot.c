/* The lexical index as bytes: the living chunks, numbered anew, and the words that they hold. What is dead is left out, so that no word of a deleted document
 * gets into a file.
 *
 *     head | chunks: document, ordinal, length | words: end, shape, postings, blocks | the words' bytes | for each word its blocks, their bytes, its tail
 *
 * Numbers are in the order of the machine; app/snapshot_file.c refuses files of another. */
#include <stdlib.h>
#include <string.h>

#include "index/postings.h"

enum { CHUNKS_AT_ONCE = 256 };

struct saved_head {
    uint32_t chunks, terms, word_bytes, zero;
};

struct saved_chunk {
    int64_t document_id;
    int32_t ordinal;
    uint16_t length, zero;
};

struct saved_term {
    uint32_t end; /* of its bytes among those of all words */
    uint32_t shape;
    uint32_t count, blocks; /* postings, in blocks and tail */
};

struct saved_block {
    uint32_t first, last;
    uint16_t shortest[COUNT_CLASSES];
    uint8_t step_bytes, most;
    uint16_t zero;
};

/* ---- writing ---- */

struct saving {
    const struct lexical *x;
    const struct index_sink *sink;
    uint32_t *numbers; /* of the chunks afterwards; NULL: all live, and keep their numbers */
    uint16_t *lengths; /* by those; beside them */
};

/* Postings of a word that are written; 0: it is left out. */
static uint32_t saved_count(const struct saving *s, uint32_t term)
{
    const struct postings *p = &s->x->terms[term];
    return s->numbers ? postings_living(s->x, p) : p->count;
}

static bool put_head(const struct saving *s)
{
    struct saved_head head = {.chunks = s->x->chunk_count - s->x->dead};
    for (uint32_t i = 0; i < s->x->term_count; i++) {
        if (saved_count(s, i) == 0)
            continue;
        head.terms++;
        head.word_bytes += (uint32_t)vocabulary_word(&s->x->vocabulary, i).n;
    }
    return sink_put(s->sink, &head, sizeof head);
}

static bool put_chunks(const struct saving *s)
{
    const struct lexical *x = s->x;
    for (uint32_t i = 0; i < x->chunk_count; i++) {
        struct saved_chunk chunk = {x->chunks[i].document_id, x->chunks[i].ordinal, x->lengths[i], 0};
        if (x->lengths[i] != LENGTH_DEAD && !sink_put(s->sink, &chunk, sizeof chunk))
            return false;
    }
    return true;
}

/* Blocks of a list of so many postings that was filled one by one. */
static uint32_t blocks_of(uint32_t count)
{
    return (count - 1) / BLOCK_POSTINGS;
}

static bool put_terms(const struct saving *s)
{
    uint32_t end = 0;
    for (uint32_t i = 0; i < s->x->term_count; i++) {
        uint32_t count = saved_count(s, i);
        if (count == 0)
            continue;
        end += (uint32_t)vocabulary_word(&s->x->vocabulary, i).n;
        struct saved_term term = {end, s->x->vocabulary.shapes[i], count, s->numbers ? blocks_of(count) : s->x->terms[i].block_count};
        if (!sink_put(s->sink, &term, sizeof term))
            return false;
    }
    return true;
}

static bool put_words(const struct saving *s)
{
    for (uint32_t i = 0; i < s->x->term_count; i++) {
        struct span word = vocabulary_word(&s->x->vocabulary, i);
        if (saved_count(s, i) != 0 && !sink_put(s->sink, word.p, word.n))
            return false;
    }
    return true;
}

static bool put_list(const struct saving *s, const struct postings *p)
{
    for (uint32_t i = 0; i < p->block_count; i++) {
        const struct block *b = &p->blocks[i];
        struct saved_block saved = {.first = b->first, .last = b->last, .step_bytes = b->step_bytes, .most = b->most};
        memcpy(saved.shortest, b->shortest, sizeof saved.shortest);
        if (!sink_put(s->sink, &saved, sizeof saved) || !sink_put(s->sink, b->bytes, block_bytes(b)))
            return false;
    }
    return sink_put(s->sink, p->tail, p->tail_count * sizeof *p->tail);
}

/* The living of a list, which are put together first where some are dead. */
static bool put_living(const struct saving *s, uint32_t term)
{
    struct postings copy;
    size_t bytes = 0;
    if (!s->numbers)
        return put_list(s, &s->x->terms[term]);
    bool put = postings_copy_living(&s->x->terms[term], &copy, s->numbers, s->lengths, &bytes) && put_list(s, &copy);
    postings_clear(&copy, &bytes);
    return put;
}

static bool put_lists(const struct saving *s)
{
    for (uint32_t i = 0; i < s->x->term_count; i++)
        if (saved_count(s, i) != 0 && !put_living(s, i))
            return false;
    return true;
}

bool lexical_save(const struct lexical *x, const struct index_sink *sink)
{
    struct saving s = {.x = x, .sink = sink};
    bool ready = x->dead == 0 || ((s.numbers = lexical_renumber(x)) && (s.lengths = lexical_renumbered_lengths(x, s.numbers)));
    bool saved = ready && put_head(&s) && put_chunks(&s) && put_terms(&s) && put_words(&s) && put_lists(&s);
    free(s.numbers);
    free(s.lengths);
    return saved;
}

/* ---- reading ---- */

struct loading {
    struct lexical *x;
    struct index_source *source;
    const struct index_known *known;
    struct saved_head head;
    struct saved_term *terms; /* [head.terms] */
};

static bool make_room(struct loading *l)
{
    struct lexical *x = l->x;
    uint32_t chunks = l->head.chunks, terms = l->head.terms;
    if (chunks > l->source->left / sizeof(struct saved_chunk) || terms > l->source->left / sizeof(struct saved_term) || chunks > UINT32_MAX / 4)
        return false;
    x->chunks = malloc((chunks ? chunks : 1) * sizeof *x->chunks);
    x->lengths = malloc((chunks ? chunks : 1) * sizeof *x->lengths);
    x->terms = malloc((terms ? terms : 1) * sizeof *x->terms);
    x->chunk_capacity = chunks;
    x->term_capacity = terms;
    return x->chunks && x->lengths && x->terms;
}

/* Adds a chunk behind those that are there. Those of a document mostly come together. */
static bool take_chunk(struct loading *l, const struct saved_chunk *saved)
{
    struct lexical *x = l->x;
    uint32_t chunk = x->chunk_count;
    uint64_t previous = NO_CHUNK;
    if (saved->length == LENGTH_DEAD || saved->ordinal < 0)
        return false;
    if (chunk && x->chunks[chunk - 1].document_id == saved->document_id)
        previous = chunk - 1;
    else if (!l->known->known(l->known->context, saved->document_id))
        return false;
    else
        map_get(x->documents, document_key(&saved->document_id), &previous);
    if (!map_put(x->documents, document_key(&saved->document_id), chunk))
        return false;
    x->chunks[chunk] = (struct chunk_row){saved->document_id, saved->ordinal, (uint32_t)previous};
    x->lengths[chunk] = saved->length;
    x->living_length += saved->length;
    x->chunk_count++;
    return true;
}

static bool get_chunks(struct loading *l)
{
    struct saved_chunk some[CHUNKS_AT_ONCE];
    while (l->x->chunk_count < l->head.chunks) {
        size_t left = l->head.chunks - l->x->chunk_count, n = left < CHUNKS_AT_ONCE ? left : CHUNKS_AT_ONCE;
        if (!source_get(l->source, some, n * sizeof *some))
            return false;
        for (size_t i = 0; i < n; i++)
            if (!take_chunk(l, &some[i]))
                return false;
    }
    return true;
}

/* The words and their numbers; false when one comes twice. */
static bool get_words(struct loading *l)
{
    struct vocabulary *v = &l->x->vocabulary;
    uint32_t count = l->head.terms, end = 0;
    l->terms = source_array(l->source, count, count, sizeof *l->terms);
    v->bytes = l->terms ? source_array(l->source, l->head.word_bytes, l->head.word_bytes, 1) : NULL;
    v->ends = malloc((count ? count : 1) * sizeof *v->ends);
    v->shapes = malloc((count ? count : 1) * sizeof *v->shapes);
    if (!v->bytes || !v->ends || !v->shapes || !map_expect(l->x->term_numbers, count))
        return false;
    v->byte_capacity = l->head.word_bytes;
    v->capacity = count;
    for (uint32_t i = 0; i < count; i++) {
        if (l->terms[i].end < end || l->terms[i].end > l->head.word_bytes)
            return false;
        end = v->ends[i] = l->terms[i].end;
        v->shapes[i] = l->terms[i].shape;
        v->count++;
        if (!map_put(l->x->term_numbers, vocabulary_word(v, i), i))
            return false;
    }
    return end == l->head.word_bytes && map_count(l->x->term_numbers) == count;
}

/* The chunk that a block's steps lead to from its first; 0 when it stands still. */
static uint64_t end_of_steps(const struct block *b)
{
    uint64_t chunk = b->first;
    bool moves = block_step(b, 0) == 0;
    for (uint32_t i = 1; i < BLOCK_POSTINGS; i++) {
        uint32_t step = block_step(b, i);
        moves &= step != 0;
        chunk += step;
    }
    return moves ? chunk : 0;
}

static bool counts_fit(const struct block *b)
{
    const uint8_t *counts = block_counts(b);
    bool fit = true;
    for (uint32_t i = 0; counts && i < BLOCK_POSTINGS; i++)
        fit &= counts[i] != 0 && counts[i] <= b->most;
    return fit;
}

/* from: what its first chunk must reach. */
static bool get_block(struct loading *l, struct postings *p, uint64_t from)
{
    struct saved_block saved;
    struct block *b = &p->blocks[p->block_count];
    if (!source_get(l->source, &saved, sizeof saved) || saved.first < from || saved.last <= saved.first || saved.last >= l->x->chunk_count || saved.most == 0 ||
        (saved.step_bytes != 1 && saved.step_bytes != 2 && saved.step_bytes != 4))
        return false;
    *b = (struct block){.first = saved.first, .last = saved.last, .step_bytes = saved.step_bytes, .most = saved.most};
    memcpy(b->shortest, saved.shortest, sizeof b->shortest);
    b->bytes = malloc(block_bytes(b));
    if (!b->bytes)
        return false;
    p->block_count++;
    l->x->posting_bytes += block_bytes(b);
    return source_get(l->source, b->bytes, block_bytes(b)) && end_of_steps(b) == b->last && counts_fit(b);
}

static bool get_tail(struct loading *l, struct postings *p, uint32_t count, uint64_t from)
{
    uint8_t capacity = 2;
    while (capacity < count)
        capacity = (uint8_t)(capacity * 2);
    p->tail = malloc(capacity * sizeof *p->tail);
    if (!p->tail)
        return false;
    p->tail_capacity = capacity;
    l->x->posting_bytes += capacity * sizeof *p->tail;
    if (!source_get(l->source, p->tail, count * sizeof *p->tail))
        return false;
    p->tail_count = (uint8_t)count;
    for (uint32_t i = 0; i < count; from = (uint64_t)p->tail[i++].chunk + 1)
        if (p->tail[i].chunk < from || p->tail[i].chunk >= l->x->chunk_count || p->tail[i].count == 0 || p->tail[i].count > COUNT_MAX)
            return false;
    return true;
}

static bool get_list(struct loading *l, const struct saved_term *term, struct postings *p)
{
    uint64_t in_blocks = (uint64_t)term->blocks * BLOCK_POSTINGS, from = 0;
    if (term->count == 0 || term->count < in_blocks || term->count - in_blocks > BLOCK_POSTINGS || term->blocks > l->source->left / sizeof(struct saved_block))
        return false;
    if (term->blocks) {
        p->blocks = malloc(term->blocks * sizeof *p->blocks);
        if (!p->blocks)
            return false;
        p->block_capacity = term->blocks;
        l->x->posting_bytes += term->blocks * sizeof *p->blocks;
    }
    p->count = term->count;
    for (uint32_t i = 0; i < term->blocks; i++) {
        if (!get_block(l, p, from))
            return false;
        from = (uint64_t)p->blocks[i].last + 1;
    }
    return get_tail(l, p, (uint32_t)(term->count - in_blocks), from);
}

static bool get_lists(struct loading *l)
{
    for (uint32_t i = 0; i < l->head.terms; i++) {
        l->x->terms[i] = (struct postings){0};
        l->x->term_count++;
        if (!get_list(l, &l->terms[i], &l->x->terms[i]))
            return false;
    }
    return true;
}

struct lexical *lexical_load(struct index_source *source, const struct index_known *known)
{
    struct loading l = {.x = lexical_new(), .source = source, .known = known};
    bool loaded = l.x && source_get(source, &l.head, sizeof l.head) && make_room(&l) && get_chunks(&l) && get_words(&l) && get_lists(&l);
    free(l.terms);
    if (loaded)
        return l.x;
    lexical_free(l.x);
    return NULL;
}
