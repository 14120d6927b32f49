/* A run of words that stands in the rules: its first bytes pass, the next are held, and a run that grows long is dropped from there on. */
#include "app/model_leak.h"

#include <string.h>

#include "base/utf8.h"

static char plain(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c == '\n' || c == '\t' ? ' ' : c;
}

static bool is_word(char c)
{
    return (unsigned char)c >= 0x80 || (c >= '0' && c <= '9') || (plain(c) >= 'a' && plain(c) <= 'z');
}

void leak_init(struct leak *l, struct span rules)
{
    l->rules = (struct span){rules.p, rules.n <= UINT16_MAX ? rules.n : UINT16_MAX};
    l->count = l->run = l->held_count = 0;
    l->parts = l->in_word = false;
    for (size_t i = 0; i < l->rules.n && l->count < LEAK_WORDS; i++)
        if (is_word(rules.p[i]) && (i == 0 || !is_word(rules.p[i - 1])))
            l->starts[l->count++] = (uint16_t)i;
    l->place = l->count;
}

/* Whether the rules go on with the code point behind the run, were it to begin with that word. */
static bool goes_on(const struct leak *l, size_t place, struct span point)
{
    size_t from = l->starts[place] + l->run;
    if (l->rules.n < from + point.n)
        return false;
    for (size_t i = 0; i < point.n; i++)
        if (plain(l->rules.p[from + i]) != plain(point.p[i]))
            return false;
    return true;
}

static bool same_run(const struct leak *l, size_t place)
{
    const char *a = l->rules.p + l->starts[place], *b = l->rules.p + l->starts[l->place];
    for (size_t i = 0; i < l->run; i++)
        if (plain(a[i]) != plain(b[i]))
            return false;
    return true;
}

/* Moves the run to a later word of the rules from which they go on so; false when there is none. */
static bool move_run(struct leak *l, struct span point)
{
    for (size_t place = l->place + 1; place < l->count; place++) {
        if (goes_on(l, place, point) && same_run(l, place)) {
            l->place = place;
            return true;
        }
    }
    return false;
}

static void end_run(struct leak *l, struct buf *out)
{
    l->parts = l->run >= LEAK_BYTES;
    if (!l->parts)
        buf_put(out, l->held, l->held_count);
    l->held_count = l->run = 0;
    l->place = l->count;
}

static void grow(struct leak *l, struct span point, struct buf *out)
{
    l->run += point.n;
    if (l->run <= LEAK_SUSPECT) {
        buf_span(out, point);
    } else if (l->run < LEAK_BYTES) {
        memcpy(l->held + l->held_count, point.p, point.n);
        l->held_count += point.n;
    }
}

/* The first word with this letter; move_run finds the right one later. */
static void begin_run(struct leak *l, struct span point)
{
    l->run = 0;
    for (l->place = 0; l->place < l->count && !goes_on(l, l->place, point);)
        l->place++;
}

static void put(struct leak *l, struct span point, struct buf *out)
{
    bool word = is_word(point.p[0]);
    if (l->place < l->count && !goes_on(l, l->place, point) && !move_run(l, point))
        end_run(l, out);
    if (l->parts && word)
        buf_char(out, ' ');
    l->parts = false;
    if (l->place == l->count && word && !l->in_word)
        begin_run(l, point);
    if (l->place < l->count)
        grow(l, point, out);
    else
        buf_span(out, point);
    l->in_word = word;
}

void leak_put(struct leak *l, struct span text, struct buf *out)
{
    while (text.n) {
        uint32_t c;
        struct span point = {text.p, utf8_next(text, &c)};
        put(l, point, out);
        text = span_skip(text, point.n);
    }
}

void leak_end(struct leak *l, struct buf *out)
{
    end_run(l, out);
}
