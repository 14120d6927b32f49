/* Markers and the words they stand behind. */
#include "app/citations.h"

#include "base/utf8.h"
#include "text/sentences.h"

enum { CITATIONS_MAX = 100, NUMBERS_MAX = 8 };

struct reading {
    struct span answer;
    size_t source_count;
    struct answer_citation *list;
    size_t count;
    struct span claim; /* the words that the next marker cites; n 0: none yet */
};

/* "[1]", "[1, 2]" at the beginning of s: its length, and the numbers. 0 when there is none. */
static size_t marker_at(struct span s, size_t numbers[NUMBERS_MAX], size_t *count)
{
    struct span inside, rest, number;
    int64_t value;
    *count = 0;
    if (!span_starts(s, SPAN("[")) || !span_cut(span_skip(s, 1), ']', &inside, &rest))
        return 0;
    size_t length = inside.n + 2;
    for (bool more = true; more;) {
        more = span_cut(inside, ',', &number, &inside);
        if (*count == NUMBERS_MAX || !span_to_int(span_trim(number), 0, 9999, &value))
            return 0;
        numbers[(*count)++] = (size_t)value;
    }
    return length;
}

static bool says_something(struct span s)
{
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        if (c >= 0x80 || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'))
            return true;
    }
    return false;
}

static bool is_known(const struct reading *r, const struct answer_citation *c)
{
    for (size_t i = 0; i < r->count; i++)
        if (r->list[i].start == c->start && r->list[i].source == c->source)
            return true;
    return false;
}

static void cite(struct reading *r, size_t number)
{
    if (number < 1 || number > r->source_count || !r->claim.n || r->count == CITATIONS_MAX)
        return;
    struct answer_citation c = {.start = (int64_t)utf8_length((struct span){r->answer.p, (size_t)(r->claim.p - r->answer.p)}), .source = number - 1};
    c.end = c.start + (int64_t)utf8_length(r->claim);
    if (!is_known(r, &c))
        r->list[r->count++] = c;
}

static void read_sentence(struct reading *r, struct span sentence)
{
    size_t from = 0, at = 0, numbers[NUMBERS_MAX], count;
    while (at < sentence.n) {
        size_t length = marker_at(span_skip(sentence, at), numbers, &count);
        if (!length) {
            at++;
            continue;
        }
        struct span words = {sentence.p + from, at - from};
        if (says_something(words))
            r->claim = span_trim(words);
        for (size_t i = 0; i < count; i++)
            cite(r, numbers[i]);
        from = at += length;
    }
    struct span rest = span_trim(span_skip(sentence, from));
    if (says_something(rest))
        r->claim = rest;
}

bool citations_read(struct span answer, size_t source_count, struct arena *arena, struct answer_citation **list, size_t *count)
{
    struct span *sentences;
    size_t sentence_count;
    struct reading r = {.answer = answer, .source_count = source_count, .list = arena_array(arena, CITATIONS_MAX, sizeof *r.list)};
    if (!r.list || !sentences_split(answer, arena, &sentences, &sentence_count))
        return false;
    for (size_t i = 0; i < sentence_count; i++)
        read_sentence(&r, sentences[i]);
    *list = r.list;
    *count = r.count;
    return true;
}
