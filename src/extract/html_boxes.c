/* The elements of a page in document order, each with how much text, links and prose it holds. */
#include "extract/html_boxes.h"

#include <string.h>
#include <strings.h>

enum { LABEL_BYTES = 40 }; /* less text than this outside of paragraphs is a label, not prose */

bool html_is_element(const GumboNode *n)
{
    return n->type == GUMBO_NODE_ELEMENT || n->type == GUMBO_NODE_TEMPLATE;
}

GumboTag html_tag(const GumboNode *n)
{
    return html_is_element(n) ? n->v.element.tag : GUMBO_TAG_UNKNOWN;
}

const GumboNode *html_child(const GumboNode *n, size_t index)
{
    if (n->type == GUMBO_NODE_DOCUMENT)
        return index < n->v.document.children.length ? n->v.document.children.data[index] : NULL;
    return html_is_element(n) && index < n->v.element.children.length ? n->v.element.children.data[index] : NULL;
}

const GumboNode *html_next(const GumboNode *n, const GumboNode *root, bool over)
{
    const GumboNode *down = over ? NULL : html_child(n, 0);
    if (down)
        return down;
    for (; n != root; n = n->parent) {
        const GumboNode *beside = html_child(n->parent, n->index_within_parent + 1);
        if (beside)
            return beside;
    }
    return NULL;
}

bool html_tag_in(GumboTag tag, const GumboTag *set, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (set[i] == tag)
            return true;
    return false;
}

const char *html_attribute(const GumboNode *n, const char *name)
{
    const GumboAttribute *a = gumbo_get_attribute(&n->v.element.attributes, name);
    return a ? a->value : "";
}

bool html_is_block(GumboTag tag)
{
    static const GumboTag blocks[] = {
        GUMBO_TAG_P,      GUMBO_TAG_DIV,        GUMBO_TAG_SECTION, GUMBO_TAG_ARTICLE, GUMBO_TAG_MAIN,    GUMBO_TAG_HEADER,     GUMBO_TAG_H1,
        GUMBO_TAG_H2,     GUMBO_TAG_H3,         GUMBO_TAG_H4,      GUMBO_TAG_H5,      GUMBO_TAG_H6,      GUMBO_TAG_UL,         GUMBO_TAG_OL,
        GUMBO_TAG_LI,     GUMBO_TAG_DL,         GUMBO_TAG_DT,      GUMBO_TAG_DD,      GUMBO_TAG_TABLE,   GUMBO_TAG_TR,         GUMBO_TAG_TD,
        GUMBO_TAG_TH,     GUMBO_TAG_PRE,        GUMBO_TAG_HR,      GUMBO_TAG_ADDRESS, GUMBO_TAG_FIGURE,  GUMBO_TAG_FIGCAPTION, GUMBO_TAG_FORM,
        GUMBO_TAG_BODY,   GUMBO_TAG_BLOCKQUOTE, GUMBO_TAG_CENTER,  GUMBO_TAG_DETAILS, GUMBO_TAG_SUMMARY, GUMBO_TAG_CAPTION,    GUMBO_TAG_FIELDSET,
        GUMBO_TAG_LEGEND, GUMBO_TAG_HGROUP,
    };
    return HTML_TAG_IN(tag, blocks);
}

/* Elements that a reader of the page does not take for its text. */
static bool is_never_text(const GumboNode *n)
{
    static const GumboTag dropped[] = {GUMBO_TAG_SCRIPT, GUMBO_TAG_STYLE,    GUMBO_TAG_HEAD,     GUMBO_TAG_NAV,     GUMBO_TAG_ASIDE,
                                       GUMBO_TAG_FOOTER, GUMBO_TAG_TEMPLATE, GUMBO_TAG_SVG,      GUMBO_TAG_IFRAME,  GUMBO_TAG_OBJECT,
                                       GUMBO_TAG_SELECT, GUMBO_TAG_BUTTON,   GUMBO_TAG_NOSCRIPT, GUMBO_TAG_TEXTAREA};
    static const GumboTag always[] = {GUMBO_TAG_HTML, GUMBO_TAG_BODY};
    if (HTML_TAG_IN(html_tag(n), always)) /* what a script shows later is hidden until then */
        return false;
    if (n->type == GUMBO_NODE_TEMPLATE || HTML_TAG_IN(html_tag(n), dropped) || gumbo_get_attribute(&n->v.element.attributes, "hidden"))
        return true;
    const char *style = html_attribute(n, "style");
    return strcasestr(style, "display:none") || strcasestr(style, "display: none") || strcasestr(style, "visibility:hidden");
}

static uint32_t visible_bytes(const char *text)
{
    uint32_t n = 0;
    for (; *text; text++)
        n += (unsigned char)*text > ' ';
    return n;
}

/* The number of elements, or with `boxes` also a box for each. */
static uint32_t each_element(const GumboNode *root, struct html_box *boxes)
{
    uint32_t count = 0, open = 0;
    bool over = false;
    for (const GumboNode *n = html_next(root, root, false); n; n = html_next(n, root, over)) {
        over = false;
        while (boxes && count && open && boxes[open].node != n->parent) {
            boxes[open].end = count;
            open = boxes[open].parent;
        }
        if (html_is_element(n)) {
            over = is_never_text(n);
            if (boxes)
                boxes[count] = (struct html_box){.node = n, .parent = open, .end = count + 1, .use = over ? HTML_DROPPED : HTML_KEPT};
            if (!over)
                open = count;
            count++;
        } else if (boxes && count && (n->type == GUMBO_NODE_TEXT || n->type == GUMBO_NODE_CDATA)) {
            boxes[open].own += visible_bytes(n->v.text.text);
        }
    }
    for (; boxes && open; open = boxes[open].parent)
        boxes[open].end = count;
    if (boxes && count)
        boxes[0].end = count;
    return count;
}

bool html_boxes(const GumboNode *root, struct arena *arena, struct html_page *page)
{
    page->count = each_element(root, NULL);
    page->boxes = arena_array(arena, page->count ? page->count : 1, sizeof *page->boxes);
    if (!page->boxes)
        return false;
    each_element(root, page->boxes);
    return true;
}

static bool is_prose(GumboTag tag, uint32_t bytes, uint32_t links)
{
    static const GumboTag paragraphs[] = {GUMBO_TAG_P, GUMBO_TAG_TD, GUMBO_TAG_TH, GUMBO_TAG_PRE, GUMBO_TAG_BLOCKQUOTE, GUMBO_TAG_CAPTION};
    return bytes > links && (HTML_TAG_IN(tag, paragraphs) || bytes >= LABEL_BYTES);
}

void html_sum_up(struct html_box *b)
{
    GumboTag tag = html_tag(b->node);
    if (tag == GUMBO_TAG_A) {
        b->own_links += b->own;
        b->links = b->text;
        b->own = b->prose = 0;
    }
    if (!html_is_block(tag))
        return;
    b->text += b->own + b->own_links;
    b->links += b->own_links;
    b->prose += is_prose(tag, b->own, b->own_links) ? b->own : 0;
    b->own = b->own_links = 0;
}

void html_add_up(struct html_box *parent, const struct html_box *b)
{
    parent->own += b->own;
    parent->own_links += b->own_links;
    parent->text += b->text;
    parent->links += b->links;
    parent->prose += b->prose;
    parent->title = parent->title || b->title;
}
