/* Outlook messages (.msg): subject, who wrote to whom and when, the text of the message, the names of what is attached; forwarded messages within. Laid out as
 * mail is (eml.c). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "extract/binary.h"
#include "extract/charset.h"
#include "extract/html.h"
#include "extract/msg_file.h"
#include "extract/rtf_unpack.h"

enum { DEPTH_MAX = 8, PARTS_MAX = 1000, TEXT_MAX = 1 << 28, ARENA_MAX = 1 << 28, STORAGE_NAME_SIZE = 48 };

struct msg {
    struct sink *out;
    size_t parts; /* attachments seen so far */
};

/* Adds the text of the first of these properties that has one; false after sink_refuse. */
static bool add_first(struct msg_storage *s, const enum msg_property *properties, size_t count, struct buf *text)
{
    size_t before = text->n;
    for (size_t i = 0; i < count && text->n == before; i++)
        if (!msg_text(s, properties[i], text))
            return false;
    return true;
}

static bool put_line(struct msg *m, struct buf *line, size_t label, enum block_kind kind, int32_t level)
{
    struct span value = span_skip(buf_view(line), label < line->n ? label : line->n);
    return line->failed ? sink_no_memory(m->out) : span_trim(value).n == 0 || sink_put(m->out, kind, level, 0, buf_view(line));
}

static bool put_text(struct msg *m, struct msg_storage *s, enum msg_property property, const char *label, int32_t heading)
{
    struct buf line;
    buf_init(&line, TEXT_MAX);
    buf_str(&line, label);
    bool ok = msg_text(s, property, &line) && put_line(m, &line, strlen(label), heading ? BLOCK_HEADING : BLOCK_PARAGRAPH, heading);
    buf_free(&line);
    return ok;
}

/* For whom it was sent stands before who sent it: "Name <address>". An address of an Exchange server's own is no use to anyone. */
static bool put_from(struct msg *m, struct msg_storage *s)
{
    static const enum msg_property names[] = {MSG_FROM_NAME, MSG_SENDER_NAME};
    static const enum msg_property addresses[] = {MSG_FROM_SMTP, MSG_SENDER_SMTP, MSG_FROM_ADDRESS, MSG_SENDER_ADDRESS};
    static const struct span label = SPAN("From: ");
    struct buf line, address;
    buf_init(&line, TEXT_MAX);
    buf_init(&address, TEXT_MAX);
    buf_span(&line, label);
    bool ok = add_first(s, names, 2, &line) && add_first(s, addresses, 4, &address);
    struct span at = span_trim(buf_view(&address)), name = span_skip(buf_view(&line), label.n < line.n ? label.n : line.n);
    if (span_find(at, SPAN("@")) > 0 && at.p[0] != '/' && !span_eq_nocase(span_trim(name), at))
        buf_printf(&line, name.n ? " <%.*s>" : "%.*s", SPAN_ARG(at));
    ok = ok && put_line(m, &line, label.n, BLOCK_PARAGRAPH, 0);
    buf_free(&address);
    buf_free(&line);
    return ok;
}

/* A time is in tenths of microseconds since 1601, in UTC; it is written as mail writes it. */
static bool put_date(struct msg *m, const struct msg_storage *s)
{
    static const char *const days[] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
    static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    static const uint64_t until_1970 = 11644473600, until_10000 = 265046774400, ticks = 10000000;
    uint64_t sent = msg_value(s, MSG_SUBMIT_TIME), seconds = (sent ? sent : msg_value(s, MSG_DELIVERY_TIME)) / ticks;
    char line[64];
    struct tm t;
    if (seconds == 0 || seconds >= until_10000)
        return true;
    time_t unix_time = (time_t)seconds - (time_t)until_1970;
    if (!gmtime_r(&unix_time, &t))
        return true;
    snprintf(line, sizeof line, "Date: %s, %d %s %04d %02d:%02d:%02d +0000", days[(t.tm_wday + 6) % 7], t.tm_mday, months[t.tm_mon], t.tm_year + 1900,
             t.tm_hour, t.tm_min, t.tm_sec);
    return sink_put(m->out, BLOCK_PARAGRAPH, 0, 0, span_of(line));
}

static bool put_rtf(struct msg *m, const struct msg_storage *s, struct span packed)
{
    struct buf rtf;
    buf_init(&rtf, TEXT_MAX);
    bool found = rtf_unpack(packed, &rtf);
    struct source source = {.bytes = buf_view(&rtf), .library = s->charsets};
    bool ok = found ? rtf_read(&source, m->out) : rtf.failed ? sink_no_memory(m->out) : true;
    buf_free(&rtf);
    return ok;
}

