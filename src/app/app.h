/* The product as a whole: what its parts share, made once by main.c. */
#ifndef APP_APP_H
#define APP_APP_H

#include "app/measures.h"
#include "base/pool.h"
#include "db/db.h"
#include "extract/extract.h"
#include "llm/client.h"

struct app_config {
    const char *program;   /* this binary, for extractor processes */
    const char *spool_dir; /* for unnamed files: originals on their way to an extractor, parts of an upload */
    bool registration_open;
    int64_t token_ttl_s;    /* of a person's token; default 86400 */
    int64_t retention_days; /* that conversations are kept after their last use, unless a tenant has set its own; 0, the default: for ever */
    struct extract_limits extract;
    int64_t file_max_bytes;    /* one uploaded file; default 50 MiB */
    int64_t content_max_bytes; /* `content` of /knowledge/text; default 5 MiB */
    unsigned ingest_workers;   /* documents at once; default 2 */
    size_t index_memory_bytes; /* over all tenants; least recently used are dropped; default 1 GiB */
    const char *snapshot_dir;  /* for files from which a large index is loaded fast; NULL: none are written */
    int64_t snapshot_bytes;    /* of all of them; default 1 GiB; 0: what there is of them is removed */
    const char *model;         /* weight file of the encoder; NULL: none, search goes by words alone */
    const char *metrics_token; /* that a reader of /metrics must bear; NULL or "": none */
    struct llm_options llm;    /* url "": no language model */
    const char *llm_model;     /* the model's name on its server */
    int64_t llm_max_tokens, llm_context_tokens, llm_temperature_milli;
    int64_t llm_day_tokens; /* that one tenant may use in a day; 0: any number */
    size_t llm_cache_bytes; /* for answers to equal questions; 0: none are kept */
};
extern const struct app_config app_default_config;

struct accounts;     /* app/accounts.c */
struct answer_cache; /* app/answer_cache.c */
struct budget;       /* app/budget.c */
struct embedder;     /* app/embedder.c */
struct encoders;     /* app/encoders.c */
struct indexes;      /* app/indexes.c */
struct ingest;       /* app/ingest.c */
struct live;         /* app/live.c */
struct reembed;      /* app/reembed.c */
struct retention;    /* app/retention.c */
struct snapshots;    /* app/snapshots.c */

/* Everything here is made by app_new, read-only afterwards, and locked by its owner where it changes inside. */
struct app {
    const struct app_config *config;
    struct db *db;
    struct accounts *accounts;
    struct encoders *encoders; /* NULL: no model */
    struct embedder *embedder; /* the one of --model; NULL: none */
    struct reembed *reembed;   /* NULL without a model */
    struct indexes *indexes;
    struct snapshots *snapshots; /* of those; NULL: none are kept */
    struct ingest *ingest;
    struct live *live; /* answers under way */
    struct measures measures;
    struct llm_client *llm;     /* NULL: no language model */
    struct pool *answers;       /* ends answers that a model gave; beside llm */
    struct budget *budget;      /* beside llm */
    struct answer_cache *cache; /* NULL: answers are not kept */
    struct retention *retention;
};

/* Maps the model and records it, reads the signing secret, takes up unfinished documents. config and db are borrowed until app_free. NULL with a sentence in
 * why. */
struct app *app_new(const struct app_config *config, struct db *db, char *why, size_t why_size);
/* Takes no new documents up; documents in work are given back to the queue (their extractors are ended), waiting uploads are answered. */
void app_stop(struct app *app);
/* Breaks off the answers that a model is still giving; each is finished soon after. */
void app_cut_answers(struct app *app);
void app_free(struct app *app);

#endif
