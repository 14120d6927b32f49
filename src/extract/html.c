/* HTML through gumbo: headings, paragraphs, lists, tables and code of the body; navigation, scripts and hidden elements dropped. */
#include <gumbo.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "extract/charset.h"
#include "extract/html.h"
#include "extract/html_content.h"
#include "extract/html_depth.h"
#include "extract/table.h"

enum { TREE_BYTES_MAX = 384 * 1024 * 1024, DECLARATION_BYTES = 2048, CHARSET_SIZE = 32 };

struct html {
    struct sink *out;
    struct buf text; /* the leaf block or cell under construction */
    struct table table;
    const struct html_page *page;
    uint32_t next_box;           /* of the next element in document order */
    const GumboNode *table_node; /* the data table being read, or NULL */
    const GumboNode *pre;        /* the preformatted element being read, or NULL */
    int32_t list_depth;
    int32_t deeper;                    /* levels that headings go down */
    int32_t heading;                   /* level of the heading being read, 0 outside */
    bool everything;                   /* what looks like boilerplate counts, too */
    bool item;                         /* the text being read opens a list item */
    unsigned next[SINK_LEVEL_MAX + 1]; /* number of the next item by depth, 0 in unordered lists */
};

/* The tree lives in an arena: gumbo frees nodes recursively, which a deeply nested page turns into a stack overflow. */
static void *allocate(void *arena, size_t size)
{
    void *p = arena_alloc(arena, size);
    if (!p)
        _exit(WORKER_NO_MEMORY); /* gumbo has no way to report it */
    return p;
}

static void deallocate(void *arena, void *p)
{
    (void)arena;
    (void)p;
}

static const GumboNode *find_any(const GumboNode *root, const GumboTag *set, size_t count)
{
    for (const GumboNode *n = html_next(root, root, false); n; n = html_next(n, root, false))
        if (html_tag_in(html_tag(n), set, count))
            return n;
    return NULL;
}

/* Tables that hold headings, lists or further tables are there for the layout. */
static bool is_data_table(const GumboNode *n)
{
    static const GumboTag layout[] = {GUMBO_TAG_TABLE, GUMBO_TAG_H1, GUMBO_TAG_H2, GUMBO_TAG_H3, GUMBO_TAG_H4, GUMBO_TAG_FORM};
    return !find_any(n, layout, sizeof layout / sizeof *layout);
}

static int32_t level_of(GumboTag tag)
{
    return tag >= GUMBO_TAG_H1 && tag <= GUMBO_TAG_H6 ? (int32_t)(tag - GUMBO_TAG_H1) + 1 : 0;
}

/* Writes out what has been gathered. */
static bool flush(struct html *h)
{
    enum block_kind kind = h->pre ? BLOCK_CODE : h->heading ? BLOCK_HEADING : h->item ? BLOCK_LIST_ITEM : BLOCK_PARAGRAPH;
    int32_t level = kind == BLOCK_HEADING ? heading_level(h->heading + h->deeper) : kind == BLOCK_LIST_ITEM ? h->list_depth : 0;
    if (h->text.failed)
        return sink_no_memory(h->out);
    if (span_trim(buf_view(&h->text)).n == 0) {
        buf_clear(&h->text);
        return true;
    }
    bool ok = sink_put(h->out, kind, level, 0, buf_view(&h->text));
    buf_clear(&h->text);
    h->item = false;
    return ok;
}

static void open_list(struct html *h, bool ordered)
{
    if (h->list_depth < SINK_LEVEL_MAX)
        h->list_depth++;
    h->next[h->list_depth] = ordered;
}

static void open_item(struct html *h)
{
    h->item = true;
    unsigned *next = &h->next[h->list_depth];
    if (h->list_depth && *next)
        buf_printf(&h->text, "%u. ", (*next)++);
}

/* Inside a data table only cells matter. */
static void enter_in_table(struct html *h, GumboTag tag)
{
    if (tag == GUMBO_TAG_TH)
        table_mark_header(&h->table);
    else if (tag == GUMBO_TAG_TD)
        table_mark_plain(&h->table);
    if (tag == GUMBO_TAG_TH || tag == GUMBO_TAG_TD)
        buf_clear(&h->text);
    else if (html_is_block(tag) || tag == GUMBO_TAG_BR)
        buf_char(&h->text, ' ');
}