/* The page of a message whose plain text is missing, or its formatted text. */
static bool put_formatted(struct msg *m, struct msg_storage *s)
{
    struct span page, packed;
    struct buf text;
    buf_init(&text, TEXT_MAX);
    bool ok = msg_bytes(s, MSG_HTML, &page) && msg_text(s, MSG_HTML, &text);
    struct source source = {.bytes = page, .library = s->charsets};
    if (ok && page.n)
        ok = html_read(&source, m->out);
    else if (ok && text.n)
        ok = html_put(buf_view(&text), 0, m->out);
    else if (ok)
        ok = msg_bytes(s, MSG_RTF, &packed) && put_rtf(m, s, packed);
    buf_free(&text);
    return ok;
}

static bool put_body(struct msg *m, struct msg_storage *s)
{
    struct buf text;
    buf_init(&text, TEXT_MAX);
    bool ok = msg_text(s, MSG_BODY, &text);
    bool blank = span_trim(buf_view(&text)).n == 0;
    ok = ok && (blank ? put_formatted(m, s) : text_put(buf_view(&text), m->out));
    buf_free(&text);
    return ok;
}

static bool put_message(struct msg *m, struct msg_storage *s, int depth);

/* A storage inside this one. */
static struct msg_storage inner(const struct msg_storage *s, const char *name, bool *found)
{
    struct msg_storage in = *s;
    in.values = (struct span){"", 0};
    *found = ole_enter(&in.ole, name);
    return in;
}

static bool put_attachment(struct msg *m, struct msg_storage *s, uint32_t number, int depth)
{
    static const enum msg_property names[] = {MSG_FILE, MSG_SHORT_FILE, MSG_NAME};
    static const struct span label = SPAN("Attachment: ");
    char name[STORAGE_NAME_SIZE];
    bool found;
    snprintf(name, sizeof name, "__attach_version1.0_#%08X", number);
    struct msg_storage attachment = inner(s, name, &found);
    if (!found || !msg_open(&attachment, MSG_HEAD_PART))
        return m->out->error == EXTRACT_OK;
    snprintf(name, sizeof name, "__substg1.0_%04X000D", (unsigned)MSG_DATA);
    struct msg_storage message = inner(&attachment, name, &found);
    if (found && ole_has(&message.ole, "__properties_version1.0"))
        return msg_open(&message, MSG_HEAD_INNER) && put_message(m, &message, depth + 1);
    if (msg_value(&attachment, MSG_HIDDEN) & 1)
        return m->out->error == EXTRACT_OK;
    struct buf line;
    buf_init(&line, TEXT_MAX);
    buf_span(&line, label);
    bool ok = add_first(&attachment, names, 3, &line) && put_line(m, &line, label.n, BLOCK_PARAGRAPH, 0);
    buf_free(&line);
    return ok;
}

static bool put_attachments(struct msg *m, struct msg_storage *s, int depth)
{
    uint32_t numbers[PARTS_MAX + 1];
    size_t count = ole_numbered(&s->ole, "__attach_version1.0_#", numbers, PARTS_MAX + 1);
    for (size_t i = 0; i < count; i++) {
        if (m->parts++ >= PARTS_MAX)
            return sink_refuse(m->out, EXTRACT_TOO_COMPLEX, "The message has too many parts.");
        if (!put_attachment(m, s, numbers[i], depth))
            return false;
    }
    return true;
}

static bool put_message(struct msg *m, struct msg_storage *s, int depth)
{
    if (depth > DEPTH_MAX)
        return sink_refuse(m->out, EXTRACT_TOO_COMPLEX, "The message nests its parts too deeply.");
    return put_text(m, s, MSG_SUBJECT, "", heading_level(depth + 1)) && put_from(m, s) && put_text(m, s, MSG_TO, "To: ", 0) &&
           put_text(m, s, MSG_CC, "Cc: ", 0) && put_date(m, s) && put_body(m, s) && put_attachments(m, s, depth);
}

bool msg_read(const struct source *in, struct sink *out)
{
    struct msg m = {.out = out};
    struct arena *arena = arena_new(ARENA_MAX);
    uint64_t bytes_left = 2 * (uint64_t)in->bytes.n;
    struct msg_storage s = {.codepage = 1252, .charsets = in->library, .bytes_left = &bytes_left};
    if (!arena)
        return sink_no_memory(out);
    bool ok = ole_open(&s.ole, in->bytes, arena, out) && msg_open(&s, MSG_HEAD_FILE) && put_message(&m, &s, 0);
    arena_free(arena);
    return ok;
}
