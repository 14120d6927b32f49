/* Answers: a question → quoted sentences, or a model's words, with their sources; or the fallback text. One course of events for chat and chat/stream. */
#ifndef APP_ANSWER_H
#define APP_ANSWER_H

#include "app/app.h"
#include "app/principal.h"
#include "app/problem.h"
#include "app/retrieve.h"
#include "llm/client.h"

struct question {
    struct span text;               /* 1 to 8000 characters */
    struct span session_id;         /* p == NULL: a new session */
    struct span user;               /* the caller's own id of the person asking; p == NULL: none. A session started with it goes on only with it (404 else) */
    void *feed;                     /* by which others can follow the answer while it is given (app/live.h); NULL: none */
    struct retrieve_query retrieve; /* top_k (default 5), filters, collection; text is set by answer_question */
};

struct answer_source {
    struct passage passage;
    struct span snippet; /* at most 200 characters of the passage, around what answers */
};
/* What an answer says though no passage does. */
enum answer_flag_kind { FLAG_NUMBER, FLAG_DATE, FLAG_NAME };
enum { FLAG_KINDS = FLAG_NAME + 1 };
/* As replies and the database call them. */
extern const char *const answer_flag_names[FLAG_KINDS];
struct answer_flag {
    enum answer_flag_kind kind;
    int64_t start, end; /* code points of the answer */
};
#define ANSWER_NO_SOURCE SIZE_MAX
struct answer_citation {
    int64_t start, end;              /* code points of the answer */
    size_t source;                   /* index into the sources; ANSWER_NO_SOURCE: none says it, and none was cited */
    bool supported;                  /* the source says it too; true for quotes */
    const struct answer_flag *flags; /* [flag_count], within the range */
    size_t flag_count;
};
struct answer_end {
    bool answered;
    double confidence;             /* 0 to 1 */
    int64_t tokens_in, tokens_out; /* of a language model; 0 without one */
    bool degraded;                 /* there is a model, but the answer was made without it */
    bool interrupted;              /* it was stopped before its end */
};

/* Called in this order: start, source…, token…, citation…, end, finished; never two at once, but on several threads, and token and look where nothing may wait
 * (llm/client.h). A callback that returns false (the client is gone) stops the rest but finished; what was made is stored as interrupted. */
struct answer_sink {
    bool (*start)(void *context, const char *session_id, const char *message_id);
    bool (*source)(void *context, const struct answer_source *source);
    bool (*token)(void *context, struct span text);
    bool (*citation)(void *context, const struct answer_citation *citation);
    bool (*end)(void *context, const struct answer_end *end);
    /* Between tokens: whether anybody listens, and has room. */
    enum llm_look (*look)(void *context);
    /* Forgets the tokens so far, because the model failed and another answer comes; false: they are out. */
    bool (*take_back)(void *context);
    /* The last call, always made. problem: NULL, or why there is no `end`. The arena may be freed by it. */
    void (*finished)(void *context, const struct problem *problem);
};

/* Retrieves, decides, answers and stores the message (before `end` is called). Without a model all is done when this returns; with one the answer goes on when it
 * comes, and the arena, the sink and its context must last until `finished`. `by` and `question` are copied as far as they are needed. A problem mostly means that
 * nothing was called before; when storing fails or the model breaks off, all but `end` was. Small talk gives a friendly line: answered, no sources. Where nothing
 * fits, or the confidence stays below the company's threshold: the fallback text (app/settings.h), not answered, no sources, and no model is asked. Where the
 * model fails before its first word: the quotes, degraded. */
void answer_question(struct app *app, const struct principal *by, const struct question *question, struct arena *arena, const struct answer_sink *sink,
                     void *context);

#endif