static bool enter(struct html *h, const GumboNode *n)
{
    GumboTag tag = html_tag(n);
    if (h->table_node) {
        enter_in_table(h, tag);
        return true;
    }
    if (tag == GUMBO_TAG_BR)
        buf_char(&h->text, h->pre ? '\n' : ' ');
    if (!html_is_block(tag))
        return true;
    if (!h->pre && !h->heading && !flush(h))
        return false;
    if (level_of(tag))
        h->heading = level_of(tag);
    else if (tag == GUMBO_TAG_PRE)
        h->pre = n;
    else if (tag == GUMBO_TAG_UL || tag == GUMBO_TAG_OL)
        open_list(h, tag == GUMBO_TAG_OL);
    else if (tag == GUMBO_TAG_LI)
        open_item(h);
    else if (tag == GUMBO_TAG_TABLE && is_data_table(n)) {
        h->table_node = n;
        table_begin(&h->table, 0);
    }
    return true;
}

/* How many columns or rows the cell covers. */
static uint32_t cells_over(const GumboNode *cell, const char *attribute)
{
    const GumboAttribute *a = gumbo_get_attribute(&cell->v.element.attributes, attribute);
    int64_t count = 1;
    if (a)
        span_to_int(span_trim(span_of(a->value)), 1, 64, &count);
    return (uint32_t)count;
}

static bool leave_in_table(struct html *h, const GumboNode *n)
{
    GumboTag tag = html_tag(n);
    if (tag == GUMBO_TAG_TD || tag == GUMBO_TAG_TH) {
        table_cell_over(&h->table, buf_view(&h->text), cells_over(n, "colspan"), cells_over(n, "rowspan"));
        buf_clear(&h->text);
    } else if (tag == GUMBO_TAG_CAPTION) {
        return flush(h);
    } else if (tag == GUMBO_TAG_TR) {
        /* a row that also has plain cells is no header: its th names the row */
        if (h->table.plain)
            h->table.marked = false;
        return table_row(&h->table, h->out);
    } else if (n == h->table_node) {
        h->table_node = NULL;
        buf_clear(&h->text);
        return table_end(&h->table, h->out);
    } else if (html_is_block(tag)) {
        buf_char(&h->text, ' ');
    }
    return true;
}

static bool leave(struct html *h, const GumboNode *n)
{
    GumboTag tag = html_tag(n);
    if (h->table_node)
        return leave_in_table(h, n);
    if (!html_is_block(tag))
        return true;
    if (h->pre && n != h->pre)
        return true;
    if (h->heading && level_of(tag) == 0 && !h->pre) {
        buf_char(&h->text, ' ');
        return true;
    }
    bool ok = flush(h);
    if (level_of(tag))
        h->heading = 0;
    else if (n == h->pre)
        h->pre = NULL;
    else if ((tag == GUMBO_TAG_UL || tag == GUMBO_TAG_OL) && h->list_depth)
        h->list_depth--;
    else if (tag == GUMBO_TAG_LI)
        h->item = false;
    return ok;
}

static void take_text(struct html *h, const GumboNode *n)
{
    if (n->type == GUMBO_NODE_TEXT || n->type == GUMBO_NODE_WHITESPACE || n->type == GUMBO_NODE_CDATA)
        buf_str(&h->text, n->v.text.text);
}

/* Leaves n and every ancestor that ends with it; the next node to enter, or NULL when the root ended. */
static const GumboNode *climb(struct html *h, const GumboNode *n, const GumboNode *root, bool *ok)
{
    for (; n != root; n = n->parent) {
        const GumboNode *beside = html_child(n->parent, n->index_within_parent + 1);
        if (beside)
            return beside;
        if (n->parent != root && !(*ok = leave(h, n->parent)))
            return NULL;
    }
    return NULL;
}

/* True when the element and all in it is not read; counts it among the boxes. */
static bool passes_over(struct html *h, bool element)
{
    if (!element)
        return false;
    const struct html_box *b = &h->page->boxes[h->next_box++];
    if (b->use != HTML_DROPPED && (h->everything || !html_is_passed_over(h->page, b)))
        return false;
    h->next_box = b->end;
    return true;
}

