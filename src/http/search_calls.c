/* POST /api/v1/search: the passages that were found, with their text. */
#include "app/accounts.h"
#include "http/problem_reply.h"
#include "http/retrieve_request.h"
#include "http/routes.h"
#include "http/search_reply.h"

enum {
    BODY_MAX = 1 << 20,
    QUERY_MAX = 8000,
    TOP_K = 10,
    TOP_K_MAX = 100,
    MODE_MAX = 32,
    GROUP_SIZE = 3,
    GROUP_SIZE_MAX = 10,
    REPLY_MAX = 64 << 20,
    REPLY_ROOM = 8 << 10
};

/* Without a model hybrid is lexical; to ask for meaning alone is then refused rather than answered by words. */
static enum retrieve_mode read_mode(struct validation *v, const struct app *app)
{
    static const char *const names[] = {[RETRIEVE_HYBRID] = "hybrid", [RETRIEVE_LEXICAL] = "lexical", [RETRIEVE_SEMANTIC] = "semantic"};
    struct span text = validation_text(v, "mode", false, 1, MODE_MAX);
    enum retrieve_mode mode = RETRIEVE_HYBRID;
    while (text.p && mode <= RETRIEVE_SEMANTIC && !span_eq(text, span_of(names[mode])))
        mode++;
    if (mode > RETRIEVE_SEMANTIC)
        validation_fault(v, "mode", "enum", "Input should be 'hybrid', 'lexical' or 'semantic'");
    else if (mode == RETRIEVE_SEMANTIC && !app->embedder)
        validation_fault(v, "mode", "value_error", "Semantic search needs an embedding model, and this server has none loaded. Use hybrid or lexical");
    return app->embedder ? mode : RETRIEVE_LEXICAL;
}

/* The best passages of each document when asked for: query->group_size. */
static void read_grouping(struct validation *v, struct retrieve_query *query)
{
    struct span by = validation_text(v, "group_by", false, 1, MODE_MAX);
    int64_t size = validation_int(v, "group_size", GROUP_SIZE, 1, GROUP_SIZE_MAX);
    if (by.p && !span_eq(by, SPAN("document")))
        validation_fault(v, "group_by", "enum", "Input should be 'document'");
    query->group_size = by.p ? (int)size : 0;
}

static double read_min_score(struct validation *v, const json_t *body)
{
    const json_t *value = json_object_get(body, "min_score");
    double score = json_number_value(value);
    if (value && !json_is_null(value) && !json_is_number(value))
        validation_fault(v, "min_score", "float_type", "Input should be a valid number");
    else if (score < 0)
        validation_fault(v, "min_score", "greater_than_equal", "Input should be greater than or equal to 0");
    else if (score > 1)
        validation_fault(v, "min_score", "less_than_equal", "Input should be less than or equal to 1");
    return score;
}

static void reply(struct exchange *x, const struct retrieve_query *query, const struct passages *passages, int64_t began_us)
{
    struct buf out;
    buf_init(&out, REPLY_MAX);
    buf_reserve(&out, REPLY_ROOM);
    search_reply_write(&out, query, passages, (double)(sys_mono_us() - began_us) / 1000);
    if (out.failed)
        reply_error(x, 500, "internal", "The server had no memory for the reply; try again.");
    else
        exchange_reply(x, 200, "application/json", buf_view(&out));
    buf_free(&out);
}

static void search(struct exchange *x, const struct principal *by, const struct retrieve_query *query, int64_t began_us)
{
    struct problem problem = {0};
    struct passages passages;
    bool allowed = !query->explain || require_scope(by, SCOPE_ADMIN, &problem);
    if (allowed && retrieve(call_app(x), by, query, exchange_arena(x), &passages, &problem))
        reply(x, query, &passages, began_us);
    else
        call_fail(x, &problem);
}

/* Who may chat sees passages anyway, so either scope will do. */
static bool may_search(struct exchange *x, const struct principal *by)
{
    struct problem problem = {0};
    if (require_scope(by, SCOPE_CHAT, NULL) || require_scope(by, SCOPE_KNOWLEDGE_READ, &problem))
        return true;
    call_fail(x, &problem);
    return false;
}

void call_search(struct exchange *x)
{
    int64_t began_us = sys_mono_us();
    struct principal by;
    struct retrieve_query query;
    struct validation v;
    if (!call_authenticate(x, 0, &by) || !may_search(x, &by))
        return;
    json_t *body = call_json(x, BODY_MAX);
    if (!body)
        return;
    validation_begin(&v, body);
    retrieve_request_read(&v, body, x, TOP_K, TOP_K_MAX, &query);
    query.text = validation_text(&v, "query", true, 1, QUERY_MAX);
    query.mode = read_mode(&v, call_app(x));
    query.spread = query.highlights = true;
    query.explain = validation_bool(&v, "explain", false);
    query.min_score = read_min_score(&v, body);
    read_grouping(&v, &query);
    if (validation_end(&v, x))
        search(x, &by, &query, began_us);
    json_decref(body);
}
