/* Pairs and where they stand. The figures are flat around what was chosen (a share of 0.1 to 0.3; 2 to 10 code points) and help six of seven labelled sets. */
#include "app/nearness.h"

#include <string.h>

#include "app/small_index.h"
#include "base/utf8.h"
#include "text/segment.h"

enum { DEPTH = 16, DEPTH_QUOTED = 64, APART = 6, APART_MORE = 1 }; /* APART: one short word, such as "of the" has two of */

static const double share_near = 0.2, share_quoted = 0.6, quoted_weight = 4;

/* ---- quotations ---- */

/* The mark that ends what this one begins; 0 when it begins nothing. */
static uint32_t closing_of(uint32_t c)
{
    static const uint32_t marks[][2] = {{'"', '"'}, {0x201C, 0x201D}, {0x201E, 0x201C}, {0xAB, 0xBB}, {0xBB, 0xAB}, {0x300C, 0x300D}};
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++) {
        if (marks[i][0] == c)
            return marks[i][1];
    }
    return 0;
}

/* The next quotation from byte *at on: its bytes without the marks; *at then behind it. False when there is none. */
static bool next_quotation(struct span text, size_t *at, size_t *start, size_t *end)
{
    for (uint32_t closing = 0, c; *at < text.n;) {
        size_t here = *at;
        *at += utf8_next(span_skip(text, here), &c);
        if (closing && c == closing) {
            *end = here;
            return true;
        }
        if (!closing && (closing = closing_of(c)) != 0)
            *start = *at;
    }
    return false;
}

static bool is_quoted(struct span text, size_t from, size_t to)
{
    size_t at = 0, start, end;
    while (next_quotation(text, &at, &start, &end)) {
        if (start <= from && to <= end)
            return true;
    }
    return false;
}

size_t nearness_depth(struct span question)
{
    size_t at = 0, start, end;
    return next_quotation(question, &at, &start, &end) ? DEPTH_QUOTED : DEPTH;
}

/* ---- pairs ---- */

static bool is_spaced(struct span text, const struct word *w)
{
    uint32_t c;
    utf8_next(span_skip(text, w->start), &c);
    return char_class_of(c) != CHAR_DENSE;
}

static void add_pair(struct nearness *n, const struct lexical *lexical, struct span text, const struct word *a, const struct word *b)
{
    size_t first = term_set_find(n->terms, term_hash(a->term)), second = term_set_find(n->terms, term_hash(b->term));
    if (n->count == NEARNESS_PAIRS || first >= n->terms->count || second >= n->terms->count || first == second || first > UINT16_MAX || second > UINT16_MAX)
        return;
    bool quoted = is_quoted(text, a->start, b->end);
    double rarer = small_index_idf(lexical, a->term), other = small_index_idf(lexical, b->term);
    size_t between = b->start > a->end ? utf8_length((struct span){text.p + a->end, b->start - a->end}) : 0;
    struct word_pair *p = &n->pairs[n->count++];
    *p = (struct word_pair){(uint16_t)first, (uint16_t)second, quoted, quoted ? (uint32_t)between + APART_MORE : APART, rarer < other ? rarer : other};
    p->weight *= quoted ? quoted_weight : 1;
    n->mass += p->weight;
    n->share = quoted ? share_quoted : n->share;
}

bool nearness_make(const struct index_entry *entry, struct span question, const struct query_words *words, const struct term_set *terms, struct arena *arena,
                   struct nearness *out)
{
    const struct word *before = NULL;
    out->terms = terms;
    out->count = 0;
    out->mass = 0;
    out->share = share_near;
    out->ends = arena_array(arena, terms->count, sizeof *out->ends);
    for (size_t i = 0; out->ends && i < words->asked_count; i++) {
        const struct word *w = &words->asked[i];
        if (w->stop || w->whole || !w->term.n)
            continue;
        if (!is_spaced(question, w)) {
            before = NULL;
            continue;
        }
        if (before)
            add_pair(out, index_lexical(entry), question, before, w);
        before = w;
    }
    return out->ends;
}

/* ---- passages ---- */

/* Whether the term, which starts there, follows the other one of a pair closely enough. ends: where each was last seen to end. */
static bool closes(const struct nearness *n, const struct word_pair *p, size_t term, uint32_t start)
{
    size_t other = term == p->second ? p->first : p->second;
    if ((term != p->second && (term != p->first || p->quoted)) || n->ends[other] == UINT32_MAX)
        return false;
    return start >= n->ends[other] && start - n->ends[other] <= p->apart;
}

double nearness_of(const struct nearness *n, const struct word_mark *marks, size_t count)
{
    uint64_t met = 0;
    double held = 0;
    memset(n->ends, 0xFF, n->terms->count * sizeof *n->ends);
    for (size_t i = 0; n->count && i < count; i++) {
        size_t term = term_set_find(n->terms, marks[i].term);
        if (term == n->terms->count)
            continue;
        for (size_t k = 0; k < n->count; k++)
            met |= closes(n, &n->pairs[k], term, marks[i].start) ? UINT64_C(1) << k : 0;
        n->ends[term] = marks[i].end;
    }
    for (size_t k = 0; k < n->count; k++)
        held += met >> k & 1 ? n->pairs[k].weight : 0;
    return n->mass > 0 ? held / n->mass : 0;
}