/* Reads what a box holds. */
static bool walk(struct html *h, uint32_t box)
{
    const GumboNode *root = h->page->boxes[box].node;
    bool ok = true;
    h->next_box = box + 1;
    for (const GumboNode *n = html_child(root, 0); n && ok;) {
        bool element = html_is_element(n), over = passes_over(h, element);
        if (!element)
            take_text(h, n);
        else if (!over && !(ok = enter(h, n)))
            break;
        const GumboNode *down = over ? NULL : html_child(n, 0);
        if (down) {
            n = down;
            continue;
        }
        if (element && !over)
            ok = leave(h, n);
        n = ok ? climb(h, n, root, &ok) : NULL;
    }
    return ok && flush(h);
}

/* The text of an element, put as the first heading. */
static bool put_as_title(struct html *h, const GumboNode *element)
{
    for (const GumboNode *n = html_child(element, 0); n; n = html_next(n, element, false))
        take_text(h, n);
    h->heading = 1;
    bool ok = flush(h);
    h->heading = 0;
    return ok;
}

/* The heading that the content does not have itself: the page's, or else the document's title. */
static bool put_title(struct html *h, const GumboNode *root, const GumboNode *content)
{
    static const GumboTag heading[] = {GUMBO_TAG_H1}, title[] = {GUMBO_TAG_TITLE};
    if (find_any(content, heading, 1))
        return true;
    const GumboNode *n = find_any(root, heading, 1);
    if (!n)
        n = find_any(root, title, 1);
    return n ? put_as_title(h, n) : true;
}

/* The content without what stands around it; everything when that leaves nothing, as on pages that are all navigation. */
static bool put_page(struct html *h, const GumboNode *root)
{
    if (h->page->count == 0)
        return true;
    if (!put_title(h, root, h->page->boxes[h->page->content].node))
        return false;
    size_t before = h->out->blocks;
    if (!walk(h, h->page->content) || h->out->blocks > before)
        return h->out->error == EXTRACT_OK;
    h->everything = true;
    return walk(h, 0);
}

bool html_put(struct span page, int32_t deeper, struct sink *out)
{
    if (html_is_too_complex(page))
        return sink_refuse(out, EXTRACT_TOO_COMPLEX, "The page nests its elements too deeply, or one has too many attributes.");
    struct arena *arena = arena_new(TREE_BYTES_MAX);
    if (!arena)
        return sink_no_memory(out);
    GumboOptions options = kGumboDefaultOptions;
    options.allocator = allocate;
    options.deallocator = deallocate;
    options.userdata = arena;
    options.max_errors = 0;
    GumboOutput *tree = gumbo_parse_with_options(&options, page.p, page.n);
    struct html_page measured;
    struct html h = {.out = out, .deeper = deeper, .page = &measured};
    buf_init(&h.text, (size_t)1 << 28);
    table_init(&h.table);
    bool ok = tree && html_measure(tree->document, arena, &measured) ? put_page(&h, tree->document) : sink_no_memory(out);
    table_free(&h.table);
    buf_free(&h.text);
    arena_free(arena);
    return ok;
}

/* The charset that the page says it has, by the first "charset=" near its start; empty when it says nothing. */
static struct span declared_charset(struct span page)
{
    struct span s = {page.p, page.n < DECLARATION_BYTES ? page.n : DECLARATION_BYTES};
    for (; s.n > 9; s = span_skip(s, 1)) {
        if (strncasecmp(s.p, "charset=", 8) != 0)
            continue;
        s = span_skip(s, 8);
        while (s.n && (s.p[0] == '"' || s.p[0] == '\'' || s.p[0] == ' '))
            s = span_skip(s, 1);
        size_t n = 0;
        while (n < s.n && n < CHARSET_SIZE && !memchr("\"' ;/>\r\n\t", s.p[n], 9))
            n++;
        return (struct span){s.p, n};
    }
    return (struct span){0};
}

bool html_read(const struct source *in, struct sink *out)
{
    struct buf page;
    buf_init(&page, (size_t)1 << 29);
    bool ok = charset_decode(in, declared_charset(in->bytes), &page, out) && html_put(buf_view(&page), 0, out);
    buf_free(&page);
    return ok;
}
