/* The text of a quoted answer. */
#include "app/answer_text.h"

#include <string.h>

#include "base/utf8.h"

enum { PIECE_BYTES = 256 };

static struct span quoted(const struct passages *passages, const struct quote *q)
{
    return (struct span){passages->list[q->passage].chunk.text.p + q->start, q->end - q->start};
}

static size_t joined_size(const struct passages *passages, const struct quotes *quotes)
{
    size_t n = 0;
    for (size_t i = 0; i < quotes->count; i++)
        n += quoted(passages, &quotes->list[i]).n + 1;
    return n;
}

bool answer_compose(const struct passages *passages, const struct quotes *quotes, struct arena *arena, struct answer_text *out)
{
    char *p = arena_alloc(arena, joined_size(passages, quotes));
    out->citations = arena_array(arena, quotes->count, sizeof *out->citations);
    out->count = quotes->count;
    if (!p || !out->citations)
        return false;
    size_t n = 0;
    int64_t at = 0;
    for (size_t i = 0; i < quotes->count; i++) {
        const struct quote *q = &quotes->list[i];
        struct span text = quoted(passages, q);
        if (i) {
            p[n++] = q->own_line || q[-1].own_line ? '\n' : ' ';
            at++;
        }
        memcpy(p + n, text.p, text.n);
        n += text.n;
        int64_t end = at + (int64_t)utf8_length(text);
        out->citations[i] = (struct answer_citation){.start = at, .end = end, .source = q->passage, .supported = true};
        at = end;
    }
    out->text = (struct span){p, n};
    return true;
}

static bool is_space(char c)
{
    return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

/* Back to the end of the word before, unless that would lose more than a quarter. */
static struct span end_at_word(struct span s)
{
    for (size_t n = s.n; n > s.n - s.n / 4; n--) {
        if (is_space(s.p[n - 1]))
            return (struct span){s.p, n - 1};
    }
    return s;
}

size_t answer_snippet_start(const struct passages *passages, size_t passage, const struct quotes *quotes)
{
    if (utf8_length(passages->list[passage].chunk.text) <= SNIPPET_CHARACTERS)
        return 0;
    for (size_t i = 0; i < quotes->count; i++) {
        if (quotes->list[i].passage == passage)
            return quotes->list[i].start;
    }
    return 0;
}

struct span answer_snippet_at(struct span text, size_t start)
{
    struct span from = span_skip(text, start);
    size_t n = utf8_offset(from, SNIPPET_CHARACTERS);
    return n == from.n ? from : end_at_word((struct span){from.p, n});
}

struct span answer_snippet(const struct passages *passages, size_t passage, const struct quotes *quotes)
{
    return answer_snippet_at(passages->list[passage].chunk.text, answer_snippet_start(passages, passage, quotes));
}

struct span answer_piece(struct span text)
{
    size_t n = 0;
    while (n < text.n && is_space(text.p[n]))
        n++;
    while (n < text.n && !is_space(text.p[n]))
        n++;
    struct span piece = utf8_clip((struct span){text.p, n}, PIECE_BYTES);
    return piece.n ? piece : (struct span){text.p, n < PIECE_BYTES ? n : PIECE_BYTES};
}
