/* Follow-up questions made self-contained, by rule: what was asked before is put in front, or the heading of what answered it. Pure. */
#ifndef APP_FOLLOW_UP_H
#define APP_FOLLOW_UP_H

#include "store/conversation.h"

enum { FOLLOW_UP_FORMS = 3 };

/* What a question is read with. */
struct follow_up_past {
    const struct message_row *recent; /* [count], oldest first */
    size_t count;
    struct span heading; /* heading path of the passage that the last answer rests on most, or its document's name; empty: none */
};

struct follow_up_form {
    struct span text;  /* to search for */
    bool needs_a_word; /* it counts only where the passages hold a word of the question itself: else the past would answer in its place */
};

/* Whether the question cannot be understood without those before: it begins with "and", "what about", has a pronoun and little else, or no more than a word.
 * informative: how many terms it has beside stop words. False, too, when the arena is full. */
bool follow_up_leans(struct span question, size_t informative, struct arena *arena);

/* The forms of a question, the likeliest first; the next is to be tried where one finds no answer. A question without a past has one, itself. How many; 0 when the
 * arena is full. */
size_t follow_up_forms(const struct follow_up_past *past, struct span question, size_t informative, struct arena *arena,
                       struct follow_up_form forms[FOLLOW_UP_FORMS]);

#endif
