/* Terms of a text: its words counted, and their storage form. */
#include <string.h>

#include "base/buf.h"
#include "text/words.h"

enum { TERM_BYTES_MIN = 3 }; /* in storage form: length, a letter, count */

static uint32_t hash(struct span s)
{
    uint32_t h = 0x811C9DC5u;
    for (size_t i = 0; i < s.n; i++)
        h = (h ^ (unsigned char)s.p[i]) * 0x01000193u;
    return h ^ h >> 15;
}

/* Open addressing over the terms; a slot holds the number of a term plus 1. */
struct table {
    uint32_t *slots;
    size_t mask;
    struct term *terms;
    size_t count;
};

static bool table_init(struct table *t, size_t words, struct arena *arena)
{
    size_t size = 16;
    while (size < words * 2)
        size *= 2;
    t->mask = size - 1;
    t->slots = arena_array(arena, size, sizeof *t->slots);
    t->terms = arena_array(arena, words ? words : 1, sizeof *t->terms);
    t->count = 0;
    return t->slots && t->terms;
}

static void table_count(struct table *t, struct span word)
{
    for (size_t i = hash(word) & t->mask;; i = (i + 1) & t->mask) {
        if (t->slots[i] == 0) {
            t->terms[t->count++] = (struct term){.word = word, .count = 1};
            t->slots[i] = (uint32_t)t->count;
            return;
        }
        struct term *term = &t->terms[t->slots[i] - 1];
        if (span_eq(term->word, word)) {
            term->count++;
            return;
        }
    }
}

bool words_terms(struct span text, struct language language, struct arena *arena, struct term **terms, size_t *count, uint32_t *length)
{
    *terms = NULL;
    *count = 0;
    *length = 0;
    struct word *words;
    size_t n;
    struct table table;
    if (!words_split(text, language, arena, &words, &n) || !table_init(&table, n, arena))
        return false;
    for (size_t i = 0; i < n; i++) {
        if (words[i].stop)
            continue;
        table_count(&table, words[i].term);
        *length += !words[i].whole;
    }
    *terms = table.terms;
    *count = table.count;
    return true;
}

static void put_varint(struct buf *out, uint64_t value)
{
    for (; value >= 0x80; value >>= 7)
        buf_char(out, (char)(value | 0x80));
    buf_char(out, (char)value);
}

/* Reads a value up to UINT32_MAX; false at the end of the bytes or above. */
static bool take_varint(struct span *bytes, uint32_t *value)
{
    uint64_t sum = 0;
    for (unsigned shift = 0; shift < 35; shift += 7) {
        if (bytes->n == 0)
            return false;
        unsigned char b = (unsigned char)bytes->p[0];
        *bytes = span_skip(*bytes, 1);
        sum |= (uint64_t)(b & 0x7F) << shift;
        if (b < 0x80) {
            *value = (uint32_t)sum;
            return sum <= UINT32_MAX;
        }
    }
    return false;
}

bool terms_encode(const struct term *terms, size_t count, struct buf *out)
{
    for (size_t i = 0; i < count; i++) {
        put_varint(out, terms[i].word.n);
        buf_span(out, terms[i].word);
        put_varint(out, terms[i].count);
    }
    return !out->failed;
}

static bool take_term(struct span *bytes, struct term *term)
{
    uint32_t length;
    if (!take_varint(bytes, &length) || length == 0 || length > bytes->n)
        return false;
    term->word = (struct span){bytes->p, length};
    *bytes = span_skip(*bytes, length);
    return take_varint(bytes, &term->count) && term->count > 0;
}

bool terms_decode(struct span bytes, struct arena *arena, struct term **terms, size_t *count)
{
    size_t n = 0;
    struct term *list = arena_array(arena, bytes.n / TERM_BYTES_MIN + 1, sizeof *list);
    *terms = NULL;
    *count = 0;
    if (!list)
        return false;
    for (; bytes.n; n++) {
        if (!take_term(&bytes, &list[n]))
            return false;
    }
    *terms = list;
    *count = n;
    return true;
}
