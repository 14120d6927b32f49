/* What the files of app/reembed.h share: reembed.c, reembed_tenant.c. Nobody else includes it. */
#ifndef APP_REEMBED_INTERNAL_H
#define APP_REEMBED_INTERNAL_H

#include <pthread.h>
#include <stdatomic.h>

#include "app/encoders.h"
#include "app/reembed.h"

struct reembed {
    struct app *app;
    int64_t owner; /* of leases: this run of this process */
    bool alone;    /* in the first round: a lease that stands belongs to nobody */
    pthread_t thread;
    bool running;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    uint64_t pokes;        /* under lock */
    _Atomic bool stopping; /* changes under lock */
    _Atomic int64_t tenants, passages, done;
    _Atomic uint64_t made; /* vectors since the start */
    int64_t told_ms;       /* when the log was told last */
};

/* From a look at the tenants to the next. */
struct reembed_round {
    struct reembed *reembed;
    struct model_name model; /* that vectors are to come from */
    struct embedder *encoder;
    struct embed_scratch *scratch;
    size_t failed; /* tenants */
};

/* Tells the log, once a minute. */
void reembed_tell(struct reembed *r);

/* ---- reembed_tenant.c ---- */
enum reembed_end { REEMBED_SETTLED, REEMBED_ELSEWHERE, REEMBED_FAILED };
/* Brings one tenant to its end: all of its vectors are the model's. ELSEWHERE: another node is at it. FAILED: the server stops, or the database failed; what
 * is done stays done. */
enum reembed_end reembed_tenant(struct reembed_round *round, int64_t tenant_id);

#endif
