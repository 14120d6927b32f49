/* Bookmarks, form fields and comments. */
#include "extract/pdf_extras.h"

#include <string.h>

#include "base/map.h"
#include "base/utf8.h"

enum { BOOKMARKS_MAX = 10000, DEPTH_MAX = 6, KEY_SIZE = 164, VALUE_UNITS = 4096, ANNOTATIONS_MAX = 10000 };

/* Appends UTF-16LE as UTF-8 up to its NUL. */
static void put_utf16(struct buf *out, const unsigned char *units, size_t bytes)
{
    for (size_t i = 0; i + 1 < bytes; i += 2) {
        uint32_t c = (uint32_t)units[i] | (uint32_t)units[i + 1] << 8;
        char text[4];
        if (c == 0)
            return;
        if (c >= 0xD800 && c < 0xDC00 && i + 3 < bytes) {
            uint32_t low = (uint32_t)units[i + 2] | (uint32_t)units[i + 3] << 8;
            if (low >= 0xDC00 && low < 0xE000) {
                c = 0x10000 + ((c - 0xD800) << 10) + (low - 0xDC00);
                i += 2;
            }
        }
        buf_put(out, text, utf8_put(text, c));
    }
}

/* A title as it is compared: letters only, in lower case, without the number that may stand before it; the page first. */
static struct span key_of(int32_t page, struct span title, char key[KEY_SIZE])
{
    size_t n = sizeof page;
    bool begun = false;
    memcpy(key, &page, sizeof page);
    for (size_t i = 0; i < title.n && n < KEY_SIZE; i++) {
        unsigned char c = (unsigned char)title.p[i];
        bool letter = ((c | 32) >= 'a' && (c | 32) <= 'z') || c >= 0x80;
        begun = begun || letter;
        if (letter || (begun && c >= '0' && c <= '9'))
            key[n++] = (char)(c >= 'A' && c <= 'Z' ? c | 32 : c);
    }
    return (struct span){key, n};
}

struct outline {
    const struct pdfium *f;
    pdfium_document d;
    struct pdf_text *t;
    struct buf title;
};

static void add_bookmark(struct outline *o, pdfium_bookmark b, int32_t level)
{
    unsigned char units[2 * 256];
    char key[KEY_SIZE];
    void *to = o->f->bookmark_destination(o->d, b), *action = to ? NULL : o->f->bookmark_action(b);
    if (action)
        to = o->f->action_destination(o->d, action);
    int page = to ? o->f->destination_page(o->d, to) : -1;
    unsigned long bytes = o->f->bookmark_title(b, units, sizeof units);
    if (page < 0 || page >= SINK_PAGES_MAX || bytes > sizeof units)
        return;
    buf_clear(&o->title);
    put_utf16(&o->title, units, bytes);
    struct span where = key_of(page + 1, buf_view(&o->title), key);
    uint64_t known;
    if (where.n > sizeof(int32_t) && !map_get(o->t->outline, where, &known))
        map_put(o->t->outline, where, (uint64_t)level);
}

/* Depth first; the count bounds outlines that lead back to themselves. */
static void add_bookmarks(struct outline *o)
{
    pdfium_bookmark path[DEPTH_MAX];
    int depth = 0;
    path[0] = o->f->bookmark_child(o->d, NULL);
    for (int n = 0; n < BOOKMARKS_MAX && depth >= 0; n++) {
        pdfium_bookmark b = path[depth];
        if (!b) {
            if (--depth >= 0)
                path[depth] = o->f->bookmark_next(o->d, path[depth]);
            continue;
        }
        add_bookmark(o, b, depth + 1);
        pdfium_bookmark child = depth + 1 < DEPTH_MAX ? o->f->bookmark_child(o->d, b) : NULL;
        if (child)
            path[++depth] = child;
        else
            path[depth] = o->f->bookmark_next(o->d, b);
    }
}

void pdf_read_bookmarks(const struct pdfium *f, pdfium_document d, struct pdf_text *t)
{
    struct outline o = {.f = f, .d = d, .t = t};
    t->outline = map_new();
    if (!t->outline)
        return;
    buf_init(&o.title, 1 << 16);
    add_bookmarks(&o);
    buf_free(&o.title);
}

int32_t pdf_bookmark_level(const struct pdf_text *t, int32_t page, struct span heading)
{
    char key[KEY_SIZE];
    uint64_t level = 0;
    struct span where = key_of(page, heading, key);
    return t->outline && where.n > sizeof(int32_t) && map_get(t->outline, where, &level) ? (int32_t)level : 0;
}

static bool put_value(const struct pdfium *f, pdfium_annotation a, const char *key, struct buf *out)
{
    unsigned char units[2 * VALUE_UNITS];
    size_t before = out->n;
    unsigned long bytes = f->annotation_text(a, key, units, sizeof units);
    if (bytes >= 2 && bytes <= sizeof units)
        put_utf16(out, units, bytes);
    return out->n > before;
}

/* "Label: value" of a filled field; nothing for an empty one. */
static bool put_field(const struct pdfium *f, pdfium_annotation a, struct buf *out)
{
    size_t before = out->n;
    if (!put_value(f, a, "TU", out))
        put_value(f, a, "T", out);
    if (out->n > before)
        buf_str(out, ": ");
    if (put_value(f, a, "V", out))
        return true;
    out->n = before;
    return false;
}

static bool put_annotation(const struct pdfium *f, pdfium_annotation a, struct buf *out)
{
    int kind = f->annotation_kind(a);
    if (kind == PDFIUM_WIDGET)
        return put_field(f, a, out);
    return (kind == PDFIUM_NOTE || kind == PDFIUM_FREE_TEXT || (kind >= PDFIUM_HIGHLIGHT && kind <= PDFIUM_STRIKEOUT)) && put_value(f, a, "Contents", out);
}

void pdf_read_annotations(const struct pdfium *f, pdfium_page page, int32_t number, struct pdf_text *t)
{
    int count = f->annotation_count(page);
    for (int i = 0; i < count && i < ANNOTATIONS_MAX; i++) {
        pdfium_annotation a = f->annotation(page, i);
        struct pdf_line l = {.text = t->bytes.n, .page = number, .aside = true};
        if (a && put_annotation(f, a, &t->bytes)) {
            l.length = t->bytes.n - l.text;
            buf_put(&t->lines, &l, sizeof l);
        }
        if (a)
            f->close_annotation(a);
    }
}
