/* Passages as JSON: many and alike, so they are written without a tree of values in between. */
#include "http/search_reply.h"

#include "app/fusion.h"
#include "http/retrieve_request.h"

struct writer {
    struct buf *out;
    const struct retrieve_query *query;
    const struct passages *passages;
};

/* ---- members ---- */

/* A member's name as it is written, with quotes and colon; known by its length, since there are many. */
#define NAME(literal) SPAN("\"" literal "\":")

static void put_text(struct buf *out, struct span name, struct span value)
{
    buf_span(out, name);
    buf_json(out, value);
    buf_char(out, ',');
}

static void put_integer(struct buf *out, int64_t value)
{
    char digits[20];
    size_t n = sizeof digits;
    uint64_t rest = value < 0 ? 0 : (uint64_t)value; /* counts and places: never below 0 */
    do
        digits[--n] = (char)('0' + rest % 10);
    while ((rest /= 10) > 0);
    buf_put(out, digits + n, sizeof digits - n);
}

static void put_count(struct buf *out, struct span name, int64_t value)
{
    buf_span(out, name);
    put_integer(out, value);
    buf_char(out, ',');
}

static void put_number(struct buf *out, struct span name, double value)
{
    buf_span(out, name);
    buf_printf(out, "%.6g,", value);
}

/* ---- a passage ---- */

static void put_highlights(struct buf *out, const struct passage_match *match)
{
    buf_span(out, SPAN("\"highlights\":["));
    for (size_t i = 0; i < match->highlight_count; i++) {
        buf_span(out, i ? SPAN(",{") : SPAN("{"));
        put_count(out, NAME("start"), match->highlights[i].start);
        buf_span(out, NAME("end"));
        put_integer(out, match->highlights[i].end);
        buf_char(out, '}');
    }
    buf_char(out, ']');
}

static void put_terms(struct buf *out, struct span name, const struct span *terms, size_t count)
{
    buf_span(out, name);
    buf_char(out, '[');
    for (size_t i = 0; i < count; i++) {
        if (i)
            buf_char(out, ',');
        buf_json(out, terms[i]);
    }
    buf_char(out, ']');
}

static void put_match(struct buf *out, const struct passage_match *match)
{
    buf_span(out, SPAN(",\"explain\":{"));
    put_number(out, NAME("lexical"), match->lexical);
    put_number(out, NAME("coverage"), match->coverage);
    put_number(out, NAME("cosine"), match->dense);
    put_number(out, NAME("meaning"), match->meaning);
    put_number(out, NAME("nearness"), match->nearness);
    put_number(out, NAME("fused"), match->fused);
    put_terms(out, NAME("matched_terms"), match->terms, match->term_count);
    buf_char(out, '}');
}

static void put_passage(const struct writer *w, size_t i)
{
    const struct passage *p = &w->passages->list[i];
    struct buf *out = w->out;
    buf_char(out, '{');
    put_text(out, NAME("document_name"), p->document_name);
    put_number(out, NAME("similarity_score"), passage_score(p));
    put_text(out, NAME("document_id"), span_of(p->document));
    if (p->chunk.page)
        put_count(out, NAME("page"), p->chunk.page);
    else
        buf_span(out, SPAN("\"page\":null,"));
    put_text(out, NAME("heading"), p->chunk.heading);
    put_count(out, NAME("start"), p->chunk.start);
    put_count(out, NAME("end"), p->chunk.end);
    put_text(out, NAME("text"), p->chunk.text);
    put_highlights(out, &w->passages->matches[i]);
    if (w->query->explain)
        put_match(out, &w->passages->matches[i]);
    buf_char(out, '}');
}

/* ---- lists ---- */

static void put_results(const struct writer *w)
{
    buf_span(w->out, SPAN("{\"results\":["));
    for (size_t i = 0; i < w->passages->count; i++) {
        if (i)
            buf_char(w->out, ',');
        put_passage(w, i);
    }
    buf_span(w->out, SPAN("],"));
}

static bool is_first_of_document(const struct passages *p, size_t i)
{
    size_t before = 0;
    while (p->list[before].document_id != p->list[i].document_id)
        before++;
    return before == i;
}

/* The passages from the first one of a document on, which is its best. */
static void put_group(const struct writer *w, size_t first)
{
    const struct passage *best = &w->passages->list[first];
    buf_char(w->out, '{');
    put_text(w->out, NAME("document_name"), best->document_name);
    put_text(w->out, NAME("document_id"), span_of(best->document));
    put_number(w->out, NAME("similarity_score"), passage_score(best));
    buf_span(w->out, SPAN("\"passages\":["));
    for (size_t i = first; i < w->passages->count; i++) {
        if (w->passages->list[i].document_id != best->document_id)
            continue;
        if (i > first)
            buf_char(w->out, ',');
        put_passage(w, i);
    }
    buf_span(w->out, SPAN("]}"));
}

static void put_groups(const struct writer *w)
{
    buf_span(w->out, SPAN("{\"groups\":["));
    for (size_t i = 0; i < w->passages->count; i++) {
        if (!is_first_of_document(w->passages, i))
            continue;
        if (i)
            buf_char(w->out, ',');
        put_group(w, i);
    }
    buf_span(w->out, SPAN("],"));
}

static void put_explanation(const struct writer *w)
{
    static const char *const modes[] = {[RETRIEVE_HYBRID] = "hybrid", [RETRIEVE_LEXICAL] = "lexical", [RETRIEVE_SEMANTIC] = "semantic"};
    const struct passages *p = w->passages;
    buf_span(w->out, SPAN("\"explain\":{"));
    put_text(w->out, NAME("mode"), span_of(modes[w->query->mode]));
    put_number(w->out, NAME("semantic_weight"), p->weight);
    if (w->query->mode == RETRIEVE_HYBRID)
        put_number(w->out, NAME("language_gate"), p->weight / fusion_dense_weight);
    else
        buf_span(w->out, SPAN("\"language_gate\":null,"));
    put_count(w->out, NAME("lexical_candidates"), (int64_t)p->by_words);
    put_count(w->out, NAME("semantic_candidates"), (int64_t)p->by_meaning);
    put_terms(w->out, NAME("terms"), p->terms, p->term_count);
    buf_span(w->out, SPAN("},"));
}

void search_reply_write(struct buf *out, const struct retrieve_query *query, const struct passages *passages, double took_ms)
{
    struct writer w = {out, query, passages};
    if (query->group_size)
        put_groups(&w);
    else
        put_results(&w);
    if (query->explain)
        put_explanation(&w);
    buf_span(out, NAME("took_ms"));
    buf_printf(out, "%.6g}", took_ms);
}
