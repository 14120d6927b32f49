/* Tags out of cells: elements that part lines leave a space, others nothing; the commonest entities are decoded. */
#include "text/cell.h"

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static bool is_html(struct span cell)
{
    static const char *const signs[] = {"</p>",  "</div>", "</li>",    "</ul>", "</ol>", "</span>", "</b>", "</i>",  "</a>",  "</strong>",
                                        "</em>", "</td>",  "</table>", "</h1>", "</h2>", "</h3>",   "<br>", "<br/>", "<br />"};
    for (size_t i = 0; i < sizeof signs / sizeof *signs; i++) {
        if (span_find(cell, span_of(signs[i])) >= 0)
            return true;
    }
    return false;
}

/* Bytes of the tag or comment that s begins with; 0 when it begins with none. */
static size_t tag_size(struct span s)
{
    bool opens = s.n > 2 && s.p[0] == '<' && ((s.p[1] | 32) >= 'a' || s.p[1] == '/' || s.p[1] == '!') && (s.p[1] | 32) <= 'z';
    ptrdiff_t end = opens ? span_find(s, SPAN(">")) : -1;
    return end < 0 ? 0 : (size_t)end + 1;
}

/* Whether the text before and after the tag belongs to one word. */
static bool is_inline(struct span tag)
{
    static const char *const names[] = {"a", "b", "i", "u", "em", "strong", "span", "sub", "sup", "font", "code"};
    struct span name = span_skip(tag, tag.p[1] == '/' ? 2 : 1);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct span known = span_of(names[i]);
        if (name.n > known.n && span_eq_nocase((struct span){name.p, known.n}, known) && (name.p[known.n] == '>' || is_space(name.p[known.n])))
            return true;
    }
    return false;
}

/* Bytes of the entity that s begins with, and what it stands for; 0 when it begins with none that is known. */
static size_t entity(struct span s, const char **meaning)
{
    static const char *const entities[][2] = {{"&amp;", "&"}, {"&lt;", "<"}, {"&gt;", ">"}, {"&quot;", "\""}, {"&#39;", "'"}, {"&apos;", "'"}, {"&nbsp;", " "}};
    for (size_t i = 0; i < sizeof entities / sizeof *entities; i++) {
        if (span_starts(s, span_of(entities[i][0]))) {
            *meaning = entities[i][1];
            return span_of(entities[i][0]).n;
        }
    }
    return 0;
}

/* One character, with spaces run together and none in front. */
static void put(struct buf *text, size_t start, char c)
{
    if (!is_space(c))
        buf_char(text, c);
    else if (text->n > start && text->p[text->n - 1] != ' ')
        buf_str(text, " ");
}

static void put_html(struct buf *text, struct span s)
{
    size_t start = text->n;
    while (s.n && !text->failed) {
        const char *meaning = "";
        size_t tag = tag_size(s), known = tag ? 0 : entity(s, &meaning);
        if (tag && !is_inline((struct span){s.p, tag}))
            put(text, start, ' ');
        else if (!tag)
            put(text, start, known ? meaning[0] : s.p[0]);
        s = span_skip(s, tag ? tag : known ? known : 1);
    }
    if (text->n > start && text->p[text->n - 1] == ' ')
        text->n--;
}

void cell_put(struct buf *text, struct span cell)
{
    cell = span_trim(cell);
    if (is_html(cell))
        put_html(text, cell);
    else
        buf_span(text, cell);
}
