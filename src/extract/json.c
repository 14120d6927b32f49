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

/* True for an object without nested containers. Arrays of scalars count as a value. */
static bool is_flat_record(struct span value)
{
    if (value.n == 0 || value.p[0] != '{')
        return false;
    struct span rest = json_inside(value), member;
    while ((member = json_take(&rest)).n) {
        member = json_take(&rest);
        if (is_container(member))
            return false;
    }
    return true;
}

/* True when all of two or more values are flat records. */
static bool is_table(struct span values)
{
    size_t count = 0;
    struct span value;
    for (; (value = json_take(&values)).n; count++)
        if (!is_flat_record(value))
            return false;
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

static void put_cell(struct walk *w, bool first, struct span value)
{
    buf_clear(&w->cell);
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

static bool put_value(struct walk *w, struct span value, int depth);

/* One step down: the member's name or "[index]" goes on the path for as long as its value is written. */
static bool put_member(struct walk *w, struct span key, size_t index, struct span value, int depth)
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
    bool ok = put_value(w, value, depth + 1);
    w->path.n = before;
    return ok;
}

static bool put_members(struct walk *w, struct span value, int depth)
{
    bool object = value.p[0] == '{';
    struct span rest = json_inside(value), item;
    for (size_t index = 0; (item = json_take(&rest)).n; index++)
        if (!put_member(w, object ? item : (struct span){0}, index, object ? json_take(&rest) : item, depth))
            return false;
    return true;
}

static bool put_scalar_line(struct walk *w, struct span value)
{
    buf_clear(&w->line);
    buf_span(&w->line, buf_view(&w->path));
    if (w->path.n)
        buf_str(&w->line, ": ");
    put_scalar(&w->line, value);
    if (w->line.failed || w->path.failed)
        return sink_no_memory(w->out);
    return sink_put(w->out, BLOCK_PARAGRAPH, 0, 0, buf_view(&w->line));
}

/* True for an array of scalars: it reads best as one line "path: a, b, c". */
static bool put_list(struct walk *w, struct span value, bool *done)
{
    struct span rest = json_inside(value), item;
    *done = false;
    buf_clear(&w->line);
    buf_span(&w->line, buf_view(&w->path));
    for (const char *separator = w->path.n ? ": " : ""; (item = json_take(&rest)).n; separator = ", ") {
        if (is_container(item))
            return true;
        buf_str(&w->line, separator);
        put_scalar(&w->line, item);
    }
    *done = true;
    if (w->line.failed)
        return sink_no_memory(w->out);
    return sink_put(w->out, BLOCK_PARAGRAPH, 0, 0, buf_view(&w->line));
}

static bool put_value(struct walk *w, struct span value, int depth)
{
    if (!is_container(value))
        return is_null(value) ? true : put_scalar_line(w, value);
    if (json_inside(value).n == 0)
        return true;
    if (value.p[0] == '[') {
        bool done = false;
        if (is_table(json_inside(value)) && put_table(w, json_inside(value)))
            return true;
        if (w->out->error != EXTRACT_OK || !put_list(w, value, &done))
            return false;
        if (done)
            return true;
    }
    return put_members(w, value, depth);
}

static bool put_document(struct walk *w, struct span text, enum json_verdict verdict)
{
    struct span value;
    if (verdict == JSON_WHOLE)
        return put_value(w, json_take(&text), 0);
    if (is_table(text) && put_table(w, text))
        return true;
    for (size_t index = 0; w->out->error == EXTRACT_OK && (value = json_take(&text)).n; index++)
        if (!put_member(w, (struct span){0}, index, value, 0))
            return false;
    return w->out->error == EXTRACT_OK;
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
