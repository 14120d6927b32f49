/* Headers, boundaries and transfer encodings. */
#include "extract/mime.h"

#include <string.h>

#include "extract/charset.h"

struct mime_part mime_split(struct span message)
{
    struct span line, rest = message;
    while (rest.n) {
        const char *start = rest.p;
        span_cut(rest, '\n', &line, &rest);
        if (span_trim(line).n == 0)
            return (struct mime_part){{message.p, (size_t)(start - message.p)}, rest};
    }
    return (struct mime_part){message, {message.p + message.n, 0}};
}

/* "Name:" at the start of a line. */
static bool take_name(struct span line, struct span *name)
{
    size_t n = 0;
    while (n < line.n && (((line.p[n] | 32) >= 'a' && (line.p[n] | 32) <= 'z') || line.p[n] == '-'))
        n++;
    *name = (struct span){line.p, n};
    return n > 0 && n < line.n && line.p[n] == ':';
}

static bool is_one_of(struct span name, const struct span *names, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (span_eq_nocase(name, names[i]))
            return true;
    return false;
}

bool mime_looks_like_message(struct span head)
{
    static const struct span senders[] = {SPAN("From"), SPAN("Received"), SPAN("Return-Path"), SPAN("Delivered-To")};
    static const struct span others[] = {SPAN("Message-ID"), SPAN("MIME-Version"), SPAN("Received")};
    struct span line, name, rest = head;
    bool sender = false, other = false;
    for (int i = 0; rest.n; i++) {
        span_cut(rest, '\n', &line, &rest);
        if (i == 0 && span_starts(line, SPAN("From "))) /* the line of a mailbox */
            continue;
        if (i && line.n && (line.p[0] == ' ' || line.p[0] == '\t'))
            continue;
        if (!take_name(line, &name))
            break;
        sender = sender || is_one_of(name, senders, sizeof senders / sizeof *senders);
        other = other || is_one_of(name, others, sizeof others / sizeof *others);
    }
    return sender && other;
}

bool mime_header(struct span head, struct span name, struct buf *value)
{
    struct span line, found, rest = head;
    bool inside = false;
    while (rest.n) {
        span_cut(rest, '\n', &line, &rest);
        bool folded = line.n && (line.p[0] == ' ' || line.p[0] == '\t');
        if (inside && !folded)
            return true;
        if (inside) {
            buf_char(value, ' ');
            buf_span(value, span_trim(line));
        } else if (!folded && take_name(line, &found) && span_eq_nocase(found, name)) {
            inside = true;
            buf_span(value, span_trim(span_skip(line, found.n + 1)));
        }
    }
    return inside;
}

struct span mime_plain(struct span value)
{
    struct span plain, rest;
    span_cut(value, ';', &plain, &rest);
    return span_trim(plain);
}

static int hex_of(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10 : -1;
}

/* Undoes `mark` followed by two hexadecimal digits. */
static void put_unescaped(struct span s, char mark, struct buf *out)
{
    for (size_t i = 0; i < s.n; i++) {
        int high = s.p[i] == mark && i + 2 < s.n ? hex_of(s.p[i + 1]) : -1, low = high >= 0 ? hex_of(s.p[i + 2]) : -1;
        if (low >= 0) {
            buf_char(out, (char)(high << 4 | low));
            i += 2;
        } else {
            buf_char(out, s.p[i]);
        }
    }
}

/* The end of one parameter: the next ';' outside of quotes. */
static struct span take_parameter(struct span *rest)
{
    bool quoted = false;
    size_t i = 0;
    for (; i < rest->n && (quoted || rest->p[i] != ';'); i++)
        quoted = quoted != (rest->p[i] == '"');
    struct span one = {rest->p, i};
    *rest = span_skip(*rest, i < rest->n ? i + 1 : i);
    return one;
}

bool mime_parameter(struct span value, struct span name, struct buf *out)
{
    struct span rest = value, key, text;
    take_parameter(&rest);
    while (rest.n) {
        if (!span_cut(take_parameter(&rest), '=', &key, &text))
            continue;
        key = span_trim(key);
        text = span_trim(text);
        bool extended = key.n == name.n + 1 && key.p[name.n] == '*';
        if (extended)
            key.n--;
        if (!span_eq_nocase(key, name))
            continue;
        if (text.n >= 2 && text.p[0] == '"' && text.p[text.n - 1] == '"')
            text = (struct span){text.p + 1, text.n - 2};
        if (extended) { /* charset'language'text */
            struct span before;
            span_cut(text, '\'', &before, &text);
            span_cut(text, '\'', &before, &text);
            put_unescaped(text, '%', out);
        } else {
            buf_span(out, text);
        }
        return true;
    }
    return false;
}

