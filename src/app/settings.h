/* What a company sets for its own answers: kept by name in the table `setting`, with the server's defaults where nothing is set. */
#ifndef APP_SETTINGS_H
#define APP_SETTINGS_H

#include "app/app.h"
#include "app/principal.h"
#include "app/problem.h"
#include "base/arena.h"

enum { SETTINGS_FALLBACK_MAX = 2000 /* characters */, SETTINGS_PERSONA_MAX = 1000 /* characters */ };
#define SETTINGS_TOKENS_MAX INT64_C(1000000000000)
enum { SETTINGS_DAYS_MAX = 36500 };
/* The name under which app/retention.h reads a company's days. */
extern const char settings_retention_name[];

struct settings {
    struct span fallback_text;  /* said where nothing answers; never empty */
    double threshold;           /* 0 to 1: below this confidence the fallback is given */
    struct span persona;        /* how a language model shall sound, in the company's words; empty: nothing special */
    int64_t model_tokens_a_day; /* what a language model may use, prompts and answers; 0: as much as the operator allows */
    int64_t retention_days;     /* that conversations are kept after their last use; 0: for ever; -1: as long as the operator says */
};

/* Spans in the arena, or the server's own. */
bool settings_read(struct app *app, const struct principal *by, struct arena *arena, struct settings *out, struct problem *problem);

/* What changes; the rest stays. */
struct settings_change {
    bool set_fallback, set_threshold, set_persona, set_model_tokens, set_retention;
    struct span fallback_text;  /* empty: the server's default from now on */
    double threshold;           /* negative: the server's default from now on; kept to a millionth */
    struct span persona;        /* empty: none from now on */
    int64_t model_tokens_a_day; /* 1 to SETTINGS_TOKENS_MAX; 0: no bound of the company's own from now on */
    int64_t retention_days;     /* 0 to SETTINGS_DAYS_MAX; -1: the operator's from now on */
};
bool settings_write(struct app *app, const struct principal *by, const struct settings_change *change, struct problem *problem);

#endif
