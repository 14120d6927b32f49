/* Telling content from boilerplate by what authors say (elements, roles, the words in class and id) and by where the prose is. */
#include "extract/html_content.h"

#include <string.h>
#include <strings.h>

#include "base/span.h"

/* An element with so much prose is content, whatever it is called. */
enum { PROSE_BYTES = 1000, ARTICLE_BYTES_MIN = 200, NAME_SIZE = 80, LINKS_TENTHS = 6 };

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

static bool is_named(const GumboNode *n, const char *const *words, size_t count)
{
    return names(html_attribute(n, "class"), words, count) || names(html_attribute(n, "id"), words, count);
}

/* Elements that are what they are, whatever they are called. */
static bool keeps_its_meaning(GumboTag tag)
{
    static const GumboTag tags[] = {GUMBO_TAG_HTML, GUMBO_TAG_BODY, GUMBO_TAG_MAIN, GUMBO_TAG_ARTICLE, GUMBO_TAG_H1,   GUMBO_TAG_H2,   GUMBO_TAG_H3,
                                    GUMBO_TAG_P,    GUMBO_TAG_PRE,  GUMBO_TAG_CODE, GUMBO_TAG_A,       GUMBO_TAG_SPAN, GUMBO_TAG_TABLE};
    return HTML_TAG_IN(tag, tags);
}

static bool is_boilerplate(const struct html_box *b)
{
    static const char *const roles[] = {"navigation", "complementary", "contentinfo", "search", "menu", "menubar", "dialog", "alertdialog"};
    static const char *const words[] = {"nav",        "navbar",      "navigation", "menu",          "sidebar",    "breadcrumb", "breadcrumbs", "footer",
                                        "cookie",     "cookies",     "consent",    "gdpr",          "newsletter", "social",     "share",       "sharing",
                                        "related",    "recommended", "promo",      "advert",        "ad",         "ads",        "sponsored",   "popup",
                                        "modal",      "comments",    "disqus",     "widget",        "tags",       "byline",     "subscribe",   "trending",
                                        "pagination", "pager",       "toolbar",    "recirculation", "outbrain",   "taboola",    "login",       "skip"};
    if (keeps_its_meaning(html_tag(b->node)) || b->title || b->prose >= PROSE_BYTES)
        return false;
    return is_word(span_of(html_attribute(b->node, "role")), roles, sizeof roles / sizeof *roles) || is_named(b->node, words, sizeof words / sizeof *words);
}

static bool is_comments(const struct html_box *b)
{
    static const char *const words[] = {"comments", "commentlist", "disqus", "respond"};
    GumboTag tag = html_tag(b->node);
    return tag != GUMBO_TAG_BODY && tag != GUMBO_TAG_HTML && !b->title && is_named(b->node, words, sizeof words / sizeof *words);
}

/* A header counts where it holds the title or is part of an article. */
static bool is_page_header(const struct html_page *page, const struct html_box *b)
{
    static const GumboTag parts[] = {GUMBO_TAG_HEADER, GUMBO_TAG_ARTICLE, GUMBO_TAG_MAIN};
    if (html_tag(b->node) != GUMBO_TAG_HEADER || b->title)
        return false;
    while (b->parent && b != page->boxes) {
        b = &page->boxes[b->parent];
        if (HTML_TAG_IN(html_tag(b->node), parts))
            return false;
    }
    return true;
}

static enum html_use use_of(const struct html_page *page, const struct html_box *b)
{
    return b->use == HTML_DROPPED || is_page_header(page, b) ? HTML_DROPPED : is_comments(b) ? HTML_COMMENTS : is_boilerplate(b) ? HTML_BOILERPLATE : HTML_KEPT;
}

/* Children come behind their parents: backwards, each box is whole before it is added up. */
static void judge_all(struct html_page *page)
{
    for (uint32_t i = page->count; i-- > 0;) {
        struct html_box *b = &page->boxes[i];
        GumboTag tag = html_tag(b->node);
        html_sum_up(b);
        b->title = b->title || tag == GUMBO_TAG_H1 || tag == GUMBO_TAG_MAIN;
        b->use = use_of(page, b);
        if (i && b->use == HTML_KEPT)
            html_add_up(&page->boxes[b->parent], b);
    }
}

/* True when a name in the value says "the body of the article": article-body, post_content, storyText. */
static bool names_body(const char *value)
{
    static const char *const wholes[] = {"article", "post", "entry", "story", "news", "blog", "page"};
    static const char *const parts[] = {"body", "content", "text"};
    char name[NAME_SIZE];
    while (*value) {
        size_t n = 0;
        for (; *value && *value != ' '; value++)
            if (((*value | 32) >= 'a' && (*value | 32) <= 'z') && n < sizeof name - 1)
                name[n++] = (char)(*value | 32);
        name[n] = '\0';
        value += *value == ' ';
        for (size_t w = 0; w < sizeof wholes / sizeof *wholes; w++) {
            const char *at = strstr(name, wholes[w]);
            for (size_t p = 0; at && p < sizeof parts / sizeof *parts; p++)
                if (strncmp(at + strlen(wholes[w]), parts[p], strlen(parts[p])) == 0)
                    return true;
        }
    }
    return false;
}

static bool is_body(const struct html_box *b)
{
    if (strcasestr(html_attribute(b->node, "itemprop"), "articleBody"))
        return true;
    GumboTag tag = html_tag(b->node);
    return html_is_block(tag) && tag != GUMBO_TAG_BODY && (names_body(html_attribute(b->node, "class")) || names_body(html_attribute(b->node, "id")));
}

