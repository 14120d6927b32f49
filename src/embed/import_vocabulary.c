/* vocab.txt → the hash table of word pieces. */
#include <string.h>

#include "embed/import_internal.h"

/* The next line of vocab.txt, the newline cut off. */
static bool next_piece(struct span *rest, struct span *piece)
{
    if (rest->n == 0)
        return false;
    span_cut(*rest, '\n', piece, rest);
    if (piece->n && piece->p[piece->n - 1] == '\r')
        piece->n--;
    return true;
}

void import_measure_vocabulary(struct import *im, struct span text)
{
    size_t pieces = 0, bytes = 0, longest = 0;
    for (struct span piece; next_piece(&text, &piece); pieces++) {
        bytes += piece.n;
        longest = piece.n > longest ? piece.n : longest;
    }
    if (pieces == 0 || pieces > VOCABULARY_MAX || bytes > (size_t)64 * VOCABULARY_MAX)
        import_fail(im, "has no pieces or too many", "The vocabulary");
    im->header.pieces = (uint32_t)pieces;
    im->header.spelling_bytes = (uint32_t)bytes;
    im->header.longest = (uint32_t)longest;
    for (im->header.slots = 1; !im->failed && im->header.slots < 2 * pieces;)
        im->header.slots *= 2;
}

static uint32_t special(struct import *im, const char *name)
{
    int32_t id = vocabulary_id(&im->out.vocabulary, span_of(name));
    if (id < 0)
        import_fail(im, "is missing in the vocabulary", name);
    return id < 0 ? 0 : (uint32_t)id;
}

void import_vocabulary(struct import *im, struct span text)
{
    const struct vocabulary *v = &im->out.vocabulary;
    uint32_t *offsets = import_place(im, v->offsets), *table = import_place(im, v->table), id = 0;
    char *spellings = import_place(im, v->spellings);
    for (struct span piece; next_piece(&text, &piece); id++) {
        uint32_t hash = vocabulary_hash_start(false), slot;
        memcpy(spellings + offsets[id], piece.p, piece.n);
        offsets[id + 1] = offsets[id] + (uint32_t)piece.n;
        if (vocabulary_id(v, piece) >= 0)
            continue; /* a spelling that stands twice keeps its first id */
        for (size_t i = 0; i < piece.n; i++)
            hash = vocabulary_hash_add(hash, piece.p[i]);
        for (slot = hash & (v->slots - 1); table[slot];)
            slot = (slot + 1) & (v->slots - 1);
        table[slot] = id + 1;
    }
    im->header.cls = special(im, "[CLS]");
    im->header.sep = special(im, "[SEP]");
    im->header.unk = special(im, "[UNK]");
}