/* 1 at "--boundary", 2 at "--boundary--", 0 at any other line. */
static int boundary_at(struct span line, struct span boundary)
{
    if (line.n < boundary.n + 2 || line.p[0] != '-' || line.p[1] != '-' || memcmp(line.p + 2, boundary.p, boundary.n) != 0)
        return 0;
    struct span behind = span_trim(span_skip(line, boundary.n + 2));
    return behind.n == 0 ? 1 : span_eq(behind, SPAN("--")) ? 2 : 0;
}

bool mime_next_part(struct span *rest, struct span boundary, struct span *part)
{
    struct span line;
    const char *start = NULL, *end = rest->p + rest->n;
    while (rest->n) {
        struct span before = *rest;
        span_cut(*rest, '\n', &line, rest);
        int found = boundary_at(line, boundary);
        if (found && start) {
            *part = (struct span){start, (size_t)(before.p - start)};
            *rest = found == 2 ? (struct span){end, 0} : before;
            return true;
        }
        if (found == 2)
            return false;
        if (found)
            start = line.p + line.n < end ? line.p + line.n + 1 : end;
    }
    *part = (struct span){start, start ? (size_t)(end - start) : 0}; /* the last boundary is missing */
    return start != NULL;
}

static void decode_base64(struct span s, struct buf *out)
{
    uint32_t bits = 0;
    int have = 0;
    for (size_t i = 0; i < s.n && s.p[i] != '='; i++) {
        char c = s.p[i];
        int value = c >= 'A' && c <= 'Z'   ? c - 'A'
                    : c >= 'a' && c <= 'z' ? c - 'a' + 26
                    : c >= '0' && c <= '9' ? c - '0' + 52
                    : c == '+'             ? 62
                    : c == '/'             ? 63
                                           : -1;
        if (value < 0)
            continue;
        bits = bits << 6 | (uint32_t)value;
        have += 6;
        if (have >= 8) {
            have -= 8;
            buf_char(out, (char)(bits >> have & 0xFF));
        }
    }
}

/* A '=' at the end of a line joins it with the next one. */
static void decode_quoted(struct span s, struct buf *out)
{
    struct span line;
    while (s.n) {
        bool more = span_cut(s, '\n', &line, &s);
        while (line.n && memchr(" \t\r", line.p[line.n - 1], 3))
            line.n--;
        bool soft = line.n && line.p[line.n - 1] == '=';
        put_unescaped((struct span){line.p, line.n - soft}, '=', out);
        if (more && !soft)
            buf_char(out, '\n');
    }
}

void mime_decode(struct span body, struct span encoding, struct buf *out)
{
    if (span_eq_nocase(encoding, SPAN("base64")))
        decode_base64(body, out);
    else if (span_eq_nocase(encoding, SPAN("quoted-printable")))
        decode_quoted(body, out);
    else
        buf_span(out, body);
}

/* One "=?charset?Q?text?=" at the start of *value; false when there is none. */
static bool take_word(struct span *value, struct span *charset, char *how, struct span *text)
{
    struct span rest = *value, encoding;
    if (!span_starts(rest, SPAN("=?")) || !span_cut(span_skip(rest, 2), '?', charset, &rest) || !span_cut(rest, '?', &encoding, &rest) || encoding.n != 1)
        return false;
    ptrdiff_t end = span_find(rest, SPAN("?="));
    *how = (char)(encoding.p[0] | 32);
    if (end < 0 || (*how != 'q' && *how != 'b'))
        return false;
    *text = (struct span){rest.p, (size_t)end};
    *value = span_skip(rest, (size_t)end + 2);
    return true;
}

static void decode_word(char how, struct span text, struct buf *out)
{
    size_t start = out->n;
    if (how == 'b') {
        decode_base64(text, out);
        return;
    }
    put_unescaped(text, '=', out);
    for (size_t i = start; i < out->n; i++)
        if (out->p[i] == '_')
            out->p[i] = ' ';
}

bool mime_put_words(const struct source *in, struct span value, struct buf *out, struct sink *sink)
{
    struct buf bytes;
    bool ok = true;
    size_t after_word = SIZE_MAX; /* where the white space behind a word begins, in out */
    buf_init(&bytes, 1 << 20);
    while (value.n && ok) {
        struct span charset, text;
        char how;
        if (!take_word(&value, &charset, &how, &text)) {
            bool space = value.p[0] == ' ' || value.p[0] == '\t';
            after_word = space ? after_word : SIZE_MAX;
            buf_char(out, value.p[0]);
            value = span_skip(value, 1);
            continue;
        }
        if (after_word < out->n) /* between two words it is there only to fold the line */
            out->n = after_word;
        buf_clear(&bytes);
        decode_word(how, text, &bytes);
        struct source word = {.bytes = buf_view(&bytes), .library = in->library};
        ok = bytes.failed ? sink_no_memory(sink) : charset_decode(&word, charset, out, sink);
        after_word = out->n;
    }
    buf_free(&bytes);
    return ok;
}
