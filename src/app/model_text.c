/* One look at the beginning of what is held: how many bytes are decided, and what is shown for them. */
#include "app/model_text.h"

#include <string.h>

#include "base/utf8.h"

enum { MORE = 0, MARKER_MAX = 40, NUMBERS_MAX = 8, BLANKS_MAX = 32 };

/* What an address of the web begins with. */
static const char *const addresses[] = {"http://", "https://", "ftp://", "ftps://", "www."};
static const char removed[] = "(link removed)";

void model_text_init(struct model_text *t, size_t sources, struct span mark, struct span rules)
{
    *t = (struct model_text){.sources = sources, .mark = mark, .line_began = true};
    leak_init(&t->leak, rules);
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\n' || c == '\t';
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_word(char c)
{
    return is_letter(c) || is_digit(c);
}

/* Whether a would join b, which stood apart or behind something that was taken out, to what a reader takes for a tag, an image or an address. */
static bool must_part(const struct model_text *t, char a, char b)
{
    if (a == '<')
        return is_letter(b) || b == '/' || b == '!' || b == '?';
    if (a == ']')
        return b == '(';
    if (a == '!' || (a == ':' && t->gap))
        return b == (a == '!' ? '[' : '/');
    return t->gap && ((is_word(a) && is_word(b)) || (a == '[' && is_digit(b)) || ((a == 'w' || a == 'W') && b == '.'));
}

static void show(struct model_text *t, struct span text, struct buf *out)
{
    if (!text.n)
        return;
    if (must_part(t, t->last, text.p[0]))
        leak_put(&t->leak, SPAN(" "), out);
    leak_put(&t->leak, text, out);
    for (size_t i = 0; i < text.n; i++)
        t->line_began = text.p[i] == '\n' || (t->line_began && is_blank(text.p[i]));
    t->last = text.p[text.n - 1];
    t->gap = false;
}

/* ---- numbers in square brackets ---- */

struct marker {
    size_t bytes; /* 0: none */
    bool open;    /* it may still become one */
    size_t numbers[NUMBERS_MAX], count;
    bool digits;
};

static void take_number(const struct model_text *t, struct marker *m, struct span digits)
{
    int64_t number;
    if (m->count < NUMBERS_MAX && span_to_int(digits, 1, (int64_t)t->sources, &number))
        m->numbers[m->count++] = (size_t)number;
}

/* "[1]", "[2, 9]": the numbers that name a passage. */
static struct marker read_marker(const struct model_text *t, struct span s)
{
    struct marker m = {0};
    size_t i = 1, from = 1;
    for (; i < s.n && i < MARKER_MAX && (is_digit(s.p[i]) || s.p[i] == ',' || s.p[i] == ' '); i++) {
        m.digits = m.digits || is_digit(s.p[i]);
        if (!is_digit(s.p[i])) {
            take_number(t, &m, (struct span){s.p + from, i - from});
            from = i + 1;
        }
    }
    m.open = i == s.n && i < MARKER_MAX;
    if (i < s.n && s.p[i] == ']' && m.digits) {
        take_number(t, &m, (struct span){s.p + from, i - from});
        m.bytes = i + 1;
    }
    return m;
}

static void show_marker(struct model_text *t, const struct marker *m, struct buf *out)
{
    struct buf text;
    buf_init(&text, 4 * MARKER_MAX);
    for (size_t i = 0; i < m->count; i++)
        buf_printf(&text, "%s%zu", i ? ", " : "[", m->numbers[i]);
    if (m->count)
        buf_char(&text, ']');
    t->gap = true;
    show(t, buf_view(&text), out);
    buf_free(&text);
}

static size_t at_bracket(struct model_text *t, struct span s, bool end, struct buf *out)
{
    struct marker m = read_marker(t, s);
    if (m.open && !end)
        return MORE;
    t->bracket = t->line_began;
    if (!m.bytes)
        show(t, SPAN("["), out);
    else
        show_marker(t, &m, out);
    return m.bytes ? m.bytes : 1;
}

/* White space in front of a marker that names nothing goes with it, but for line breaks. */
static size_t at_blank(struct model_text *t, struct span s, bool end, struct buf *out)
{
    size_t n = 1;
    bool breaks = s.p[0] == '\n';
    for (; n < s.n && is_blank(s.p[n]); n++)
        breaks = breaks || s.p[n] == '\n';
    if (n == s.n && end)
        return n;
    if (n == s.n && n < BLANKS_MAX)
        return MORE;
    struct marker m = {0};
    if (n < s.n && s.p[n] == '[')
        m = read_marker(t, span_skip(s, n));
    if (m.open && !end)
        return MORE;
    bool goes = !t->last || (m.bytes && !m.count && !breaks);
    if (!goes)
        show(t, (struct span){s.p, n}, out);
    return n;
}

/* ---- links ---- */

/* Whether s begins with the word, whatever the case; *open: it may still. */
static bool begins(struct span s, struct span word, bool *open)
{
    size_t n = s.n < word.n ? s.n : word.n;
    bool same = span_eq_nocase((struct span){s.p, n}, (struct span){word.p, n});
    *open = *open || (same && n < word.n);
    return same && n == word.n;
}

static size_t skip_address(struct model_text *t, size_t bytes, struct buf *out)
{
    show(t, span_of(removed), out);
    t->state = MODEL_SKIPS_ADDRESS;
    t->last = '/';
    return bytes;
}

/* In the midst of a word too: what stands in front may not count for whoever looks for addresses. */
static size_t at_letter(struct model_text *t, struct span s, bool end, struct buf *out)
{
    bool open = false;
    for (size_t i = 0; i < sizeof addresses / sizeof *addresses; i++)
        if (begins(s, span_of(addresses[i]), &open))
            return skip_address(t, strlen(addresses[i]), out);
    if (t->mark.n && begins(s, t->mark, &open)) {
        t->gap = true;
        return t->mark.n;
    }
    if (open && !end)
        return MORE;
    show(t, (struct span){s.p, 1}, out);
    return 1;
}

/* An address ends with white space, a bracket or a quotation mark; the sentence's point behind it stays. */
static size_t in_address(struct model_text *t, char c, struct buf *out)
{
    if (!is_blank(c) && !strchr("()<>[]{}\"'`|", c)) {
        t->last = c;
        return 1;
    }
    char point = t->last;
    t->state = MODEL_SHOWS;
    t->last = ')';
    if (strchr(".,;:!?", point))
        show(t, (struct span){&point, 1}, out);
    return 0;
}

/* "](…)": what stands in the round brackets is dropped, up to the end of the line at most. */
static size_t in_target(struct model_text *t, char c)
{
    t->depth += (c == '(') - (c == ')');
    if (t->depth == 0 || c == '\n')
        t->state = MODEL_SHOWS;
    return c == '\n' ? 0 : 1;
}

static size_t at_sign(struct model_text *t, struct span s, bool end, struct buf *out)
{
    char c = s.p[0], next = s.n > 1 ? s.p[1] : '\0';
    if (c == '(' && t->last == ']') {
        t->state = MODEL_SKIPS_TARGET;
        t->depth = 0;
        return 0;
    }
    if (c == '!' && s.n == 1 && !end)
        return MORE;
    if (c == '!' && next == '[')
        return 1;
    if (c == ':') {
        bool open = false;
        if (begins(s, SPAN("://"), &open))
            return skip_address(t, 3, out);
        if (open && !end)
            return MORE;
        if (t->last == ']' && t->bracket) /* else "[a]: b" would say where a link leads */
            show(t, SPAN(" "), out);
    }
    show(t, (struct span){s.p, 1}, out);
    return 1;
}

/* ---- the course ---- */

static size_t at_other(struct model_text *t, struct span s, struct buf *out)
{
    uint32_t c;
    struct span point = {s.p, utf8_next(s, &c)};
    show(t, point, out);
    return point.n;
}

static size_t decide(struct model_text *t, struct span s, bool end, struct buf *out)
{
    char c = s.p[0];
    if (t->state == MODEL_SKIPS_TARGET)
        return in_target(t, c);
    if (is_blank(c))
        return at_blank(t, s, end, out);
    if (c == '[')
        return at_bracket(t, s, end, out);
    if (strchr("!:(", c))
        return at_sign(t, s, end, out);
    return is_letter(c) ? at_letter(t, s, end, out) : at_other(t, s, out);
}

/* Decides as much of what is held as can be. */
static void work(struct model_text *t, bool end, struct buf *out)
{
    size_t at = 0;
    while (at < t->held_count) {
        struct span s = {t->held + at, t->held_count - at};
        if (t->state == MODEL_SKIPS_ADDRESS) {
            at += in_address(t, s.p[0], out);
            continue;
        }
        bool skipped_target = t->state == MODEL_SKIPS_TARGET;
        size_t used = decide(t, s, end, out);
        if (used == 0 && !skipped_target && t->state == MODEL_SHOWS)
            break;
        at += used;
    }
    memmove(t->held, t->held + at, t->held_count - at);
    t->held_count -= at;
}

void model_text_feed(struct model_text *t, struct span text, struct buf *out)
{
    while (text.n) {
        uint32_t c;
        size_t used = utf8_next(text, &c);
        if (!utf8_is_hidden(c)) {
            if (t->held_count + used > sizeof t->held)
                work(t, false, out);
            if (t->held_count + used > sizeof t->held)
                work(t, true, out);
            memcpy(t->held + t->held_count, text.p, used);
            t->held_count += used;
        }
        text = span_skip(text, used);
    }
    work(t, false, out);
}

void model_text_end(struct model_text *t, struct buf *out)
{
    work(t, true, out);
    if (t->state == MODEL_SKIPS_ADDRESS)
        in_address(t, ' ', out);
    leak_end(&t->leak, out);
}
