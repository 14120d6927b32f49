/* Vectors of the question and of some texts, compared. */
#include "app/meaning.h"

static float cosine_of(const struct embed_vector *a, const struct embed_vector *b)
{
    int32_t sum = 0;
    for (int i = 0; i < EMBED_DIMENSIONS; i++)
        sum += a->values[i] * b->values[i];
    return (float)sum * a->scale * b->scale;
}

bool meaning_measure(void *context, const struct span *texts, size_t count, float *likeness)
{
    const struct meaning *m = context;
    struct embed_vector *vectors = arena_array(m->arena, count + 1, sizeof *vectors);
    if (!vectors || !embedder_text(m->embedder, m->question, &vectors[count]) || !embedder_texts(m->embedder, EMBED_PASSAGE, texts, count, vectors))
        return false;
    for (size_t i = 0; i < count; i++)
        likeness[i] = (float)embedder_likeness(m->embedder, (double)cosine_of(&vectors[count], &vectors[i]));
    return true;
}
