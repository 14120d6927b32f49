/* vocab.txt or tokenizer.json → the hash table of word pieces. */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "embed/import_internal.h"

/* ---- the pieces ---- */

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

static void list_lines(struct import *im, struct span text, struct import_pieces *out)
{
    struct span rest = text, piece;
    size_t count = 0;
    while (count <= VOCABULARY_MAX && next_piece(&rest, &piece))
        count++;
    if (count > VOCABULARY_MAX || !(out->spelling = calloc(count, sizeof *out->spelling))) {
        import_fail(im, "The vocabulary has more than %d pieces.", VOCABULARY_MAX);
        return;
    }
    while (next_piece(&text, &piece))
        out->spelling[out->count++] = piece;
}

/* Puts each piece at its id; the array is as long as the largest id asks for. */
static void list_object(struct import *im, json_t *vocabulary, struct import_pieces *out)
{
    const char *spelling;
    json_t *id;
    out->spelling = calloc(VOCABULARY_MAX, sizeof *out->spelling);
    json_object_foreach(vocabulary, spelling, id)
    {
        double number = json_number_value(id);
        bool valid = out->spelling && json_is_number(id) && number >= 0 && number < VOCABULARY_MAX;
        size_t at = valid ? (size_t)number : 0;
        if (!valid || out->spelling[at].p) {
            import_fail(im, "%s: the id of \"%.40s\" is none, or another piece's.", import_file_names[IMPORT_TOKENIZER], spelling);
            return;
        }
        out->spelling[at] = span_of(spelling);
        out->count = at >= out->count ? at + 1 : out->count;
    }
}

void import_list_pieces(struct import *im, const struct span files[IMPORT_FILES], struct import_pieces *out)
{
    struct span tokenizer = files[IMPORT_TOKENIZER];
    if (im->failed)
        return;
    if (!tokenizer.p) {
        list_lines(im, files[IMPORT_VOCABULARY], out);
        return;
    }
    json_t *root = json_loadb(tokenizer.p, tokenizer.n, JSON_DECODE_INT_AS_REAL, NULL);
    out->held = root;
    list_object(im, json_object_get(json_object_get(root, "model"), "vocab"), out);
}

void import_pieces_free(struct import_pieces *pieces)
{
    free(pieces->spelling);
    json_decref(pieces->held);
}

/* ---- the table ---- */

void import_measure_vocabulary(struct import *im, const struct import_pieces *pieces)
{
    size_t bytes = 0, longest = 0;
    for (size_t id = 0; id < pieces->count; id++) {
        size_t n = pieces->spelling[id].n;
        bytes += n;
        longest = n > longest ? n : longest;
    }
    if (pieces->count == 0 || bytes > (size_t)64 * VOCABULARY_MAX)
        import_fail(im, "The vocabulary has no pieces or too long ones.");
    im->header.pieces = (uint32_t)pieces->count;
    im->header.spelling_bytes = (uint32_t)bytes;
    im->header.longest = (uint32_t)longest;
    for (im->header.slots = 1; !im->failed && im->header.slots < 2 * pieces->count;)
        im->header.slots *= 2;
}

static uint32_t special(struct import *im, const char *name)
{
    int32_t id = vocabulary_id(&im->out.vocabulary, span_of(name));
    if (id < 0)
        import_fail(im, "%s is missing in the vocabulary.", name);
    return id < 0 ? 0 : (uint32_t)id;
}

static void enter(const struct vocabulary *v, uint32_t *table, struct span piece, uint32_t id)
{
    uint32_t hash = vocabulary_hash_start(false), slot;
    if (piece.n == 0 || vocabulary_id(v, piece) >= 0)
        return; /* a spelling that stands twice keeps its first id */
    for (size_t i = 0; i < piece.n; i++)
        hash = vocabulary_hash_add(hash, piece.p[i]);
    for (slot = hash & (v->slots - 1); table[slot];)
        slot = (slot + 1) & (v->slots - 1);
    table[slot] = id + 1;
}

void import_vocabulary(struct import *im, const struct import_pieces *pieces)
{
    const struct vocabulary *v = &im->out.vocabulary;
    uint32_t *offsets = import_place(im, v->offsets), *table = import_place(im, v->table);
    char *spellings = import_place(im, v->spellings);
    for (uint32_t id = 0; id < v->count; id++) {
        struct span piece = pieces->spelling[id];
        if (piece.n)
            memcpy(spellings + offsets[id], piece.p, piece.n);
        offsets[id + 1] = offsets[id] + (uint32_t)piece.n;
        enter(v, table, piece, id);
    }
    im->header.cls = special(im, "[CLS]");
    im->header.sep = special(im, "[SEP]");
    im->header.unk = special(im, "[UNK]");
}
