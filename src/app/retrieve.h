/* Retrieval: a question → the passages that may answer it, from this tenant's documents as they are now. */
#ifndef APP_RETRIEVE_H
#define APP_RETRIEVE_H

#include "app/app.h"
#include "app/principal.h"
#include "app/problem.h"
#include "doc/passage.h"
#include "text/words.h"

/* The in-memory indexes by tenant (app/indexes.c): built from rows on first use, brought to principal.tenant.index_seq before each search, dropped least
 * recently used first. encoders: of the vectors that they hold (borrowed); NULL: none. */
struct indexes *indexes_new(struct db *db, size_t memory_bytes, struct encoders *encoders);
void indexes_free(struct indexes *x);

/* By words and meaning; by words alone; by meaning alone. Without a model all are by words. */
enum retrieve_mode { RETRIEVE_HYBRID, RETRIEVE_LEXICAL, RETRIEVE_SEMANTIC };

struct retrieve_query {
    struct span text; /* 1 to 8000 characters; its meaning is that of its first EMBED_TOKENS_MAX tokens */
    enum retrieve_mode mode;
    bool spread;                     /* for a list that people read: near ties go to documents not yet in it. An answer wants the best passages */
    int top_k;                       /* 1 to 100 */
    const struct span *document_ids; /* public ids; count 0: all. Unknown ones match nothing */
    size_t document_count;
    const struct json_t *metadata; /* JSON object: each member equal to the document's; NULL: any */
    struct span collection;        /* name; p == NULL: all the principal may see */
    double min_score;              /* only passages with at least this score; 0: all */
    int group_size;                /* 0: the best passages, top_k of them. Else 1 to 10: those of the best top_k documents, so many of each at most */
    bool highlights;               /* fill passage_match.highlights */
    bool explain;                  /* fill passage_match.terms and passages.terms */
};
/* Code points of a text, half open. */
struct text_range {
    int64_t start, end;
};
/* What the search knew of a passage beside its text. */
struct passage_match {
    int64_t version;               /* of the document */
    struct language language;      /* of the document: its words were indexed with this one */
    double lexical, coverage;      /* as in struct lexical_hit (corrected in a small index, app/small_index.h) */
    double dense;                  /* cosine of its vector with the question's; 0 without */
    double meaning;                /* what the cosine counted as, with feedback from the best passages (app/feedback.h) */
    double nearness;               /* share of the question's neighbouring words that are neighbours here, 0 to 1 (app/nearness.h) */
    double fused;                  /* of both (app/fusion.h, app/candidates.h): what the list is ordered by */
    struct text_range *highlights; /* [highlight_count], where the question's words stand in the text, in order, not overlapping */
    size_t highlight_count;
    struct span *terms; /* [term_count], terms of the question that the chunk is indexed under, by its heading or its text */
    size_t term_count;
};
struct passages {
    struct passage *list;          /* [count], best first; no two with the same text */
    struct passage_match *matches; /* [count], beside list */
    size_t count;
    double coverage;             /* of the best: share of the question's idf mass found, 0 to 1 */
    double weight;               /* of the cosine in `fused`, 0 to 1: lower where the model does not know the language */
    size_t by_words, by_meaning; /* chunks that each leg gave to be fused */
    struct span *terms;          /* [term_count], of the question, in all the languages it was looked up in */
    size_t term_count;
};
/* passage.score is made from the fused score, so that it is about the share of passages with that score that answer (app/calibrate.c). A collection that does not exist, or that the principal may not see: PROBLEM_NOT_FOUND. */
bool retrieve(struct app *app, const struct principal *by, const struct retrieve_query *query, struct arena *arena, struct passages *out,
              struct problem *problem);

/* The question's own terms, each with its weight for choosing sentences: its idf in the tenant's index (smoothed in a small one, app/small_index.h). */
struct question_term {
    struct span term;
    double idf;
};
bool question_terms(struct app *app, const struct principal *by, struct span question, struct arena *arena, struct question_term **terms, size_t *count,
                    struct problem *problem);

#endif
