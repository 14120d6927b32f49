/* A question's course: session, search, decision, quotes, events. */
#include "app/answer_course.h"

#include <math.h>
#include <stdlib.h>

#include "app/asked.h"
#include "app/calibrate.h"
#include "app/follow_up.h"
#include "app/fusion.h"
#include "app/indexes.h"
#include "app/meaning.h"
#include "app/small_talk.h"
#include "app/sources.h"
#include "base/utf8.h"
#include "store/account.h"

/* A question's own words count so much more than those it was completed with from the conversation. */
static const double own_words = 2;

/* The fused score of the best passage from which on the meaning of its sentences is looked at, where their words tell little. Of the questions of another field
 * most stay below. */
static const double measured_from = 0.16;
static const double never_conclusive = 2; /* no share of the question's words is so great */
static const double sharper = 1.1;        /* a sentence's cosine beside its passage's */

enum { TOP_K_MAX = 100, ARENA_BYTES = 4 << 20 };

static bool out_of_memory(struct answering *a)
{
    return problem_db(&a->problem, DB_ERROR);
}

/* ---- what to say ---- */

static void give_fallback(struct answering *a)
{
    a->passages = (struct passages){0};
    a->quotes = (struct quotes){0};
    a->text = (struct answer_text){.text = a->settings.fallback_text};
}

/* Whether it is worth measuring: not where the encoder does not know the language, for its cosines are noise there, nor where the passages have nothing to do
 * with the question. */
static bool may_measure(const struct answering *a)
{
    return a->encoder && a->passages.count && a->passages.weight > fusion_dense_weight / 2 && a->passages.matches[0].fused >= measured_from;
}

/* Whether the passages' score is enough for an answer. Where it is not, the meaning of a sentence may still be, whatever words it holds. */
static bool sure_by_passages(const struct answering *a)
{
    const struct quote_signs none = {0};
    return a->passages.count && calibrate_confidence(a->passages.matches[0].fused, a->passages.weight, &none) >= a->settings.threshold;
}

static bool find_quotes(struct answering *a, struct span text, const struct question_term *own, size_t own_count)
{
    struct question_term *terms;
    size_t count;
    if (!question_terms(a->app, &a->by, text, a->arena, &terms, &count, &a->problem))
        return false;
    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; k < own_count; k++)
            terms[i].idf *= span_eq(terms[i].term, own[k].term) ? own_words : 1;
    }
    struct quote_weights weights = quote_default_weights;
    struct meaning m = {a->encoder, text, a->arena};
    struct quote_meaning meaning = {meaning_measure, &m};
    if (!sure_by_passages(a))
        weights.conclusive = never_conclusive;
    return quote_choose(a->question.text, terms, count, &a->passages, &weights, may_measure(a) ? &meaning : NULL, a->arena, &a->quotes) || out_of_memory(a);
}

static double confidence(const struct answering *a)
{
    if (!a->quotes.count)
        return 0;
    /* A sentence may be nearer to the question than its passage is, and one that is near says more than a passage that is as near. */
    double fused = fmax(a->passages.matches[0].fused, sharper * a->passages.weight * a->quotes.signs.cosine);
    return calibrate_confidence(fused, a->passages.weight, &a->quotes.signs);
}

/* More passages than wanted are found, and the best of them taken. */
static bool find_passages(struct answering *a, struct retrieve_query query)
{
    size_t wanted = query.top_k < 1 ? 1 : (size_t)query.top_k;
    query.top_k = query.top_k > TOP_K_MAX / SOURCES_LOOK_AT ? TOP_K_MAX : query.top_k * SOURCES_LOOK_AT;
    return retrieve(a->app, &a->by, &query, a->arena, &a->passages, &a->problem) && (sources_arrange(&a->passages, wanted, a->arena) || out_of_memory(a));
}

