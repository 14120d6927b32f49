/* Part heads. Backslashes before anything but a quote or a backslash are kept: old browsers send whole Windows paths. */
#include "http/multipart_head.h"

#include <string.h>

#include "base/utf8.h"

enum { VALUE_MAX = 8192 };

/* Reads a quoted string behind its opening quote; the bytes used. */
static size_t read_quoted(struct span s, struct buf *value)
{
    size_t i = 0;
    for (; i < s.n && s.p[i] != '"'; i++) {
        if (s.p[i] == '\\' && i + 1 < s.n && (s.p[i + 1] == '"' || s.p[i + 1] == '\\'))
            i++;
        buf_char(value, s.p[i]);
    }
    return i < s.n ? i + 1 : i;
}

/* Reads the value behind '=', up to the next ';'; the bytes used. */
static size_t read_value(struct span s, struct buf *value)
{
    size_t white = 0;
    while (white < s.n && (s.p[white] == ' ' || s.p[white] == '\t'))
        white++;
    struct span v = span_skip(s, white), token, rest;
    if (v.n && v.p[0] == '"')
        return white + 1 + read_quoted(span_skip(v, 1), value);
    span_cut(v, ';', &token, &rest);
    buf_span(value, span_trim(token));
    return white + token.n;
}

bool multipart_param(struct span field, const char *name, struct buf *value)
{
    struct span kind, rest;
    span_cut(field, ';', &kind, &rest);
    while (rest.n) {
        size_t n = 0;
        while (n < rest.n && rest.p[n] != '=' && rest.p[n] != ';')
            n++;
        struct span key = span_trim((struct span){rest.p, n});
        bool has_value = n < rest.n && rest.p[n] == '=';
        rest = span_skip(rest, n + 1);
        if (!has_value)
            continue;
        buf_clear(value);
        rest = span_skip(rest, read_value(rest, value));
        if (span_eq_nocase(key, span_of(name)))
            return !value->failed;
        span_cut(rest, ';', &kind, &rest);
    }
    return false;
}

static int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Undoes %XX: all of them, or only the three that browsers write into quoted names (%22 %0D %0A, HTML's multipart encoding). */
static void undo_percent(struct span s, bool all, struct buf *out)
{
    for (size_t i = 0; i < s.n; i++) {
        int high = s.p[i] == '%' && i + 2 < s.n ? hex_value(s.p[i + 1]) : -1, low = high >= 0 ? hex_value(s.p[i + 2]) : -1;
        int c = low >= 0 ? high * 16 + low : -1;
        if (c >= 0 && (all || c == '"' || c == '\r' || c == '\n')) {
            buf_char(out, (char)c);
            i += 2;
        } else {
            buf_char(out, s.p[i]);
        }
    }
}

/* Text in UTF-8 stays; anything else is taken as ISO-8859-1, in which every byte is a character. Control characters become '_'. */
static void to_utf8(struct span s, bool latin1, struct buf *out)
{
    latin1 = latin1 || !utf8_valid(s);
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        char bytes[4];
        if (c < ' ' || c == 0x7f)
            buf_char(out, '_');
        else if (latin1 && c >= 0x80)
            buf_put(out, bytes, utf8_put(bytes, c));
        else
            buf_char(out, s.p[i]);
    }
}

/* Copies into a NUL-terminated array, cut between code points. */
static void clip(struct span s, char *out, size_t size)
{
    s = utf8_clip(s, size - 1);
    if (s.n)
        memcpy(out, s.p, s.n);
    out[s.n] = '\0';
}

static struct span base_name(struct span path)
{
    for (size_t i = path.n; i > 0; i--)
        if (path.p[i - 1] == '/' || path.p[i - 1] == '\\')
            return span_skip(path, i);
    return path;
}

/* charset'language'percent-encoded (RFC 8187). False when it is none, or in a charset not known here. */
static bool read_extended(struct span v, struct buf *out)
{
    struct span charset, language, text;
    if (!span_cut(v, '\'', &charset, &text) || !span_cut(text, '\'', &language, &text))
        return false;
    bool latin1 = span_eq_nocase(charset, SPAN("iso-8859-1"));
    if (!latin1 && !span_eq_nocase(charset, SPAN("utf-8")))
        return false;
    struct buf bytes;
    buf_init(&bytes, VALUE_MAX);
    undo_percent(text, true, &bytes);
    to_utf8(buf_view(&bytes), latin1, out);
    buf_free(&bytes);
    return true;
}

