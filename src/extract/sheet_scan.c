/* Tags and text of worksheets, cut out of the bytes as they are inflated. */
#include "extract/sheet_scan.h"

#include <string.h>

#include "base/utf8.h"
#include "extract/entity.h"

enum { CHUNK = 64 * 1024, TAG_MAX = 1 << 20, REFERENCE_MAX = 64 };

bool scan_open(struct sheet_scan *s, struct package *p, const char *part_name)
{
    memset(s, 0, offsetof(struct sheet_scan, open));
    buf_init(&s->bytes, TAG_MAX + 4 * CHUNK);
    return part_open_bytes(p, part_name, &s->part);
}

void scan_close(struct sheet_scan *s)
{
    part_close(&s->part);
    buf_free(&s->bytes);
}

static enum scan_node refuse_damaged(struct sheet_scan *s)
{
    sink_refuse(s->part.package->out, EXTRACT_DAMAGED, "The XML inside the document is damaged.");
    return SCAN_FAILED;
}

static enum scan_node refuse_complex(struct sheet_scan *s)
{
    sink_refuse(s->part.package->out, EXTRACT_TOO_COMPLEX, "The XML inside the document is nested too deeply.");
    return SCAN_FAILED;
}

/* One character of UTF-16 from the two or four bytes at p; 0 when four are needed and fewer are there. */
static size_t take_wide(const struct sheet_scan *s, const char *p, size_t n, uint32_t *c)
{
    size_t high = s->encoding == SCAN_BIG ? 0 : 1;
    *c = (uint32_t)(unsigned char)p[high] << 8 | (unsigned char)p[1 - high];
    if (*c < 0xD800 || *c > 0xDBFF)
        return 2;
    if (n < 4)
        return 0;
    uint32_t low = (uint32_t)(unsigned char)p[2 + high] << 8 | (unsigned char)p[3 - high];
    *c = low >= 0xDC00 && low <= 0xDFFF ? 0x10000 + ((*c - 0xD800) << 10) + (low - 0xDC00) : 0xFFFD;
    return 4;
}

static void put_wide(struct sheet_scan *s, const char *p, size_t n)
{
    uint32_t c;
    size_t used;
    char *to = buf_reserve(&s->bytes, 2 * n);
    while (to && n >= 2 && (used = take_wide(s, p, n, &c)) > 0) {
        size_t written = utf8_put(to, c);
        to += written;
        s->bytes.n += written;
        p += used;
        n -= used;
    }
    s->odd_n = n < sizeof s->odd ? n : 0;
    memcpy(s->odd, p, s->odd_n);
}

/* The first bytes say whether the part is UTF-16; a byte order mark goes. */
static void find_encoding(struct sheet_scan *s)
{
    char *p = s->bytes.p, head[CHUNK];
    size_t n = s->bytes.n;
    if (n >= 3 && memcmp(p, "\xEF\xBB\xBF", 3) == 0)
        s->at = 3;
    if (n < 4 || (memcmp(p, "\xFF\xFE", 2) != 0 && memcmp(p, "\xFE\xFF", 2) != 0 && memcmp(p, "<\0", 2) != 0 && memcmp(p, "\0<", 2) != 0))
        return;
    s->encoding = p[0] == '\xFF' || p[0] == '<' ? SCAN_LITTLE : SCAN_BIG;
    size_t mark = p[0] == '<' || p[0] == '\0' ? 0 : 2;
    memcpy(head, p, n);
    buf_clear(&s->bytes);
    put_wide(s, head + mark, n - mark);
}

static ptrdiff_t fill_wide(struct sheet_scan *s)
{
    char chunk[CHUNK];
    memcpy(chunk, s->odd, s->odd_n);
    ptrdiff_t n = part_bytes(&s->part, chunk + s->odd_n, sizeof chunk - s->odd_n);
    if (n > 0)
        put_wide(s, chunk, s->odd_n + (size_t)n);
    return n;
}

