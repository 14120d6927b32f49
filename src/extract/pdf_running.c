/* Running headers and footers: lines near the top or bottom edge whose text, numbers aside, stands there on most pages. */
#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "extract/pdf_lines.h"

enum { EDGE_LINES = 3, PAGE_LINES_MAX = 600, KEY_SIZE = 160, PAGES_MIN = 4 };

struct pdf_line *pdf_lines(const struct pdf_text *t, size_t *count)
{
    *count = t->lines.n / sizeof(struct pdf_line);
    return (struct pdf_line *)(void *)t->lines.p;
}

struct span pdf_line_text(const struct pdf_text *t, const struct pdf_line *l)
{
    return (struct span){t->bytes.p + l->text, l->length};
}

/* 'T' when fewer than EDGE_LINES lines of the page stand higher, 'B' when fewer stand lower, else 0. */
static char edge_of(const struct pdf_line *page, size_t count, const struct pdf_line *l)
{
    size_t higher = 0, lower = 0;
    for (size_t i = 0; i < count; i++) {
        if (page[i].aside)
            continue;
        higher += page[i].base > l->base + l->size / 2;
        lower += page[i].base < l->base - l->size / 2;
    }
    return higher < EDGE_LINES && higher < lower ? 'T' : lower < EDGE_LINES && lower < higher ? 'B' : 0;
}

/* The line with each run of digits as '#', letters only otherwise: what stays the same from page to page. */
static struct span key_of(char edge, struct span text, char key[KEY_SIZE])
{
    size_t n = 0;
    key[n++] = edge;
    for (size_t i = 0; i < text.n && n < KEY_SIZE; i++) {
        char c = text.p[i];
        if (c >= '0' && c <= '9') {
            if (key[n - 1] != '#')
                key[n++] = '#';
        } else if (c != ' ') {
            key[n++] = c;
        }
    }
    return (struct span){key, n};
}

/* Lines on the same page as lines[from]. */
static size_t page_length(const struct pdf_line *lines, size_t count, size_t from)
{
    size_t to = from;
    while (to < count && lines[to].page == lines[from].page)
        to++;
    return to - from;
}

typedef bool visit_edge(void *ctx, struct pdf_line *l, struct span key);

static bool each_edge(struct pdf_text *t, visit_edge *visit, void *ctx)
{
    size_t count, n;
    struct pdf_line *lines = pdf_lines(t, &count);
    for (size_t from = 0; from < count; from += n) {
        n = page_length(lines, count, from);
        for (size_t i = from; n <= PAGE_LINES_MAX && i < from + n; i++) {
            char key[KEY_SIZE], edge = edge_of(lines + from, n, &lines[i]);
            if (edge && !lines[i].aside && !visit(ctx, &lines[i], key_of(edge, pdf_line_text(t, &lines[i]), key)))
                return false;
        }
    }
    return true;
}

struct tally {
    struct map *pages; /* key → pages it was seen on (low 32 bits) and the last of them (high 32 bits) */
    int32_t document_pages;
};

static bool count_key(void *ctx, struct pdf_line *l, struct span key)
{
    struct tally *tally = ctx;
    uint64_t seen = 0;
    map_get(tally->pages, key, &seen);
    if (seen >> 32 == (uint64_t)l->page)
        return true;
    return map_put(tally->pages, key, (uint64_t)l->page << 32 | ((seen & UINT32_MAX) + 1));
}

static bool mark_key(void *ctx, struct pdf_line *l, struct span key)
{
    struct tally *tally = ctx;
    uint64_t seen = 0;
    map_get(tally->pages, key, &seen);
    l->running = (int64_t)(seen & UINT32_MAX) * 2 > tally->document_pages;
    return true;
}

bool pdf_mark_running(struct pdf_text *t)
{
    if (t->pages < PAGES_MIN)
        return true;
    struct tally tally = {.pages = map_new(), .document_pages = t->pages};
    if (!tally.pages)
        return false;
    bool ok = each_edge(t, count_key, &tally) && each_edge(t, mark_key, &tally);
    map_free(tally.pages);
    return ok;
}
