/* What of a page is its content, and what stands around it on every page of its site. */
#ifndef EXTRACT_HTML_CONTENT_H
#define EXTRACT_HTML_CONTENT_H

#include <gumbo.h>
#include <stdbool.h>
#include <stddef.h>

/* Nodes in document order. */
bool html_is_element(const GumboNode *n);
GumboTag html_tag(const GumboNode *n);
const GumboNode *html_child(const GumboNode *n, size_t index);
/* The next node within `root`, without the children of `n` when `over` is set; NULL at the end. */
const GumboNode *html_next(const GumboNode *n, const GumboNode *root, bool over);

/* The element that holds the page's content by its own word: the article with the title, or the only article, or the only main;
 * `root` when there is none with most of its prose. */
const GumboNode *html_content(const GumboNode *root);
/* True when the element's role, class or id says that it is navigation, a banner, a list of related pages and the like, and it holds neither the
 * title of the page nor much prose. */
bool html_is_boilerplate(const GumboNode *element);

#endif
