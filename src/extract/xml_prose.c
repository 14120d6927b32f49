/* XML documents for readers. */
#include <string.h>

#include "extract/xml_walk.h"

enum part { PART_OTHER, PART_TITLE, PART_CODE, PART_ROW, PART_ITEM, PART_SECTION };

/* Element names of DocBook, TEI, DITA, JATS and FictionBook. */
static enum part part_of(const char *name)
{
    static const struct {
        const char *name;
        enum part part;
    } parts[] = {{"title", PART_TITLE},     {"head", PART_TITLE},      {"heading", PART_TITLE},  {"article-title", PART_TITLE}, {"programlisting", PART_CODE},
                 {"screen", PART_CODE},     {"pre", PART_CODE},        {"codeblock", PART_CODE}, {"literallayout", PART_CODE},  {"row", PART_ROW},
                 {"tr", PART_ROW},          {"strow", PART_ROW},       {"sthead", PART_ROW},     {"listitem", PART_ITEM},       {"item", PART_ITEM},
                 {"li", PART_ITEM},         {"list-item", PART_ITEM},  {"step", PART_ITEM},      {"section", PART_SECTION},     {"chapter", PART_SECTION},
                 {"sect1", PART_SECTION},   {"sect2", PART_SECTION},   {"sect3", PART_SECTION},  {"sect4", PART_SECTION},       {"div", PART_SECTION},
                 {"div1", PART_SECTION},    {"div2", PART_SECTION},    {"sec", PART_SECTION},    {"topic", PART_SECTION},       {"appendix", PART_SECTION},
                 {"article", PART_SECTION}, {"preface", PART_SECTION}, {"part", PART_SECTION},   {"example", PART_SECTION}};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (strcmp(parts[i].name, name) == 0)
            return parts[i].part;
    return PART_OTHER;
}

/* Where the walk is. */
struct place {
    int32_t section; /* depth of sections */
    int32_t list;    /* depth of list items; 0 outside */
    bool head;       /* in the head of a table */
};

static bool put_row(struct xml_walk *w, const struct xml_node *row, bool head)
{
    bool first = true;
    for (const struct xml_node *c = xml_child(&w->tree, row); c; c = xml_next(&w->tree, c)) {
        if (c->kind != XML_IS_ELEMENT)
            continue;
        buf_clear(&w->cell);
        xml_put_text(&w->tree, c, &w->cell);
        row_cell(&w->line, first, buf_view(&w->cell));
        first = false;
    }
    return xml_put_line(w, head ? BLOCK_TABLE_HEADER : BLOCK_TABLE_ROW, 0);
}

/* An element whose text is one block. */
static bool put_text(struct xml_walk *w, const struct xml_node *n, enum part part, struct place at)
{
    xml_put_text(&w->tree, n, &w->line);
    if (part == PART_TITLE)
        return xml_put_line(w, BLOCK_HEADING, heading_level(at.section));
    if (part == PART_CODE)
        return xml_put_line(w, BLOCK_CODE, 0);
    return xml_put_line(w, at.list ? BLOCK_LIST_ITEM : BLOCK_PARAGRAPH, at.list);
}

static bool put_element(struct xml_walk *w, const struct xml_node *n, struct place at)
{
    const char *name = xml_name(&w->tree, n);
    enum part part = part_of(name);
    at.section += part == PART_SECTION;
    at.list += part == PART_ITEM;
    at.head |= strcmp(name, "thead") == 0 || strcmp(name, "sthead") == 0;
    if (part == PART_ROW && !xml_is_leaf(&w->tree, n))
        return put_row(w, n, at.head);
    if (part == PART_TITLE || part == PART_CODE || xml_is_leaf(&w->tree, n) || xml_is_mixed(&w->tree, n))
        return put_text(w, n, part, at);
    for (const struct xml_node *c = xml_child(&w->tree, n); c; c = xml_next(&w->tree, c))
        if (c->kind == XML_IS_ELEMENT && !put_element(w, c, at))
            return false;
    return true;
}

bool xml_put_prose(struct xml_walk *w, const struct xml_node *root)
{
    return put_element(w, root, (struct place){0});
}