static void read_plain(struct span v, struct buf *out)
{
    struct buf bytes;
    buf_init(&bytes, VALUE_MAX);
    undo_percent(v, false, &bytes);
    to_utf8(buf_view(&bytes), false, out);
    buf_free(&bytes);
}

static const char *read_filename(struct span disposition, struct multipart_part *part)
{
    struct buf raw, text;
    buf_init(&raw, VALUE_MAX);
    buf_init(&text, 2 * VALUE_MAX);
    bool plain = multipart_param(disposition, "filename", &raw);
    if (plain)
        read_plain(buf_view(&raw), &text);
    part->is_file = plain;
    if (multipart_param(disposition, "filename*", &raw)) {
        struct buf extended;
        buf_init(&extended, 2 * VALUE_MAX);
        if (read_extended(buf_view(&raw), &extended)) {
            buf_clear(&text);
            buf_span(&text, buf_view(&extended));
        }
        part->is_file = true;
        buf_free(&extended);
    }
    struct span name = base_name(buf_view(&text));
    if (!span_eq(name, SPAN(".")) && !span_eq(name, SPAN("..")))
        clip(name, part->filename, sizeof part->filename);
    bool failed = raw.failed || text.failed;
    buf_free(&raw);
    buf_free(&text);
    return failed ? "The file name of a part is too long." : NULL;
}

static const char *read_disposition(struct span v, struct multipart_part *part)
{
    struct span kind, rest;
    struct buf raw, text;
    span_cut(v, ';', &kind, &rest);
    if (!span_eq_nocase(span_trim(kind), SPAN("form-data")))
        return "A part's Content-Disposition is not form-data.";
    buf_init(&raw, VALUE_MAX);
    buf_init(&text, 2 * VALUE_MAX);
    const char *error = NULL;
    if (!multipart_param(v, "name", &raw) || raw.n == 0)
        error = "A part has no name.";
    else
        read_plain(buf_view(&raw), &text);
    if (!error && (text.failed || text.n >= sizeof part->name))
        error = "The name of a part is too long.";
    if (!error)
        clip(buf_view(&text), part->name, sizeof part->name);
    buf_free(&raw);
    buf_free(&text);
    return error ? error : read_filename(v, part);
}

/* "Text/Plain; charset=utf-8" → "text/plain"; too long to be one: none. */
static void read_type(struct span v, struct multipart_part *part)
{
    struct span type, rest;
    span_cut(v, ';', &type, &rest);
    if (!span_to_cstr(span_trim(type), part->media_type, sizeof part->media_type))
        return;
    for (char *c = part->media_type; *c; c++)
        if (*c >= 'A' && *c <= 'Z')
            *c = (char)(*c | 0x20);
}

static bool is_plain_coding(struct span v)
{
    return span_eq_nocase(v, SPAN("binary")) || span_eq_nocase(v, SPAN("8bit")) || span_eq_nocase(v, SPAN("7bit"));
}

const char *multipart_head_read(struct span head, struct multipart_part *part)
{
    bool named = false;
    const char *error = NULL;
    memset(part, 0, sizeof *part);
    if (head.n && memchr(head.p, '\0', head.n))
        return "A part's head holds a NUL.";
    while (head.n && !error) {
        ptrdiff_t end = span_find(head, SPAN("\r\n"));
        struct span line = {head.p, end < 0 ? head.n : (size_t)end}, name, value;
        head = span_skip(head, end < 0 ? head.n : (size_t)end + 2);
        if (!span_cut(line, ':', &name, &value))
            return "A part's head has a line without a colon.";
        value = span_trim(value);
        if (span_eq_nocase(name, SPAN("Content-Disposition"))) {
            error = named ? "A part has two Content-Disposition fields." : read_disposition(value, part);
            named = true;
        } else if (span_eq_nocase(name, SPAN("Content-Type"))) {
            read_type(value, part);
        } else if (span_eq_nocase(name, SPAN("Content-Transfer-Encoding")) && !is_plain_coding(value)) {
            error = "A part has a Content-Transfer-Encoding; send its bytes as they are.";
        }
    }
    return error || named ? error : "A part has no Content-Disposition.";
}
