/* What each unit of the passages is worth as an answer to a question. Pure. */
#ifndef APP_QUOTE_WORTH_H
#define APP_QUOTE_WORTH_H

#include "app/asked.h"
#include "app/quote.h"
#include "app/quote_units.h"

enum { QUOTE_TERMS = 64 };

struct weighing {
    struct asked asked;
    const struct question_term *terms; /* [term_count], at most QUOTE_TERMS: bit i of unit.terms stands for the i-th */
    size_t term_count;
    double weight[QUOTE_TERMS]; /* of each term for choosing, the sum being 1: idf, lowered for terms that most units hold */
    struct unit *units;         /* [count] */
    double *worth;              /* [count]; 0: not to be quoted */
    float *cosines;             /* [count], 0 where not measured; NULL: words were conclusive, or meaning cannot be measured */
    size_t count;
};

/* As described in app/quote.h. In the arena; false when it is full. */
bool quote_weigh(struct span question, const struct question_term *terms, size_t term_count, const struct passages *passages,
                 const struct quote_weights *weights, const struct quote_meaning *meaning, struct arena *arena, struct weighing *out);

/* The weight of a set of terms, 0 to 1. */
double quote_share(const struct weighing *weighing, uint64_t terms);
/* Their share of the question's idf mass. Unlike quote_share it knows no rarity among the units: a term that all hold counts as any other, as does one that none
 * holds. */
double quote_mass(const struct weighing *weighing, uint64_t terms);
/* Whether the unit may be quoted for what it says: it holds a word of the question, or is near to it in meaning. */
bool quote_speaks(const struct weighing *weighing, const struct quote_weights *weights, size_t i);
/* Whether unit b exists and stands in the passage of unit a. */
bool quote_same_passage(const struct weighing *weighing, size_t a, size_t b);
/* Questions and labels are never quoted by themselves. */
bool quote_may_stand(enum unit_kind kind);
struct span quote_unit_text(const struct passages *passages, const struct unit *unit);

#endif
