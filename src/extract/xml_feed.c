/* News feeds. */
#include <string.h>

#include "extract/html.h"
#include "extract/xml_walk.h"

enum { ITEM_LEVEL = 2 };

/* Fields that hold the text of an item; the longest one present is taken, the others are shorter versions of it. */
static const char *const texts[] = {"encoded", "content", "description", "summary", "subtitle", "tagline"};

static bool is_text_field(const char *name)
{
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (strcmp(texts[i], name) == 0)
            return true;
    return false;
}

/* The text in w->cell; markup in it is read as HTML. */
static bool put_markup(struct xml_walk *w)
{
    struct span text = buf_view(&w->cell);
    if (w->cell.failed)
        return sink_no_memory(w->out);
    if (text.n && (memchr(text.p, '<', text.n) || memchr(text.p, '&', text.n)))
        return html_put(text, ITEM_LEVEL, w->out);
    return sink_put(w->out, BLOCK_PARAGRAPH, 0, 0, text);
}

static bool put_text(struct xml_walk *w, const struct xml_node *item)
{
    const struct xml_node *longest = NULL;
    size_t bytes = 0;
    for (const struct xml_node *c = xml_child(&w->tree, item); c; c = xml_next(&w->tree, c)) {
        if (c->kind != XML_IS_ELEMENT || !is_text_field(xml_name(&w->tree, c)))
            continue;
        buf_clear(&w->cell);
        xml_put_text(&w->tree, c, &w->cell);
        if (w->cell.n > bytes) {
            bytes = w->cell.n;
            longest = c;
        }
    }
    if (!longest)
        return true;
    buf_clear(&w->cell);
    xml_put_text(&w->tree, longest, &w->cell);
    return put_markup(w);
}

static bool is_item(const struct xml_node *n, const char *name)
{
    return n->kind == XML_IS_ELEMENT && (strcmp(name, "item") == 0 || strcmp(name, "entry") == 0);
}

/* The value of a field: its text, or the address that a link names. */
static void put_field_value(struct xml_walk *w, const struct xml_node *field)
{
    buf_clear(&w->cell);
    xml_put_text(&w->tree, field, &w->cell);
    if (span_trim(buf_view(&w->cell)).n)
        return;
    for (const struct xml_node *c = xml_child(&w->tree, field); c; c = xml_next(&w->tree, c))
        if (c->kind == XML_IS_ATTRIBUTE && (strcmp(xml_name(&w->tree, c), "href") == 0 || strcmp(xml_name(&w->tree, c), "term") == 0))
            buf_span(&w->cell, xml_value(&w->tree, c));
}

/* What people call a field, its own name when it has no other, or NULL for one that only programs use. */
static const char *label_of(const char *name)
{
    static const char *const labels[][2] = {
        {"pubDate", "Published"},     {"published", "Published"}, {"issued", "Published"}, {"date", "Published"},    {"updated", "Updated"},
        {"lastBuildDate", "Updated"}, {"creator", "Author"},      {"author", "Author"},    {"category", "Category"}, {"link", "Link"},
        {"comments", "Comments"},     {"language", "Language"},   {"rights", "Rights"},    {"copyright", "Rights"}};
    static const char *const technical[] = {"guid",       "id",    "generator", "updatePeriod", "updateFrequency", "docs", "ttl",
                                            "commentRss", "image", "channel",   "title"};
    for (size_t i = 0; i < sizeof technical / sizeof *technical; i++)
        if (strcmp(technical[i], name) == 0)
            return NULL;
    for (size_t i = 0; i < sizeof labels / sizeof *labels; i++)
        if (strcmp(labels[i][0], name) == 0)
            return labels[i][1];
    return is_text_field(name) ? NULL : name;
}

/* "Published: …; Author: …; Category: a, b". */
static bool put_fields(struct xml_walk *w, const struct xml_node *item)
{
    const char *before = "";
    for (const struct xml_node *c = xml_child(&w->tree, item); c; c = xml_next(&w->tree, c)) {
        const char *name = xml_name(&w->tree, c), *label = label_of(name);
        if (c->kind != XML_IS_ELEMENT || !label || is_item(c, name))
            continue;
        put_field_value(w, c);
        if (span_trim(buf_view(&w->cell)).n == 0)
            continue;
        bool same = strcmp(before, name) == 0;
        buf_str(&w->line, same ? ", " : w->line.n ? "; " : "");
        if (!same)
            buf_printf(&w->line, "%s: ", label);
        buf_span(&w->line, span_trim(buf_view(&w->cell)));
        before = name;
    }
    return xml_put_line(w, BLOCK_PARAGRAPH, 0);
}

static bool put_entry(struct xml_walk *w, const struct xml_node *item, int32_t level)
{
    const struct xml_node *title = xml_find(&w->tree, item, "title");
    if (title) {
        xml_put_text(&w->tree, title, &w->line);
        if (!xml_put_line(w, BLOCK_HEADING, level))
            return false;
    }
    return put_fields(w, item) && put_text(w, item);
}

static bool put_items(struct xml_walk *w, const struct xml_node *parent)
{
    for (const struct xml_node *c = xml_child(&w->tree, parent); c; c = xml_next(&w->tree, c))
        if (is_item(c, xml_name(&w->tree, c)) && !put_entry(w, c, ITEM_LEVEL))
            return false;
    return true;
}

/* The items stand in the channel (RSS 2), beside it (RSS 1) or in the feed itself (Atom). */
bool xml_put_feed(struct xml_walk *w, const struct xml_node *root)
{
    const struct xml_node *channel = xml_find(&w->tree, root, "channel");
    return put_entry(w, channel ? channel : root, 1) && (!channel || put_items(w, channel)) && put_items(w, root);
}
