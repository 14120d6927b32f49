/* Page numbers folded into ranges, as many as a reader looks at. */
#include "extract/page_list.h"

#include <stdio.h>

void page_list_add(struct page_list *l, int32_t page)
{
    struct page_range *last = l->count ? &l->ranges[l->count - 1] : NULL;
    if (last && !l->beyond && last->last + 1 == page)
        last->last = page;
    else if (l->count < PAGE_RANGES_MAX)
        l->ranges[l->count++] = (struct page_range){page, page};
    else
        l->beyond++;
}

int32_t page_list_size(const struct page_list *l)
{
    int32_t size = l->beyond;
    for (int i = 0; i < l->count; i++)
        size += l->ranges[i].last - l->ranges[i].first + 1;
    return size;
}

static void put_range(const struct page_range *r, struct buf *out)
{
    buf_printf(out, "%d", r->first);
    if (r->last > r->first)
        buf_printf(out, "-%d", r->last);
}

void page_list_note(const struct page_list *l, const char *one, const char *several, struct sink *out)
{
    struct buf sentence;
    bool single = page_list_size(l) == 1;
    if (l->count == 0)
        return;
    buf_init(&sentence, NOTES_SIZE);
    buf_str(&sentence, single ? "Page " : "Pages ");
    for (int i = 0; i < l->count; i++) {
        buf_str(&sentence, i == 0 ? "" : i + 1 == l->count && !l->beyond ? " and " : ", ");
        put_range(&l->ranges[i], &sentence);
    }
    if (l->beyond)
        buf_printf(&sentence, " and %d more", l->beyond);
    buf_printf(&sentence, " %s.", single ? one : several);
    buf_char(&sentence, '\0');
    if (!sentence.failed)
        sink_note(out, sentence.p);
    buf_free(&sentence);
}
