/* A question's course: session, search, decision, quotes, events, storage. */
#include "app/answer.h"

#include "app/answer_text.h"
#include "app/asked.h"
#include "app/calibrate.h"
#include "app/conversation.h"
#include "app/small_talk.h"
#include "base/utf8.h"
#include "store/account.h"

static const char fallback_text[] = "I could not find an answer to that in the documents.";

/* A question's own words count so much more than those it was completed with from the conversation. */
static const double own_words = 2;

enum { PPM = 1000000 };

struct answering {
    struct app *app;
    const struct principal *by;
    const struct question *question;
    struct arena *arena;
    struct problem *problem;
    struct conversation conversation;
    struct message_row message;
    struct passages passages; /* none when not answered */
    struct quotes quotes;
    struct answer_text text;
    struct answer_end end;
};

static bool out_of_memory(struct answering *a)
{
    return problem_db(a->problem, DB_ERROR);
}

/* ---- what to say ---- */

static enum db_status read_fallback(struct db_conn *c, void *context)
{
    struct answering *a = context;
    bool found;
    enum db_status status = store_setting_get(&a->by->tenant, c, "fallback_text", a->arena, &a->text.text, &found);
    if (status == DB_OK && (!found || !a->text.text.n))
        a->text.text = span_of(fallback_text);
    return status;
}

static bool give_fallback(struct answering *a)
{
    a->passages = (struct passages){0};
    a->quotes = (struct quotes){0};
    a->text = (struct answer_text){0};
    enum db_status status = db_snapshot(a->app->db, read_fallback, a);
    return status == DB_OK || problem_db(a->problem, status);
}

static bool find_quotes(struct answering *a, struct span text, const struct question_term *own, size_t own_count)
{
    struct question_term *terms;
    size_t count;
    if (!question_terms(a->app, a->by, text, a->arena, &terms, &count, a->problem))
        return false;
    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; k < own_count; k++)
            terms[i].idf *= span_eq(terms[i].term, own[k].term) ? own_words : 1;
    }
    return quote_choose(a->question->text, terms, count, &a->passages, &quote_default_weights, a->arena, &a->quotes) || out_of_memory(a);
}

static double confidence(const struct answering *a)
{
    if (!a->quotes.count)
        return 0;
    struct evidence e = {.lexical = a->passages.matches[0].lexical, .asks_a_kind = a->quotes.asks_a_kind, .held = a->quotes.asked_held};
    return calibrate_confidence(&e);
}

static bool search(struct answering *a)
{
    struct question_term *own;
    size_t own_count;
    if (!question_terms(a->app, a->by, a->question->text, a->arena, &own, &own_count, a->problem))
        return false;
    struct retrieve_query query = a->question->retrieve;
    query.text = conversation_complete(&a->conversation, a->question->text, own_count, a->arena);
    if (!query.text.p)
        return out_of_memory(a);
    if (!retrieve(a->app, a->by, &query, a->arena, &a->passages, a->problem) || !find_quotes(a, query.text, own, own_count))
        return false;
    a->end.confidence = confidence(a);
    a->end.answered = a->end.confidence >= answer_threshold;
    if (!a->end.answered)
        return give_fallback(a);
    return answer_compose(&a->passages, &a->quotes, a->arena, &a->text) || out_of_memory(a);
}

/* Small talk counts as answered, so that it is not among the questions that documents are missing for. */
static bool prepare(struct answering *a)
{
    struct asked asked;
    if (!conversation_open(a->app, a->by, a->question, a->arena, &a->conversation, a->problem))
        return false;
    if (!asked_read(a->question->text, a->arena, &asked))
        return out_of_memory(a);
    const char *reply = small_talk_reply(&asked);
    if (!reply)
        return search(a);
    a->text.text = span_of(reply);
    a->end = (struct answer_end){.answered = true, .confidence = 1};
    return true;
}

/* ---- events ---- */

static bool send_sources(struct answering *a, const struct answer_sink *sink, void *context)
{
    for (size_t i = 0; i < a->passages.count; i++) {
        struct answer_source source = {.passage = a->passages.list[i], .snippet = answer_snippet(&a->passages, i, &a->quotes)};
        if (!sink->source(context, &source))
            return false;
    }
    return true;
}

/* *sent: bytes of the answer that were handed over. */
static bool send_text(struct answering *a, const struct answer_sink *sink, void *context, size_t *sent)
{
    struct span rest = a->text.text;
    while (rest.n) {
        struct span piece = answer_piece(rest);
        if (!sink->token(context, piece))
            return false;
        *sent += piece.n;
        rest = span_skip(rest, piece.n);
    }
    return true;
}

static bool send_citations(struct answering *a, const struct answer_sink *sink, void *context)
{
    for (size_t i = 0; i < a->text.count; i++) {
        if (!sink->citation(context, &a->text.citations[i]))
            return false;
    }
    return true;
}

/* ---- storage ---- */

static int64_t ppm(double share)
{
    return (int64_t)(share * PPM + 0.5);
}

static bool store(struct answering *a, struct span said, bool complete)
{
    struct source_row *sources = arena_array(a->arena, a->passages.count, sizeof *sources);
    if (!sources)
        return out_of_memory(a);
    for (size_t i = 0; i < a->passages.count; i++) {
        const struct passage *p = &a->passages.list[i];
        sources[i] = (struct source_row){.document_id = p->document_id,
                                         .version = a->passages.matches[i].version,
                                         .ordinal = p->chunk.ordinal,
                                         .page = p->chunk.page,
                                         .start = p->chunk.start,
                                         .end = p->chunk.end,
                                         .score_ppm = ppm(p->score)};
    }
    struct message_row *m = &a->message;
    m->question = a->question->text;
    m->answer = said;
    span_to_cstr(complete ? SPAN("complete") : SPAN("interrupted"), m->status, sizeof m->status);
    m->answered = a->end.answered;
    m->confidence_ppm = ppm(a->end.confidence);
    return conversation_store(a->app, a->by, &a->conversation, m, sources, a->passages.count, a->problem);
}

static void begin_message(struct answering *a)
{
    a->message.message_id = sys_random_id();
    a->message.session_id = a->conversation.session.session_id;
    a->message.created_at = sys_wall_ms();
    sys_public_id(a->message.public_id, "msg_");
}

bool answer_question(struct app *app, const struct principal *by, const struct question *question, struct arena *arena, const struct answer_sink *sink,
                     void *context, struct problem *problem)
{
    struct answering a = {.app = app, .by = by, .question = question, .arena = arena, .problem = problem};
    if (!prepare(&a))
        return false;
    begin_message(&a);
    size_t sent = 0;
    bool complete = sink->start(context, a.conversation.session.public_id, a.message.public_id) && send_sources(&a, sink, context) &&
                    send_text(&a, sink, context, &sent) && send_citations(&a, sink, context);
    if (!store(&a, (struct span){a.text.text.p, sent}, complete))
        return false;
    measure(&app->measures, a.end.answered ? MEASURE_ANSWERED : MEASURE_FALLBACKS);
    if (complete)
        sink->end(context, &a.end);
    return true;
}
