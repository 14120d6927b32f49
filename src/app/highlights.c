/* Marks and ranges. */
#include "app/highlights.h"

#include "base/utf8.h"

uint64_t term_hash(struct span term)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325); /* FNV-1a */
    for (size_t i = 0; i < term.n; i++)
        hash = (hash ^ (unsigned char)term.p[i]) * UINT64_C(0x100000001b3);
    return hash;
}

/* Byte offsets of a text → code points; cheap when asked in ascending order. */
struct counter {
    struct span text;
    size_t byte;
    uint32_t code_points;
};

static uint32_t count_to(struct counter *c, size_t byte)
{
    if (byte < c->byte)
        c->byte = 0, c->code_points = 0;
    for (; c->byte < byte && c->byte < c->text.n; c->byte++)
        c->code_points += ((unsigned char)c->text.p[c->byte] & 0xC0) != 0x80;
    return c->code_points;
}

bool word_marks(struct span text, struct language language, struct arena *arena, struct word_mark **marks, size_t *count)
{
    struct word *words;
    size_t word_count;
    *count = 0;
    if (!words_split(text, language, arena, &words, &word_count))
        return false;
    *marks = arena_array(arena, word_count, sizeof **marks);
    if (!*marks)
        return false;
    struct counter starts = {.text = text}, ends = {.text = text};
    for (size_t i = 0; i < word_count; i++) {
        if (!words[i].stop)
            (*marks)[(*count)++] = (struct word_mark){term_hash(words[i].term), count_to(&starts, words[i].start), count_to(&ends, words[i].end)};
    }
    return true;
}

/* ---- the question ---- */

/* The top 8 bits of a hash choose its bit. */
static uint64_t bit_of(uint64_t hash)
{
    return UINT64_C(1) << (hash >> 56 & 63);
}

size_t term_set_find(const struct term_set *set, uint64_t hash)
{
    size_t i = set->filter[hash >> 62] & bit_of(hash) ? 0 : set->count;
    while (i < set->count && set->hashes[i] != hash)
        i++;
    return i;
}

static void add_terms(struct term_set *set, const struct query_terms *terms)
{
    for (size_t i = 0; i < terms->count; i++) {
        uint64_t hash = term_hash(terms->terms[i]);
        if (term_set_find(set, hash) < set->count)
            continue;
        set->terms[set->count] = terms->terms[i];
        set->hashes[set->count++] = hash;
        set->filter[hash >> 62] |= bit_of(hash);
    }
}

bool term_set_make(const struct query_words *words, struct arena *arena, struct term_set *set)
{
    size_t all = 0;
    for (size_t i = 0; i < words->count; i++)
        all += words->sets[i].count;
    *set = (struct term_set){.terms = arena_array(arena, all, sizeof *set->terms), .hashes = arena_array(arena, all, sizeof *set->hashes)};
    for (size_t i = 0; set->terms && set->hashes && i < words->count; i++)
        add_terms(set, &words->sets[i]);
    return set->terms && set->hashes;
}

/* ---- ranges ---- */

/* Words overlap where a code gives its parts too, or a script gives bigrams: ranges that touch become one. */
static void add_range(struct text_range *ranges, size_t *count, const struct word_mark *m)
{
    struct text_range *last = *count ? &ranges[*count - 1] : NULL;
    if (last && m->start <= last->end)
        last->end = m->end > last->end ? m->end : last->end;
    else
        ranges[(*count)++] = (struct text_range){m->start, m->end};
}

bool highlights_find(const struct word_mark *marks, size_t count, const struct term_set *set, struct arena *arena, struct text_range **ranges,
                     size_t *range_count)
{
    size_t found = 0;
    for (size_t i = 0; i < count; i++)
        found += term_set_find(set, marks[i].term) < set->count;
    *range_count = 0;
    *ranges = arena_array(arena, found, sizeof **ranges);
    for (size_t i = 0; *ranges && i < count; i++) {
        if (term_set_find(set, marks[i].term) < set->count)
            add_range(*ranges, range_count, &marks[i]);
    }
    return *ranges;
}
