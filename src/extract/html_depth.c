/* Counting open elements and attributes in the bytes of a page: tags are found, nothing is repaired. */
#include "extract/html_depth.h"

#include <string.h>

#include "base/map.h"

enum { NAME_MAX_BYTES = 32 };

struct depth {
    struct span rest;
    struct map *open; /* name → elements of it that are open */
    int64_t total;
    int64_t attributes; /* of the tag with the most of them so far */
};

struct tag {
    char name[NAME_MAX_BYTES]; /* in lower case, cut */
    size_t length;
    bool ends;        /* </name> */
    bool ends_itself; /* <name/> */
};

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_space(char c)
{
    return c == ' ' || (c >= 9 && c <= 13);
}

static struct span name_of(const struct tag *t)
{
    return (struct span){t->name, t->length};
}

static bool is_uncounted(struct span name)
{
    static const char *const names[] = {"html",   "head",   "body",   "p",        "li",     "td",    "tr",     "th",     "thead", "tbody", "tfoot", "colgroup",
                                        "dt",     "dd",     "rp",     "rt",       "br",     "img",   "hr",     "input",  "meta",  "link",  "area",  "base",
                                        "col",    "embed",  "param",  "source",   "a",      "b",     "track",  "wbr",    "i",     "u",     "em",    "strong",
                                        "font",   "big",    "small",  "s",        "strike", "tt",    "code",   "nobr",   "frame", "span",  "sup",   "sub",
                                        "option", "keygen", "center", "optgroup", "button", "image", "spacer", "bgsound"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (span_eq(name, span_of(names[i])))
            return true;
    return false;
}

static void skip_past(struct span *s, struct span what)
{
    ptrdiff_t at = span_find(*s, what);
    *s = at < 0 ? (struct span){s->p + s->n, 0} : span_skip(*s, (size_t)at + what.n);
}

/* To the end of the tag, over quoted values. */
static void skip_attributes(struct depth *d, struct tag *t)
{
    char quote = 0, before = 0;
    int64_t attributes = 0;
    size_t i = 0;
    for (; i < d->rest.n; i++) {
        char c = d->rest.p[i];
        if (quote)
            quote = c == quote ? '\0' : quote;
        else if (c == '>')
            break;
        else if ((c == '"' || c == '\'') && before == '=')
            quote = c;
        else if (!is_space(c) && (i == 0 || is_space(d->rest.p[i - 1]) || strchr("\"'/", d->rest.p[i - 1])))
            attributes++;
        before = c == ' ' ? before : c;
    }
    t->ends_itself = before == '/';
    d->attributes = attributes > d->attributes ? attributes : d->attributes;
    d->rest = span_skip(d->rest, i < d->rest.n ? i + 1 : i);
}

/* The next tag; false at the end. Comments are passed over. */
static bool take_tag(struct depth *d, struct tag *t)
{
    const char *at;
    while (d->rest.n && (at = memchr(d->rest.p, '<', d->rest.n))) {
        d->rest = span_skip(d->rest, (size_t)(at - d->rest.p));
        if (span_starts(d->rest, SPAN("<!--"))) {
            skip_past(&d->rest, SPAN("-->"));
            continue;
        }
        *t = (struct tag){.ends = d->rest.n > 1 && d->rest.p[1] == '/'};
        d->rest = span_skip(d->rest, t->ends ? 2 : 1);
        if (!d->rest.n || !is_letter(d->rest.p[0]))
            continue;
        size_t n = 0;
        for (; n < d->rest.n && !memchr(" \t\r\n\f/>", d->rest.p[n], 7); n++)
            if (n < NAME_MAX_BYTES)
                t->name[t->length++] = (char)(is_letter(d->rest.p[n]) ? d->rest.p[n] | 32 : d->rest.p[n]);
        d->rest = span_skip(d->rest, n);
        skip_attributes(d, t);
        return true;
    }
    return false;
}

/* True when the tag was a script or a style: they hold no tags, whatever looks like one. */
static bool skip_raw_text(struct depth *d, const struct tag *t)
{
    bool script = span_eq(name_of(t), SPAN("script"));
    if (!script && !span_eq(name_of(t), SPAN("style")))
        return false;
    if (!t->ends)
        skip_past(&d->rest, script ? SPAN("</script") : SPAN("</style"));
    return true;
}

static bool in_drawing(const struct depth *d)
{
    uint64_t open = 0;
    return (map_get(d->open, SPAN("svg"), &open) && open) || (map_get(d->open, SPAN("math"), &open) && open);
}

static void count_tag(struct depth *d, const struct tag *t)
{
    uint64_t open = 0;
    map_get(d->open, name_of(t), &open);
    if (t->ends ? open == 0 : t->ends_itself && in_drawing(d))
        return;
    if (map_put(d->open, name_of(t), t->ends ? open - 1 : open + 1))
        d->total += t->ends ? -1 : 1;
}

bool html_is_too_complex(struct span page)
{
    struct depth d = {.rest = page, .open = map_new()};
    struct tag t;
    while (d.open && d.total <= HTML_DEPTH_MAX && d.attributes <= HTML_ATTRIBUTES_MAX && take_tag(&d, &t)) {
        if (skip_raw_text(&d, &t))
            continue;
        if (!is_uncounted(name_of(&t)))
            count_tag(&d, &t);
    }
    map_free(d.open);
    return d.total > HTML_DEPTH_MAX || d.attributes > HTML_ATTRIBUTES_MAX;
}
