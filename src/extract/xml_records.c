/* XML as data: repeated records become tables, as an array of records does in JSON; everything else paragraphs "path: value". */
#include <stdio.h>
#include <string.h>

#include "base/map.h"
#include "extract/xml_walk.h"

enum { COLUMNS_MAX = 256, NAME_SIZE = 256 };

/* The columns of a table, in order of appearance, and the cells of the row being gathered. */
struct columns {
    struct map *index;
    char (*names)[NAME_SIZE];
    struct buf *cells; /* [COLUMNS_MAX] */
    size_t count;
    bool naming;   /* the names are being gathered, not the cells */
    bool overflow; /* too many or too long: no table */
};

static bool is_blank(const struct xml_walk *w, const struct xml_node *n)
{
    return span_trim(xml_value(&w->tree, n)).n == 0;
}

/* "a.b", or the one that is not empty; false when that is too long. */
static bool join(char name[NAME_SIZE], const char *a, const char *b)
{
    int n = snprintf(name, NAME_SIZE, "%s%s%s", a, *a && *b ? "." : "", b);
    return n >= 0 && n < NAME_SIZE;
}

/* The column's number; a new one while names are gathered. False when there can be no such column. */
static bool find_column(struct columns *c, const char *name, uint64_t *column)
{
    if (map_get(c->index, span_of(name), column))
        return true;
    *column = c->count;
    if (!c->naming || c->count == COLUMNS_MAX || !map_put(c->index, span_of(name), c->count))
        return false;
    snprintf(c->names[c->count++], NAME_SIZE, "%s", name);
    return true;
}

/* One value of a record under its column; several values of one column are joined. */
static void take_value(struct columns *c, const char *outer, const char *inner, struct span value)
{
    char name[NAME_SIZE];
    uint64_t column;
    value = span_trim(value);
    if (value.n == 0)
        return;
    if (!join(name, outer, inner) || !find_column(c, name, &column)) {
        c->overflow = true;
        return;
    }
    if (c->naming)
        return;
    buf_str(&c->cells[column], c->cells[column].n ? ", " : "");
    buf_span(&c->cells[column], value);
}

/* Attributes and text of an element of a record. */
static void take_leaf(struct xml_walk *w, struct columns *c, const char *name, const struct xml_node *n)
{
    for (const struct xml_node *a = xml_child(&w->tree, n); a && a->kind == XML_IS_ATTRIBUTE; a = xml_next(&w->tree, a))
        take_value(c, name, xml_name(&w->tree, a), xml_value(&w->tree, a));
    buf_clear(&w->cell);
    xml_put_text(&w->tree, n, &w->cell);
    take_value(c, name, "", buf_view(&w->cell));
}

/* An element of a record that holds leaves. */
static void take_group(struct xml_walk *w, struct columns *c, const struct xml_node *group)
{
    const char *outer = xml_name(&w->tree, group);
    char name[NAME_SIZE];
    for (const struct xml_node *n = xml_child(&w->tree, group); n; n = xml_next(&w->tree, n)) {
        if (n->kind == XML_IS_ATTRIBUTE)
            take_value(c, outer, xml_name(&w->tree, n), xml_value(&w->tree, n));
        else if (n->kind == XML_IS_ELEMENT && join(name, outer, xml_name(&w->tree, n)))
            take_leaf(w, c, name, n);
        else
            c->overflow |= n->kind == XML_IS_ELEMENT;
    }
}

/* A record holds attributes, leaves, and groups of leaves. */
static void take_record(struct xml_walk *w, struct columns *c, const struct xml_node *record)
{
    const struct xml_tree *t = &w->tree;
    if (xml_is_leaf(t, record)) {
        take_leaf(w, c, "", record);
        return;
    }
    for (const struct xml_node *n = xml_child(t, record); n; n = xml_next(t, n)) {
        if (n->kind == XML_IS_ATTRIBUTE)
            take_value(c, "", xml_name(t, n), xml_value(t, n));
        else if (n->kind == XML_IS_ELEMENT && (xml_is_leaf(t, n) || xml_is_mixed(t, n)))
            take_leaf(w, c, xml_name(t, n), n);
        else if (n->kind == XML_IS_ELEMENT)
            take_group(w, c, n);
    }
}

static bool is_record(const struct xml_tree *t, const struct xml_node *n)
{
    if (xml_is_mixed(t, n))
        return false;
    for (const struct xml_node *c = xml_child(t, n); c; c = xml_next(t, c)) {
        if (c->kind != XML_IS_ELEMENT || xml_is_leaf(t, c) || xml_is_mixed(t, c))
            continue;
        for (const struct xml_node *inner = xml_child(t, c); inner; inner = xml_next(t, inner))
            if (inner->kind == XML_IS_ELEMENT && !xml_is_leaf(t, inner))
                return false;
    }
    return true;
}

static const struct xml_node *next_element(const struct xml_tree *t, const struct xml_node *n)
{
    for (n = xml_next(t, n); n && n->kind != XML_IS_ELEMENT; n = xml_next(t, n))
        continue;
    return n;
}

/* The element behind the run of records that begins with `first`: siblings of one name. *length counts them. */
static const struct xml_node *run_end(const struct xml_tree *t, const struct xml_node *first, size_t *length)
{
    const struct xml_node *n = first;
    for (*length = 0; n && n->name == first->name && is_record(t, n); n = next_element(t, n))
        ++*length;
    return n;
}

static bool put_header(struct xml_walk *w, const struct columns *c)
{
    if (w->path.n && !sink_put(w->out, BLOCK_HEADING, 2, 0, buf_view(&w->path)))
        return false;
    for (size_t i = 0; i < c->count; i++)
        row_cell(&w->line, i == 0, span_of(c->names[i]));
    return xml_put_line(w, BLOCK_TABLE_HEADER, 0);
}

