/* The room's doors: open a model, count tokens, pack texts into passes of the encoder. */
#include "embed/embed.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cpu.h"
#include "embed/embed_internal.h"
#include "embed/encoder.h"
#include "embed/tokens.h"

_Static_assert((int)EMBED_DIMENSIONS == (int)WIDTH && (int)EMBED_TOKENS_MAX == (int)POSITIONS, "the contract is that of the encoder");
_Static_assert((int)ENCODER_TOKENS >= (int)EMBED_TOKENS_MAX, "a text fits one pass");

/* For people: what tells models apart is the hash. */
static const char *kind_of(const struct weights_header *h)
{
    if (h->manner == MANNER_E5)
        return "e5";
    return h->layers == 6 && h->inner == INNER && h->pooling == POOLING_MEAN && h->keeps == 0 && h->heading_bytes[0] == 0 ? "minilm" : "bert";
}

struct embed_model *embed_open_kernels(const char *path, const char *kernels, char *why, size_t why_size)
{
    struct embed_model *m = calloc(1, sizeof *m);
    if (!m) {
        snprintf(why, why_size, "There is no memory for the model.");
        return NULL;
    }
    m->kernels = kernels_find(kernels);
    if (!m->kernels)
        snprintf(why, why_size, "This processor has no \"%s\" kernels.", kernels ? kernels : "usable");
    if (!m->kernels || !weights_map(&m->weights, path, why, why_size)) {
        free(m);
        return NULL;
    }
    const struct weights_header *h = m->weights.header;
    snprintf(m->name, sizeof m->name, "%s-l%zu-%d/int8/%016" PRIx64, kind_of(h), m->weights.layers, WIDTH, h->hash);
    return m;
}

struct embed_model *embed_open(const char *path, char *why, size_t why_size)
{
    return embed_open_kernels(path, cpu_forced(), why, why_size);
}

void embed_close(struct embed_model *m)
{
    if (!m)
        return;
    weights_unmap(&m->weights);
    free(m);
}

const char *embed_name(const struct embed_model *m)
{
    return m->name;
}

const char *embed_kernels(const struct embed_model *m)
{
    return m->kernels->name;
}

struct embed_scratch *embed_scratch_new(const struct embed_model *m)
{
    (void)m;
    struct embed_scratch *s = aligned_alloc(_Alignof(struct embed_scratch), sizeof *s);
    if (s)
        s->between = NULL;
    return s;
}

void embed_scratch_between(struct embed_scratch *s, embed_between *between, void *context)
{
    s->between = between;
    s->between_context = context;
}

void embed_scratch_free(struct embed_scratch *s)
{
    free(s);
}

void embed_count(const struct embed_model *m, struct span text, struct embed_count *out)
{
    tokens_count(&m->weights, text, out);
}

size_t embed_room(const struct embed_model *m)
{
    uint32_t ids[EMBED_TOKENS_MAX];
    const size_t most = m->weights.header->positions - 2;
    return most - tokens_list(&m->weights, m->weights.heading[EMBED_PASSAGE], SPAN(""), ids, most);
}

bool embed_is_multilingual(const struct embed_model *m)
{
    return m->weights.header->tokenizer == TOKENIZER_UNIGRAM;
}

float embed_unlike(const struct embed_model *m)
{
    return m->weights.header->manner == MANNER_E5 ? 0.7f : m->weights.header->unlike;
}

size_t embed_tokens(const struct embed_model *m, enum embed_role role, struct span text, uint32_t ids[EMBED_TOKENS_MAX])
{
    const struct weights_header *h = m->weights.header;
    size_t count = 0;
    ids[count++] = h->cls;
    count += tokens_list(&m->weights, m->weights.heading[role], text, ids + count, h->positions - 1 - count);
    ids[count++] = h->sep;
    return count;
}

void embed_texts(const struct embed_model *m, struct embed_scratch *s, enum embed_role role, const struct span *texts, size_t count, struct embed_vector *out)
{
    const size_t room = sizeof s->lengths / sizeof *s->lengths;
    uint32_t ids[EMBED_TOKENS_MAX];
    size_t packed = 0, tokens = 0; /* waiting in the scratch */
    for (size_t i = 0; i < count; i++) {
        size_t n = embed_tokens(m, role, texts[i], ids);
        if (tokens + n > ENCODER_TOKENS || packed == room) {
            encoder_run(&m->weights, m->kernels, s, packed, out + i - packed);
            packed = tokens = 0;
        }
        memcpy(s->ids + tokens, ids, n * sizeof *ids);
        s->lengths[packed++] = n;
        tokens += n;
    }
    if (packed)
        encoder_run(&m->weights, m->kernels, s, packed, out + count - packed);
}
