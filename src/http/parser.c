/* The glue to llhttp: collects the fields of a head, hands the body on. No lenient flag is ever set. */
#include "http/parser.h"

#include <llhttp.h>
#include <stdlib.h>

/* Bytes of chunk framing and trailers that may come without one byte of data. */
enum { FRAMING_MAX = 16384 };

struct parser {
    llhttp_t llhttp;
    struct head *head; /* while a head is read, else NULL */
    struct span name, value;
    size_t fields;
    bool headers_done, complete, stopped, too_large;
    parser_sink *sink;
    void *context;
    int64_t room;     /* body bytes that may still come */
    size_t delivered; /* body bytes of the current call */
    size_t framing;   /* bytes since the last body byte, about */
};

static struct parser *self(llhttp_t *l)
{
    return l->data;
}

/* llhttp may give one token in several pieces; they stand side by side because the head is fed in one. */
static void extend(struct span *s, const char *at, size_t n)
{
    *s = s->p ? (struct span){s->p, (size_t)(at - s->p) + n} : (struct span){at, n};
}

static int on_method(llhttp_t *l, const char *at, size_t n)
{
    if (self(l)->head)
        extend(&self(l)->head->method, at, n);
    return 0;
}

static int on_url(llhttp_t *l, const char *at, size_t n)
{
    if (self(l)->head)
        extend(&self(l)->head->target, at, n);
    return 0;
}

static int on_field(llhttp_t *l, const char *at, size_t n)
{
    extend(&self(l)->name, at, n);
    return 0;
}

static int on_value(llhttp_t *l, const char *at, size_t n)
{
    extend(&self(l)->value, at, n);
    return 0;
}

static int on_value_complete(llhttp_t *l)
{
    struct parser *p = self(l);
    struct head *h = p->head;
    if (h && h->field_count < h->field_max)
        h->fields[h->field_count++] = (struct head_field){p->name, p->value.p ? span_trim(p->value) : SPAN("")};
    p->fields++;
    p->name = p->value = (struct span){NULL, 0};
    return 0;
}

static int on_headers_complete(llhttp_t *l)
{
    struct parser *p = self(l);
    p->headers_done = true;
    l->upgrade = 0; /* an offer to change the protocol is not taken up; the request is answered as HTTP/1.1 */
    if (p->head) {
        p->head->minor = l->http_minor;
        p->head->keep_alive = llhttp_should_keep_alive(l);
    }
    return 0;
}

/* A chunk is refused when it announces too much, not when it has come. */
static int on_chunk_header(llhttp_t *l)
{
    struct parser *p = self(l);
    p->too_large = l->content_length > (uint64_t)p->room;
    return p->too_large ? HPE_USER : 0;
}

static int on_body(llhttp_t *l, const char *at, size_t n)
{
    struct parser *p = self(l);
    p->too_large = (int64_t)n > p->room;
    if (p->too_large)
        return HPE_USER;
    p->room -= (int64_t)n;
    p->delivered += n;
    p->stopped = !p->sink(p->context, (struct span){at, n});
    return p->stopped ? HPE_USER : 0;
}

static int on_message_complete(llhttp_t *l)
{
    self(l)->complete = true;
    return HPE_PAUSED;
}

static const llhttp_settings_t settings = {
    .on_method = on_method,
    .on_url = on_url,
    .on_header_field = on_field,
    .on_header_value = on_value,
    .on_header_value_complete = on_value_complete,
    .on_headers_complete = on_headers_complete,
    .on_chunk_header = on_chunk_header,
    .on_body = on_body,
    .on_message_complete = on_message_complete,
};

struct parser *parser_new(parser_sink *sink, void *context)
{
    struct parser *p = calloc(1, sizeof *p);
    if (!p)
        return NULL;
    p->sink = sink;
    p->context = context;
    return p;
}

void parser_free(struct parser *p)
{
    free(p);
}

/* Two readers of one head must agree, or somebody between the client and here may have read it differently too. */
static bool agree(const struct parser *p, size_t lines, const struct head *h)
{
    bool chunked = (p->llhttp.flags & F_CHUNKED) != 0;
    return p->headers_done && p->fields == lines && h->field_count == lines && (p->complete || chunked == h->chunked) &&
           (p->complete ? h->content_length <= 0 && !h->chunked : h->chunked || p->llhttp.content_length == (uint64_t)h->content_length);
}

bool parser_head(struct parser *p, struct span raw, size_t lines, struct head *head, struct http_fault *why)
{
    llhttp_init(&p->llhttp, HTTP_REQUEST, &settings);
    p->llhttp.data = p;
    p->head = head;
    p->name = p->value = (struct span){NULL, 0};
    p->fields = p->framing = 0;
    p->headers_done = p->complete = p->stopped = p->too_large = false;
    head->minor = 1;
    llhttp_errno_t error = llhttp_execute(&p->llhttp, raw.p, raw.n);
    p->head = NULL;
    if (error == HPE_INVALID_METHOD)
        return http_refuse(why, 501, "This server does not know the method of the request.");
    if (!head_check(head, why))
        return false;
    if ((error != HPE_OK && !p->complete) || !agree(p, lines, head))
        return http_refuse(why, 400, "The request head is not well-formed HTTP/1.1.");
    return true;
}

static bool body_fault(const struct parser *p, llhttp_errno_t error, struct http_fault *why)
{
    if (p->too_large)
        return http_refuse(why, 413, "The request body is larger than this call takes.");
    if (error == HPE_OK)
        return http_refuse(why, 400, "The chunked request body is all framing and no data.");
    if (error == HPE_INVALID_CHUNK_SIZE)
        return http_refuse(why, 400, "A chunk of the request body has no proper size.");
    return http_refuse(why, 400, "The chunked request body is not well-formed.");
}

enum parser_status parser_body(struct parser *p, struct span bytes, int64_t room, size_t *used, struct http_fault *why)
{
    p->room = room > 0 ? room : 0;
    p->delivered = 0;
    llhttp_errno_t error = llhttp_execute(&p->llhttp, bytes.p, bytes.n);
    *used = bytes.n;
    if (p->complete) {
        *used = (size_t)(llhttp_get_error_pos(&p->llhttp) - bytes.p);
        return PARSER_DONE;
    }
    if (p->stopped)
        return PARSER_STOPPED;
    p->framing = p->delivered ? 0 : p->framing + bytes.n;
    if (error == HPE_OK && p->framing <= FRAMING_MAX)
        return PARSER_MORE;
    body_fault(p, error, why);
    return PARSER_BAD;
}
