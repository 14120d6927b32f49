/* Two legs, one list: what could be among the best is scored by both legs, the rest is let go. */
#include "app/candidates.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "app/feedback.h"
#include "app/fusion.h"
#include "app/legs.h"
#include "app/small_index.h"

/* The least depth of a leg where two are fused, so much deeper than what is wanted; and where words alone stop going deeper. */
enum { LEG_MIN = 100, LEG_DEPTH = 4, LEG_MAX = 4096 };

/* Feedback changes the order, so this many more than are wanted are scored by both legs. */
enum { MOVING = 16 };

/* What a chunk without a word of the question must reach by its cosine. Foreign questions stay below: their nearest chunks have cosines of 0.1 to 0.3. */
static const double fused_alone = 0.15;

/* What a document's chunks after its best keep of their score when results are spread. */
static const double further_chunk = 0.8;

/* ---- orders ---- */

static int by_chunk(const struct candidate *x, const struct candidate *y)
{
    if (x->document_id != y->document_id)
        return (x->document_id > y->document_id) - (x->document_id < y->document_id);
    return (x->ordinal > y->ordinal) - (x->ordinal < y->ordinal);
}

static int by_fusion(const void *a, const void *b)
{
    const struct candidate *x = a, *y = b;
    return x->fused != y->fused ? (x->fused < y->fused) - (x->fused > y->fused) : by_chunk(x, y);
}

static int by_document(const void *a, const void *b)
{
    const struct candidate *x = a, *y = b;
    return x->document_id != y->document_id ? (x->document_id > y->document_id) - (x->document_id < y->document_id) : by_fusion(a, b);
}

static int falling(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x < y) - (x > y);
}

/* ---- the weight of meaning ---- */

static bool among_near(const struct finding *f, const struct candidate *c)
{
    for (size_t i = 0; i < f->near_count && i < GATE_TOP; i++) {
        if (f->near[i].document_id == c->document_id && f->near[i].ordinal == c->ordinal)
            return true;
    }
    return false;
}

/* For this question, by the best of each leg. */
static double weigh(const struct finding *f)
{
    float ratios[2 * GATE_TOP];
    size_t count = 0;
    if (f->query->mode != RETRIEVE_HYBRID || !f->query->vector)
        return f->query->mode == RETRIEVE_SEMANTIC && f->query->vector ? 1 : 0;
    for (size_t i = 0; i < f->near_count && i < GATE_TOP; i++)
        ratios[count++] = f->near[i].ratio;
    for (size_t i = 0; i < f->lexical_count && i < GATE_TOP; i++) {
        const struct candidate *c = &f->list[i];
        if (c->has_vector && !among_near(f, c))
            ratios[count++] = c->ratio;
    }
    return fusion_dense_weight * (f->query->multilingual ? 1 : fusion_gate(f->query->text, ratios, count));
}

/* ---- fusion ---- */

static bool is_candidate(double lexical, double fused)
{
    return fused > 0 && (lexical > 0 || fused >= fused_alone);
}

/* By how much more than unlike texts the two are alike. */
static double score_of(const struct finding *f, double weight, double cosine, double lexical, double coverage)
{
    return fusion_score(weight, (cosine - f->query->unlike) / (1 - f->query->unlike), lexical, coverage);
}

/* The least that a chunk's score can come to by what is known of it. */
static double at_least(const struct finding *f, const struct candidate *c, double weight)
{
    double fused = score_of(f, weight, (double)c->cosine, (double)c->lexical, (double)c->coverage);
    return is_candidate((double)c->lexical, fused) ? fused : 0;
}

/* And the most: what a leg did not give it does not score higher than the last that it gave. */
static double at_most(const struct finding *f, size_t i, double weight)
{
    const struct candidate *c = &f->list[i];
    bool by_words = i < f->lexical_count;
    double cosine = (double)(by_words && !c->measured ? f->farther : c->cosine);
    return by_words ? score_of(f, weight, cosine, (double)c->lexical, (double)c->coverage) : score_of(f, weight, cosine, (double)f->unseen, 1);
}

static size_t moving(const struct finding *f, double weight)
{
    return weight > 0 && f->query->mode == RETRIEVE_HYBRID ? f->query->limit + MOVING : 0;
}

/* A score that so many candidates as are wanted reach for certain, before feedback; *floor 0 where there are not so many. False when the arena is full. */
static bool find_floor(const struct finding *f, double weight, double *floor)
{
    size_t wanted = f->query->limit + moving(f, weight);
    *floor = 0;
    if (f->count <= wanted || !f->query->limit)
        return true;
    double *scores = arena_array(f->arena, f->count, sizeof *scores);
    if (!scores)
        return false;
    for (size_t i = 0; i < f->count; i++)
        scores[i] = at_least(f, &f->list[i], weight);
    qsort(scores, f->count, sizeof *scores, falling);
    *floor = scores[wanted - 1] * (f->query->spread ? further_chunk : 1);
    return true;
}

/* Lets go what cannot reach the floor, and measures the rest. */
static bool complete(struct finding *f, double weight, double floor)
{
    size_t kept = 0, lexical = 0;
    for (size_t i = 0; i < f->count; i++) {
        bool by_words = i < f->lexical_count;
        if (at_most(f, i, weight) < floor)
            continue;
        struct candidate *c = &f->list[kept++];
        *c = f->list[i];
        if (by_words && !c->measured && f->near_count)
            legs_measure_cosine(f, c);
        lexical += by_words;
    }
    f->pruned = kept < f->count;
    f->count = kept;
    return legs_measure_words(f, f->list + lexical, kept - lexical);
}

