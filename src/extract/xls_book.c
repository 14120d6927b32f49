/* The globals of a binary Excel workbook ([MS-XLS] 2.1.7.20.3): sheets, shared strings, fonts and formats. */
#include "extract/xls_book.h"

#include <string.h>

#include "extract/binary.h"
#include "extract/charset.h"
#include "extract/number_format.h"

enum { STRINGS_MAX = 128 * 1024 * 1024, CODES_MAX = 1 << 16, ITEMS_MAX = 1 << 16, SCRATCH_MAX = 1 << 20 };

struct xls_look {
    uint16_t font, code;
};

void xls_book_init(struct xls_book *k, const struct source *in, struct arena *arena, struct sink *out)
{
    *k = (struct xls_book){.charsets = in->library, .arena = arena, .out = out, .codepage = 1252};
    buf_init(&k->sheets, SINK_PAGES_MAX * sizeof(struct xls_sheet));
    buf_init(&k->text, STRINGS_MAX);
    buf_init(&k->ends, STRINGS_MAX);
    buf_init(&k->codes, CODES_MAX * sizeof(struct span));
    buf_init(&k->fonts, ITEMS_MAX);
    buf_init(&k->looks, ITEMS_MAX * sizeof(struct xls_look));
}

void xls_book_free(struct xls_book *k)
{
    buf_free(&k->sheets);
    buf_free(&k->text);
    buf_free(&k->ends);
    buf_free(&k->codes);
    buf_free(&k->fonts);
    buf_free(&k->looks);
}

void xls_text(const struct xls_book *k, struct biff *b, size_t at, int width, struct buf *to)
{
    struct biff_text t = biff_text_at(b, at);
    if (k->version >= 8) {
        biff_text_string(&t, width, to);
        return;
    }
    uint32_t count = width == 1 ? le8(b->data, at) : le16(b->data, at);
    charset_put(k->charsets, k->codepage, slice(b->data, at + (size_t)width, count), to);
}

/* The text in the arena; empty when there is no memory for it. */
static struct span keep_text(struct xls_book *k, struct biff *b, size_t at, int width)
{
    struct buf text;
    buf_init(&text, SCRATCH_MAX);
    xls_text(k, b, at, width, &text);
    struct span kept = arena_copy(k->arena, buf_view(&text));
    buf_free(&text);
    return kept.p ? kept : (struct span){"", 0};
}

/* BOUNDSHEET: hidden sheets, and those with macros or Visual Basic, are not read. */
static bool take_sheet(struct xls_book *k, struct biff *b)
{
    uint32_t hidden = le8(b->data, 4) & 3, kind = le8(b->data, 5);
    struct xls_sheet sheet = {le32(b->data, 0), {0}};
    if (hidden || (kind != 0 && kind != 2))
        return true;
    sheet.name = keep_text(k, b, 6, 1);
    buf_put(&k->sheets, &sheet, sizeof sheet);
    return k->sheets.failed ? sink_refuse(k->out, EXTRACT_TOO_COMPLEX, "The workbook has too many sheets.") : true;
}

static bool take_strings(struct xls_book *k, struct biff *b)
{
    uint32_t count = le32(b->data, 4);
    struct biff_text t = biff_text_at(b, 8);
    for (uint32_t i = 0; i < count && biff_text_string(&t, 2, &k->text); i++) {
        buf_put(&k->ends, &k->text.n, sizeof k->text.n);
        if (k->text.failed || k->ends.failed)
            return sink_refuse(k->out, EXTRACT_TOO_LARGE, "The workbook holds too much text.");
    }
    return true;
}

/* A number format: before version 5 they have no ids but count up. */
static void take_format(struct xls_book *k, struct biff *b)
{
    size_t id = k->version >= 5 ? le16(b->data, 0) : k->codes.n / sizeof(struct span);
    struct span code = keep_text(k, b, k->version >= 4 ? 2 : 0, k->version >= 8 ? 2 : 1);
    while (k->codes.n / sizeof code <= id && !k->codes.failed)
        buf_put(&k->codes, &(struct span){0}, sizeof code);
    if (!k->codes.failed)
        memcpy(k->codes.p + id * sizeof code, &code, sizeof code);
}

