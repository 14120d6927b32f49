/* A model with its pool of scratches for questions. They are made when first needed; more at once than there are processors to use them would only cost memory. */
#include "app/embedder.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "app/lane.h"
#include "base/sys.h"

enum { SCRATCHES = 4, REASON = 256, PATIENCE_MS = 20 };

struct embedder {
    struct embed_model *model;
    struct lane lane;
    pthread_mutex_t lock;
    pthread_cond_t given_back;
    struct embed_scratch *idle[SCRATCHES];
    unsigned idle_count, made; /* made: idle ones and those in use */
};

struct embedder *embedder_open(const char *path, char *why, size_t why_size)
{
    struct embedder *e = calloc(1, sizeof *e);
    char reason[REASON] = "there is not enough memory";
    if (e)
        e->model = embed_open(path, reason, sizeof reason);
    if (!e || !e->model) {
        snprintf(why, why_size, "The embedding model cannot be loaded (%s): run script/bootstrap, script/server or pass --model none.", reason);
        free(e);
        return NULL;
    }
    lane_init(&e->lane, sys_processors(), PATIENCE_MS);
    pthread_mutex_init(&e->lock, NULL);
    pthread_cond_init(&e->given_back, NULL);
    return e;
}

void embedder_close(struct embedder *e)
{
    if (!e)
        return;
    while (e->idle_count > 0)
        embed_scratch_free(e->idle[--e->idle_count]);
    pthread_cond_destroy(&e->given_back);
    pthread_mutex_destroy(&e->lock);
    lane_end(&e->lane);
    embed_close(e->model);
    free(e);
}

const struct embed_model *embedder_model(const struct embedder *e)
{
    return e->model;
}

struct span embedder_name(const struct embedder *e)
{
    return e ? span_of(embed_name(e->model)) : SPAN("");
}

struct model_name embedder_model_name(const struct embedder *e)
{
    struct model_name name;
    snprintf(name.text, sizeof name.text, "%s", e ? embed_name(e->model) : "");
    return name;
}

double embedder_likeness(const struct embedder *e, double cosine)
{
    double unlike = (double)embed_unlike(e->model);
    return (cosine - unlike) / (1 - unlike);
}

/* ---- the pool ---- */

static struct embed_scratch *take(struct embedder *e)
{
    struct embed_scratch *scratch = NULL;
    pthread_mutex_lock(&e->lock);
    while (e->idle_count == 0 && e->made == SCRATCHES)
        pthread_cond_wait(&e->given_back, &e->lock);
    if (e->idle_count > 0)
        scratch = e->idle[--e->idle_count];
    else if ((scratch = embed_scratch_new(e->model)))
        e->made++;
    pthread_mutex_unlock(&e->lock);
    return scratch;
}

static void give_back(struct embedder *e, struct embed_scratch *scratch)
{
    pthread_mutex_lock(&e->lock);
    e->idle[e->idle_count++] = scratch;
    pthread_cond_signal(&e->given_back);
    pthread_mutex_unlock(&e->lock);
}

bool embedder_texts(struct embedder *e, enum embed_role role, const struct span *texts, size_t count, struct embed_vector *out)
{
    struct embed_scratch *scratch = take(e);
    if (!scratch)
        return false;
    lane_begin_question(&e->lane);
    embed_texts(e->model, scratch, role, texts, count, out);
    lane_end_question(&e->lane);
    give_back(e, scratch);
    return true;
}

bool embedder_text(struct embedder *e, struct span text, struct embed_vector *out)
{
    return embedder_texts(e, EMBED_QUESTION, &text, 1, out);
}

/* ---- batches ---- */

struct embed_scratch *embedder_batch_scratch(struct embedder *e)
{
    struct embed_scratch *scratch = embed_scratch_new(e->model);
    if (!scratch)
        return NULL;
    lane_add_batches(&e->lane);
    embed_scratch_between(scratch, lane_step_aside, &e->lane);
    return scratch;
}

void embedder_batch_scratch_free(struct embedder *e, struct embed_scratch *scratch)
{
    if (!scratch)
        return;
    lane_remove_batches(&e->lane);
    embed_scratch_free(scratch);
}
