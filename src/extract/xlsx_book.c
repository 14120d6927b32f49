/* Shared strings and cell formats of a workbook. */
#include "extract/xlsx_book.h"

#include <string.h>

#include "base/utf8.h"
#include "extract/number_format.h"
#include "extract/sheet_scan.h"

enum { STRINGS_MAX = 128 * 1024 * 1024, ENTRIES_MAX = 65536 };

void xlsx_strings_init(struct xlsx_strings *s)
{
    buf_init(&s->text, STRINGS_MAX);
    buf_init(&s->ends, STRINGS_MAX);
}

void xlsx_strings_free(struct xlsx_strings *s)
{
    buf_free(&s->text);
    buf_free(&s->ends);
}

/* Hexadecimal digits of "_x000D_", a character that XML cannot hold (ECMA-376 part 1, 22.9.2.19); false when it is no such thing. */
static bool escaped(struct span s, uint32_t *c)
{
    *c = 0;
    if (s.n < 7 || s.p[1] != 'x' || s.p[6] != '_')
        return false;
    for (size_t i = 2; i < 6; i++) {
        static const char digits[] = "0123456789abcdef";
        const char *digit = s.p[i] ? strchr(digits, s.p[i] >= 'A' && s.p[i] <= 'F' ? s.p[i] | 32 : s.p[i]) : NULL;
        if (!digit)
            return false;
        *c = *c << 4 | (uint32_t)(digit - digits);
    }
    return true;
}

void xlsx_unescape(struct buf *text, size_t from)
{
    const char *at = text->n > from && !text->failed ? memchr(text->p + from, '_', text->n - from) : NULL;
    if (!at)
        return;
    char *to = text->p + (at - text->p), *end = text->p + text->n;
    while (at < end) {
        uint32_t c;
        if (*at == '_' && escaped((struct span){at, (size_t)(end - at)}, &c)) {
            to += utf8_put(to, c);
            at += 7;
        } else {
            *to++ = *at++;
        }
    }
    text->n = (size_t)(to - text->p);
}

/* An si element, just opened. */
static bool read_string(struct xlsx_strings *s, struct sheet_scan *scan)
{
    size_t from = s->text.n;
    bool in_text = false;
    enum scan_node node;
    for (int depth = scan->depth - 1; (node = scan_next(scan)) != SCAN_CLOSE || scan->depth > depth;) {
        if (node == SCAN_FAILED || node == SCAN_END)
            return false;
        if (node == SCAN_TEXT && in_text)
            scan_put_text(scan, &s->text);
        else if (node == SCAN_OPEN && (span_eq(scan->name, SPAN("rPh")) || span_eq(scan->name, SPAN("phoneticPr")))) {
            if (!scan_skip(scan))
                return false;
        } else if (node != SCAN_TEXT)
            in_text = node == SCAN_OPEN && span_eq(scan->name, SPAN("t"));
    }
    xlsx_unescape(&s->text, from);
    buf_put(&s->ends, &s->text.n, sizeof s->text.n);
    return true;
}

bool xlsx_strings_read(struct xlsx_strings *s, struct package *p, const char *part_name)
{
    struct sheet_scan scan;
    bool ok = true;
    enum scan_node node;
    if (!part_name || !scan_open(&scan, p, part_name))
        return p->out->error == EXTRACT_OK;
    while (ok && (node = scan_next(&scan)) != SCAN_FAILED && node != SCAN_END)
        if (node == SCAN_OPEN && span_eq(scan.name, SPAN("si")))
            ok = read_string(s, &scan);
    scan_close(&scan);
    if (s->text.failed || s->ends.failed)
        return sink_no_memory(p->out);
    return p->out->error == EXTRACT_OK;
}

struct span xlsx_string(const struct xlsx_strings *s, int64_t index)
{
    size_t count = s->ends.n / sizeof(size_t), start = 0, end;
    if (index < 0 || (uint64_t)index >= count)
        return (struct span){0};
    if (index > 0)
        memcpy(&start, s->ends.p + (size_t)(index - 1) * sizeof start, sizeof start);
    memcpy(&end, s->ends.p + (size_t)index * sizeof end, sizeof end);
    return (struct span){s->text.p + start, end - start};
}

