/* An answer in a model's words: what comes back, and what to do when nothing good does. What it is asked: answer_prompt.c. */
#include "app/answer_course.h"
#include "app/citations.h"
#include "text/chunker.h"

enum { BODY_BYTES = 4 << 20 };

/* ---- what comes back; on the client's thread ---- */

static bool hand_on(struct answering *a, size_t before)
{
    struct span added = span_skip(buf_view(&a->said), before);
    return !a->said.failed && (!added.n || a->sink->token(a->context, added));
}

static bool on_text(void *context, struct span text)
{
    struct answering *a = context;
    size_t before = a->said.n;
    model_text_feed(&a->words, text, &a->said);
    return hand_on(a, before);
}

static enum llm_look on_look(void *context)
{
    struct answering *a = context;
    return atomic_load(&a->live.stopped) ? LLM_GONE : a->sink->look(a->context);
}

/* ---- the end; on a thread that may wait for the database ---- */

/* What the server did not say is counted roughly: a prompt counts once it was answered in any way. */
static void count_tokens(struct answering *a, struct span said)
{
    const struct llm_end *end = &a->upstream;
    a->end.tokens_in = a->rewriting_in + (end->tokens_in >= 0 ? end->tokens_in : said.n ? a->prompt.tokens : 0);
    a->end.tokens_out = a->rewriting_out + (end->tokens_out >= 0 ? end->tokens_out : (int64_t)count_tokens_roughly(NULL, said));
}

static double likeness(void *embedder, struct span a, struct span b)
{
    struct embed_vector x, y;
    if (!embedder_text(embedder, a, &x) || !embedder_text(embedder, b, &y))
        return 0;
    int32_t dot = 0;
    for (size_t i = 0; i < EMBED_DIMENSIONS; i++)
        dot += x.values[i] * y.values[i];
    return embedder_likeness(embedder, (double)dot * (double)x.scale * (double)y.scale);
}

/* An answer of which no sentence stands in the passages, or that says there is none, is no answer. */
static void give_citations(struct answering *a, struct span said)
{
    struct answer_citation *list = NULL;
    size_t count = 0;
    struct citation_sum sum = {0};
    struct citation_check check = {.passages = &a->passages, .likeness = a->encoder ? likeness : NULL, .context = a->encoder};
    if (!citations_check(said, &check, a->arena, &list, &count, &sum))
        problem_db(&a->problem, DB_ERROR);
    a->end.answered = sum.supported > 0;
    a->end.confidence *= sum.claims ? (double)sum.supported / (double)sum.claims : 0;
    bool complete = a->problem.kind == PROBLEM_NONE && answer_send_citations(a, list, count);
    if (complete && a->end.answered && !a->end.interrupted && a->app->cache)
        answer_cache_put(a->app->cache, a->key, said);
    answer_finish(a, said, complete);
}

static void break_off(struct answering *a, struct span said)
{
    if (a->upstream.result == LLM_ENDING)
        problem_set(&a->problem, PROBLEM_UNAVAILABLE, "shutting-down", "The server is shutting down; ask again soon.");
    else if (a->upstream.result == LLM_SLOW)
        problem_set(&a->problem, PROBLEM_UNAVAILABLE, "model-timeout", "The language model took too long for the rest of the answer; ask again.");
    else
        problem_set(&a->problem, PROBLEM_UNAVAILABLE, "model-failed", "The language model broke off in the middle of the answer; ask again.");
    answer_finish(a, said, false);
}

static void conclude(void *context)
{
    struct answering *a = context;
    if (!answer_take_arena(a)) {
        answer_finish(a, SPAN(""), false);
        return;
    }
    enum llm_result result = a->upstream.result;
    size_t before = a->said.n;
    model_text_end(&a->words, &a->said);
    bool stopped = result == LLM_CANCELLED && atomic_load(&a->live.stopped);
    if ((stopped || result != LLM_CANCELLED) && !hand_on(a, before)) {
        stopped = false;
        result = LLM_CANCELLED;
    }
    struct span said = buf_view(&a->said);
    count_tokens(a, said);
    if (stopped) {
        a->end.interrupted = true;
        give_citations(a, said);
    } else if (result == LLM_CANCELLED) {
        answer_finish(a, said, false);
    } else if (result == LLM_DONE && said.n) {
        give_citations(a, said);
    } else if (!said.n || a->sink->take_back(a->context)) {
        a->end.degraded = true;
        answer_quoted(a);
    } else {
        break_off(a, said);
    }
}

/* The pool has room for as many as there are calls, so it takes this one in; were it not to, the answer would have to end here all the same. */
static void on_end(void *context, const struct llm_end *end)
{
    struct answering *a = context;
    a->upstream = *end;
    if (!pool_submit(a->app->answers, conclude, a))
        conclude(a);
}

/* An equal question was answered before, from the same documents: no call, and no tokens. */
static bool give_known(struct answering *a)
{
    struct span known = a->app->cache ? answer_cache_get(a->app->cache, a->key, a->arena) : (struct span){NULL, 0};
    if (!known.p)
        return false;
    size_t sent = 0;
    a->text.text = known;
    if (answer_send_text(a, &sent))
        give_citations(a, known);
    else
        answer_finish(a, (struct span){known.p, sent}, false);
    return true;
}

static bool call_model(struct answering *a)
{
    static const struct llm_listener listener = {on_text, on_look, on_end};
    const struct app_config *config = a->app->config;
    struct buf body;
    struct llm_request request = {.model = span_of(config->llm_model),
                                  .turns = a->prompt.turns,
                                  .count = a->prompt.count,
                                  .max_tokens = config->llm_max_tokens,
                                  .temperature_milli = config->llm_temperature_milli,
                                  .style = config->llm.style};
    buf_init(&body, BODY_BYTES);
    llm_request_write(&body, &request);
    a->rules = a->prompt.turns[0].text;
    if (!answer_settle(a)) {
        buf_free(&body);
        return false;
    }
    model_text_init(&a->words, a->passages.count, span_of(a->mark), a->rules);
    return llm_client_call(a->app->llm, &body, &listener, a) || (answer_take_arena(a) && false);
}

bool answer_ask_model(struct answering *a)
{
    if (give_known(a))
        return true;
    if (!answer_reserve(a, a->prompt.tokens + a->app->config->llm_max_tokens, &a->reserved))
        return false;
    if (call_model(a)) /* a may be gone already */
        return true;
    answer_release(a, &a->reserved);
    return false;
}