/* Brings more bytes; false at their end and after sink_refuse. */
static bool fill(struct sheet_scan *s)
{
    bool first = s->bytes.p == NULL;
    if (s->ended)
        return false;
    buf_consume(&s->bytes, s->at);
    s->at = 0;
    ptrdiff_t n = -1;
    if (s->encoding != SCAN_NARROW) {
        n = fill_wide(s);
    } else {
        char *to = buf_reserve(&s->bytes, CHUNK);
        n = to ? part_bytes(&s->part, to, CHUNK) : -1;
        s->bytes.n += n > 0 ? (size_t)n : 0;
        if (first && n > 0)
            find_encoding(s);
    }
    s->ended = n <= 0;
    if (s->bytes.failed)
        refuse_complex(s);
    else if (n < 0)
        refuse_damaged(s); /* unless the package has been refused already */
    return n > 0 && !s->bytes.failed;
}

static struct span window(const struct sheet_scan *s)
{
    return (struct span){s->bytes.p + s->at, s->bytes.n - s->at};
}

/* Offset of the marker behind the place, with as many more bytes as that takes; -1 when it never comes. */
static ptrdiff_t find_ahead(struct sheet_scan *s, struct span marker)
{
    for (;;) {
        ptrdiff_t found = span_find(window(s), marker);
        if (found >= 0 || !fill(s))
            return found;
    }
}