static void spread(struct candidate *list, size_t count)
{
    qsort(list, count, sizeof *list, by_document);
    for (size_t i = count; i-- > 1;) {
        list[i].share = list[i].document_id == list[i - 1].document_id ? further_chunk : 1;
        list[i].fused *= list[i].share;
    }
}

static size_t score(const struct finding *f, struct candidate *list, size_t count, double weight)
{
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        struct candidate *c = &list[i];
        c->fused = score_of(f, weight, (double)c->meaning, (double)c->lexical, (double)c->coverage);
        if (is_candidate((double)c->lexical, c->fused))
            list[kept++] = *c;
    }
    return kept;
}

/* How many documents the search may find. */
static size_t documents_of(const struct finding *f)
{
    size_t all;
    index_documents(f->entry, &all);
    return f->documents ? f->document_count : all;
}

static void without_feedback(const struct finding *f, struct candidate *list, size_t count, double weight)
{
    for (size_t i = 0; i < count; i++) {
        list[i].meaning = list[i].cosine;
        list[i].share = 1;
        list[i].fused = score_of(f, weight, (double)list[i].cosine, (double)list[i].lexical, (double)list[i].coverage);
    }
}

static bool fuse(struct finding *f, struct candidates *out)
{
    double weight = weigh(f), floor;
    *out = (struct candidates){.weight = weight,
                               .spread = f->query->spread,
                               .document_count = documents_of(f),
                               .lexical_count = f->lexical_count,
                               .near_count = f->near_count,
                               .words = f->words};
    if (!find_floor(f, weight, &floor) || !complete(f, weight, floor))
        return false;
    out->list = f->list;
    without_feedback(f, f->list, f->count, weight);
    if (moving(f, weight) && f->near_count)
        feedback_apply(f, f->list, f->count, weight, (double)f->near[0].cosine);
    out->count = score(f, f->list, f->count, weight);
    if (out->count && f->query->spread)
        spread(f->list, out->count);
    if (out->count)
        qsort(f->list, out->count, sizeof *f->list, by_fusion);
    if (f->pruned && moving(f, weight) && out->count > f->query->limit)
        out->count = f->query->limit;
    while (!moving(f, weight) && out->count && out->list[out->count - 1].fused < floor)
        out->count--;
    out->more = f->pruned || is_candidate((double)f->unseen, score_of(f, weight, (double)f->farther, (double)f->unseen, 1));
    return true;
}

void candidates_add_nearness(struct candidates *c, size_t count, double share)
{
    for (size_t i = 0; i < c->count; i++) {
        struct candidate *one = &c->list[i];
        double gain = i < count ? (1 - c->weight) * share * (double)one->nearness : 0;
        one->fused = fmin(1, one->fused / one->share + gain);
        one->share = 1;
    }
    if (c->count && c->spread)
        spread(c->list, c->count);
    if (c->count)
        qsort(c->list, c->count, sizeof *c->list, by_fusion);
}

/* ---- all ---- */

static bool prepare(struct finding *f)
{
    const struct candidates_query *q = f->query;
    if (!query_words_make(f->entry, q->text, f->arena, f->arena, &f->words) ||
        !search_scope_documents(f->entry, q->scope, f->arena, &f->documents, &f->document_count))
        return false;
    if (q->vector)
        f->dense = (struct dense_query){q->vector->values, q->vector->scale, f->documents, f->document_count};
    return true;
}

static bool find(struct finding *f, struct candidates *out)
{
    if (!legs_open(f) || (f->query->mode != RETRIEVE_SEMANTIC && !legs_by_words(f)))
        return false;
    if (f->query->mode != RETRIEVE_LEXICAL && f->query->vector && !legs_by_meaning(f))
        return false;
    return fuse(f, out);
}

/* By words alone. What has a lower score than a chunk that was not seen might have is left out, and when too few remain more are looked at, within reason:
 * then, where thousands score alike, those of a document that holds most of them may stand a few places too high. */
static bool find_exactly(struct finding *f, struct candidates *out)
{
    for (f->leg = f->query->limit + f->query->limit / 2 + 8;; f->leg *= 4) {
        if (!find(f, out))
            return false;
        size_t certain = 0;
        while (certain < out->count && out->list[certain].fused >= (double)f->unseen)
            certain++;
        if (certain >= f->query->limit || f->unseen <= 0) {
            out->count = certain;
            return true;
        }
        if (f->leg >= LEG_MAX && out->count >= f->query->limit)
            return true;
    }
}

bool candidates_find(const struct index_entry *entry, const struct candidates_query *query, struct arena *arena, struct candidates *out)
{
    struct finding f = {.entry = entry, .query = query, .arena = arena};
    bool by_words = query->mode == RETRIEVE_LEXICAL || !query->vector, is_small = lexical_chunks(index_lexical(entry)) < INDEX_SMALL;
    *out = (struct candidates){0};
    if (!prepare(&f))
        return false;
    if (f.documents && !f.document_count)
        return true;
    if (by_words && !is_small)
        return find_exactly(&f, out);
    f.leg = query->limit * LEG_DEPTH > LEG_MIN ? query->limit * LEG_DEPTH : LEG_MIN;
    f.leg = is_small && f.leg < INDEX_SMALL ? INDEX_SMALL : f.leg;
    return find(&f, out);
}
