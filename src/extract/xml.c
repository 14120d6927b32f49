/* XML documents: feeds, documents for readers, and data, told apart by the root element and by where the text stands. */
#include <string.h>

#include "extract/xml_walk.h"

enum { LINE_MAX_BYTES = 1 << 28, PATH_BYTES_MAX = 8192 };

bool xml_put_line(struct xml_walk *w, enum block_kind kind, int32_t level)
{
    bool ok = w->line.failed || w->cell.failed || w->path.failed ? sink_no_memory(w->out) : sink_put(w->out, kind, level, 0, buf_view(&w->line));
    buf_clear(&w->line);
    return ok;
}

static bool is_one_of(const char *name, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(name, names[i]) == 0)
            return true;
    return false;
}

/* Bytes of text in the element, and of these the ones in mixed content. */
static void weigh(const struct xml_tree *t, const struct xml_node *n, bool in_mixed, size_t *all, size_t *mixed)
{
    in_mixed = in_mixed || xml_is_mixed(t, n);
    for (const struct xml_node *c = xml_child(t, n); c; c = xml_next(t, c)) {
        if (c->kind == XML_IS_ELEMENT) {
            weigh(t, c, in_mixed, all, mixed);
        } else if (c->kind == XML_IS_TEXT) {
            *all += span_trim(xml_value(t, c)).n;
            *mixed += in_mixed ? span_trim(xml_value(t, c)).n : 0;
        }
    }
}

/* A quarter of the text mixed with markup, or a root that says so. */
static bool is_prose(const struct xml_tree *t, const struct xml_node *root)
{
    static const char *const roots[] = {"article", "book", "chapter", "TEI", "TEI.2", "topic", "concept", "task", "reference", "FictionBook", "html"};
    size_t all = 0, mixed = 0;
    if (is_one_of(xml_name(t, root), roots, sizeof roots / sizeof *roots))
        return true;
    weigh(t, root, false, &all, &mixed);
    return mixed * 4 >= all && mixed > 0;
}

static bool is_feed(const struct xml_tree *t, const struct xml_node *root)
{
    const char *name = xml_name(t, root);
    return (strcmp(name, "rss") == 0 && xml_find(t, root, "channel")) || (strcmp(name, "RDF") == 0 && xml_find(t, root, "item")) ||
           (strcmp(name, "feed") == 0 && xml_find(t, root, "entry"));
}

static bool put_document(struct xml_walk *w)
{
    const struct xml_node *root = xml_child(&w->tree, xml_at(&w->tree, 0));
    if (!root)
        return true;
    if (is_feed(&w->tree, root))
        return xml_put_feed(w, root);
    return is_prose(&w->tree, root) ? xml_put_prose(w, root) : xml_put_records(w, root);
}

bool xml_read(const struct source *in, struct sink *out)
{
    struct xml_walk w = {.out = out};
    buf_init(&w.path, PATH_BYTES_MAX);
    buf_init(&w.line, LINE_MAX_BYTES);
    buf_init(&w.cell, LINE_MAX_BYTES);
    bool ok = xml_tree_read(&w.tree, in->bytes, out) && put_document(&w);
    xml_tree_free(&w.tree);
    buf_free(&w.cell);
    buf_free(&w.line);
    buf_free(&w.path);
    return ok;
}
