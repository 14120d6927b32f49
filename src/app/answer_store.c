/* An answer as it is stored, so that a reload shows what was told. */
#include "app/answer_course.h"

enum { PPM = 1000000, SNIPPETS_BYTES = 4 << 10 };

/* In parts per million, but no finer than a reply tells it, so that a reload tells the same. */
static int64_t confidence_ppm(double share)
{
    return (int64_t)(share * 1e4 + 0.5) * (PPM / 10000);
}

/* Rounded down, as replies do. */
static int64_t score_ppm(double score)
{
    int64_t ppm = (int64_t)(score * PPM);
    return ppm > 0 ? ppm : 1;
}

/* The beginnings of the snippets as the schema's JSON. */
static struct span list_snippets(const struct answering *a, struct buf *text)
{
    buf_char(text, '[');
    for (size_t i = 0; i < a->passages.count; i++)
        buf_printf(text, "%s%zu", i ? "," : "", answer_snippet_start(&a->passages, i, &a->quotes));
    buf_char(text, ']');
    return buf_view(text);
}

const char *const answer_flag_names[FLAG_KINDS] = {[FLAG_NUMBER] = "number", [FLAG_DATE] = "date", [FLAG_NAME] = "name"};

static struct citation_row citation_row(const char *kind, int64_t start, int64_t end, const struct answer_citation *c)
{
    struct citation_row row = {.start = start, .end = end, .source = c->source == ANSWER_NO_SOURCE ? -1 : (int64_t)c->source, .supported = c->supported};
    span_to_cstr(span_of(kind), row.kind, sizeof row.kind);
    return row;
}

/* Each citation, behind it what is flagged in it. */
static bool list_citations(struct answering *a)
{
    size_t count = a->citation_count;
    for (size_t i = 0; i < a->citation_count; i++)
        count += a->citations[i].flag_count;
    struct citation_row *rows = arena_array(a->arena, count, sizeof *rows);
    if (!rows)
        return false;
    a->message.citations = rows;
    a->message.citation_count = count;
    for (size_t i = 0; i < a->citation_count; i++) {
        const struct answer_citation *c = &a->citations[i];
        *rows++ = citation_row("citation", c->start, c->end, c);
        for (size_t k = 0; k < c->flag_count; k++)
            *rows++ = citation_row(answer_flag_names[c->flags[k].kind], c->flags[k].start, c->flags[k].end, c);
    }
    return true;
}

bool answer_store(struct answering *a, struct span said, bool complete)
{
    struct source_row *sources = !a->arena ? NULL : arena_array(a->arena, a->passages.count, sizeof *sources);
    if (!sources || !list_citations(a))
        return problem_db(&a->problem, DB_ERROR);
    for (size_t i = 0; i < a->passages.count; i++) {
        const struct passage *p = &a->passages.list[i];
        sources[i] = (struct source_row){.document_id = p->document_id,
                                         .version = a->passages.matches[i].version,
                                         .ordinal = p->chunk.ordinal,
                                         .page = p->chunk.page,
                                         .start = p->chunk.start,
                                         .end = p->chunk.end,
                                         .score_ppm = score_ppm(p->score)};
    }
    struct message_row *m = &a->message;
    m->question = a->question.text;
    m->answer = said;
    span_to_cstr(complete ? SPAN("complete") : SPAN("interrupted"), m->status, sizeof m->status);
    m->answered = a->end.answered;
    m->confidence_ppm = confidence_ppm(a->end.confidence);
    m->tokens_in = a->end.tokens_in;
    m->tokens_out = a->end.tokens_out;
    struct buf text;
    buf_init(&text, SNIPPETS_BYTES);
    struct message_detail detail = {a->end.degraded, list_snippets(a, &text)};
    bool ok = text.failed ? problem_db(&a->problem, DB_ERROR)
                          : conversation_store(a->app, &a->by, &a->conversation, m, &detail, sources, a->passages.count, &a->problem);
    buf_free(&text);
    return ok;
}
