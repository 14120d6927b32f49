/* The quoted answer: which sentences of the passages to quote. Pure; no language model.
 *
 * A unit (app/quote_units.h) is worth the share of the question's idf mass that it holds itself, a part of what its neighbours and its heading hold, a part
 * for its passage's rank, and a part for holding the kind of thing that was asked for (a date, an amount, a name). Where no unit holds enough of the question's
 * words, as when it is put in other words, the meaning of each unit counts too. The best units are taken as long as they
 * are nearly as good as the best one, or add what it lacks, and the answer stays short; a list item brings its lead-in, a lead-in its items, a sentence that
 * begins with a pronoun the one before it. */
#ifndef APP_QUOTE_H
#define APP_QUOTE_H

#include "app/retrieve.h"

struct quote_weights {
    size_t passages;     /* how many of the best passages are read */
    double before;       /* weight of terms that the unit before holds */
    double after;        /* the unit after */
    double heading;      /* heading path, document name, label above it */
    double passage;      /* anything else in its passage */
    double rank;         /* of the passage's score as a share of the best one's */
    double asked;        /* of asked_held */
    double meaning;      /* of the cosine with the question, where it was measured */
    double conclusive;   /* where the best unit and the one before it hold so great a share of the question's idf mass, meaning is not measured */
    double meant;        /* the cosine that a unit without a word of the question must have */
    size_t measured;     /* so many units at most */
    double floor;        /* units worth less than this share of the best one are left out … */
    double share;        /* … and those that hold less than this share of the question's words that it holds … */
    double missing;      /* … unless they hold so great a share of the question's terms that the units taken before lack */
    unsigned units;      /* at most so many of one's own accord */
    unsigned words;      /* content words that the answer should not pass */
    unsigned list_words; /* content words that a list with its lead-in may take */
};
extern const struct quote_weights quote_default_weights;

/* Measures how near texts are to the question in meaning (app/meaning.h): cosines, [count]. False when it cannot. */
struct quote_meaning {
    bool (*measure)(void *context, const struct span *texts, size_t count, float *cosines);
    void *context;
};

struct quote {
    size_t passage;    /* index into the passages */
    size_t start, end; /* bytes of the passage's text */
    bool own_line;     /* a list item or table row */
};
/* What speaks for or against the best unit beside the scores of its passage (app/quote_signs.h). Shares are of the question's idf mass, 0 to 1. */
struct quote_signs {
    double cosine;         /* of the unit with the question; 0 where words decided, and meaning was not measured */
    double scattered;      /* words of the question that its passage holds, yet it does not … */
    double distant;        /* … nor the unit before it */
    bool asks_a_kind;      /* the question asks for a kind of thing (a date, an amount, a name, …) … */
    double held;           /* … and how surely the unit holds one that the question does not name itself, 0 to 1 */
    bool number_missing;   /* the question holds a number that the unit does not */
    bool negation_missing; /* the question asks for what is not so, and the unit denies nothing */
};
struct quotes {
    struct quote *list; /* [count], in the order of the answer */
    size_t count;
    struct quote_signs signs; /* nothing when there are none */
};

/* No units at all, or none that shares a term or the meaning with the question: count 0. meaning: NULL where only words can tell; it costs milliseconds, and is
 * asked only where words are inconclusive. In the arena; false when it is full. */
bool quote_choose(struct span question, const struct question_term *terms, size_t term_count, const struct passages *passages,
                  const struct quote_weights *weights, const struct quote_meaning *meaning, struct arena *arena, struct quotes *out);

#endif
