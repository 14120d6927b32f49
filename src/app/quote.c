/* Weighed units → the few that make the answer. */
#include "app/quote.h"

#include <stdlib.h>

#include "app/quote_signs.h"

const struct quote_weights quote_default_weights = {.passages = 5,
                                                    .before = 0.35,
                                                    .after = 0.2,
                                                    .heading = 0.5,
                                                    .passage = 0.1,
                                                    .rank = 0.3,
                                                    .asked = 0.2,
                                                    .meaning = 1,
                                                    .conclusive = 0.1,
                                                    .meant = 0.35,
                                                    .measured = 8,
                                                    .floor = 0.8,
                                                    .share = 0.5,
                                                    .missing = 0.25,
                                                    .units = 4,
                                                    .words = 60,
                                                    .list_words = 80};

struct chooser {
    const struct quote_weights *weights;
    const struct passages *passages;
    struct weighing all;
    struct arena *arena;
    bool *taken;    /* [all.count] */
    size_t *ranked; /* [all.count], best first */
    unsigned words; /* of the taken units */
    uint64_t terms; /* of the taken units */
};

static int better(const void *a, const void *b, void *context)
{
    const double *worth = context;
    size_t x = *(const size_t *)a, y = *(const size_t *)b;
    if (worth[x] != worth[y])
        return (worth[x] < worth[y]) - (worth[x] > worth[y]);
    return (x > y) - (x < y);
}

static void rank_all(struct chooser *c)
{
    for (size_t i = 0; i < c->all.count; i++)
        c->ranked[i] = i;
    qsort_r(c->ranked, c->all.count, sizeof *c->ranked, better, c->all.worth);
}

static bool begins_with_pronoun(struct span text)
{
    static const char *const pronouns[] = {"it ",    "its ",  "they ", "their ", "he ",  "his ", "she ",  "her ",   "this ",   "these ",
                                           "those ", "such ", "both ", "er ",    "sie ", "es ",  "dies ", "diese ", "dieser ", "dieses "};
    for (size_t i = 0; i < sizeof pronouns / sizeof *pronouns; i++) {
        struct span p = span_of(pronouns[i]);
        if (text.n >= p.n && span_eq_nocase((struct span){text.p, p.n}, p))
            return true;
    }
    return false;
}

static bool continues_the_sentence_before(const struct chooser *c, size_t i)
{
    const struct unit *u = &c->all.units[i];
    return i > 0 && quote_same_passage(&c->all, i, i - 1) && u->kind == UNIT_SENTENCE && !u->new_block && c->all.units[i - 1].kind == UNIT_SENTENCE &&
           begins_with_pronoun(quote_unit_text(c->passages, u));
}

/* The last item of the list that a lead-in announces, as far as it is short enough; or whatever else comes after the colon. */
static size_t end_of_list(const struct chooser *c, size_t lead_in)
{
    size_t last = lead_in;
    unsigned words = c->all.units[lead_in].words;
    while (quote_same_passage(&c->all, lead_in, last + 1) && c->all.units[last + 1].kind == UNIT_ITEM &&
           words + c->all.units[last + 1].words <= c->weights->list_words)
        words += c->all.units[++last].words;
    if (last == lead_in && quote_same_passage(&c->all, lead_in, last + 1) && quote_may_stand(c->all.units[last + 1].kind))
        last++;
    return last;
}

/* The last of the sentences that go on with an answer, as far as they are few. */
static size_t end_of_reply(const struct chooser *c, size_t i)
{
    size_t last = i;
    unsigned words = c->all.units[i].words;
    while (quote_same_passage(&c->all, i, last + 1) && c->all.units[last + 1].kind == UNIT_SENTENCE && !c->all.units[last + 1].starts_line &&
           words + c->all.units[last + 1].words <= c->weights->words)
        words += c->all.units[++last].words;
    return last;
}

static bool replies(const struct chooser *c, size_t i)
{
    return i > 0 && quote_same_passage(&c->all, i, i - 1) && c->all.units[i].kind == UNIT_SENTENCE && c->all.units[i - 1].kind == UNIT_QUESTION;
}

/* The units that go with unit i so that it can be understood: [*first, *last]. */
static void companions(const struct chooser *c, size_t i, size_t *first, size_t *last)
{
    *first = *last = i;
    if (c->all.units[i].kind == UNIT_LEAD_IN)
        *last = end_of_list(c, i);
    else if (replies(c, i))
        *last = end_of_reply(c, i);
    else if (continues_the_sentence_before(c, i))
        *first = i - 1;
}

/* The lead-in of the list that item i stands in; i itself when there is none. */
static size_t lead_in_of(const struct chooser *c, size_t i)
{
    size_t k = i;
    while (k > 0 && quote_same_passage(&c->all, i, k - 1) && c->all.units[k - 1].kind == UNIT_ITEM)
        k--;
    return k > 0 && quote_same_passage(&c->all, i, k - 1) && c->all.units[k - 1].kind == UNIT_LEAD_IN && c->all.units[i].kind == UNIT_ITEM ? k - 1 : i;
}

