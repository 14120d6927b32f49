/* The multipart reader: a byte machine that finds CRLF "--" boundary, and hands on what stands between.
 *
 * The delimiter begins with the only CR in it, so a mismatch can only start anew at the mismatching byte; nothing is ever read twice. */
#include "http/multipart.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "http/multipart_head.h"

enum { BOUNDARY_MAX = 70, HEAD_MAX = 8192, PARTS_MAX = 64, PADDING_MAX = 64 };

enum place {
    PREAMBLE, /* before the first delimiter */
    DATA,     /* inside a part */
    TAIL,     /* behind a delimiter: padding and CRLF, or the "--" of the last one */
    HEAD,     /* inside a part's head */
    END       /* done, bad or stopped */
};

struct multipart {
    const struct multipart_events *events;
    void *context;
    char delimiter[BOUNDARY_MAX + 4]; /* CR LF '-' '-' boundary */
    size_t delimiter_n;
    size_t matched; /* bytes of the delimiter just seen */
    enum place place;
    bool in_part;           /* the delimiter ends a part */
    char tail[PADDING_MAX]; /* what came behind the delimiter */
    size_t tail_n;
    struct buf head;
    unsigned parts;
    enum multipart_status status;
    const char *error;
};

static bool boundary_valid(struct span b)
{
    for (size_t i = 0; i < b.n; i++)
        if (b.p[i] < ' ' || b.p[i] > '~')
            return false;
    return b.n >= 1 && b.n <= BOUNDARY_MAX && b.p[b.n - 1] != ' ';
}

struct multipart *multipart_new(struct span content_type, const struct multipart_events *events, void *context)
{
    struct span type, rest;
    struct buf boundary;
    buf_init(&boundary, 256);
    span_cut(content_type, ';', &type, &rest);
    bool ok = span_eq_nocase(span_trim(type), SPAN("multipart/form-data")) && multipart_param(content_type, "boundary", &boundary) &&
              boundary_valid(buf_view(&boundary));
    struct multipart *m = ok ? calloc(1, sizeof *m) : NULL;
    if (m) {
        m->events = events;
        m->context = context;
        memcpy(m->delimiter, "\r\n--", 4);
        memcpy(m->delimiter + 4, boundary.p, boundary.n);
        m->delimiter_n = boundary.n + 4;
        m->matched = 2; /* the body may begin with the delimiter: as if its CRLF had been */
        m->status = MULTIPART_MORE;
        buf_init(&m->head, HEAD_MAX);
    }
    buf_free(&boundary);
    return m;
}

void multipart_free(struct multipart *m)
{
    if (!m)
        return;
    buf_free(&m->head);
    free(m);
}

const char *multipart_error(const struct multipart *m)
{
    return m->error ? m->error : "";
}

static void end_with(struct multipart *m, enum multipart_status status, const char *error)
{
    m->place = END;
    m->status = status;
    m->error = error;
}

static void emit(struct multipart *m, const char *p, size_t n)
{
    if (m->in_part && n && m->place != END && !m->events->data(m->context, (struct span){p, n}))
        end_with(m, MULTIPART_STOPPED, NULL);
}

/* Reads data (or preamble) up to and with the next delimiter; the bytes used. */
static size_t read_data(struct multipart *m, struct span s)
{
    size_t i = 0, plain = 0; /* s[plain..i) is data not yet handed on */
    while (i < s.n && m->place != END) {
        char c = s.p[i];
        if (c == m->delimiter[m->matched]) {
            if (m->matched == 0) {
                emit(m, s.p + plain, i - plain);
                plain = i;
            }
            m->matched++;
            plain = ++i;
            if (m->matched == m->delimiter_n) {
                m->place = m->place == END ? END : TAIL;
                m->tail_n = 0;
                return i;
            }
        } else if (m->matched) {
            emit(m, m->delimiter, m->matched); /* it was data after all; c is looked at again */
            m->matched = 0;
        } else {
            const char *next = memchr(s.p + i, '\r', s.n - i);
            i = next ? (size_t)(next - s.p) : s.n;
        }
    }
    emit(m, s.p + plain, i - plain);
    return i;
}

static void end_part(struct multipart *m)
{
    bool ends = m->in_part;
    m->in_part = false;
    if (ends && !m->events->part_end(m->context))
        end_with(m, MULTIPART_STOPPED, NULL);
}

/* What followed the delimiter makes it no delimiter: both are data. */
static void not_a_delimiter(struct multipart *m)
{
    m->place = DATA;
    m->matched = 0;
    emit(m, m->delimiter, m->delimiter_n);
    emit(m, m->tail, m->tail_n);
}

/* One byte behind a delimiter. False when it is not taken and has to be looked at again, as data. */
static bool read_tail(struct multipart *m, char c)
{
    char before = m->tail_n ? m->tail[m->tail_n - 1] : 0;
    bool padding = (c == ' ' || c == '\t') && (before == 0 || before == ' ' || before == '\t');
    bool end = (c == '\r' && before != '\r' && before != '-') || (c == '\n' && before == '\r') || (c == '-' && (before == 0 || before == '-'));
    if ((!padding && !end) || m->tail_n == PADDING_MAX) {
        not_a_delimiter(m);
        return false;
    }
    m->tail[m->tail_n++] = c;
    if (c == '\n') {
        end_part(m);
        if (m->place != END)
            m->place = HEAD;
        buf_clear(&m->head);
    } else if (c == '-' && before == '-') {
        end_part(m);
        if (m->place != END)
            end_with(m, MULTIPART_DONE, NULL);
    }
    return true;
}

static void start_part(struct multipart *m)
{
    struct multipart_part part;
    const char *error = multipart_head_read((struct span){m->head.p, m->head.n - (m->head.n > 2 ? 4 : 2)}, &part);
    if (!error && ++m->parts > PARTS_MAX)
        error = "The form has more than 64 parts.";
    if (error) {
        end_with(m, MULTIPART_BAD, error);
        return;
    }
    m->place = DATA;
    m->in_part = true;
    m->matched = 0;
    if (!m->events->part(m->context, &part))
        end_with(m, MULTIPART_STOPPED, NULL);
}

/* Reads up to the empty line that ends the head; the bytes used. */
static size_t read_head(struct multipart *m, struct span s)
{
    size_t i = 0;
    while (i < s.n) {
        buf_char(&m->head, s.p[i++]);
        if (m->head.failed) {
            end_with(m, MULTIPART_BAD, "The head of a part is too large.");
            return i;
        }
        struct span h = buf_view(&m->head);
        if (h.p[h.n - 1] == '\n' && (span_eq(h, SPAN("\r\n")) || (h.n >= 4 && memcmp(h.p + h.n - 4, "\r\n\r\n", 4) == 0))) {
            start_part(m);
            return i;
        }
    }
    return i;
}

enum multipart_status multipart_feed(struct multipart *m, struct span bytes)
{
    while (bytes.n && m->place != END) {
        size_t used = 0;
        if (m->place == TAIL)
            used = read_tail(m, bytes.p[0]);
        else if (m->place == HEAD)
            used = read_head(m, bytes);
        else
            used = read_data(m, bytes);
        bytes = span_skip(bytes, used);
    }
    return m->status;
}
