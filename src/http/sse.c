/* Server-sent events: framing, and sending on an exchange. */
#include "http/sse.h"

#include <inttypes.h>

#include "base/utf8.h"

/* Six bytes of escape for each byte at the worst leave room for the frame. */
enum { TEXT_BYTES = 512 };

static bool is_line_break(uint32_t c)
{
    return c == 0x85 || c == 0x2028 || c == 0x2029;
}

/* In valid JSON these code points stand only inside strings, so an escape means the same. */
static void put_on_one_line(struct buf *out, struct span json)
{
    while (json.n) {
        uint32_t c;
        size_t used = utf8_next(json, &c);
        if (is_line_break(c))
            buf_printf(out, "\\u%04x", (unsigned)c);
        else
            buf_put(out, json.p, used);
        json = span_skip(json, used);
    }
}

void sse_frame(struct buf *out, uint64_t id, const char *type, struct span json)
{
    buf_printf(out, "id: %" PRIu64 "\ndata: {\"type\":\"%s\",\"data\":", id, type);
    put_on_one_line(out, json);
    buf_str(out, "}\n\n");
}

void sse_frame_comment(struct buf *out)
{
    buf_str(out, ":\n\n");
}

bool sse_begin(struct sse *s, struct exchange *x)
{
    *s = (struct sse){.x = x, .sent_at = sys_mono_ms()};
    buf_init(&s->event, SSE_EVENT_MAX);
    exchange_add_header(x, "Cache-Control", "no-cache, no-transform");
    exchange_add_header(x, "X-Accel-Buffering", "no");
    return exchange_stream_begin(x, 200, "text/event-stream");
}

bool sse_fits(struct sse *s, const char *type, struct span json)
{
    buf_clear(&s->event);
    sse_frame(&s->event, s->id + 1, type, json);
    return !s->event.failed;
}

bool sse_send_as(struct sse *s, uint64_t id, const char *type, struct span json)
{
    buf_clear(&s->event);
    sse_frame(&s->event, id, type, json);
    if (s->event.failed)
        return false;
    s->id = id;
    s->sent_at = sys_mono_ms();
    return exchange_stream_send(s->x, buf_view(&s->event));
}

bool sse_send(struct sse *s, const char *type, struct span json)
{
    return sse_send_as(s, s->id + 1, type, json);
}

struct span sse_piece(struct span text)
{
    struct span piece = utf8_clip(text, TEXT_BYTES);
    return piece.n ? piece : (struct span){text.p, text.n < TEXT_BYTES ? text.n : TEXT_BYTES};
}

bool sse_send_text(struct sse *s, const char *type, struct span text)
{
    bool ok = true;
    struct buf json;
    buf_init(&json, SSE_EVENT_MAX);
    while (ok && text.n) {
        struct span piece = sse_piece(text);
        buf_clear(&json);
        buf_json(&json, piece);
        ok = !json.failed && sse_send_as(s, s->id + piece.n, type, buf_view(&json));
        text = span_skip(text, piece.n);
    }
    buf_free(&json);
    return ok;
}

bool sse_heartbeat(struct sse *s)
{
    if (sys_mono_ms() - s->sent_at < SSE_HEARTBEAT_MS)
        return true;
    s->sent_at = sys_mono_ms();
    buf_clear(&s->event);
    sse_frame_comment(&s->event);
    return !s->event.failed && exchange_stream_send(s->x, buf_view(&s->event));
}

void sse_end(struct sse *s)
{
    buf_free(&s->event);
    exchange_stream_end(s->x);
}
