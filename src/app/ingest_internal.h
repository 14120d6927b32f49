/* What the files of ingest share: ingest.c, ingest_accept.c, ingest_cut.c, ingest_embed.c, ingest_job.c, ingest_text.c, ingest_wait.c. Nobody else includes
 * it. */
#ifndef APP_INGEST_INTERNAL_H
#define APP_INGEST_INTERNAL_H

#include <pthread.h>
#include <stdatomic.h>

#include "app/encoders.h"
#include "app/indexes.h"
#include "app/ingest.h"
#include "base/buf.h"
#include "doc/block.h"
#include "store/job.h"

enum {
    INGEST_WORKERS_MAX = 64,
    WAITERS_MAX = 1024,
    LEASE_REST_MS = 120000, /* of a lease: what may pass beside the time that the extractor gets */
    ATTEMPTS_MAX = 20,
    DOCUMENT_MEMORY_MAX = 512 << 20
};

struct waiter {
    int64_t tenant_id, document_id, version, deadline;
    void (*done)(void *context); /* NULL: a free place */
    void *context;
};

struct waiters {
    pthread_mutex_t lock;
    pthread_cond_t changed; /* a nearer deadline, or stopping */
    pthread_t thread;
    bool stopping, running;
    struct waiter place[WAITERS_MAX];
};

struct ingest {
    struct app *app;
    int64_t owner; /* of leases: this run of this process */
    pthread_mutex_t lock;
    pthread_cond_t work;
    uint64_t pokes;        /* how often work was announced */
    int64_t last_tenant;   /* whose turn it was */
    _Atomic bool stopping; /* also what extractors watch */
    pthread_t worker[INGEST_WORKERS_MAX];
    unsigned workers;
    struct waiters waiters;
};

/* Tells the workers that there may be work. */
void ingest_poke(struct ingest *i);
/* How long a claimed job is held: longer than its extractor may live, else another worker would do it as well. */
int64_t ingest_lease_ms(const struct app_config *config);

/* ---- ingest_wait.c ---- */
bool waiters_start(struct waiters *w);
/* Fires all that wait, ends the thread. */
void waiters_stop(struct waiters *w);
/* Fires those that wait for this document at this version or an earlier one. */
void waiters_fire(struct waiters *w, int64_t tenant_id, int64_t document_id, int64_t version);

/* ---- a job under way ---- */

/* How a job ends. */
enum outcome { DONE, MOOT, REFUSED, AGAIN };

struct work {
    struct ingest *ingest;
    const struct tenant *tenant;
    const struct job_row *job;
    struct embed_scratch *scratch; /* of the worker; NULL: no model, or no memory for one */
    struct arena *arena;
    struct document_row document;
    bool found;
    struct buf original;          /* of a plain text */
    struct extract_result result; /* blocks, or why not */
    struct buf text;
    struct chunk *chunks; /* [count] */
    struct chunk_row *rows;
    struct span *vectors;        /* [count], in stored form, of the server's own encoder; NULL: none are made */
    struct span *former_vectors; /* the same of the one whose vectors still answer for the tenant; NULL: there is none but the server's own */
    struct model_name former;    /* that one's */
    bool unsettled;              /* the tenant's vectors are to be looked at (app/reembed.h) */
    size_t count;
    int64_t lease_renewed, progress; /* while vectors are made */
    size_t made, to_make;            /* of all vectors */
    bool held;                       /* the lease */
};

/* ---- ingest_job.c ---- */
/* Does one claimed job to its end: completed, failed, or given back for a later try. */
void ingest_run_job(struct ingest *i, struct embed_scratch *scratch, const struct tenant *t, const struct job_row *job);

/* ---- ingest_cut.c ---- */
/* Blocks → text, chunks, rows; false when a bound is reached. */
bool ingest_cut(struct work *w);

/* ---- ingest_embed.c ---- */
/* Vectors of the work's chunks; DONE without any where there is no model. */
enum outcome ingest_make_vectors(struct work *w);
/* In the transaction that stores the chunks. */
enum db_status ingest_store_vectors(struct work *w, struct db_conn *c);

/* ---- ingest_text.c ---- */
/* The blocks of a plain text: paragraphs by empty lines, list items by their marks, lines that were only wrapped joined again. In the arena; false when it is
 * full. */
bool plain_text_blocks(struct span text, struct arena *arena, struct block **blocks, size_t *count);
/* Whether a text has Markdown's headings, tables or fences. */
bool looks_like_markdown(struct span text);

/* What the content of /knowledge/text is stored as; an uploaded file's type never has the parameter. */
#define MEDIA_TYPE_CONTENT "text/plain; charset=utf-8"
#define MEDIA_TYPE_CONTENT_MARKDOWN "text/markdown; charset=utf-8"

#endif
