/* JSON and JSON Lines → blocks: an array of flat records becomes a table, everything else paragraphs "path: value". */
#include <stdio.h>
#include <string.h>

#include "base/map.h"
#include "base/utf8.h"
#include "extract/charset.h"
#include "extract/json_scan.h"

enum { COLUMNS_MAX = 256, PATH_STEPS_MAX = 64, PATH_BYTES_MAX = 4096 };

struct walk {
    struct sink *out;
    struct buf path; /* "a.b[2].c" */
    struct buf line; /* the block under construction */
    struct buf cell;
};

static uint32_t hex4(const char *p)
{
    uint32_t value = 0;
    for (int i = 0; i < 4; i++) {
        char x = p[i];
        value = value << 4 | (uint32_t)(x <= '9' ? x - '0' : (x | 32) - 'a' + 10);
    }
    return value;
}

/* A \uXXXX escape at p (behind the 'u'), with its low surrogate when one follows; returns the bytes used. */
static size_t take_unicode(const char *p, const char *end, uint32_t *c)
{
    *c = hex4(p);
    if (*c < 0xD800 || *c > 0xDBFF || end - p < 10 || p[4] != '\\' || p[5] != 'u')
        return 4;
    uint32_t low = hex4(p + 6);
    if (low < 0xDC00 || low > 0xDFFF)
        return 4;
    *c = 0x10000 + ((*c - 0xD800) << 10) + (low - 0xDC00);
    return 10;
}

/* Appends the characters of a string value (with its quotes) that the scanner accepted. */
static void put_string(struct buf *to, struct span value)
{
    static const char from[] = "bfnrt", into[] = "\b\f\n\r\t";
    struct span s = json_inside(value);
    for (const char *p = s.p, *end = s.p + s.n; p < end; p++) {
        if (*p != '\\') {
            buf_char(to, *p);
            continue;
        }
        p++;
        const char *known = memchr(from, *p, 5);
        if (*p == 'u') {
            uint32_t c;
            char bytes[4];
            p += take_unicode(p + 1, end, &c);
            buf_put(to, bytes, utf8_put(bytes, c));
        } else {
            buf_char(to, known ? into[known - from] : *p);
        }
    }
}

static bool is_container(struct span value)
{
    return value.n && (value.p[0] == '{' || value.p[0] == '[');
}

static bool is_null(struct span value)
{
    return span_eq(value, SPAN("null"));
}

/* A string, number, true or false as people read it; null is nothing. */
static void put_scalar(struct buf *to, struct span value)
{
    if (value.n && value.p[0] == '"')
        put_string(to, value);
    else if (!is_null(value))
        buf_span(to, value);
}

/* True, with *rest behind it, for an array without containers. *rest is inside of it. */
static bool pass_scalars(struct span *rest)
{
    for (char first; (first = json_peek(rest)) != '\0'; json_take(rest))
        if (first == '{' || first == '[')
            return false;
    return true;
}

/* True, with *rest behind it, for an object whose members are scalars and arrays of scalars. *rest is inside of it. */
static bool pass_flat_record(struct span *rest)
{
    while (json_peek(rest)) {
        json_take(rest);
        char first = json_peek(rest);
        if (first == '{')
            return false;
        if (first != '[') {
            json_take(rest);
            continue;
        }
        *rest = span_skip(*rest, 1);
        if (!pass_scalars(rest))
            return false;
    }
    return true;
}

/* True when all of two or more values are flat records. Stops at the first that is none: looking ahead stays cheap in nested documents. */
static bool is_table(struct span values)
{
    size_t count = 0;
    for (char first; (first = json_peek(&values)) != '\0'; count++) {
        if (first != '{')
            return false;
        values = span_skip(values, 1);
        if (!pass_flat_record(&values))
            return false;
    }
    return count >= 2;
}

/* The columns of a table: every key of any record, in order of appearance; the row's cells are found by the key's raw bytes. */
struct columns {
    struct map *index;
    struct span names[COLUMNS_MAX];
    size_t count;
};

static bool collect_columns(struct columns *c, struct span values)
{
    struct span value, key;
    while ((value = json_take(&values)).n) {
        struct span rest = json_inside(value);
        while ((key = json_take(&rest)).n) {
            uint64_t known;
            json_take(&rest);
            if (map_get(c->index, key, &known))
                continue;
            if (c->count == COLUMNS_MAX || !map_put(c->index, key, c->count))
                return false;
            c->names[c->count++] = key;
        }
    }
    return c->count > 0;
}

/* The scalars of an array as people read them: "a, b, c". */
static void put_scalars(struct buf *to, struct span array)
{
    struct span rest = json_inside(array), item;
    for (const char *separator = ""; (item = json_take(&rest)).n; separator = ", ") {
        buf_str(to, separator);
        put_scalar(to, item);
    }
}

static void put_cell(struct walk *w, bool first, struct span value)
{
    buf_clear(&w->cell);
    if (value.n && value.p[0] == '[')
        put_scalars(&w->cell, value);
    else
        put_scalar(&w->cell, value);
    row_cell(&w->line, first, buf_view(&w->cell));
}

static bool put_row(struct walk *w, const struct columns *c, enum block_kind kind, const struct span *cells)
{
    buf_clear(&w->line);
    for (size_t i = 0; i < c->count; i++)
        put_cell(w, i == 0, cells[i]);
    if (w->line.failed || w->cell.failed)
        return sink_no_memory(w->out);
    return sink_put(w->out, kind, 0, 0, buf_view(&w->line));
}

