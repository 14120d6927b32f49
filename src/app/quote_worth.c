/* Units → their worth: which terms matter, where they stand, and what was asked for. */
#include "app/quote_worth.h"

#include <math.h>
#include <stdlib.h>

/* Beside what the weighing gives away: what is needed to make it. */
struct weigher {
    const struct quote_weights *weights;
    const struct passages *passages;
    struct arena *arena;
    uint64_t *headings; /* [passages->count]: terms of heading path and document name */
    struct weighing *out;
};

/* ---- terms ---- */

static int heavier(const void *a, const void *b)
{
    double x = ((const struct question_term *)a)->idf, y = ((const struct question_term *)b)->idf;
    return (x < y) - (x > y);
}

/* The heaviest QUOTE_TERMS terms, so that a set of them is one word. */
static bool take_terms(struct weigher *w, const struct question_term *terms, size_t count)
{
    struct question_term *copy = arena_array(w->arena, count, sizeof *copy);
    if (!copy)
        return false;
    for (size_t i = 0; i < count; i++)
        copy[i] = terms[i];
    if (count > QUOTE_TERMS)
        qsort(copy, count, sizeof *copy, heavier);
    w->out->terms = copy;
    w->out->term_count = count < QUOTE_TERMS ? count : QUOTE_TERMS;
    return true;
}

static bool read_headings(struct weigher *w)
{
    const struct passages *p = w->passages;
    w->headings = arena_array(w->arena, p->count, sizeof *w->headings);
    for (size_t i = 0; w->headings && i < p->count; i++) {
        uint64_t heading, name;
        unsigned words;
        if (!quote_terms_in(p->list[i].chunk.heading, p->matches[i].language, w->out->terms, w->out->term_count, w->arena, &heading, &words) ||
            !quote_terms_in(p->list[i].document_name, p->matches[i].language, w->out->terms, w->out->term_count, w->arena, &name, &words))
            return false;
        w->headings[i] = heading | name;
    }
    return w->headings != NULL;
}

/* 0 for a term that stands nowhere: it cannot tell one unit from another. */
static double rarity(const struct weigher *w, size_t term)
{
    const struct weighing *o = w->out;
    double holding = 0;
    uint64_t anywhere = 0;
    for (size_t i = 0; i < o->count; i++) {
        holding += (double)(o->units[i].terms >> term & 1);
        anywhere |= o->units[i].terms | w->headings[o->units[i].passage];
    }
    return anywhere >> term & 1 ? log(1 + ((double)o->count - holding + 0.5) / (holding + 0.5)) : 0;
}

/* A company with three documents has every term in nearly every one of them: there, only the units can tell which terms matter. */
static void weigh_terms(struct weigher *w)
{
    struct weighing *o = w->out;
    double sum = 0;
    for (size_t i = 0; i < o->term_count; i++)
        sum += o->weight[i] = o->terms[i].idf * sqrt(rarity(w, i));
    for (size_t i = 0; sum > 0 && i < o->term_count; i++)
        o->weight[i] /= sum;
}

double quote_share(const struct weighing *o, uint64_t terms)
{
    double sum = 0;
    for (size_t i = 0; i < o->term_count; i++)
        sum += terms >> i & 1 ? o->weight[i] : 0;
    return sum;
}

double quote_mass(const struct weighing *o, uint64_t terms)
{
    double sum = 0, all = 0;
    for (size_t i = 0; i < o->term_count; i++) {
        all += o->terms[i].idf;
        sum += terms >> i & 1 ? o->terms[i].idf : 0;
    }
    return all > 0 ? sum / all : 0;
}

/* ---- units ---- */

bool quote_same_passage(const struct weighing *o, size_t a, size_t b)
{
    return b < o->count && o->units[a].passage == o->units[b].passage;
}

bool quote_may_stand(enum unit_kind kind)
{
    return kind != UNIT_QUESTION && kind != UNIT_LABEL;
}

struct span quote_unit_text(const struct passages *passages, const struct unit *u)
{
    return (struct span){passages->list[u->passage].chunk.text.p + u->start, u->end - u->start};
}

bool quote_speaks(const struct weighing *o, const struct quote_weights *weights, size_t i)
{
    return o->units[i].terms || (o->cosines && (double)o->cosines[i] >= weights->meant);
}

struct surroundings {
    uint64_t before, after, heading, passage;
};

static struct surroundings look_around(const struct weighing *o, size_t i, uint64_t heading, uint64_t passage)
{
    struct surroundings s = {.heading = heading, .passage = passage};
    if (i > 0 && quote_same_passage(o, i, i - 1))
        s.before = o->units[i - 1].terms;
    if (quote_same_passage(o, i, i + 1))
        s.after = o->units[i + 1].terms;
    return s;
}

