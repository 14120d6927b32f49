/* jansson behind bounds. Depth is counted before the parser sees the text, since its own limit is fixed at 2048 when it is built. */
#include "base/json.h"

#include <stdio.h>

#include "base/utf8.h"

static bool too_deep(struct span text)
{
    int depth = 0;
    bool in_string = false;
    for (size_t i = 0; i < text.n; i++) {
        char c = text.p[i];
        if (in_string) {
            if (c == '\\')
                i++;
            else if (c == '"')
                in_string = false;
        } else if (c == '"') {
            in_string = true;
        } else if (c == '[' || c == '{') {
            if (++depth > JSON_DEPTH_MAX)
                return true;
        } else if (c == ']' || c == '}') {
            depth--;
        }
    }
    return false;
}

static json_t *read_with(size_t flags, struct span text, char *why, size_t why_size)
{
    if (too_deep(text)) {
        snprintf(why, why_size, "The JSON is nested deeper than %d levels; flatten it.", JSON_DEPTH_MAX);
        return NULL;
    }
    json_error_t error;
    json_t *value = json_loadb(text.n ? text.p : "", text.n, JSON_DECODE_ANY | flags, &error);
    if (!value && json_error_code(&error) == json_error_null_character)
        snprintf(why, why_size, "The JSON holds the character U+0000 (line %d, column %d); leave it out.", error.line, error.column);
    else if (!value)
        snprintf(why, why_size, "The body is not valid JSON: %.100s (line %d, column %d).", error.text, error.line, error.column);
    return value;
}

json_t *json_read(struct span text, char *why, size_t why_size)
{
    return read_with(0, text, why, why_size);
}

json_t *json_read_foreign(struct span text, char *why, size_t why_size)
{
    return read_with(JSON_ALLOW_NUL, text, why, why_size);
}

static int append(const char *bytes, size_t n, void *to)
{
    buf_put(to, bytes, n);
    return ((struct buf *)to)->failed ? -1 : 0;
}

void json_write(struct buf *b, const json_t *value)
{
    if (!value)
        buf_str(b, "null");
    else if (json_dump_callback(value, append, b, JSON_COMPACT | JSON_ENCODE_ANY | JSON_REAL_PRECISION(6)) != 0)
        b->failed = true;
}

struct span json_text(const json_t *value)
{
    if (!json_is_string(value))
        return (struct span){NULL, 0};
    return (struct span){json_string_value(value), json_string_length(value)};
}

static json_t *repaired(struct span s)
{
    struct buf b;
    buf_init(&b, s.n * 3 + 1);
    while (s.n) {
        uint32_t c;
        size_t used = utf8_next(s, &c);
        if (c == UTF8_INVALID)
            buf_str(&b, "\xEF\xBF\xBD");
        else
            buf_put(&b, s.p, used);
        s = span_skip(s, used);
    }
    json_t *value = b.failed ? NULL : json_stringn(b.p ? b.p : "", b.n);
    buf_free(&b);
    return value;
}

json_t *json_from(struct span s)
{
    return utf8_valid(s) ? json_stringn(s.n ? s.p : "", s.n) : repaired(s);
}
