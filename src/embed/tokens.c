/* Two tokenizers, each a walk over words of which every one is split. */
#include "embed/tokens.h"

#include <string.h>

#include "embed/wordpiece.h"

static size_t append(uint32_t *ids, size_t count, size_t most, const uint32_t *pieces, size_t n)
{
    n = n < most - count ? n : most - count;
    memcpy(ids + count, pieces, n * sizeof *ids);
    return count + n;
}

static struct wordpiece walk_of(const struct weights *w, struct span text)
{
    return (struct wordpiece){.rest = text, .keeps_case = w->header->keeps & KEEPS_CASE, .keeps_accents = w->header->keeps & KEEPS_ACCENTS};
}

static size_t list_wordpieces(const struct weights *w, struct span text, uint32_t *ids, size_t count, size_t most)
{
    struct wordpiece at = walk_of(w, text);
    struct wordpiece_word word;
    uint32_t pieces[WORD_CHARACTERS_MAX];
    while (count < most && wordpiece_next(&at, &word))
        count = append(ids, count, most, pieces, wordpiece_split(&w->vocabulary, &word, pieces));
    return count;
}

static size_t list_unigrams(const struct unigram *u, struct unigram_walk *at, uint32_t *ids, size_t count, size_t most)
{
    struct unigram_word word;
    uint32_t pieces[UNIGRAM_BYTES_MAX];
    while (count < most && unigram_next(u, at, &word))
        count = append(ids, count, most, pieces, unigram_split(u, at, &word, pieces));
    return count;
}

size_t tokens_list(const struct weights *w, struct span heading, struct span text, uint32_t *ids, size_t most)
{
    if (w->header->tokenizer == TOKENIZER_WORDPIECE) {
        size_t count = list_wordpieces(w, heading, ids, 0, most);
        return list_wordpieces(w, text, ids, count, most);
    }
    struct unigram_walk at = {.rest = heading};
    size_t count = list_unigrams(&w->unigram, &at, ids, 0, most);
    at.rest = text;
    at.inside = false;
    return list_unigrams(&w->unigram, &at, ids, count, most);
}

static void count_wordpieces(const struct weights *w, struct span text, struct embed_count *out)
{
    struct wordpiece at = walk_of(w, text);
    struct wordpiece_word word;
    uint32_t ids[WORD_CHARACTERS_MAX];
    while (wordpiece_next(&at, &word)) {
        size_t pieces = wordpiece_split(&w->vocabulary, &word, ids);
        out->tokens += pieces;
        out->pieces += word.punctuation ? 0 : pieces;
        out->words += !word.punctuation;
    }
}

/* To a model of a hundred languages no text is foreign, however many pieces its words have. */
static void count_unigrams(const struct unigram *u, struct span text, struct embed_count *out)
{
    struct unigram_walk at = {.rest = text};
    struct unigram_word word;
    uint32_t ids[UNIGRAM_BYTES_MAX];
    while (unigram_next(u, &at, &word))
        out->tokens += unigram_split(u, &at, &word, ids);
    out->pieces = out->words = out->tokens;
}

void tokens_count(const struct weights *w, struct span text, struct embed_count *out)
{
    *out = (struct embed_count){0};
    if (w->header->tokenizer == TOKENIZER_UNIGRAM)
        count_unigrams(&w->unigram, text, out);
    else
        count_wordpieces(w, text, out);
}
