/* Passages weighed by what stands around them, then taken one by one. */
#include "app/sources.h"

#include <string.h>

/* Chosen on the questions about a handbook of seven PDFs; flat around them (0.1 to 0.4; 0.05 to 0.15; below 0.95). Sets whose documents are one passage long
 * cannot tell. */
static const double next_fits = 0.2;    /* of the score of the passage behind it */
static const double section_head = 0.1; /* of its own score */
static const double same_page = 0.9;    /* kept for each passage of its page that was taken before */

struct arranging {
    const struct passages *found;
    double *worth; /* [found->count]; negative: taken */
    size_t *order; /* [wanted] */
    size_t taken;
};

static bool same_document(const struct passage *a, const struct passage *b)
{
    return a->document_id == b->document_id;
}

static bool is_section_head(const struct passages *p, size_t i)
{
    const struct passage *own = &p->list[i];
    for (size_t k = 0; k < p->count; k++) {
        const struct passage *other = &p->list[k];
        if (same_document(own, other) && other->chunk.ordinal < own->chunk.ordinal && span_eq(other->chunk.heading, own->chunk.heading))
            return false;
    }
    return true;
}

static double score_of_next(const struct passages *p, size_t i)
{
    for (size_t k = 0; k < p->count; k++) {
        if (same_document(&p->list[i], &p->list[k]) && p->list[k].chunk.ordinal == p->list[i].chunk.ordinal + 1)
            return p->matches[k].fused;
    }
    return 0;
}

static double worth_of(const struct passages *p, size_t i)
{
    double own = p->matches[i].fused;
    return own + next_fits * score_of_next(p, i) + (is_section_head(p, i) ? section_head * own : 0);
}

static bool same_place(const struct passage *a, const struct passage *b)
{
    return a->chunk.page && a->chunk.page == b->chunk.page && same_document(a, b);
}

/* Takes the best that is left, the earlier of equals; then what stands on its page is worth less. */
static void take_best(struct arranging *a)
{
    size_t best = 0;
    for (size_t i = 1; i < a->found->count; i++)
        best = a->worth[i] > a->worth[best] ? i : best;
    a->order[a->taken++] = best;
    a->worth[best] = -1;
    for (size_t i = 0; i < a->found->count; i++) {
        if (a->worth[i] > 0 && same_place(&a->found->list[i], &a->found->list[best]))
            a->worth[i] *= same_page;
    }
}

static bool move(const struct arranging *a, struct passages *p, struct arena *arena)
{
    struct passage *list = arena_array(arena, a->taken, sizeof *list);
    struct passage_match *matches = arena_array(arena, a->taken, sizeof *matches);
    if (!list || !matches)
        return false;
    for (size_t i = 0; i < a->taken; i++) {
        list[i] = p->list[a->order[i]];
        list[i].score = p->list[i].score;
        matches[i] = p->matches[a->order[i]];
        matches[i].fused = p->matches[i].fused;
    }
    p->list = list;
    p->matches = matches;
    p->count = a->taken;
    return true;
}

bool sources_arrange(struct passages *passages, size_t wanted, struct arena *arena)
{
    if (wanted > passages->count)
        wanted = passages->count;
    if (!wanted)
        return true;
    struct arranging a = {
        .found = passages, .worth = arena_array(arena, passages->count, sizeof *a.worth), .order = arena_array(arena, wanted, sizeof *a.order)};
    if (!a.worth || !a.order)
        return false;
    for (size_t i = 0; i < passages->count; i++)
        a.worth[i] = worth_of(passages, i);
    while (a.taken < wanted)
        take_best(&a);
    return move(&a, passages, arena);
}