static bool put_rows(struct walk *w, const struct columns *c, struct span values)
{
    struct span value, key;
    if (!put_row(w, c, BLOCK_TABLE_HEADER, c->names))
        return false;
    while ((value = json_take(&values)).n) {
        struct span cells[COLUMNS_MAX] = {{0}};
        struct span rest = json_inside(value);
        while ((key = json_take(&rest)).n) {
            uint64_t column = 0;
            struct span member = json_take(&rest);
            if (map_get(c->index, key, &column))
                cells[column] = member;
        }
        if (!put_row(w, c, BLOCK_TABLE_ROW, cells))
            return false;
    }
    return true;
}

/* The values as a table. False without a refusal when they have too many columns. */
static bool put_table(struct walk *w, struct span values)
{
    struct columns c = {.index = map_new()};
    if (!c.index)
        return sink_no_memory(w->out);
    bool ok = collect_columns(&c, values) && (w->path.n == 0 || sink_put(w->out, BLOCK_HEADING, 2, 0, buf_view(&w->path))) && put_rows(w, &c, values);
    map_free(c.index);
    return ok;
}

static bool put_value(struct walk *w, struct span *rest, int depth);

/* One step down: the member's name or "[index]" goes on the path for as long as its value is written. */
static bool put_member(struct walk *w, struct span key, size_t index, struct span *rest, int depth)
{
    size_t before = w->path.n;
    if (depth < PATH_STEPS_MAX && before + key.n < PATH_BYTES_MAX) {
        if (key.n) {
            if (before)
                buf_char(&w->path, '.');
            put_string(&w->path, key);
        } else {
            buf_printf(&w->path, "[%zu]", index);
        }
    }
    bool ok = put_value(w, rest, depth + 1);
    w->path.n = before;
    return ok;
}

/* The members of the container that *rest is inside of; afterwards it is behind it. */
static bool put_members(struct walk *w, struct span *rest, bool object, int depth)
{
    for (size_t index = 0; json_peek(rest); index++)
        if (!put_member(w, object ? json_take(rest) : (struct span){0}, index, rest, depth))
            return false;
    return true;
}

/* A scalar, or an array of scalars, as one line "path: a, b, c". */
static bool put_line(struct walk *w, struct span value)
{
    buf_clear(&w->line);
    buf_span(&w->line, buf_view(&w->path));
    if (w->path.n)
        buf_str(&w->line, ": ");
    if (is_container(value))
        put_scalars(&w->line, value);
    else
        put_scalar(&w->line, value);
    if (w->line.failed || w->path.failed)
        return sink_no_memory(w->out);
    return sink_put(w->out, BLOCK_PARAGRAPH, 0, 0, buf_view(&w->line));
}

/* An array, at its bracket: a table, a line or its members one by one. */
static bool put_array(struct walk *w, struct span *rest, int depth)
{
    struct span inside = span_skip(*rest, 1), ahead = inside;
    if (is_table(inside)) {
        struct span after = *rest, values = json_inside(json_take(&after));
        if (put_table(w, values) || w->out->error != EXTRACT_OK) {
            *rest = after;
            return w->out->error == EXTRACT_OK;
        }
    } else if (json_peek(&ahead) && pass_scalars(&ahead)) {
        return put_line(w, json_take(rest));
    }
    *rest = inside;
    return put_members(w, rest, false, depth);
}

/* The value that *rest begins with; afterwards it is behind it. The document is walked once, a container is not measured before it is read. */
static bool put_value(struct walk *w, struct span *rest, int depth)
{
    char first = json_peek(rest);
    if (first == '[')
        return put_array(w, rest, depth);
    if (first == '{') {
        *rest = span_skip(*rest, 1);
        return put_members(w, rest, true, depth);
    }
    struct span value = json_take(rest);
    return is_null(value) ? true : put_line(w, value);
}

static bool put_document(struct walk *w, struct span text, enum json_verdict verdict)
{
    if (verdict == JSON_WHOLE)
        return put_value(w, &text, 0);
    if (is_table(text) && put_table(w, text))
        return true;
    return w->out->error == EXTRACT_OK && put_members(w, &text, false, 0);
}

static bool refuse(struct sink *out, enum json_verdict verdict, struct span text, size_t at)
{
    char sentence[120];
    size_t line = 1;
    for (size_t i = 0; i < at && i < text.n; i++)
        line += text.p[i] == '\n';
    if (verdict == JSON_DEEP)
        return sink_refuse(out, EXTRACT_TOO_COMPLEX, "The JSON is nested too deeply.");
    snprintf(sentence, sizeof sentence, verdict == JSON_CUT ? "The JSON ends too early, in line %zu." : "This is not valid JSON, see line %zu.", line);
    return sink_refuse(out, EXTRACT_DAMAGED, sentence);
}

bool json_read_document(const struct source *in, struct sink *out)
{
    struct buf text;
    size_t at = 0;
    buf_init(&text, (size_t)1 << 29);
    struct walk w = {.out = out};
    buf_init(&w.path, 2 * PATH_BYTES_MAX);
    buf_init(&w.line, (size_t)1 << 28);
    buf_init(&w.cell, (size_t)1 << 28);
    bool ok = charset_decode(in, (struct span){0}, &text, out);
    if (ok) {
        enum json_verdict verdict = json_scan(buf_view(&text), &at);
        ok = verdict == JSON_WHOLE || verdict == JSON_LINES ? put_document(&w, buf_view(&text), verdict) : refuse(out, verdict, buf_view(&text), at);
    }
    buf_free(&w.cell);
    buf_free(&w.line);
    buf_free(&w.path);
    buf_free(&text);
    return ok;
}
