/* Look-ups in the mapped hash table. */
#include "embed/vocabulary.h"

#include <string.h>

uint32_t vocabulary_hash_add(uint32_t hash, char byte)
{
    return (hash ^ (unsigned char)byte) * 16777619u;
}

uint32_t vocabulary_hash_start(bool continues)
{
    const uint32_t basis = 2166136261u;
    return continues ? vocabulary_hash_add(vocabulary_hash_add(basis, '#'), '#') : basis;
}

struct span vocabulary_spelling(const struct vocabulary *v, uint32_t id)
{
    return (struct span){v->spellings + v->offsets[id], v->offsets[id + 1] - v->offsets[id]};
}

static bool is_spelt(struct span spelling, bool continues, struct span piece)
{
    if (!continues)
        return span_eq(spelling, piece);
    return spelling.n == piece.n + 2 && span_starts(spelling, SPAN("##")) && memcmp(spelling.p + 2, piece.p, piece.n) == 0;
}

int32_t vocabulary_find(const struct vocabulary *v, bool continues, struct span piece, uint32_t hash)
{
    /* A sound table has free slots, which end the search. */
    for (uint32_t slot = hash & (v->slots - 1);; slot = (slot + 1) & (v->slots - 1)) {
        uint32_t entry = v->table[slot];
        if (entry == 0)
            return -1;
        if (is_spelt(vocabulary_spelling(v, entry - 1), continues, piece))
            return (int32_t)(entry - 1);
    }
}

int32_t vocabulary_id(const struct vocabulary *v, struct span spelling)
{
    uint32_t hash = vocabulary_hash_start(false);
    for (size_t i = 0; i < spelling.n; i++)
        hash = vocabulary_hash_add(hash, spelling.p[i]);
    return vocabulary_find(v, false, spelling, hash);
}

bool vocabulary_is_sound(const struct vocabulary *v)
{
    if (v->cls >= v->count || v->sep >= v->count || v->unk >= v->count || v->offsets[0] != 0 || v->offsets[v->count] != v->bytes)
        return false;
    for (uint32_t i = 0; i < v->count; i++)
        if (v->offsets[i + 1] < v->offsets[i] || v->offsets[i + 1] - v->offsets[i] > v->longest)
            return false;
    uint32_t taken = 0;
    for (uint32_t i = 0; i < v->slots; i++) {
        if (v->table[i] > v->count)
            return false;
        taken += v->table[i] != 0;
    }
    return taken <= v->slots / 2;
}
