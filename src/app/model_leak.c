/* A run of words that stands in the rules: its first bytes pass, the next are held, and a run that grows long is dropped from there on. */
#include "app/model_leak.h"

#include <string.h>

#include "base/utf8.h"

void leak_init(struct leak *l, struct span rules)
{
    *l = (struct leak){.rules = rules};
}

static char plain(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c == '\n' || c == '\t' ? ' ' : c;
}

static bool is_word(char c)
{
    return (unsigned char)c >= 0x80 || (c >= '0' && c <= '9') || (plain(c) >= 'a' && plain(c) <= 'z');
}

/* Whether the rules go on with the code point behind the run that stands at `at`. */
static bool goes_on(const struct leak *l, const char *at, struct span point)
{
    size_t left = (size_t)(l->rules.p + l->rules.n - at);
    if (left < l->run + point.n)
        return false;
    for (size_t i = 0; i < point.n; i++)
        if (plain(at[l->run + i]) != plain(point.p[i]))
            return false;
    return true;
}

static bool same_run(const struct leak *l, const char *at)
{
    for (size_t i = 0; i < l->run; i++)
        if (plain(at[i]) != plain(l->at[i]))
            return false;
    return true;
}

/* Moves the run to another place of the rules that goes on so; false when there is none. */
static bool move_run(struct leak *l, struct span point)
{
    for (const char *at = l->at + 1; at + l->run < l->rules.p + l->rules.n; at++) {
        if (goes_on(l, at, point) && same_run(l, at)) {
            l->at = at;
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
    l->at = NULL;
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

/* The first place where a word begins with this letter; move_run finds the right one later. */
static void begin_run(struct leak *l, char c)
{
    l->run = 0;
    for (const char *at = l->rules.p; at < l->rules.p + l->rules.n; at++) {
        bool at_word = at == l->rules.p || !is_word(at[-1]);
        if (at_word && plain(*at) == plain(c)) {
            l->at = at;
            return;
        }
    }
}

static void put(struct leak *l, struct span point, struct buf *out)
{
    bool word = is_word(point.p[0]);
    if (l->at && !goes_on(l, l->at, point) && !move_run(l, point))
        end_run(l, out);
    if (l->parts && word)
        buf_char(out, ' ');
    l->parts = false;
    if (!l->at && word && !l->in_word)
        begin_run(l, point.p[0]);
    if (l->at && goes_on(l, l->at, point))
        grow(l, point, out);
    else {
        end_run(l, out);
        buf_span(out, point);
    }
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
