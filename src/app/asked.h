/* What a question asks for (a time, an amount, a name, ...), and whether a sentence holds such a thing. By rule, English and German question words. Pure. */
#ifndef APP_ASKED_H
#define APP_ASKED_H

#include "base/arena.h"

enum asked_kind { ASKED_ANYTHING, ASKED_TIME, ASKED_AMOUNT, ASKED_NAME, ASKED_PLACE, ASKED_REASON };

struct asked {
    enum asked_kind kind;
    struct span words; /* the question in lower case, one space around each word */
    bool negated;      /* it asks for what is not so: "Which cities were not ...?"; complaints ("Why can't I ...?") do not count */
    bool number;       /* it holds a word with a digit */
};

/* By the first question word that tells. In the arena; false when it is full. */
bool asked_read(struct span question, struct arena *arena, struct asked *out);

/* How surely a sentence holds something of that kind which the question does not name itself: 0 to 1; 0 for ASKED_ANYTHING. */
double asked_held(const struct asked *asked, struct span sentence);
/* Whether each word of the question with a digit stands in the sentence. */
bool asked_numbers_stand(const struct asked *asked, struct span sentence);
/* Whether a sentence says that something is not so, or is left out, forbidden, hindered. English, German, and plain negations of other languages. */
bool asked_negates(struct span sentence);

#endif
