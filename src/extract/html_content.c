/* Telling content from boilerplate by what authors say: elements, roles, and the words in class and id. */
#include "extract/html_content.h"

#include <string.h>
#include <strings.h>

#include "base/span.h"

/* Prose is text in paragraphs and tables outside of links. An element with so much of it is content, whatever it is called; a look at more nodes is too
 * much, so that a page full of such elements costs no more than its size. */
enum { PROSE_BYTES = 1000, NODES_MAX = 4000, TITLES_MAX = 4 };

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

static const char *attribute(const GumboNode *n, const char *name)
{
    const GumboAttribute *a = gumbo_get_attribute(&n->v.element.attributes, name);
    return a ? a->value : "";
}

static bool is_prose(GumboTag tag)
{
    return tag == GUMBO_TAG_P || tag == GUMBO_TAG_TABLE || tag == GUMBO_TAG_PRE || tag == GUMBO_TAG_BLOCKQUOTE;
}

/* Bytes of prose, counted until there are `enough`. */
static size_t prose_of(const GumboNode *element, size_t enough)
{
    size_t prose = 0;
    const GumboNode *prose_end = NULL;
    bool in_prose = false;
    for (const GumboNode *n = html_child(element, 0); n && prose < enough; n = html_next(n, element, html_tag(n) == GUMBO_TAG_A)) {
        if (n == prose_end)
            in_prose = false;
        if (!in_prose && is_prose(html_tag(n))) {
            in_prose = true;
            prose_end = html_next(n, element, true);
        }
        if (in_prose && n->type == GUMBO_NODE_TEXT)
            prose += strlen(n->v.text.text);
    }
    return prose;
}

/* True when the element holds the title or the content, or is too large to look at. */
static bool holds_title(const GumboNode *element)
{
    size_t nodes = 0;
    for (const GumboNode *n = html_child(element, 0); n; n = html_next(n, element, false))
        if (++nodes > NODES_MAX || html_tag(n) == GUMBO_TAG_H1 || html_tag(n) == GUMBO_TAG_MAIN)
            return true;
    return false;
}

/* The only element of the page with this tag; NULL when there is none or more than one. */
static const GumboNode *only(const GumboNode *root, GumboTag tag)
{
    const GumboNode *found = NULL;
    for (const GumboNode *n = html_next(root, root, false); n; n = html_next(n, root, false)) {
        if (html_tag(n) != tag)
            continue;
        if (found)
            return NULL;
        found = n;
    }
    return found;
}

/* The article that the first headings of the first level stand in; NULL when they stand in several or in none. Pages have articles for teasers, too. */
static const GumboNode *titled_article(const GumboNode *root)
{
    const GumboNode *found = NULL;
    size_t titles = 0;
    for (const GumboNode *n = html_next(root, root, false); n && titles < TITLES_MAX; n = html_next(n, root, false)) {
        if (html_tag(n) != GUMBO_TAG_H1)
            continue;
        const GumboNode *article = n;
        while (article && html_tag(article) != GUMBO_TAG_ARTICLE)
            article = article->parent;
        if (!article || (titles++ && article != found))
            return NULL;
        found = article;
    }
    return found;
}

const GumboNode *html_content(const GumboNode *root)
{
    const GumboNode *content = only(root, GUMBO_TAG_MAIN);
    const GumboNode *article = titled_article(root);
    if (!article)
        article = only(content ? content : root, GUMBO_TAG_ARTICLE);
    size_t half = prose_of(root, SIZE_MAX) / 2;
    if (article && prose_of(article, SIZE_MAX) > half)
        return article;
    return content && prose_of(content, SIZE_MAX) > half ? content : root;
}

static bool is_word(struct span word, const char *const *words, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (span_eq_nocase(word, span_of(words[i])))
            return true;
    return false;
}

/* True when one of the words of an attribute's value, cut at everything that is no letter, is on the list. */
static bool names(const char *value, const char *const *words, size_t count)
{
    while (*value) {
        size_t n = strspn(value, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ");
        if (n && is_word((struct span){value, n}, words, count))
            return true;
        value += n ? n : 1;
    }
    return false;
}

bool html_is_boilerplate(const GumboNode *element)
{
    static const char *const roles[] = {"navigation", "complementary", "contentinfo", "search", "menu", "menubar", "dialog", "alertdialog"};
    static const char *const words[] = {"nav",        "navbar",      "navigation", "menu",          "sidebar",    "breadcrumb", "breadcrumbs", "footer",
                                        "cookie",     "cookies",     "consent",    "gdpr",          "newsletter", "social",     "share",       "sharing",
                                        "related",    "recommended", "promo",      "advert",        "ad",         "ads",        "sponsored",   "popup",
                                        "modal",      "comments",    "disqus",     "widget",        "tags",       "byline",     "subscribe",   "trending",
                                        "pagination", "pager",       "toolbar",    "recirculation", "outbrain",   "taboola",    "login",       "skip"};
    static const GumboTag never[] = {GUMBO_TAG_HTML, GUMBO_TAG_BODY, GUMBO_TAG_MAIN, GUMBO_TAG_ARTICLE, GUMBO_TAG_H1,   GUMBO_TAG_H2,   GUMBO_TAG_H3,
                                     GUMBO_TAG_P,    GUMBO_TAG_PRE,  GUMBO_TAG_CODE, GUMBO_TAG_A,       GUMBO_TAG_SPAN, GUMBO_TAG_TABLE};
    for (size_t i = 0; i < sizeof never / sizeof *never; i++)
        if (html_tag(element) == never[i])
            return false;
    bool named = is_word(span_of(attribute(element, "role")), roles, sizeof roles / sizeof *roles) ||
                 names(attribute(element, "class"), words, sizeof words / sizeof *words) ||
                 names(attribute(element, "id"), words, sizeof words / sizeof *words);
    return named && !holds_title(element) && prose_of(element, PROSE_BYTES) < PROSE_BYTES;
}