static bool put_row(struct xml_walk *w, struct columns *c, const struct xml_node *record)
{
    for (size_t i = 0; i < c->count; i++)
        buf_clear(&c->cells[i]);
    take_record(w, c, record);
    for (size_t i = 0; i < c->count; i++) {
        row_cell(&w->line, i == 0, buf_view(&c->cells[i]));
        w->line.failed |= c->cells[i].failed;
    }
    return xml_put_line(w, BLOCK_TABLE_ROW, 0);
}

/* The records as a table; *done stays false when they have too many columns, or just one. */
static bool fill_table(struct xml_walk *w, struct columns *c, const struct xml_node *first, const struct xml_node *end, bool *done)
{
    c->naming = true;
    for (const struct xml_node *n = first; n != end; n = next_element(&w->tree, n))
        take_record(w, c, n);
    if (c->overflow || c->count < 2)
        return true;
    *done = true;
    c->naming = false;
    if (!put_header(w, c))
        return false;
    for (const struct xml_node *n = first; n != end; n = next_element(&w->tree, n))
        if (!put_row(w, c, n))
            return false;
    return true;
}

static bool put_table(struct xml_walk *w, const struct xml_node *first, const struct xml_node *end, bool *done)
{
    enum { CELL_MAX = 1 << 28 };
    struct buf cells[COLUMNS_MAX], names;
    struct columns c = {.index = map_new(), .cells = cells};
    for (size_t i = 0; i < COLUMNS_MAX; i++)
        buf_init(&cells[i], CELL_MAX);
    buf_init(&names, COLUMNS_MAX * NAME_SIZE);
    c.names = (char(*)[NAME_SIZE])(void *)buf_reserve(&names, COLUMNS_MAX * NAME_SIZE);
    bool ok = c.index && c.names ? fill_table(w, &c, first, end, done) : sink_no_memory(w->out);
    for (size_t i = 0; i < COLUMNS_MAX; i++)
        buf_free(&cells[i]);
    buf_free(&names);
    map_free(c.index);
    return ok;
}

static size_t push(struct xml_walk *w, const char *name)
{
    size_t before = w->path.n;
    buf_str(&w->path, before ? "." : "");
    buf_str(&w->path, name);
    return before;
}

/* "path: text; attribute: value". */
static bool put_leaf(struct xml_walk *w, const struct xml_node *n)
{
    buf_span(&w->line, buf_view(&w->path));
    size_t start = w->line.n;
    buf_clear(&w->cell);
    xml_put_text(&w->tree, n, &w->cell);
    if (span_trim(buf_view(&w->cell)).n) {
        buf_str(&w->line, start ? ": " : "");
        buf_span(&w->line, span_trim(buf_view(&w->cell)));
    }
    for (const struct xml_node *a = xml_child(&w->tree, n); a && a->kind == XML_IS_ATTRIBUTE; a = xml_next(&w->tree, a)) {
        if (is_blank(w, a))
            continue;
        buf_str(&w->line, w->line.n > start ? "; " : start ? ": " : "");
        buf_printf(&w->line, "%s: ", xml_name(&w->tree, a));
        buf_span(&w->line, xml_value(&w->tree, a));
    }
    if (w->line.n == start)
        buf_clear(&w->line);
    return xml_put_line(w, BLOCK_PARAGRAPH, 0);
}

static bool put_attributes(struct xml_walk *w, const struct xml_node *n)
{
    for (const struct xml_node *a = xml_child(&w->tree, n); a && a->kind == XML_IS_ATTRIBUTE; a = xml_next(&w->tree, a)) {
        if (is_blank(w, a))
            continue;
        buf_span(&w->line, buf_view(&w->path));
        buf_printf(&w->line, "%s%s: ", w->path.n ? "." : "", xml_name(&w->tree, a));
        buf_span(&w->line, xml_value(&w->tree, a));
        if (!xml_put_line(w, BLOCK_PARAGRAPH, 0))
            return false;
    }
    return true;
}

static bool put_element(struct xml_walk *w, const struct xml_node *n);

static bool put_named(struct xml_walk *w, const struct xml_node *n)
{
    size_t before = push(w, xml_name(&w->tree, n));
    bool ok = put_element(w, n);
    w->path.n = before;
    return ok;
}

/* A run of records as a table, or one by one; *next is the element behind it. */
static bool put_run(struct xml_walk *w, const struct xml_node *first, const struct xml_node **next)
{
    size_t length;
    bool done = false;
    const struct xml_node *end = run_end(&w->tree, first, &length);
    if (length >= 2) {
        size_t before = push(w, xml_name(&w->tree, first));
        bool ok = put_table(w, first, end, &done);
        w->path.n = before;
        if (!ok)
            return false;
    }
    if (!done && length < 1)
        end = next_element(&w->tree, first);
    for (const struct xml_node *n = first; !done && n != end; n = next_element(&w->tree, n))
        if (!put_named(w, n))
            return false;
    *next = end;
    return true;
}

static bool put_element(struct xml_walk *w, const struct xml_node *n)
{
    const struct xml_tree *t = &w->tree;
    if (xml_is_leaf(t, n) || xml_is_mixed(t, n))
        return put_leaf(w, n);
    if (!put_attributes(w, n))
        return false;
    const struct xml_node *c = xml_child(t, n);
    if (c->kind != XML_IS_ELEMENT)
        c = next_element(t, c);
    while (c)
        if (!put_run(w, c, &c))
            return false;
    return true;
}

bool xml_put_records(struct xml_walk *w, const struct xml_node *root)
{
    return put_element(w, root);
}
