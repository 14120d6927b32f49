/* Whether a passage says what a sentence of an answer says: by words, numbers and names. Pure.
 *
 * A number, a date or a name that the passage does not hold settles it: no. So does a "not" on one side only, between sentences that are else the same. Enough of the
 * sentence's words in one sentence of the passage settle it too: yes. What is between is open, and may be told by meaning (app/citations.h). */
#ifndef APP_SUPPORT_H
#define APP_SUPPORT_H

#include "doc/passage.h"
#include "text/words.h"

enum support { SUPPORT_NO, SUPPORT_OPEN, SUPPORT_YES };

/* A passage taken apart once, for all the sentences that it is compared with. */
struct support_sentence {
    struct span text;
    uint32_t *terms; /* [count], hashes of its words that say something, each once */
    size_t count;
};
struct support_passage {
    struct language language;
    struct support_sentence *sentences; /* [count]; the first are its document's name and its heading */
    size_t count, leading;              /* leading: how many of them */
};
/* In the arena; false when it is full. language: of the document. */
bool support_passage_read(const struct passage *passage, struct language language, struct arena *arena, struct support_passage *out);

/* What a sentence claims beside its words. */
enum claim_kind { CLAIM_NUMBER, CLAIM_DATE, CLAIM_NAME };
struct claim_item {
    enum claim_kind kind;
    size_t start, end; /* bytes of the sentence */
};
struct claim {
    struct span text;
    struct language language; /* of the sentence */
    struct language stemmed;  /* of the documents that its words can be compared with */
    uint32_t *terms;          /* [term_count], hashes of its words that say something, each once */
    size_t term_count;
    struct claim_item *items; /* [item_count] */
    size_t item_count;
};
/* documents: the language of the documents that it will be compared with; also its own where it is too short to tell. In the arena; false when it is full. */
bool claim_read(struct span sentence, struct language documents, struct arena *arena, struct claim *out);
/* Whether it claims anything that could be compared: words enough, a number or a name. */
bool claim_says_something(const struct claim *claim);

/* Whether the passage holds the number, date or name. */
bool support_holds(const struct support_passage *passage, const struct claim *claim, const struct claim_item *item);
/* *nearest: the sentence of the passage with the most of the claim's words; empty when none has any. */
enum support support_compare(const struct claim *claim, const struct support_passage *passage, struct span *nearest);

/* A sentence that says that there is no answer ("The documents do not say", "I cannot help with that"): English and German. */
bool support_is_refusal(struct span sentence);

#endif
