/* The search itself: a question's words and its vector over one tenant's index → the best chunks, each with both scores and their fusion. */
#ifndef APP_CANDIDATES_H
#define APP_CANDIDATES_H

#include "app/query_words.h"
#include "app/search_scope.h"
#include "embed/embed.h"

/* A chunk that a search found. */
struct candidate {
    int64_t document_id;
    int32_t ordinal;
    float lexical, coverage;   /* as in struct lexical_hit, corrected in a small index; 0 when it shares no word with the question */
    float cosine, ratio;       /* as in struct dense_hit; has_vector false: 0 */
    float meaning;             /* what the cosine counts as in fused: with feedback from the best (app/feedback.h) */
    float nearness;            /* set by who looked into its text (app/nearness.h): share of the question's neighbours that are neighbours there */
    bool has_vector, measured; /* measured: cosine and ratio are those of its vector, if it has one */
    double fused;              /* what the list is ordered by: of both scores, times … */
    double share;              /* … 1, or less for a document's further chunks in a list that is spread */
};

struct candidates {
    struct candidate *list; /* [count], best first by fused, then document id and ordinal */
    size_t count;
    bool spread;                      /* as asked for */
    bool more;                        /* a larger limit may give more */
    size_t document_count;            /* documents that may be found: those of the scope */
    double weight;                    /* of the cosine in fused: 0 by words alone, 1 by meaning alone */
    size_t lexical_count, near_count; /* of each leg */
    struct query_words words;
};

struct candidates_query {
    struct span text;
    const struct embed_vector *vector; /* NULL: by words alone, whatever the mode says */
    double unlike;                     /* of the encoder (embed_unlike) … */
    bool multilingual;                 /* … and whether it knows every language */
    enum retrieve_mode mode;
    bool spread; /* as in struct retrieve_query */
    const struct search_scope *scope;
    size_t limit; /* candidates wanted at least, if there are so many */
};

/* By words alone the list is exactly the beginning of that of all chunks; else each leg gives a hundred candidates, or four times the limit where that is more.
 * The score of a candidate by the leg that did not find it is computed, so a chunk's score never depends on which leg found it. Chunks that share no word with
 * the question and are hardly near in meaning are no candidates. In the arena; false when it is full. */
bool candidates_find(const struct index_entry *entry, const struct candidates_query *query, struct arena *arena, struct candidates *out);

/* Adds the nearness of the first `count` to their scores (`share` of the words' part for all of it) and brings the list into order again. */
void candidates_add_nearness(struct candidates *c, size_t count, double share);

#endif