/* The lists of styles.xml while they are read. */
struct style_reader {
    struct part part;
    struct arena *arena;
    struct buf bold;    /* one char a font */
    struct buf codes;   /* struct code each */
    struct buf formats; /* struct xlsx_format each */
    enum { IN_NOTHING, IN_NUMBER_FORMATS, IN_FONTS, IN_CELL_FORMATS } list;
};

struct code {
    int64_t id;
    struct span text;
};

static void take_code(struct style_reader *r)
{
    char text[NUMBER_FORMAT_MAX + 1];
    struct code code = {.id = part_number(&r->part, "numFmtId", 0, INT32_MAX, -1)};
    if (code.id < 0 || !part_attribute(&r->part, "formatCode", text, sizeof text))
        return;
    code.text = arena_copy(r->arena, span_of(text));
    buf_put(&r->codes, &code, sizeof code);
}

static struct span find_code(const struct style_reader *r, int64_t id)
{
    struct code code;
    for (size_t at = 0; at + sizeof code <= r->codes.n; at += sizeof code) {
        memcpy(&code, r->codes.p + at, sizeof code);
        if (code.id == id && code.text.p)
            return code.text;
    }
    return number_format_builtin(id);
}

static void take_format(struct style_reader *r)
{
    int64_t font = part_number(&r->part, "fontId", 0, ENTRIES_MAX, 0);
    struct xlsx_format format = {.code = find_code(r, part_number(&r->part, "numFmtId", 0, INT32_MAX, 0))};
    format.bold = (uint64_t)font < r->bold.n && r->bold.p[font];
    buf_put(&r->formats, &format, sizeof format);
}

static bool is_on(const struct part *part)
{
    char value[8];
    return !part_attribute(part, "val", value, sizeof value) || (strcmp(value, "0") != 0 && strcmp(value, "false") != 0);
}

/* The lists appear elsewhere too (dxf has fonts and number formats): only their own parents count. */
static void enter_list(struct style_reader *r)
{
    static const char *const lists[] = {"numFmts", "fonts", "cellXfs"};
    for (int i = 0; i < 3; i++)
        if (part_is(&r->part, lists[i]))
            r->list = part_ends(&r->part) ? IN_NOTHING : IN_NUMBER_FORMATS + (unsigned)i;
}

static void take_style_node(struct style_reader *r)
{
    struct part *part = &r->part;
    if (!part_starts(part)) {
        if (part_is(part, "numFmts") || part_is(part, "fonts") || part_is(part, "cellXfs"))
            r->list = IN_NOTHING;
        return;
    }
    if (r->list == IN_NOTHING)
        enter_list(r);
    else if (r->list == IN_NUMBER_FORMATS && part_is(part, "numFmt"))
        take_code(r);
    else if (r->list == IN_FONTS && part_is(part, "font"))
        buf_char(&r->bold, 0);
    else if (r->list == IN_FONTS && part_is(part, "b") && r->bold.n)
        r->bold.p[r->bold.n - 1] = is_on(part);
    else if (r->list == IN_CELL_FORMATS && part_is(part, "xf"))
        take_format(r);
}

bool xlsx_styles_read(struct xlsx_styles *s, struct package *p, const char *part_name, struct arena *arena)
{
    struct style_reader r = {.arena = arena};
    if (!part_name || !part_open(p, part_name, &r.part))
        return p->out->error == EXTRACT_OK;
    buf_init(&r.bold, ENTRIES_MAX);
    buf_init(&r.codes, ENTRIES_MAX * sizeof(struct code));
    buf_init(&r.formats, ENTRIES_MAX * sizeof(struct xlsx_format));
    while (part_next(&r.part) == 1)
        take_style_node(&r);
    part_close(&r.part);
    s->count = r.formats.n / sizeof *s->formats;
    s->formats = arena_array(arena, s->count ? s->count : 1, sizeof *s->formats);
    if (s->formats && s->count)
        memcpy(s->formats, r.formats.p, r.formats.n);
    bool failed = !s->formats || r.bold.failed || r.codes.failed || r.formats.failed;
    buf_free(&r.bold);
    buf_free(&r.codes);
    buf_free(&r.formats);
    if (failed)
        return sink_no_memory(p->out);
    return p->out->error == EXTRACT_OK;
}

struct xlsx_format xlsx_format_at(const struct xlsx_styles *s, int64_t index)
{
    if (index < 0 || (uint64_t)index >= s->count)
        return (struct xlsx_format){.code = SPAN("General")};
    return s->formats[index];
}
