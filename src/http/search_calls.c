/* POST /api/v1/search: the passages that were found, with their text. */
#include "app/accounts.h"
#include "http/retrieve_request.h"
#include "http/routes.h"

enum { BODY_MAX = 1 << 20, QUERY_MAX = 8000, TOP_K = 10, TOP_K_MAX = 100, MODE_MAX = 32, SCRATCH_BYTES = 4 << 20 };

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
    return mode;
}

struct search_reply {
    const struct passages *passages;
    const struct question_term *terms;
    size_t term_count;
    struct arena *scratch; /* for one passage at a time */
};

static json_t *highlights_json(const struct search_reply *r, size_t passage)
{
    struct text_range *ranges;
    size_t count;
    json_t *list = json_array();
    arena_reset(r->scratch);
    if (!passage_highlights(r->passages, passage, r->terms, r->term_count, r->scratch, &ranges, &count))
        return list;
    for (size_t i = 0; i < count; i++)
        json_array_append_new(list, json_pack("{s:I, s:I}", "start", (json_int_t)ranges[i].start, "end", (json_int_t)ranges[i].end));
    return list;
}

static json_t *results_json(const struct search_reply *r)
{
    json_t *results = json_array();
    for (size_t i = 0; i < r->passages->count; i++) {
        json_t *result = passage_json(&r->passages->list[i]);
        json_object_set_new(result, "text", json_from(r->passages->list[i].chunk.text));
        json_object_set_new(result, "highlights", highlights_json(r, i));
        json_array_append_new(results, result);
    }
    return results;
}

static void reply(struct exchange *x, const struct search_reply *r, int64_t began_us)
{
    json_t *results = results_json(r);
    double took_ms = (double)(sys_mono_us() - began_us) / 1000;
    call_reply(x, 200, json_pack("{s:o, s:f}", "results", results, "took_ms", took_ms));
}

static void search(struct exchange *x, const struct principal *by, const struct retrieve_query *query, int64_t began_us)
{
    struct problem problem = {0};
    struct passages passages;
    struct question_term *terms;
    struct search_reply r = {.passages = &passages, .scratch = arena_new(SCRATCH_BYTES)};
    struct arena *arena = exchange_arena(x);
    bool ok = r.scratch ? retrieve(call_app(x), by, query, arena, &passages, &problem) &&
                              question_terms(call_app(x), by, query->text, arena, &terms, &r.term_count, &problem)
                        : problem_db(&problem, DB_ERROR);
    if (ok) {
        r.terms = terms;
        reply(x, &r, began_us);
    } else {
        call_fail(x, &problem);
    }
    arena_free(r.scratch);
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
    query.spread = true;
    if (validation_end(&v, x))
        search(x, &by, &query, began_us);
    json_decref(body);
}
