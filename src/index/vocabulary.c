/* A scan of the shapes, then the distance to the few words that their shapes do not tell off. */
#include "index/vocabulary.h"

#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"

enum { LETTER_BITS = 26 }; /* of a shape; above them the number of letters, as far as it goes */

/* ---- the words ---- */

/* Where all scripts share the bits: a to z have one each. */
static uint32_t letter_bit(uint32_t c)
{
    return UINT32_C(1) << (c - 'a' < LETTER_BITS ? c - 'a' : c % LETTER_BITS);
}

static uint32_t shape_of(const uint32_t *letters, size_t count)
{
    uint32_t shape = (uint32_t)(count < 63 ? count : 63) << LETTER_BITS;
    for (size_t i = 0; i < count; i++)
        shape |= letter_bit(letters[i]);
    return shape;
}

/* The letters of a word, at most one more than VOCABULARY_LETTERS_MAX. */
static size_t letters_of(struct span word, uint32_t letters[VOCABULARY_LETTERS_MAX + 1])
{
    size_t count = 0;
    while (word.n && count <= VOCABULARY_LETTERS_MAX)
        word = span_skip(word, utf8_next(word, &letters[count++]));
    return count;
}

static bool reserve_words(struct vocabulary *v)
{
    if (v->count < v->capacity)
        return true;
    uint32_t capacity = v->capacity ? v->capacity * 2 : 16;
    uint32_t *ends = v->capacity <= UINT32_MAX / 16 ? realloc(v->ends, capacity * sizeof *ends) : NULL;
    if (!ends)
        return false;
    v->ends = ends;
    uint32_t *shapes = realloc(v->shapes, capacity * sizeof *shapes);
    if (!shapes)
        return false;
    v->shapes = shapes;
    v->capacity = capacity;
    return true;
}

static uint32_t used(const struct vocabulary *v)
{
    return v->count ? v->ends[v->count - 1] : 0;
}

static bool reserve_bytes(struct vocabulary *v, size_t n)
{
    if (n <= v->byte_capacity - used(v))
        return true;
    if (n > UINT32_MAX / 4 - used(v))
        return false;
    size_t capacity = (used(v) + n) * 3 / 2 + 64;
    char *bytes = realloc(v->bytes, capacity);
    if (!bytes)
        return false;
    v->bytes = bytes;
    v->byte_capacity = (uint32_t)capacity;
    return true;
}

bool vocabulary_add(struct vocabulary *v, struct span word)
{
    uint32_t letters[VOCABULARY_LETTERS_MAX + 1];
    if (!reserve_words(v) || !reserve_bytes(v, word.n))
        return false;
    uint32_t start = used(v);
    if (word.n)
        memcpy(v->bytes + start, word.p, word.n);
    v->shapes[v->count] = shape_of(letters, letters_of(word, letters));
    v->ends[v->count++] = start + (uint32_t)word.n;
    return true;
}

void vocabulary_clear(struct vocabulary *v)
{
    free(v->bytes);
    free(v->ends);
    free(v->shapes);
    *v = (struct vocabulary){0};
}

struct span vocabulary_word(const struct vocabulary *v, uint32_t number)
{
    uint32_t start = number ? v->ends[number - 1] : 0;
    return (struct span){v->bytes + start, v->ends[number] - start};
}

size_t vocabulary_bytes(const struct vocabulary *v)
{
    return v->byte_capacity + (size_t)v->capacity * (sizeof *v->ends + sizeof *v->shapes);
}

/* ---- near ones ---- */

static int least(int a, int b)
{
    return a < b ? a : b;
}

/* Optimal string alignment, row by row; more than `most` as soon as it must be. */
static int distance(const uint32_t *a, size_t a_count, const uint32_t *b, size_t b_count, int most)
{
    int rows[3][VOCABULARY_LETTERS_MAX + 2], *before = rows[0], *above = rows[1], *row = rows[2];
    for (size_t j = 0; j <= b_count; j++)
        above[j] = (int)j;
    for (size_t i = 1; i <= a_count; i++) {
        int best = row[0] = (int)i;
        for (size_t j = 1; j <= b_count; j++) {
            row[j] = least(least(above[j], row[j - 1]) + 1, above[j - 1] + (a[i - 1] != b[j - 1]));
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                row[j] = least(row[j], before[j - 2] + 1);
            best = least(best, row[j]);
        }
        if (best > most)
            return most + 1;
        int *next = before;
        before = above;
        above = row;
        row = next;
    }
    return above[b_count];
}

/* The fewest edits by which words of these shapes can differ: an edit changes the number of letters by one and which there are by two at most. */
static int edits_at_least(uint32_t x, uint32_t y)
{
    int more = (int)(x >> LETTER_BITS) - (int)(y >> LETTER_BITS), letters = __builtin_popcount((x ^ y) & ((UINT32_C(1) << LETTER_BITS) - 1));
    more = more < 0 ? -more : more;
    return more > (letters + 1) / 2 ? more : (letters + 1) / 2;
}

static bool same_first(struct span a, struct span b)
{
    return a.n && b.n && a.p[0] == b.p[0];
}

void vocabulary_near(const struct vocabulary *v, struct span word, int edits, void (*found)(void *context, uint32_t number, int edits), void *context)
{
    uint32_t own[VOCABULARY_LETTERS_MAX + 1], other[VOCABULARY_LETTERS_MAX + 1];
    size_t own_count = letters_of(word, own);
    uint32_t shape = shape_of(own, own_count), end = v->count < VOCABULARY_SCAN_MAX ? v->count : VOCABULARY_SCAN_MAX;
    if (own_count > VOCABULARY_LETTERS_MAX)
        return;
    for (uint32_t i = 0; i < end; i++) {
        if (edits_at_least(shape, v->shapes[i]) > edits)
            continue;
        struct span known = vocabulary_word(v, i);
        int most = same_first(word, known) ? edits : 1;
        size_t count = edits_at_least(shape, v->shapes[i]) <= most ? letters_of(known, other) : VOCABULARY_LETTERS_MAX + 1;
        int far = count <= VOCABULARY_LETTERS_MAX ? distance(own, own_count, other, count, most) : most + 1;
        if (far <= most)
            found(context, i, far);
    }
}