/* Each term counts once, by the nearest place that holds it. A question right before its answer counts as if it were part of it. */
static double text_worth(const struct weigher *w, size_t i, struct surroundings s)
{
    const struct weighing *o = w->out;
    const struct quote_weights *weights = w->weights;
    bool answers = i > 0 && quote_same_passage(o, i, i - 1) && o->units[i - 1].kind == UNIT_QUESTION;
    uint64_t seen = o->units[i].terms;
    double worth = quote_share(o, seen);
    worth += (answers ? 1 : weights->before) * quote_share(o, s.before & ~seen);
    seen |= s.before;
    worth += weights->heading * quote_share(o, s.heading & ~seen);
    seen |= s.heading;
    worth += weights->after * quote_share(o, s.after & ~seen);
    seen |= s.after;
    return worth + weights->passage * quote_share(o, s.passage & ~seen);
}

static double rank_worth(const struct passages *passages, size_t passage)
{
    double best = passages->matches[0].fused;
    return best > 0 ? passages->matches[passage].fused / best : 0;
}

/* The units [first, end) are those of one passage. */
static void weigh_passage(struct weigher *w, size_t first, size_t end)
{
    struct weighing *o = w->out;
    uint64_t heading = w->headings[o->units[first].passage], passage = 0;
    for (size_t i = first; i < end; i++)
        passage |= o->units[i].terms;
    for (size_t i = first; i < end; i++) {
        const struct unit *u = &o->units[i];
        if (u->kind == UNIT_LABEL)
            heading |= u->terms;
        double cosine = o->cosines ? (double)o->cosines[i] : 0;
        double text = quote_may_stand(u->kind) ? text_worth(w, i, look_around(o, i, heading, passage)) : 0;
        bool fits = text > 0 || cosine >= w->weights->meant;
        o->worth[i] = !fits ? 0
                            : text + w->weights->meaning * fmax(cosine, 0) + w->weights->rank * rank_worth(w->passages, u->passage) +
                                  w->weights->asked * asked_held(&o->asked, quote_unit_text(w->passages, u));
    }
}

static void weigh_units(struct weigher *w)
{
    struct weighing *o = w->out;
    for (size_t i = 0, end; i < o->count; i = end) {
        for (end = i + 1; quote_same_passage(o, i, end);)
            end++;
        weigh_passage(w, i, end);
    }
}

/* ---- meaning ---- */

static bool is_conclusive(const struct weigher *w)
{
    const struct weighing *o = w->out;
    size_t best = 0;
    for (size_t i = 1; i < o->count; i++)
        best = o->worth[i] > o->worth[best] ? i : best;
    if (!o->count || o->worth[best] <= 0)
        return !o->count;
    uint64_t before = best > 0 && quote_same_passage(o, best, best - 1) ? o->units[best - 1].terms : 0;
    return quote_mass(o, o->units[best].terms | before) >= w->weights->conclusive;
}

/* The units that may be quoted, as far as they are measured: passages come best first. */
static size_t list_texts(const struct weigher *w, struct span *texts, size_t *units)
{
    size_t count = 0;
    for (size_t i = 0; i < w->out->count && count < w->weights->measured; i++) {
        if (!quote_may_stand(w->out->units[i].kind))
            continue;
        texts[count] = quote_unit_text(w->passages, &w->out->units[i]);
        units[count++] = i;
    }
    return count;
}

static bool measure_meaning(struct weigher *w, const struct quote_meaning *meaning)
{
    struct weighing *o = w->out;
    struct span *texts = arena_array(w->arena, w->weights->measured, sizeof *texts);
    size_t *units = arena_array(w->arena, w->weights->measured, sizeof *units);
    float *found = arena_array(w->arena, w->weights->measured, sizeof *found);
    float *cosines = arena_array(w->arena, o->count, sizeof *cosines);
    if (!texts || !units || !found || !cosines)
        return false;
    size_t count = list_texts(w, texts, units);
    if (!count || !meaning->measure(meaning->context, texts, count, found))
        return true;
    for (size_t i = 0; i < o->count; i++)
        cosines[i] = 0;
    for (size_t i = 0; i < count; i++)
        cosines[units[i]] = found[i];
    o->cosines = cosines;
    return true;
}

bool quote_weigh(struct span question, const struct question_term *terms, size_t term_count, const struct passages *passages,
                 const struct quote_weights *weights, const struct quote_meaning *meaning, struct arena *arena, struct weighing *out)
{
    struct weigher w = {.weights = weights, .passages = passages, .arena = arena, .out = out};
    *out = (struct weighing){0};
    if (!asked_read(question, arena, &out->asked) || !take_terms(&w, terms, term_count) || !read_headings(&w) ||
        !quote_units(passages, weights->passages, out->terms, out->term_count, arena, &out->units, &out->count))
        return false;
    out->worth = arena_array(arena, out->count, sizeof *out->worth);
    if (!out->worth)
        return false;
    weigh_terms(&w);
    weigh_units(&w);
    if (!meaning || is_conclusive(&w))
        return true;
    if (!measure_meaning(&w, meaning))
        return false;
    weigh_units(&w);
    return true;
}
