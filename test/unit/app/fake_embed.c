/* An encoder for tests, in place of the real one: a text's vector says which of a few notions it speaks of, whatever words it uses. Words of more than 12 bytes
 * count as four pieces, as foreign ones would. What one model calls a notion another has elsewhere: vectors of different models are as unlike as can be. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "embed/embed.h"
#include "fake_embed.h"

struct embed_model {
    char name[64];
};

struct embed_scratch {
    int unused;
};

static const struct {
    const char *word;
    int notion;
} lexicon[] = {{"holiday", 0}, {"holidays", 0}, {"vacation", 0}, {"urlaub", 0}, {"closed", 1},  {"work", 1}, {"office", 1},
               {"parking", 2}, {"garage", 2},   {"car", 2},      {"price", 3},  {"pricing", 3}, {"cost", 3}, {"money", 3}};

/* ---- what a test holds up ---- */

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
/* under lock */
static const char *gated = "", *hidden = "";
static long room;
static size_t made;
static void (*hook)(void *context);
static void *hook_context;

void fake_embed_gate(const char *model, long passages)
{
    pthread_mutex_lock(&lock);
    gated = model;
    room = passages;
    made = 0;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&lock);
}

void fake_embed_allow(long passages)
{
    pthread_mutex_lock(&lock);
    room += passages;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&lock);
}

size_t fake_embed_made(void)
{
    pthread_mutex_lock(&lock);
    size_t n = made;
    pthread_mutex_unlock(&lock);
    return n;
}

void fake_embed_on_question(void (*h)(void *context), void *context)
{
    pthread_mutex_lock(&lock);
    hook = h;
    hook_context = context;
    pthread_mutex_unlock(&lock);
}

static void run_hook(void)
{
    pthread_mutex_lock(&lock);
    void (*h)(void *context) = hook;
    hook = NULL;
    pthread_mutex_unlock(&lock);
    if (h)
        h(hook_context);
}

void fake_embed_hide(const char *model)
{
    pthread_mutex_lock(&lock);
    hidden = model;
    pthread_mutex_unlock(&lock);
}

static bool is_hidden(const char *path)
{
    pthread_mutex_lock(&lock);
    bool is = strcmp(path, hidden) == 0;
    pthread_mutex_unlock(&lock);
    return is;
}

static bool is_in_background(void)
{
    char name[16] = "";
    pthread_getname_np(pthread_self(), name, sizeof name);
    return strcmp(name, "vectors") == 0;
}

static void pass_gate(const struct embed_model *m, size_t passages)
{
    if (!is_in_background())
        return;
    pthread_mutex_lock(&lock);
    while (strcmp(m->name, gated) == 0 && room <= 0)
        pthread_cond_wait(&changed, &lock);
    if (strcmp(m->name, gated) == 0) {
        room -= (long)passages;
        made += passages;
    }
    pthread_mutex_unlock(&lock);
}

/* ---- the encoder ---- */

struct embed_model *embed_open(const char *path, char *why, size_t why_size)
{
    struct embed_model *m = calloc(1, sizeof *m);
    if (!m || strncmp(path, "fake", 4) != 0 || is_hidden(path)) {
        snprintf(why, why_size, "there is no fake called %s", path);
        free(m);
        return NULL;
    }
    snprintf(m->name, sizeof m->name, "%s", path);
    return m;
}

void embed_close(struct embed_model *m)
{
    free(m);
}

const char *embed_name(const struct embed_model *m)
{
    return m->name;
}

const char *embed_kernels(const struct embed_model *m)
{
    (void)m;
    return "fake";
}

struct embed_scratch *embed_scratch_new(const struct embed_model *m)
{
    (void)m;
    return calloc(1, sizeof(struct embed_scratch));
}

void embed_scratch_free(struct embed_scratch *s)
{
    free(s);
}

void embed_scratch_between(struct embed_scratch *s, embed_between *between, void *context)
{
    (void)s, (void)between, (void)context;
}

/* The next run of anything but spaces and signs; false at the end. */
static bool next_word(struct span *rest, struct span *word)
{
    while (rest->n && strchr(" \n.,?!", rest->p[0]))
        *rest = span_skip(*rest, 1);
    *word = (struct span){rest->p, 0};
    while (word->n < rest->n && !strchr(" \n.,?!", rest->p[word->n]))
        word->n++;
    *rest = span_skip(*rest, word->n);
    return word->n > 0;
}

void embed_count(const struct embed_model *m, struct span text, struct embed_count *out)
{
    struct span word;
    (void)m;
    *out = (struct embed_count){0};
    while (next_word(&text, &word)) {
        out->words++;
        out->pieces += word.n > FAKE_LONG_WORD ? 4 : 1;
    }
    out->tokens = out->pieces;
}

/* Where a model has its first notion. */
static int first_notion(const struct embed_model *m)
{
    char last = m->name[strlen(m->name) - 1];
    return last >= '0' && last <= '9' ? 8 * (last - '0') : 0;
}

static void embed_one(const struct embed_model *m, struct span text, struct embed_vector *out)
{
    int8_t *values = out->values + first_notion(m);
    struct span word;
    *out = (struct embed_vector){.scale = 0};
    int notions = 0;
    while (next_word(&text, &word)) {
        for (size_t i = 0; i < sizeof lexicon / sizeof *lexicon; i++) {
            if (span_eq_nocase(word, span_of(lexicon[i].word)) && !values[lexicon[i].notion]) {
                values[lexicon[i].notion] = 127;
                notions++;
            }
        }
    }
    static const float scales[] = {0, 1 / 127.0f, 0.70710678f / 127, 0.57735027f / 127, 0.5f / 127};
    out->scale = scales[notions];
}

void embed_texts(const struct embed_model *m, struct embed_scratch *s, enum embed_role role, const struct span *texts, size_t count, struct embed_vector *out)
{
    (void)s;
    if (role == EMBED_PASSAGE)
        pass_gate(m, count);
    else
        run_hook();
    for (size_t i = 0; i < count; i++)
        embed_one(m, texts[i], &out[i]);
}

size_t embed_room(const struct embed_model *m)
{
    (void)m;
    return EMBED_TOKENS_MAX - 2;
}

bool embed_is_multilingual(const struct embed_model *m)
{
    (void)m;
    return false;
}

float embed_unlike(const struct embed_model *m)
{
    (void)m;
    return 0;
}

bool embed_import(const char *folder, const char *path, char *why, size_t why_size)
{
    (void)folder, (void)path;
    snprintf(why, why_size, "a fake imports nothing");
    return false;
}

bool embed_import_e5(const char *file, const char *path, char *why, size_t why_size)
{
    return embed_import(file, path, why, why_size);
}