/* Whether the passages hold a word of the question itself. */
static bool holds_own_word(struct answering *a, const struct question_term *own, size_t own_count)
{
    struct quotes quotes;
    return quote_choose(a->question.text, own, own_count, &a->passages, &quote_default_weights, NULL, a->arena, &quotes) && quotes.count > 0;
}

/* The passages and quotes of one form of the question, and how sure they are. */
static bool try_form(struct answering *a, const struct follow_up_form *form)
{
    struct retrieve_query query = a->question.retrieve;
    query.text = form->text;
    if (!find_passages(a, query) || !find_quotes(a, query.text, a->own, a->own_count))
        return false;
    bool counts = a->quotes.count && (!form->needs_a_word || holds_own_word(a, a->own, a->own_count));
    a->end.confidence = counts ? confidence(a) : 0;
    a->end.answered = counts && a->end.confidence >= a->settings.threshold;
    return true;
}

/* What is found in the first form that is answered; nothing to say yet when none is. */
static bool search(struct answering *a)
{
    struct question_term *own;
    struct follow_up_form forms[FOLLOW_UP_FORMS];
    struct follow_up_past past = {a->conversation.recent, a->conversation.recent_count, a->conversation.heading};
    if (!question_terms(a->app, &a->by, a->question.text, a->arena, &own, &a->own_count, &a->problem) ||
        !indexes_encoder(a->app->indexes, &a->by.tenant, &a->encoder, &a->problem))
        return false;
    a->own = own;
    size_t count = follow_up_forms(&past, a->question.text, a->own_count, a->arena, forms);
    if (!count)
        return out_of_memory(a);
    for (size_t i = 0; i < count && !a->end.answered; i++) {
        if (!try_form(a, &forms[i]))
            return false;
    }
    return true;
}

/* What to say of what was found. */
static bool settle(struct answering *a)
{
    if (!a->end.answered) {
        give_fallback(a);
        return true;
    }
    return (answer_prepare_model(a) && answer_compose(&a->passages, &a->quotes, a->arena, &a->text)) || out_of_memory(a);
}

/* Small talk counts as answered, so that it is not among the questions that documents are missing for. */
static bool prepare(struct answering *a)
{
    struct asked asked;
    if (!conversation_open(a->app, &a->by, &a->question, a->arena, &a->conversation, &a->problem))
        return false;
    if (!asked_read(a->question.text, a->arena, &asked))
        return out_of_memory(a);
    const char *reply = small_talk_reply(&asked);
    if (!reply)
        return settings_read(a->app, &a->by, a->arena, &a->settings, &a->problem) && search(a);
    a->text.text = span_of(reply);
    a->end = (struct answer_end){.answered = true, .confidence = 1};
    return true;
}

/* ---- events ---- */

static bool send_sources(struct answering *a)
{
    for (size_t i = 0; i < a->passages.count; i++) {
        struct answer_source source = {.passage = a->passages.list[i], .snippet = answer_snippet(&a->passages, i, &a->quotes)};
        if (!a->sink->source(a->context, &source))
            return false;
    }
    return true;
}

/* *sent: bytes of the answer that were handed over. */
bool answer_send_text(struct answering *a, size_t *sent)
{
    struct span rest = a->text.text;
    while (rest.n) {
        struct span piece = answer_piece(rest);
        if (!a->sink->token(a->context, piece))
            return false;
        *sent += piece.n;
        rest = span_skip(rest, piece.n);
    }
    return true;
}

bool answer_send_citations(struct answering *a, const struct answer_citation *citations, size_t count)
{
    a->citations = citations;
    a->citation_count = count;
    for (size_t i = 0; i < count; i++) {
        if (!a->sink->citation(a->context, &citations[i]))
            return false;
        a->citations = citations;
        a->citation_count = i + 1;
    }
    return true;
}