static bool repeats(const struct chooser *c, size_t i)
{
    for (size_t k = 0; k < c->all.count; k++) {
        if (c->taken[k] && k != i && span_eq(quote_unit_text(c->passages, &c->all.units[k]), quote_unit_text(c->passages, &c->all.units[i])))
            return true;
    }
    return false;
}

static unsigned cost_of(const struct chooser *c, size_t first, size_t last, size_t lead_in)
{
    unsigned words = lead_in < first && !c->taken[lead_in] ? c->all.units[lead_in].words : 0;
    for (size_t k = first; k <= last; k++)
        words += c->taken[k] ? 0 : c->all.units[k].words;
    return words;
}

static void take_unit(struct chooser *c, size_t i)
{
    c->taken[i] = true;
    c->terms |= c->all.units[i].terms;
}

/* Takes unit i with what it needs, if the answer stays short; the first one is taken in any case, alone when it must be. */
static bool take(struct chooser *c, size_t i)
{
    size_t first, last, lead_in = lead_in_of(c, i);
    companions(c, i, &first, &last);
    unsigned cost = cost_of(c, first, last, lead_in), limit = last > i ? c->weights->list_words : c->weights->words;
    if (c->words + cost > limit) {
        if (c->words)
            return false;
        first = last = lead_in = i;
        cost = c->all.units[i].words;
    }
    for (size_t k = first; k <= last; k++)
        take_unit(c, k);
    take_unit(c, lead_in);
    c->words += cost;
    return true;
}

/* Nearly as good as the best, by what it says itself and not only by where it stands. */
static bool is_nearly_as_good(const struct chooser *c, size_t i)
{
    size_t best = c->ranked[0];
    const struct weighing *all = &c->all;
    if (all->worth[i] < c->weights->floor * all->worth[best])
        return false;
    if (all->cosines && (double)all->cosines[i] < c->weights->floor * (double)all->cosines[best])
        return false;
    return quote_share(all, all->units[i].terms) >= c->weights->share * quote_share(all, all->units[best].terms);
}

/* After the first: nearly as good, or with a good part of the question that the answer lacks so far. A unit that does not speak for itself can only be the first,
 * for what stands around it. */
static bool is_wanted(const struct chooser *c, size_t i)
{
    uint64_t lacking = c->all.units[i].terms & ~c->terms;
    return quote_speaks(&c->all, c->weights, i) && (is_nearly_as_good(c, i) || quote_share(&c->all, lacking) >= c->weights->missing);
}

static void choose(struct chooser *c)
{
    unsigned taken = 0;
    for (size_t r = 0; r < c->all.count && taken < c->weights->units; r++) {
        size_t i = c->ranked[r];
        if (c->all.worth[i] <= 0)
            break;
        if (!c->taken[i] && (!taken || is_wanted(c, i)) && !repeats(c, i))
            taken += take(c, i);
    }
}

/* ---- the answer's order: passages by their best unit, units as they stand in the passage ---- */

static void append_passage(const struct chooser *c, size_t passage, struct quotes *out)
{
    for (size_t i = 0; i < c->all.count; i++) {
        const struct unit *u = &c->all.units[i];
        if (!c->taken[i] || u->passage != passage)
            continue;
        out->list[out->count++] = (struct quote){passage, u->start, u->end, u->kind == UNIT_ITEM || u->kind == UNIT_ROW};
        c->taken[i] = false;
    }
}

static bool write_out(const struct chooser *c, struct quotes *out)
{
    out->list = arena_array(c->arena, c->all.count, sizeof *out->list);
    if (!out->list)
        return false;
    for (size_t r = 0; r < c->all.count; r++) {
        size_t i = c->ranked[r];
        if (c->taken[i])
            append_passage(c, c->all.units[i].passage, out);
    }
    return true;
}

bool quote_choose(struct span question, const struct question_term *terms, size_t term_count, const struct passages *passages,
                  const struct quote_weights *weights, const struct quote_meaning *meaning, struct arena *arena, struct quotes *out)
{
    struct chooser c = {.weights = weights, .passages = passages, .arena = arena};
    *out = (struct quotes){0};
    if (!quote_weigh(question, terms, term_count, passages, weights, meaning, arena, &c.all))
        return false;
    c.taken = arena_array(arena, c.all.count, sizeof *c.taken);
    c.ranked = arena_array(arena, c.all.count, sizeof *c.ranked);
    if (!c.taken || !c.ranked)
        return false;
    rank_all(&c);
    choose(&c);
    if (c.all.count && c.taken[c.ranked[0]])
        quote_signs_read(&c.all, passages, c.ranked[0], &out->signs);
    return write_out(&c, out);
}
