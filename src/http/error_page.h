/* The page that explains one type of error to people, made on the server. No script, no other host. */
#ifndef HTTP_ERROR_PAGE_H
#define HTTP_ERROR_PAGE_H

#include "base/buf.h"
#include "http/error_types.h"

/* The Content-Security-Policy of the page: nothing but its own style, by its hash. */
void error_page_policy(char *out, size_t size);
/* page->failed when there is no memory. */
void error_page_write(struct buf *page, const struct error_type *type, const char *title);

#endif