static void begin_message(struct answering *a)
{
    a->message.message_id = sys_random_id();
    a->message.session_id = a->conversation.session.session_id;
    a->message.created_at = sys_wall_ms();
    sys_public_id(a->message.public_id, "msg_");
    a->live.tenant_id = a->by.tenant.id;
    a->live.message_id = a->message.public_id;
    a->live.session = a->conversation.session;
    a->live.feed = a->question.feed;
    live_begin(a->app->live, &a->live);
}

/* ---- the course ---- */

static void finished(struct answering *a)
{
    struct problem problem = a->problem;
    buf_free(&a->said);
    live_end(a->app->live, &a->live);
    answer_release(a, &a->rewriting_reserved);
    encoders_give(a->app->encoders, a->encoder);
    if (a->arena != a->lent)
        arena_free(a->arena);
    a->sink->finished(a->context, problem.kind == PROBLEM_NONE ? NULL : &problem);
    free(a->settled);
    free(a);
}

void answer_finish(struct answering *a, struct span said, bool complete)
{
    struct problem before = a->problem;
    bool stored = answer_store(a, said, complete && !a->end.interrupted);
    answer_release(a, &a->reserved);
    answer_release(a, &a->rewriting_reserved);
    if (stored)
        measure(&a->app->measures, a->end.answered ? MEASURE_ANSWERED : MEASURE_FALLBACKS);
    if (before.kind != PROBLEM_NONE)
        a->problem = before;
    else if (stored && complete)
        a->sink->end(a->context, &a->end);
    finished(a);
}

void answer_quoted(struct answering *a)
{
    size_t sent = 0;
    bool complete = answer_send_text(a, &sent) && answer_send_citations(a, a->text.citations, a->text.count);
    answer_finish(a, (struct span){a->text.text.p, sent}, complete);
}

static bool keep(struct answering *a, struct span *text)
{
    if (text->p)
        *text = arena_copy(a->arena, *text);
    return text->p != NULL;
}

bool answer_take_arena(struct answering *a)
{
    a->arena = a->app->llm ? arena_new(ARENA_BYTES) : a->lent;
    return a->arena || out_of_memory(a);
}

/* NULL when there is no memory. */
static struct answering *begin(struct app *app, const struct principal *by, const struct question *question, struct arena *arena)
{
    struct answering *a = calloc(1, sizeof *a);
    if (!a)
        return NULL;
    a->app = app;
    a->by = *by;
    a->question = *question;
    a->lent = arena;
    buf_init(&a->said, LLM_TEXT_MAX);
    if (answer_take_arena(a) && keep(a, &a->question.text) && (!question->user.p || keep(a, &a->question.user)))
        return a;
    if (a->arena != a->lent)
        arena_free(a->arena);
    free(a);
    return NULL;
}

/* ready: a->problem holds none. */
static void deliver(struct answering *a, bool ready)
{
    bool small_talk = a->text.text.p != NULL;
    if (!ready || (!small_talk && !settle(a))) {
        finished(a);
        return;
    }
    begin_message(a);
    if (!a->sink->start(a->context, a->conversation.session.public_id, a->message.public_id) || !send_sources(a)) {
        answer_finish(a, SPAN(""), false);
        return;
    }
    if (a->prompt.passages && answer_ask_model(a))
        return;
    a->end.degraded = a->prompt.passages > 0;
    answer_quoted(a);
}

void answer_rewritten(struct answering *a, struct span text)
{
    a->end.tokens_in = a->rewriting_in;
    a->end.tokens_out = a->rewriting_out;
    deliver(a, !text.n || try_form(a, &(struct follow_up_form){.text = text}));
}

void answer_question(struct app *app, const struct principal *by, const struct question *question, struct arena *arena, const struct answer_sink *sink,
                     void *context)
{
    struct answering *a = begin(app, by, question, arena);
    if (!a) {
        struct problem problem;
        problem_db(&problem, DB_ERROR);
        sink->finished(context, &problem);
        return;
    }
    a->sink = sink;
    a->context = context;
    bool ok = prepare(a);
    if (ok && !a->end.answered && answer_rewrite(a))
        return;
    deliver(a, ok);
}
