/* Passages cut into what may be quoted: sentences, list items and table rows. Pure. */
#ifndef APP_QUOTE_UNITS_H
#define APP_QUOTE_UNITS_H

#include "app/retrieve.h"

enum unit_kind {
    UNIT_SENTENCE,
    UNIT_ITEM,     /* a list item, its "- " included */
    UNIT_ROW,      /* a table row: "column: value; column: value" */
    UNIT_LEAD_IN,  /* a line that ends with a colon and announces what follows */
    UNIT_QUESTION, /* what follows answers it */
    UNIT_LABEL     /* a short line without an end, such as a heading: tells what follows, says nothing itself */
};

struct unit {
    enum unit_kind kind;
    size_t passage;              /* index into the passages */
    size_t start, end;           /* bytes of the passage's text, trimmed, never empty */
    bool starts_line, new_block; /* first of its line; an empty line stands before it */
    unsigned words;              /* without stop words */
    uint64_t terms;              /* bit i: holds the question's term i */
};

/* The units of the first `passages_used` passages, in order. terms: at most 64. In the arena; false when it is full. */
bool quote_units(const struct passages *passages, size_t passages_used, const struct question_term *terms, size_t term_count, struct arena *arena,
                 struct unit **units, size_t *count);

/* Which of the question's terms a text holds. False when the arena is full. */
bool quote_terms_in(struct span text, struct language language, const struct question_term *terms, size_t term_count, struct arena *arena, uint64_t *held,
                    unsigned *words);

#endif
