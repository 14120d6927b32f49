/* Pages for people, made on the server: the list of all calls out of the OpenAPI document, and one page an error. No script, no other host. */
#ifndef HTTP_DOCS_PAGE_H
#define HTTP_DOCS_PAGE_H

#include "base/buf.h"
#include "http/error_types.h"

/* The Content-Security-Policy of these pages: nothing but their own style, by its hash. */
void docs_page_policy(char *out, size_t size);
/* page->failed when the document cannot be read or there is no memory. */
void docs_page_write(struct buf *page, struct span openapi);
void docs_page_error(struct buf *page, const struct error_type *type, const char *title);

#endif
