/* An answer in a model's words: its prompt, what comes back, and what to do when nothing good does. */
#include "app/answer_course.h"
#include "app/citations.h"
#include "base/utf8.h"
#include "text/chunker.h"

enum { BODY_BYTES = 4 << 20 };

/* ---- the prompt ---- */

/* Sources are what the model was given: passages that did not fit are none, and neither are quotes from them. */
static void leave_out(struct answering *a, size_t passages)
{
    size_t kept = 0;
    for (size_t i = 0; i < a->quotes.count; i++) {
        if (a->quotes.list[i].passage < passages)
            a->quotes.list[kept++] = a->quotes.list[i];
    }
    if (!kept) {
        a->prompt.passages = 0; /* the quoted answer is the better one */
        return;
    }
    a->quotes.count = kept;
    a->passages.count = passages;
}

bool answer_prepare_model(struct answering *a)
{
    const struct app_config *config = a->app->config;
    char mark[PROMPT_MARK_SIZE];
    if (!a->app->llm)
        return true;
    prompt_new_mark(mark);
    struct prompt_input input = {.mark = mark,
                                 .question = a->question.text,
                                 .passages = &a->passages,
                                 .recent = a->conversation.recent,
                                 .recent_count = a->conversation.recent_count,
                                 .context_tokens = config->llm_context_tokens,
                                 .answer_tokens = config->llm_max_tokens};
    if (!prompt_build(&input, a->arena, &a->prompt))
        return false;
    if (a->prompt.passages && a->prompt.passages < a->passages.count)
        leave_out(a, a->prompt.passages);
    return true;
}

/* ---- what comes back; on the client's thread ---- */

/* Characters that show nothing and may hide something: controls but TAB and LF, the tags of U+E0000, and marks that turn the direction of writing. */
static bool is_hidden(uint32_t c)
{
    return (c < ' ' && c != '\t' && c != '\n') || (c >= 0x7F && c < 0xA0) || (c >= 0xE0000 && c < 0xE0080) || (c >= 0x202A && c <= 0x202E) ||
           (c >= 0x2066 && c <= 0x2069);
}

/* Appends what may be shown. White space in front of the first word is nothing said. */
static void put_clean(struct buf *out, struct span text)
{
    while (text.n) {
        uint32_t c;
        size_t used = utf8_next(text, &c);
        bool blank = out->n == 0 && (c == ' ' || c == '\n' || c == '\t');
        if (!blank && !is_hidden(c))
            buf_put(out, text.p, used);
        text = span_skip(text, used);
    }
}

static bool on_text(void *context, struct span text)
{
    struct answering *a = context;
    size_t before = a->said.n;
    put_clean(&a->said, text);
    struct span added = span_skip(buf_view(&a->said), before);
    return !a->said.failed && (!added.n || a->sink->token(a->context, added));
}

static enum llm_look on_look(void *context)
{
    struct answering *a = context;
    return a->sink->look(a->context);
}

/* ---- the end; on a thread that may wait for the database ---- */

/* What the server did not say is counted roughly: a prompt counts once it was answered in any way. */
static void count_tokens(struct answering *a, struct span said)
{
    const struct llm_end *end = &a->upstream;
    a->end.tokens_in = end->tokens_in >= 0 ? end->tokens_in : said.n ? a->prompt.tokens : 0;
    a->end.tokens_out = end->tokens_out >= 0 ? end->tokens_out : (int64_t)count_tokens_roughly(NULL, said);
}

static void give_citations(struct answering *a, struct span said)
{
    struct answer_citation *list = NULL;
    size_t count = 0;
    if (!citations_read(said, a->passages.count, a->arena, &list, &count))
        problem_db(&a->problem, DB_ERROR);
    bool complete = a->problem.kind == PROBLEM_NONE && answer_send_citations(a, list, count);
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
    struct span said = buf_view(&a->said);
    enum llm_result result = a->upstream.result;
    count_tokens(a, said);
    if (result == LLM_CANCELLED) {
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

bool answer_ask_model(struct answering *a)
{
    static const struct llm_listener listener = {on_text, on_look, on_end};
    const struct app_config *config = a->app->config;
    struct buf body;
    struct llm_request request = {.model = span_of(config->llm_model),
                                  .turns = a->prompt.turns,
                                  .count = a->prompt.count,
                                  .max_tokens = config->llm_max_tokens,
                                  .temperature_milli = config->llm_temperature_milli};
    buf_init(&body, BODY_BYTES);
    llm_request_write(&body, &request);
    return llm_client_call(a->app->llm, &body, &listener, a);
}
