/* Both legs. The list is in the order of the words' scores, which the hits of each language already have; a table tells which chunks are in it. */
#include "app/legs.h"

#include <stdlib.h>

#include "app/small_index.h"

/* ---- the list ---- */

bool legs_open(struct finding *f)
{
    size_t size = 256;
    while (size < 8 * f->leg)
        size *= 2;
    f->count = f->lexical_count = f->near_count = 0;
    f->pruned = false;
    f->unseen = f->farther = 0;
    f->list = arena_array(f->arena, 2 * f->leg, sizeof *f->list);
    f->places = (struct places){arena_array(f->arena, size, sizeof *f->places.slots), size - 1};
    return f->list && f->places.slots;
}

/* The slot of a chunk: it holds the chunk's place, or is free. */
static uint32_t *slot_of(const struct finding *f, int64_t document_id, int32_t ordinal)
{
    uint64_t mixed = ((uint64_t)document_id ^ (uint64_t)(uint32_t)ordinal << 40 ^ (uint32_t)ordinal) * 0x9E3779B97F4A7C15u;
    for (size_t i = mixed >> 32;; i++) {
        uint32_t *slot = &f->places.slots[i & f->places.mask];
        const struct candidate *c = *slot ? &f->list[*slot - 1] : NULL;
        if (!c || (c->document_id == document_id && c->ordinal == ordinal))
            return slot;
    }
}

static void append(struct finding *f, uint32_t *slot, struct candidate c)
{
    f->list[f->count++] = c;
    *slot = (uint32_t)f->count;
}

/* ---- the lexical leg ---- */

static struct lexical_query query_of(const struct finding *f, const struct query_terms *set)
{
    return (struct lexical_query){.terms = set->terms, .count = set->count, .documents = f->documents, .document_count = f->document_count};
}

/* There may be chunks beyond those found, with scores by words up to this. */
static void note_unseen(struct finding *f, float score)
{
    f->unseen = score > f->unseen ? score : f->unseen;
}

static bool search_set(struct finding *f, size_t s)
{
    const struct lexical *index = index_lexical(f->entry);
    const struct query_terms *set = &f->words.sets[s];
    struct lexical_query query = query_of(f, set);
    f->hit_count[s] = 0;
    f->hits[s] = arena_array(f->arena, f->leg, sizeof *f->hits[s]);
    if (!f->hits[s])
        return false;
    f->hit_count[s] = lexical_search(index, &query, f->hits[s], f->leg);
    if (f->hit_count[s] == f->leg)
        note_unseen(f, f->hits[s][f->leg - 1].score);
    return small_index_correct(index, set, f->hits[s], f->hit_count[s], f->arena);
}

static struct candidate candidate_of(const struct lexical_hit *hit)
{
    return (struct candidate){.document_id = hit->document_id, .ordinal = hit->ordinal, .lexical = hit->score, .coverage = hit->coverage};
}

/* The set whose next hit is the best; words.count when all are used up. */
static size_t best_set(const struct finding *f, const size_t *at)
{
    size_t best = f->words.count;
    for (size_t s = 0; s < f->words.count; s++) {
        if (at[s] < f->hit_count[s] && (best == f->words.count || f->hits[s][at[s]].score > f->hits[best][at[best]].score))
            best = s;
    }
    return best;
}

/* The hits of all languages, best first; a chunk found under several counts where it is best. */
static void merge_languages(struct finding *f)
{
    size_t at[QUERY_LANGUAGES] = {0}, s;
    while ((s = best_set(f, at)) < f->words.count) {
        const struct lexical_hit *hit = &f->hits[s][at[s]++];
        uint32_t *slot = slot_of(f, hit->document_id, hit->ordinal);
        if (!*slot && f->count == f->leg)
            note_unseen(f, hit->score);
        else if (!*slot)
            append(f, slot, candidate_of(hit));
    }
    f->lexical_count = f->count;
}

/* Hits of a small index are no longer in order when they have been corrected. */
static int by_score(const void *a, const void *b)
{
    const struct lexical_hit *x = a, *y = b;
    if (x->score < y->score || x->score > y->score)
        return (x->score < y->score) - (x->score > y->score);
    if (x->document_id != y->document_id)
        return (x->document_id > y->document_id) - (x->document_id < y->document_id);
    return (x->ordinal > y->ordinal) - (x->ordinal < y->ordinal);
}

bool legs_by_words(struct finding *f)
{
    for (size_t s = 0; s < f->words.count; s++) {
        f->hit_count[s] = 0;
        if (f->words.sets[s].count && !search_set(f, s))
            return false;
        if (f->hit_count[s] && lexical_chunks(index_lexical(f->entry)) < INDEX_SMALL)
            qsort(f->hits[s], f->hit_count[s], sizeof *f->hits[s], by_score);
    }
    merge_languages(f);
    return true;
}

/* ---- the dense leg ---- */

/* Sets cosine and ratio of a chunk that the words found. */
void legs_measure_cosine(const struct finding *f, struct candidate *c)
{
    struct dense_hit hit = {.document_id = c->document_id, .ordinal = c->ordinal};
    c->has_vector = dense_score(index_dense(f->entry), &f->dense, &hit);
    c->cosine = c->has_vector ? hit.cosine : 0;
    c->ratio = c->has_vector ? hit.ratio : 0;
    c->measured = true;
}

/* Scores of the chunks by words: the best of all languages. */
bool legs_measure_words(struct finding *f, struct candidate *list, size_t count)
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

bool legs_by_meaning(struct finding *f)
{
    f->near = arena_array(f->arena, f->leg, sizeof *f->near);
    if (!f->near)
        return false;
    f->near_count = dense_search(index_dense(f->entry), &f->dense, f->near, f->leg);
    if (f->near_count == f->leg)
        f->farther = f->near[f->leg - 1].cosine;
    for (size_t i = 0; i < f->near_count; i++) {
        const struct dense_hit *hit = &f->near[i];
        uint32_t *slot = slot_of(f, hit->document_id, hit->ordinal);
        if (!*slot)
            append(f, slot, (struct candidate){.document_id = hit->document_id, .ordinal = hit->ordinal});
        struct candidate *c = &f->list[*slot - 1];
        c->cosine = hit->cosine;
        c->ratio = hit->ratio;
        c->has_vector = true;
        c->measured = *slot <= f->lexical_count;
    }
    for (size_t i = 0; i < f->lexical_count && i < GATE_TOP; i++) {
        if (!f->list[i].measured)
            legs_measure_cosine(f, &f->list[i]);
    }
    return true;
}
