/* Characters are read one by one, each giving a few normalised ones; words are gathered from those. */
#include "embed/wordpiece.h"

#include <string.h>
#include <utf8proc.h>

#include "base/utf8.h"

enum { READY = sizeof((struct wordpiece *)0)->ready / sizeof(uint32_t) };

static utf8proc_category_t category_of(uint32_t c)
{
    return utf8proc_category((utf8proc_int32_t)c);
}

static bool is_dropped(uint32_t c)
{
    switch (category_of(c)) {
    case UTF8PROC_CATEGORY_CC:
        return c != '\t' && c != '\n' && c != '\r';
    case UTF8PROC_CATEGORY_CF:
    case UTF8PROC_CATEGORY_CO:
        return true;
    default:
        return c == 0xFFFD;
    }
}

static bool is_space(uint32_t c)
{
    if (c < 0x80)
        return c == ' ' || c == '\t' || c == '\n' || c == '\r';
    utf8proc_category_t category = category_of(c);
    return category == UTF8PROC_CATEGORY_ZS || category == UTF8PROC_CATEGORY_ZL || category == UTF8PROC_CATEGORY_ZP;
}

static bool is_punctuation(uint32_t c)
{
    if (c < 0x80)
        return (c >= 33 && c <= 47) || (c >= 58 && c <= 64) || (c >= 91 && c <= 96) || (c >= 123 && c <= 126);
    utf8proc_category_t category = category_of(c);
    return category >= UTF8PROC_CATEGORY_PC && category <= UTF8PROC_CATEGORY_PO;
}

/* The blocks of Chinese characters as BERT lists them; Hangul and Kana are written in words and are not among them. */
static bool is_ideograph(uint32_t c)
{
    return (c >= 0x3400 && c <= 0x4DBF) || (c >= 0x4E00 && c <= 0x9FFF) || (c >= 0xF900 && c <= 0xFAFF) || (c >= 0x20000 && c <= 0x2A6DF) ||
           (c >= 0x2A700 && c <= 0x2B81F) || (c >= 0x2B820 && c <= 0x2CEAF) || (c >= 0x2F800 && c <= 0x2FA1F);
}

static void ready_add(struct wordpiece *at, uint32_t c)
{
    if (at->ready_count < READY)
        at->ready[at->ready_count++] = c;
}

static void ready_case(struct wordpiece *at, uint32_t c)
{
    ready_add(at, at->keeps_case ? c : (uint32_t)utf8proc_tolower((utf8proc_int32_t)c));
}

/* NFD, accents off, lower case, as far as the model wants it. A canonical decomposition has at most 4 characters. */
static void ready_fold(struct wordpiece *at, uint32_t c)
{
    utf8proc_int32_t parts[READY - 2];
    if (at->keeps_accents) {
        ready_case(at, c);
        return;
    }
    utf8proc_ssize_t count = utf8proc_decompose_char((utf8proc_int32_t)c, parts, READY - 2, UTF8PROC_DECOMPOSE, NULL);
    for (utf8proc_ssize_t i = 0; i < count && i < READY - 2; i++)
        if (category_of((uint32_t)parts[i]) != UTF8PROC_CATEGORY_MN)
            ready_case(at, (uint32_t)parts[i]);
}

/* Reads one character of the text; what it gives, if anything, is then ready. */
static void ready_fill(struct wordpiece *at)
{
    uint32_t c;
    at->rest = span_skip(at->rest, utf8_next(at->rest, &c));
    at->ready_at = at->ready_count = 0;
    if (c < 0x80 && c >= ' ' && c != 0x7F) {
        ready_add(at, c >= 'A' && c <= 'Z' && !at->keeps_case ? c + 32 : c);
    } else if (c == UTF8_INVALID || is_dropped(c)) {
        return;
    } else if (is_space(c)) {
        ready_add(at, ' ');
    } else if (is_ideograph(c)) {
        ready_add(at, ' ');
        ready_fold(at, c);
        ready_add(at, ' ');
    } else {
        ready_fold(at, c);
    }
}

/* The next normalised character, not yet taken; false at the end of the text. */
static bool ready_peek(struct wordpiece *at, uint32_t *c)
{
    while (at->ready_at == at->ready_count) {
        if (at->rest.n == 0)
            return false;
        ready_fill(at);
    }
    *c = at->ready[at->ready_at];
    return true;
}

bool wordpiece_next(struct wordpiece *at, struct wordpiece_word *word)
{
    size_t characters = 0;
    word->n = 0;
    word->too_long = word->punctuation = false;
    for (uint32_t c; ready_peek(at, &c); at->ready_at++) {
        bool space = is_space(c), mark = !space && is_punctuation(c);
        if ((space || mark) && characters > 0)
            return true;
        if (space)
            continue;
        word->too_long = ++characters > WORD_CHARACTERS_MAX;
        if (!word->too_long)
            word->n += utf8_put(word->bytes + word->n, c);
        if (mark) {
            word->punctuation = true;
            at->ready_at++;
            return true;
        }
    }
    return characters > 0;
}

/* The longest piece at the front of s; its length in *used. */
static int32_t longest_piece(const struct vocabulary *v, bool continues, struct span s, size_t *used)
{
    uint32_t hashes[WORD_CHARACTERS_MAX * 4 + 1];
    size_t most = s.n < v->longest ? s.n : v->longest;
    hashes[0] = vocabulary_hash_start(continues);
    for (size_t i = 0; i < most; i++)
        hashes[i + 1] = vocabulary_hash_add(hashes[i], s.p[i]);
    for (size_t n = most; n > 0; n--) {
        int32_t id = vocabulary_find(v, continues, (struct span){s.p, n}, hashes[n]);
        if (id >= 0) {
            *used = n;
            return id;
        }
    }
    return -1;
}

size_t wordpiece_split(const struct vocabulary *v, const struct wordpiece_word *word, uint32_t ids[WORD_CHARACTERS_MAX])
{
    struct span rest = {word->bytes, word->n};
    size_t count = 0, used;
    while (rest.n && !word->too_long && count < WORD_CHARACTERS_MAX) {
        int32_t id = longest_piece(v, count > 0, rest, &used);
        if (id < 0)
            break;
        ids[count++] = (uint32_t)id;
        rest = span_skip(rest, used);
    }
    if (rest.n == 0 && count > 0)
        return count;
    ids[0] = v->unk;
    return 1;
}
