/* Lines, events, and what a chat completion says in them. */
#include "llm/decoder.h"

#include "base/json.h"

void llm_decoder_init(struct llm_decoder *d)
{
    *d = (struct llm_decoder){.tokens_in = -1, .tokens_out = -1};
    buf_init(&d->line, LLM_EVENT_MAX);
    buf_init(&d->data, LLM_EVENT_MAX);
}

void llm_decoder_free(struct llm_decoder *d)
{
    buf_free(&d->line);
    buf_free(&d->data);
}

/* ---- one event ---- */

static void read_count(const json_t *usage, const char *name, int64_t *count)
{
    const json_t *value = json_object_get(usage, name);
    if (json_is_integer(value) && json_integer_value(value) >= 0 && json_integer_value(value) <= INT32_MAX)
        *count = json_integer_value(value);
}

/* A chunk without choices carries the usage; a delta without content, the role or the finish. */
static enum llm_decoding read_object(struct llm_decoder *d, const json_t *object, llm_text *text, void *context)
{
    if (!json_is_object(object))
        return LLM_UNREADABLE;
    const json_t *error = json_object_get(object, "error"), *usage = json_object_get(object, "usage");
    if (error && !json_is_null(error))
        return LLM_TOLD_FAILURE;
    read_count(usage, "prompt_tokens", &d->tokens_in);
    read_count(usage, "completion_tokens", &d->tokens_out);
    const json_t *choices = json_object_get(object, "choices"), *choice = json_array_get(choices, 0);
    if (!json_is_array(choices))
        return json_is_object(usage) ? LLM_MORE : LLM_UNREADABLE;
    if (json_is_string(json_object_get(choice, "finish_reason")))
        d->finished = true;
    struct span said = json_text(json_object_get(json_object_get(choice, "delta"), "content"));
    return !said.n || text(context, said) ? LLM_MORE : LLM_STOPPED;
}

static enum llm_decoding end_event(struct llm_decoder *d, llm_text *text, void *context)
{
    char why[200];
    struct span data = span_trim(buf_view(&d->data));
    if (!d->has_data || !data.n)
        return LLM_MORE;
    if (span_eq(data, SPAN("[DONE]")))
        return LLM_COMPLETE;
    json_t *object = json_read_foreign(data, why, sizeof why);
    enum llm_decoding state = read_object(d, object, text, context);
    json_decref(object);
    return state;
}

/* ---- lines ---- */

static enum llm_decoding end_line(struct llm_decoder *d, llm_text *text, void *context)
{
    struct span line = buf_view(&d->line), name, value;
    enum llm_decoding state = LLM_MORE;
    if (!d->begun && span_starts(line, SPAN("\xEF\xBB\xBF")))
        line = span_skip(line, 3);
    d->begun = true;
    if (!line.n) {
        state = end_event(d, text, context);
        buf_clear(&d->data);
        d->has_data = false;
    } else {
        span_cut(line, ':', &name, &value);
        if (span_eq(name, SPAN("data"))) {
            if (d->has_data)
                buf_char(&d->data, '\n');
            buf_span(&d->data, span_starts(value, SPAN(" ")) ? span_skip(value, 1) : value);
            d->has_data = true;
        }
    }
    buf_clear(&d->line);
    return d->data.failed ? LLM_UNREADABLE : state;
}

/* Bytes up to the next line end. */
static size_t line_part(struct span bytes)
{
    size_t n = 0;
    while (n < bytes.n && bytes.p[n] != '\n' && bytes.p[n] != '\r')
        n++;
    return n;
}

enum llm_decoding llm_decoder_feed(struct llm_decoder *d, struct span bytes, llm_text *text, void *context)
{
    while (bytes.n && d->state == LLM_MORE) {
        bool lf_of_crlf = d->after_cr && bytes.p[0] == '\n';
        d->after_cr = false;
        if (lf_of_crlf) {
            bytes = span_skip(bytes, 1);
            continue;
        }
        size_t n = line_part(bytes);
        buf_put(&d->line, bytes.p, n);
        if (d->line.failed)
            d->state = LLM_UNREADABLE;
        else if (n < bytes.n) {
            d->after_cr = bytes.p[n++] == '\r';
            d->state = end_line(d, text, context);
        }
        bytes = span_skip(bytes, n);
    }
    return d->state;
}