static bool is_article(const struct html_box *b)
{
    static const char *const words[] = {"article"};
    struct span class = span_trim(span_of(html_attribute(b->node, "class"))), id = span_of(html_attribute(b->node, "id"));
    return html_tag(b->node) == GUMBO_TAG_ARTICLE || is_word(span_of(html_attribute(b->node, "role")), words, 1) || is_word(class, words, 1) ||
           is_word(id, words, 1);
}

static bool is_main(const struct html_box *b)
{
    return html_tag(b->node) == GUMBO_TAG_MAIN || span_eq_nocase(span_of(html_attribute(b->node, "role")), SPAN("main"));
}

/* How much speaks for a box: its prose; the title is worth as much as that of three others. */
static uint64_t weight_of(const struct html_box *b)
{
    return (uint64_t)b->prose * (b->title ? 4 : 1);
}

/* The box of a kind that is much larger than all others of it and holds at least a part of the page's prose (in percent); 0 when there is none. */
static uint32_t largest(const struct html_page *page, bool (*is_of_kind)(const struct html_box *b), uint32_t percent)
{
    uint32_t best = 0;
    uint64_t weight = 0, second = 0;
    for (uint32_t i = 1; i < page->count; i++) {
        const struct html_box *b = &page->boxes[i];
        bool found = b->use == HTML_KEPT && is_of_kind(b);
        if (found && weight_of(b) > weight) {
            second = weight;
            weight = weight_of(b);
            best = i;
        } else if (found && weight_of(b) > second) {
            second = weight_of(b);
        }
        if (found || b->use != HTML_KEPT)
            i = b->end - 1;
    }
    const struct html_box *b = &page->boxes[best];
    return best && b->prose >= ARTICLE_BYTES_MIN && weight >= second * 2 && (uint64_t)b->prose * 100 >= (uint64_t)page->boxes[0].prose * percent ? best : 0;
}

/* Goes down while one element holds nearly all of the prose. */
static uint32_t tighten(const struct html_page *page, uint32_t at, uint32_t percent)
{
    static const GumboTag leaves[] = {GUMBO_TAG_P,  GUMBO_TAG_PRE, GUMBO_TAG_BLOCKQUOTE, GUMBO_TAG_LI,   GUMBO_TAG_UL,   GUMBO_TAG_OL,
                                      GUMBO_TAG_DL, GUMBO_TAG_DD,  GUMBO_TAG_TABLE,      GUMBO_TAG_SPAN, GUMBO_TAG_FONT, GUMBO_TAG_A};
    uint32_t whole = page->boxes[at].prose;
    if (whole < ARTICLE_BYTES_MIN)
        return at;
    for (uint32_t i = at + 1, end = page->boxes[at].end; i < end;) {
        const struct html_box *b = &page->boxes[i];
        if (b->use == HTML_KEPT && !HTML_TAG_IN(html_tag(b->node), leaves) && (uint64_t)b->prose * 100 >= (uint64_t)whole * percent) {
            at = i++;
            end = b->end;
        } else {
            i = b->end;
        }
    }
    return at;
}

/* True when the page says of itself, to those who link to it or search it, that it is an article. */
static bool says_article(const GumboNode *root)
{
    for (const GumboNode *n = html_next(root, root, false); n; n = html_next(n, root, false)) {
        GumboTag tag = html_tag(n);
        if (tag == GUMBO_TAG_META && strcasecmp(html_attribute(n, "property"), "og:type") == 0)
            return strcasecmp(html_attribute(n, "content"), "article") == 0;
        const GumboNode *text = tag == GUMBO_TAG_SCRIPT && strcasestr(html_attribute(n, "type"), "ld+json") ? html_child(n, 0) : NULL;
        if (text && text->type == GUMBO_NODE_TEXT && (strstr(text->v.text.text, "Article\"") || strstr(text->v.text.text, "\"BlogPosting\"")))
            return true;
    }
    return false;
}

/* Where the page does not say that it is an article, what is named so must hold half of its prose. */
static void find_content(struct html_page *page, bool says_so)
{
    uint32_t percent = says_so ? 25 : 50, found = largest(page, is_body, percent);
    if (!found)
        found = largest(page, is_article, percent);
    if (!found)
        found = largest(page, is_main, 50);
    page->is_article = found && says_so;
    page->content = tighten(page, found, found ? 92 : 95);
}

bool html_measure(const GumboNode *root, struct arena *arena, struct html_page *page)
{
    *page = (struct html_page){0};
    if (!html_boxes(root, arena, page))
        return false;
    judge_all(page);
    if (page->count)
        find_content(page, says_article(root));
    return true;
}

/* Within an article: captions of pictures, and boxes that hold hardly more than links to other pages. */
static bool is_beside_the_text(const struct html_box *b)
{
    static const char *const words[] = {"caption", "gallery", "slideshow", "carousel", "credit",        "recommendations",
                                        "author",  "bio",     "teaser",    "teasers",  "advertisement", "readmore"};
    static const GumboTag groups[] = {GUMBO_TAG_DIV, GUMBO_TAG_SECTION, GUMBO_TAG_UL, GUMBO_TAG_OL, GUMBO_TAG_ARTICLE};
    GumboTag tag = html_tag(b->node);
    if (b->title || b->prose >= PROSE_BYTES)
        return false;
    if (tag == GUMBO_TAG_FIGCAPTION || (tag != GUMBO_TAG_TABLE && is_named(b->node, words, sizeof words / sizeof *words)))
        return true;
    return HTML_TAG_IN(tag, groups) && b->links * 10 > b->text * LINKS_TENTHS;
}

bool html_is_passed_over(const struct html_page *page, const struct html_box *b)
{
    if (b->use != HTML_KEPT)
        return b->use != HTML_COMMENTS || page->is_article;
    return page->is_article && is_beside_the_text(b);
}
