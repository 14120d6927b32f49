/* Vectors of the question and of some texts, compared. */
#include "app/meaning.h"

#include <string.h>

static float cosine_of(const struct embed_vector *a, const struct embed_vector *b)
{
    int32_t sum = 0;
    for (int i = 0; i < EMBED_DIMENSIONS; i++)
        sum += a->values[i] * b->values[i];
    return (float)sum * a->scale * b->scale;
}

bool meaning_measure(void *context, const struct span *texts, size_t count, float *cosines)
{
    const struct meaning *m = context;
    struct span *all = arena_array(m->arena, count + 1, sizeof *all);
    struct embed_vector *vectors = arena_array(m->arena, count + 1, sizeof *vectors);
    if (!all || !vectors)
        return false;
    all[0] = m->question;
    memcpy(all + 1, texts, count * sizeof *all);
    if (!embedder_texts(m->embedder, all, count + 1, vectors))
        return false;
    for (size_t i = 0; i < count; i++)
        cosines[i] = cosine_of(&vectors[0], &vectors[i + 1]);
    return true;
}
