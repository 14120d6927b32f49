/* What a model is asked for an answer: the prompt, the key of equal questions, the budget. */
#include <sodium.h>

#include "app/answer_course.h"
#include "base/log.h"
#include "store/account.h"

/* The smaller of the operator's bound and the tenant's own, where both are set. */
static int64_t tokens_a_day(const struct answering *a)
{
    int64_t all = a->app->config->llm_day_tokens, own = a->settings.model_tokens_a_day;
    return own && (!all || own < all) ? own : all;
}

/* ---- equal questions ---- */

static void hash_span(crypto_hash_sha256_state *state, struct span s)
{
    uint64_t n = s.n;
    crypto_hash_sha256_update(state, (const unsigned char *)&n, sizeof n);
    crypto_hash_sha256_update(state, (const unsigned char *)s.p, s.n);
}

static void hash_number(crypto_hash_sha256_state *state, int64_t number)
{
    crypto_hash_sha256_update(state, (const unsigned char *)&number, sizeof number);
}

/* All that makes the prompt but for its mark. The passages are known by their document's version and their place in it. */
static void make_key(struct answering *a)
{
    crypto_hash_sha256_state state;
    crypto_hash_sha256_init(&state);
    hash_number(&state, a->by.tenant.id);
    hash_number(&state, a->by.tenant.index_seq);
    hash_span(&state, a->settings.persona);
    hash_span(&state, span_trim(a->question.text));
    hash_number(&state, (int64_t)a->conversation.recent_count);
    for (size_t i = 0; i < a->conversation.recent_count; i++) {
        hash_span(&state, a->conversation.recent[i].question);
        hash_span(&state, a->conversation.recent[i].answer);
    }
    for (size_t i = 0; i < a->passages.count; i++) {
        hash_number(&state, a->passages.list[i].document_id);
        hash_number(&state, a->passages.matches[i].version);
        hash_number(&state, a->passages.list[i].chunk.ordinal);
    }
    crypto_hash_sha256_final(&state, a->key);
}

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
    if (!a->app->llm)
        return true;
    prompt_new_mark(a->mark);
    struct prompt_input input = {.mark = a->mark,
                                 .persona = a->settings.persona,
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
    if (a->prompt.passages && a->app->cache)
        make_key(a);
    return true;
}

/* ---- the budget ---- */

struct used {
    const struct tenant *tenant;
    int64_t tokens;
};

static enum db_status read_used(struct db_conn *c, void *context)
{
    struct used *u = context;
    return store_usage_tokens(u->tenant, c, sys_wall_ms(), &u->tokens);
}

bool answer_reserve(struct answering *a, int64_t most, int64_t *held)
{
    struct used used = {.tenant = &a->by.tenant};
    int64_t bound = tokens_a_day(a), reserved;
    if (!bound)
        return true;
    if (!budget_reserve(a->app->budget, a->by.tenant.id, most, &reserved))
        return false;
    if (db_snapshot(a->app->db, read_used, &used) == DB_OK && used.tokens + reserved <= bound) {
        *held = most;
        return true;
    }
    budget_release(a->app->budget, a->by.tenant.id, most);
    log_event(LOG_INFO, "model not asked: the tokens of the day are used up", log_int("used", used.tokens), log_int("budget", bound));
    return false;
}

void answer_release(struct answering *a, int64_t *held)
{
    if (*held)
        budget_release(a->app->budget, a->by.tenant.id, *held);
    *held = 0;
}
