/* What of a page is its content, and what stands around it on every page of its site. */
#ifndef EXTRACT_HTML_CONTENT_H
#define EXTRACT_HTML_CONTENT_H

#include "extract/html_boxes.h"

/* Measures the page and finds its content: the element that says so itself, else the smallest one with nearly all of the prose. The boxes are
 * allocated in the arena. False when it is exhausted. */
bool html_measure(const GumboNode *root, struct arena *arena, struct html_page *page);
/* True when a box and all in it is not read as content. */
bool html_is_passed_over(const struct html_page *page, const struct html_box *b);

#endif
