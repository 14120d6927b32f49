/* Pages that a note names: "Pages 3-7 and 12 have no text layer." */
#ifndef EXTRACT_PAGE_LIST_H
#define EXTRACT_PAGE_LIST_H

#include "extract/format.h"

enum { PAGE_RANGES_MAX = 20 };

struct page_list {
    struct page_range {
        int32_t first, last;
    } ranges[PAGE_RANGES_MAX];
    int count;
    int32_t beyond; /* pages behind the last range that has room */
};

/* Adds a page behind those already there. */
void page_list_add(struct page_list *l, int32_t page);
/* Adds the note "Page 3 …one." or "Pages 3-7 and 12 …several."; nothing for an empty list. */
void page_list_note(const struct page_list *l, const char *one, const char *several, struct sink *out);
/* How many pages are in it. */
int32_t page_list_size(const struct page_list *l);

#endif