/* Bytes of the tag at the place, with both brackets: a '>' within quotes is none. 0 when it is not all there. */
static size_t tag_length(struct span w)
{
    for (size_t i = 1; i < w.n; i++) {
        char c = w.p[i];
        if (c == '>')
            return i + 1;
        if (c == '"' || c == '\'')
            for (i++; i < w.n && w.p[i] != c;) /* values are too short for memchr */
                i++;
    }
    return 0;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

static uint32_t hash(struct span name)
{
    uint32_t h = 2166136261U;
    for (size_t i = 0; i < name.n; i++)
        h = (h ^ (unsigned char)name.p[i]) * 16777619U;
    return h;
}

static struct span without_prefix(struct span name)
{
    for (size_t i = 0; i < name.n; i++)
        if (name.p[i] == ':')
            return span_skip(name, i + 1);
    return name;
}

static enum scan_node close_element(struct sheet_scan *s, uint32_t name)
{
    if (s->depth == 0 || s->open[--s->depth] != name)
        return refuse_damaged(s);
    return SCAN_CLOSE;
}

/* What stands between the brackets of a tag. */
static enum scan_node take_tag(struct sheet_scan *s, struct span inside)
{
    size_t n = 0;
    bool end = inside.n && inside.p[0] == '/';
    inside = span_skip(inside, end);
    while (n < inside.n && !is_blank(inside.p[n]) && inside.p[n] != '/')
        n++;
    struct span name = {inside.p, n};
    if (n == 0)
        return refuse_damaged(s);
    s->name = without_prefix(name);
    if (end)
        return close_element(s, hash(name));
    if (s->depth == SCAN_DEPTH_MAX)
        return refuse_complex(s);
    s->open[s->depth++] = hash(name);
    s->closing = inside.p[inside.n - 1] == '/';
    s->attributes = (struct span){inside.p + n, inside.n - n - s->closing};
    return SCAN_OPEN;
}

static enum scan_node take_text(struct sheet_scan *s, size_t n, size_t used, bool literal)
{
    s->text = (struct span){s->bytes.p + s->at, n};
    s->literal = literal;
    s->at += used;
    return SCAN_TEXT;
}

/* "<!": a comment or a CDATA section, else a DOCTYPE, which is refused. */
static enum scan_node take_declaration(struct sheet_scan *s, bool *passed)
{
    static const struct span comment = SPAN("<!--"), data = SPAN("<![CDATA[");
    while (s->bytes.n - s->at < data.n && fill(s))
        continue;
    bool is_data = span_starts(window(s), data);
    if (!is_data && !span_starts(window(s), comment)) {
        sink_refuse(s->part.package->out, EXTRACT_DAMAGED, "The XML inside the document has a DOCTYPE, which office documents must not have.");
        return SCAN_FAILED;
    }
    ptrdiff_t end = find_ahead(s, is_data ? SPAN("]]>") : SPAN("-->"));
    if (end < 0)
        return refuse_damaged(s);
    *passed = !is_data;
    s->at += is_data ? data.n : (size_t)end + 3;
    return is_data ? take_text(s, (size_t)end - data.n, (size_t)end - data.n + 3, true) : SCAN_END;
}

/* At a '<'. *passed: it was nothing that has a meaning. */
static enum scan_node take_markup(struct sheet_scan *s, bool *passed)
{
    size_t n;
    while (s->bytes.n - s->at < 2 && fill(s))
        continue;
    struct span w = window(s);
    if (w.n > 1 && w.p[1] == '!')
        return take_declaration(s, passed);
    if (w.n > 1 && w.p[1] == '?') {
        ptrdiff_t end = find_ahead(s, SPAN("?>"));
        *passed = end >= 0;
        s->at += end >= 0 ? (size_t)end + 2 : 0;
        return end >= 0 ? SCAN_END : refuse_damaged(s);
    }
    while ((n = tag_length(window(s))) == 0)
        if (!fill(s))
            return refuse_damaged(s);
    w = window(s);
    s->at += n;
    return take_tag(s, (struct span){w.p + 1, n - 2});
}

/* Bytes of text that can be handed out: up to the next tag, and no piece of a reference. */
static size_t text_length(const struct sheet_scan *s, struct span w)
{
    const char *tag = memchr(w.p, '<', w.n);
    if (tag || s->ended)
        return tag ? (size_t)(tag - w.p) : w.n;
    size_t near = w.n < REFERENCE_MAX ? w.n : REFERENCE_MAX;
    for (size_t i = 1; i <= near && w.p[w.n - i] != ';'; i++)
        if (w.p[w.n - i] == '&')
            return w.n - i;
    return w.n;
}

enum scan_node scan_next(struct sheet_scan *s)
{
    bool passed = false;
    if (s->closing) {
        s->closing = false;
        s->depth--;
        return SCAN_CLOSE;
    }
    for (;; passed = false) {
        size_t n = 0;
        while (s->at == s->bytes.n || (s->bytes.p[s->at] != '<' && (n = text_length(s, window(s))) == 0))
            if (!fill(s))
                return s->part.package->out->error != EXTRACT_OK ? SCAN_FAILED : s->depth ? refuse_damaged(s) : SCAN_END;
        if (n)
            return take_text(s, n, n, false);
        enum scan_node node = take_markup(s, &passed);
        if (!passed)
            return s->part.package->out->error == EXTRACT_OK ? node : SCAN_FAILED;
    }
}

bool scan_skip(struct sheet_scan *s)
{
    enum scan_node node;
    for (int depth = s->depth - 1; (node = scan_next(s)) != SCAN_FAILED && node != SCAN_END;)
        if (node == SCAN_CLOSE && s->depth <= depth)
            return true;
    return false;
}

bool scan_attribute(struct span *rest, struct span *name, struct span *value)
{
    struct span s = *rest;
    size_t n = 0;
    while (s.n && is_blank(s.p[0]))
        s = span_skip(s, 1);
    while (n < s.n && s.p[n] != '=' && !is_blank(s.p[n]))
        n++;
    *name = without_prefix((struct span){s.p, n});
    while (n < s.n && s.p[n] != '"' && s.p[n] != '\'')
        n++;
    size_t end = n + 1;
    while (end < s.n && s.p[end] != s.p[n])
        end++;
    if (end >= s.n)
        return false;
    *value = (struct span){s.p + n + 1, end - n - 1};
    *rest = span_skip(s, end + 1);
    return true;
}

void scan_put_text(const struct sheet_scan *s, struct buf *to)
{
    struct span rest = s->text;
    const char *and;
    while (!s->literal && rest.n && (and = memchr(rest.p, '&', rest.n))) {
        buf_put(to, rest.p, (size_t)(and-rest.p));
        rest = span_skip(rest, (size_t)(and-rest.p));
        const char *end = memchr(rest.p, ';', rest.n);
        struct span reference = {rest.p, end ? (size_t)(end - rest.p) + 1 : 1};
        entity_put(to, reference);
        rest = span_skip(rest, reference.n);
    }
    buf_span(to, rest);
}