static void take_font(struct xls_book *k, const struct biff *b)
{
    bool bold = k->version >= 5 ? le16(b->data, 6) >= 600 : (le16(b->data, 2) & 1) != 0;
    buf_put(&k->fonts, &bold, sizeof bold);
}

static void take_look(struct xls_book *k, const struct biff *b)
{
    struct xls_look look = {(uint16_t)le16(b->data, 0), (uint16_t)le16(b->data, 2)};
    if (k->version < 5)
        look = (struct xls_look){(uint16_t)le8(b->data, 0), (uint16_t)(k->version == 2 ? le8(b->data, 2) & 0x3F : le8(b->data, 1))};
    buf_put(&k->looks, &look, sizeof look);
}

void xls_book_take(struct xls_book *k, struct biff *b)
{
    switch (b->type) {
    case BIFF_CODEPAGE:
        k->codepage = le16(b->data, 0) == 0x8001 ? 1252 : le16(b->data, 0);
        break;
    case BIFF_DATEMODE:
        k->date1904 = le16(b->data, 0) == 1;
        break;
    case BIFF_FONT:
    case BIFF_FONT3:
        take_font(k, b);
        break;
    case BIFF_FORMAT:
    case BIFF_FORMAT2:
        take_format(k, b);
        break;
    case BIFF_XF:
    case BIFF_XF2:
    case BIFF_XF3:
    case BIFF_XF4:
        take_look(k, b);
        break;
    default:
        break;
    }
}

bool xls_book_read(struct xls_book *k, struct span stream)
{
    struct biff b = {.rest = stream};
    k->stream = stream;
    if (!biff_next(&b) || !biff_is_bof(b.type))
        return sink_refuse(k->out, EXTRACT_DAMAGED, "The file holds no workbook.");
    if (biff_begin(&b) != BIFF_GLOBALS) { /* one sheet alone, as before version 5 */
        k->version = b.version;
        buf_put(&k->sheets, &(struct xls_sheet){0, SPAN("Sheet1")}, sizeof(struct xls_sheet));
        return true;
    }
    k->version = b.version;
    while (biff_next(&b) && b.type != BIFF_EOF) {
        if (b.type == BIFF_FILEPASS)
            return sink_refuse(k->out, EXTRACT_ENCRYPTED, "The workbook is protected by a password.");
        if (b.type == BIFF_BOUNDSHEET ? !take_sheet(k, &b) : b.type == BIFF_SST && !take_strings(k, &b))
            return false;
        xls_book_take(k, &b);
    }
    return true;
}

struct span xls_string(const struct xls_book *k, uint32_t index)
{
    size_t range[2] = {0, 0};
    if (index >= k->ends.n / sizeof *range)
        return (struct span){"", 0};
    memcpy(&range[1], k->ends.p + index * sizeof *range, sizeof *range);
    if (index > 0)
        memcpy(&range[0], k->ends.p + (index - 1) * sizeof *range, sizeof *range);
    return (struct span){k->text.p + range[0], range[1] - range[0]};
}

struct xls_format xls_format_at(const struct xls_book *k, uint32_t index)
{
    struct xls_look look;
    struct xls_format f = {SPAN("General"), false};
    if (index >= k->looks.n / sizeof look)
        return f;
    memcpy(&look, k->looks.p + index * sizeof look, sizeof look);
    struct span code = {0};
    if (look.code < k->codes.n / sizeof code)
        memcpy(&code, k->codes.p + look.code * sizeof code, sizeof code);
    f.code = code.p ? code : k->version >= 5 ? number_format_builtin(look.code) : f.code;
    size_t font = look.font > 4 ? look.font - 1u : look.font; /* there is no font 4 */
    f.bold = font < k->fonts.n && k->fonts.p[font];
    return f;
}
