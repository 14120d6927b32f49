/* The elements of a page in document order, each with how much text, links and prose it holds. */
#ifndef EXTRACT_HTML_BOXES_H
#define EXTRACT_HTML_BOXES_H

#include <gumbo.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"

/* Nodes in document order. */
bool html_is_element(const GumboNode *n);
GumboTag html_tag(const GumboNode *n);
const GumboNode *html_child(const GumboNode *n, size_t index);
/* The next node within `root`, without the children of `n` when `over` is set; NULL at the end. */
const GumboNode *html_next(const GumboNode *n, const GumboNode *root, bool over);

/* The value of an attribute, "" when there is none. */
const char *html_attribute(const GumboNode *n, const char *name);
/* True for elements that stand apart from the text before and behind them. */
bool html_is_block(GumboTag tag);
bool html_tag_in(GumboTag tag, const GumboTag *set, size_t count);
#define HTML_TAG_IN(tag, set) html_tag_in(tag, set, sizeof(set) / sizeof *(set))

/* What is to become of an element and all in it. */
enum html_use {
    HTML_KEPT,
    HTML_BOILERPLATE, /* navigation, a banner, a list of related pages and the like */
    HTML_COMMENTS,    /* what readers have written below an article */
    HTML_DROPPED      /* never text: scripts, navigation, what is hidden */
};

/* An element. Bytes are those of its text without white space. Prose is text outside of links in paragraphs, tables and wherever so much of it
 * stands together that it is no label. */
struct html_box {
    const GumboNode *node;
    uint32_t parent, end;    /* indexes of boxes; those from the next one up to `end` lie in this one */
    uint32_t own, own_links; /* bytes right in it or in inline elements of it, until it is summed up */
    uint32_t text, links, prose;
    bool title; /* it holds a heading of the first level or the main element */
    enum html_use use;
};

struct html_page {
    struct html_box *boxes; /* [count], in document order; what is never text has one box and none inside */
    uint32_t count;
    uint32_t content; /* the box that holds the content */
    bool is_article;  /* the content is one text among other things on the page */
};

/* Finds the elements below root and counts what stands right in each. The boxes are allocated in the arena; false when it is exhausted. */
bool html_boxes(const GumboNode *root, struct arena *arena, struct html_page *page);
/* Turns what stands right in a box into sums, after all boxes in it were added up to it. */
void html_sum_up(struct html_box *b);
/* Adds a summed up box to the one it lies in. */
void html_add_up(struct html_box *parent, const struct html_box *b);

#endif
