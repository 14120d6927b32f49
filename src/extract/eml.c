/* Mail (.eml): subject, who wrote to whom and when, the text of the message, the names of what is attached; forwarded messages within. */
#include <string.h>

#include "extract/charset.h"
#include "extract/html.h"
#include "extract/mime.h"

enum { DEPTH_MAX = 8, PARTS_MAX = 1000, HEADER_BYTES_MAX = 1 << 20, BODY_BYTES_MAX = 1 << 28 };

struct eml {
    const struct source *in;
    struct sink *out;
    size_t parts; /* seen so far */
};

/* A header of a part, in a buffer that the caller frees. */
static struct buf header(struct span head, const char *name)
{
    struct buf value;
    buf_init(&value, HEADER_BYTES_MAX);
    mime_header(head, span_of(name), &value);
    return value;
}

/* "Label: value", or the value alone as a heading. */
static bool put_header(struct eml *e, struct span head, const char *name, int32_t heading)
{
    struct buf raw = header(head, name), text;
    buf_init(&text, HEADER_BYTES_MAX);
    if (!heading)
        buf_printf(&text, "%s: ", name);
    bool ok = mime_put_words(e->in, buf_view(&raw), &text, e->out);
    if (ok && raw.n)
        ok = text.failed ? sink_no_memory(e->out) : sink_put(e->out, heading ? BLOCK_HEADING : BLOCK_PARAGRAPH, heading, 0, buf_view(&text));
    buf_free(&text);
    buf_free(&raw);
    return ok;
}

static bool put_attachment(struct eml *e, struct span name)
{
    struct buf text;
    buf_init(&text, HEADER_BYTES_MAX);
    buf_str(&text, "Attachment: ");
    bool ok = mime_put_words(e->in, name, &text, e->out) && sink_put(e->out, BLOCK_PARAGRAPH, 0, 0, buf_view(&text));
    buf_free(&text);
    return ok;
}

static bool put_body(struct eml *e, const struct mime_part *part, struct span type, bool html)
{
    struct buf encoding = header(part->head, "Content-Transfer-Encoding"), charset, bytes, text;
    buf_init(&charset, HEADER_BYTES_MAX);
    buf_init(&bytes, BODY_BYTES_MAX);
    buf_init(&text, BODY_BYTES_MAX);
    mime_parameter(type, SPAN("charset"), &charset);
    mime_decode(part->body, span_trim(buf_view(&encoding)), &bytes);
    struct source source = {.bytes = buf_view(&bytes), .library = e->in->library};
    bool ok = bytes.failed ? sink_no_memory(e->out) : charset_decode(&source, buf_view(&charset), &text, e->out);
    ok = ok && (html ? html_put(buf_view(&text), 0, e->out) : text_put(buf_view(&text), e->out));
    buf_free(&text);
    buf_free(&bytes);
    buf_free(&charset);
    buf_free(&encoding);
    return ok;
}

static bool put_part(struct eml *e, struct span bytes, int depth);

static struct span media_type(struct span part, struct buf *value)
{
    buf_clear(value);
    if (!mime_header(mime_split(part).head, SPAN("Content-Type"), value))
        return SPAN("text/plain");
    return mime_plain(buf_view(value));
}

/* How well a part of an alternative can be read: the page of a message tells its structure. */
static int rank_of(struct span type)
{
    return span_eq_nocase(type, SPAN("text/html")) ? 3 : type.n > 10 && span_eq_nocase((struct span){type.p, 10}, SPAN("multipart/")) ? 2 : 1;
}

static bool put_best(struct eml *e, struct span rest, struct span boundary, int depth)
{
    struct span part, best = {0};
    struct buf value;
    int rank = 0;
    buf_init(&value, HEADER_BYTES_MAX);
    while (e->parts++ < PARTS_MAX && mime_next_part(&rest, boundary, &part)) {
        int r = rank_of(media_type(part, &value));
        if (r > rank) {
            rank = r;
            best = part;
        }
    }
    buf_free(&value);
    return rank == 0 || put_part(e, best, depth + 1);
}

static bool put_all(struct eml *e, struct span rest, struct span boundary, int depth)
{
    struct span part;
    while (mime_next_part(&rest, boundary, &part)) {
        if (e->parts++ >= PARTS_MAX)
            return sink_refuse(e->out, EXTRACT_TOO_COMPLEX, "The message has too many parts.");
        if (!put_part(e, part, depth + 1))
            return false;
    }
    return true;
}

static bool put_multipart(struct eml *e, const struct mime_part *part, struct span type, int depth)
{
    struct buf boundary;
    buf_init(&boundary, HEADER_BYTES_MAX);
    bool ok = true;
    if (mime_parameter(type, SPAN("boundary"), &boundary) && boundary.n) {
        bool one = span_eq_nocase(mime_plain(type), SPAN("multipart/alternative"));
        ok = (one ? put_best : put_all)(e, part->body, buf_view(&boundary), depth);
    }
    buf_free(&boundary);
    return ok;
}

static bool put_message(struct eml *e, struct span bytes, int depth)
{
    struct mime_part part = mime_split(bytes);
    return put_header(e, part.head, "Subject", heading_level(depth + 1)) && put_header(e, part.head, "From", 0) && put_header(e, part.head, "To", 0) &&
           put_header(e, part.head, "Cc", 0) && put_header(e, part.head, "Date", 0) && put_part(e, bytes, depth);
}

/* A part by its type; one with a file name is an attachment, whatever its type. */
static bool put_by_type(struct eml *e, const struct mime_part *part, struct span type, struct span file, int depth)
{
    struct span plain = mime_plain(type);
    bool html = span_eq_nocase(plain, SPAN("text/html"));
    if (file.n)
        return put_attachment(e, file);
    if (span_eq_nocase(plain, SPAN("message/rfc822")))
        return put_message(e, part->body, depth + 1);
    if (plain.n > 10 && span_eq_nocase((struct span){plain.p, 10}, SPAN("multipart/")))
        return put_multipart(e, part, type, depth);
    return html || plain.n == 0 || span_eq_nocase(plain, SPAN("text/plain")) ? put_body(e, part, type, html) : true;
}

static bool put_part(struct eml *e, struct span bytes, int depth)
{
    if (depth > DEPTH_MAX)
        return sink_refuse(e->out, EXTRACT_TOO_COMPLEX, "The message nests its parts too deeply.");
    struct mime_part part = mime_split(bytes);
    struct buf type = header(part.head, "Content-Type"), disposition = header(part.head, "Content-Disposition"), file;
    buf_init(&file, HEADER_BYTES_MAX);
    if (!mime_parameter(buf_view(&disposition), SPAN("filename"), &file))
        mime_parameter(buf_view(&type), SPAN("name"), &file);
    bool ok = put_by_type(e, &part, buf_view(&type), buf_view(&file), depth);
    buf_free(&file);
    buf_free(&disposition);
    buf_free(&type);
    return ok;
}

bool eml_read(const struct source *in, struct sink *out)
{
    struct eml e = {.in = in, .out = out};
    struct span bytes = in->bytes, line, rest;
    if (span_starts(bytes, SPAN("From ")) && span_cut(bytes, '\n', &line, &rest))
        bytes = rest;
    return put_message(&e, bytes, 0);
}
