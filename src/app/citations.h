/* A model's answer → its citations, each compared with the passage that it names. Pure, but for the likeness that it is lent. */
#ifndef APP_CITATIONS_H
#define APP_CITATIONS_H

#include "app/answer.h"

struct citation_check {
    const struct passages *passages; /* the sources; [1] is the first */
    /* How near the meanings of two sentences are, 0 to 1; NULL: cannot be told. Asked only where words leave it open. */
    double (*likeness)(void *context, struct span a, struct span b);
    void *context;
};
struct citation_sum {
    size_t claims;    /* sentences, or parts of them up to a marker, that say something; refusals are none */
    size_t supported; /* … that a passage says too */
};

/* "[2]" and "[1, 3]" cite the words in front of them, back to the marker or the beginning of the sentence before; a marker that begins a sentence cites the one
 * before. Numbers that name no passage are passed over. A sentence without a marker is cited for with the passage that says it, if there is one, else with none and
 * not supported; greetings and refusals are passed over. Numbers, dates and names that no passage holds are flagged. By start. In the arena; false when it is full. */
bool citations_check(struct span answer, const struct citation_check *check, struct arena *arena, struct answer_citation **list, size_t *count,
                     struct citation_sum *sum);

#endif
