/* Answers: events in order, quotes with sources, the fallback, conversations, interruption. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "answer_world.h"
#include "base/buf.h"
#include "base/utf8.h"
#include "store/conversation.h"

enum { ARENA_BYTES = 16 << 20, PLENTY = 1 << 30, SOURCES_MAX = 20, CITATIONS_MAX = 20 };

struct fixture {
    struct world *w;
    struct principal p;
    struct arena *arena;
    struct world_id policy;
};

static int set_up(void **state)
{
    static struct fixture f;
    f = (struct fixture){.w = world_new(PLENTY), .arena = arena_new(ARENA_BYTES)};
    f.p = world_tenant(f.w);
    f.policy =
        world_add(f.w, &f.p,
                  &(struct world_document){.name = "Return policy",
                                           .text = "We want you to be happy with your purchase.\nItems may be returned within 30 days of delivery. Refunds are "
                                                   "paid to the card that was used.\nGift cards are not refundable."});
    world_add(f.w, &f.p,
              &(struct world_document){.name = "Leave",
                                       .text = "# Leave\nEmployees have 28 days of paid leave a year. Contractors have no paid leave. Leave for "
                                               "employees is booked with the team lead.\n# Pay\nSalaries are paid on the 25th of each month."});
    *state = &f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    arena_free(f->arena);
    world_free(f->w);
    return 0;
}

/* ---- what came of a question ---- */

struct heard {
    char session_id[PUBLIC_ID_SIZE], message_id[PUBLIC_ID_SIZE];
    struct buf text;
    struct answer_source sources[SOURCES_MAX];
    size_t source_count;
    struct answer_citation citations[CITATIONS_MAX];
    size_t citation_count;
    struct answer_end end;
    int step;       /* 0 nothing, 1 start, 2 sources, 3 tokens, 4 citations, 5 end */
    int stop_after; /* tokens; -1: never */
    bool finished, ok;
    struct problem problem;
};

static void reach(struct heard *h, int step)
{
    assert_true(h->step >= 1 || step == 1);
    assert_true(step >= h->step);
    h->step = step;
}

static bool on_start(void *context, const char *session_id, const char *message_id)
{
    struct heard *h = context;
    reach(h, 1);
    snprintf(h->session_id, sizeof h->session_id, "%s", session_id);
    snprintf(h->message_id, sizeof h->message_id, "%s", message_id);
    return true;
}

static bool on_source(void *context, const struct answer_source *source)
{
    struct heard *h = context;
    reach(h, 2);
    assert_true(h->source_count < SOURCES_MAX && utf8_length(source->snippet) <= 200);
    h->sources[h->source_count++] = *source;
    return true;
}

static bool on_token(void *context, struct span text)
{
    struct heard *h = context;
    reach(h, 3);
    if (h->stop_after == 0)
        return false;
    h->stop_after--;
    buf_span(&h->text, text);
    return true;
}

static bool on_citation(void *context, const struct answer_citation *citation)
{
    struct heard *h = context;
    reach(h, 4);
    assert_true(h->citation_count < CITATIONS_MAX);
    h->citations[h->citation_count++] = *citation;
    return true;
}

static bool on_end(void *context, const struct answer_end *end)
{
    struct heard *h = context;
    reach(h, 5);
    h->end = *end;
    return true;
}

static enum llm_look on_look(void *context)
{
    (void)context;
    return LLM_LISTENS;
}

static bool on_take_back(void *context)
{
    (void)context;
    return false;
}

static void on_finished(void *context, const struct problem *problem)
{
    struct heard *h = context;
    assert_false(h->finished);
    h->finished = true;
    h->ok = !problem;
    if (problem)
        h->problem = *problem;
}

static const struct answer_sink sink = {on_start, on_source, on_token, on_citation, on_end, on_look, on_take_back, on_finished};

static struct heard ask_as(struct fixture *f, struct principal p, const char *text, const char *session_id, const char *user, int stop_after)
{
    struct heard h = {.stop_after = stop_after};
    struct question q = {.text = span_of(text), .retrieve = {.top_k = 5}};
    if (session_id)
        q.session_id = span_of(session_id);
    else
        q.session_id = (struct span){NULL, 0};
    q.user = user ? span_of(user) : (struct span){NULL, 0};
    buf_init(&h.text, 1 << 20);
    world_refresh(f->w, &p);
    answer_question(&f->w->app, &p, &q, f->arena, &sink, &h);
    assert_true(h.finished);
    struct span kept = arena_copy(f->arena, buf_view(&h.text));
    buf_free(&h.text);
    h.text.p = (char *)kept.p;
    h.text.n = kept.n;
    return h;
}

static struct heard ask(struct fixture *f, const char *text)
{
    return ask_as(f, f->p, text, NULL, NULL, -1);
}

static bool says(const struct heard *h, const char *text)
{
    return span_find(buf_view(&h->text), span_of(text)) >= 0;
}

/* ---- stored messages ---- */

struct stored {
    const struct principal *p;
    const char *session_id;
    struct arena *arena;
    struct session_row session;
    struct message_row *rows;
    size_t count;
    bool found;
};

static enum db_status read_messages(struct db_conn *c, void *context)
{
    struct stored *s = context;
    enum db_status status = store_session_by_public_id(&s->p->tenant, c, span_of(s->session_id), s->arena, &s->session, &s->found);
    return status == DB_OK && s->found ? store_message_recent(&s->p->tenant, c, s->session.session_id, 100, s->arena, &s->rows, &s->count) : status;
}

static struct stored messages_of(struct fixture *f, const char *session_id)
{
    struct stored s = {.p = &f->p, .session_id = session_id, .arena = f->arena};
    assert_int_equal(db_snapshot(f->w->db, read_messages, &s), DB_OK);
    return s;
}

/* ---- tests ---- */

static void quotes_with_sources_and_ranges(void **state)
{
    struct fixture *f = *state;
    struct heard h = ask(f, "How many days do I have to return items?");
    assert_true(h.ok && h.end.answered && h.step == 5);
    assert_true(says(&h, "Items may be returned within 30 days of delivery."));
    assert_true(h.end.confidence > 0 && h.end.confidence <= 1);
    assert_true(h.source_count > 0 && h.citation_count > 0);
    assert_true(span_eq(h.sources[0].passage.document_name, SPAN("Return policy")));
    assert_string_equal(h.sources[0].passage.document, f->policy.public_id);
    struct span text = buf_view(&h.text);
    for (size_t i = 0; i < h.citation_count; i++) {
        assert_true(h.citations[i].source < h.source_count);
        size_t start = utf8_offset(text, (size_t)h.citations[i].start), end = utf8_offset(text, (size_t)h.citations[i].end);
        struct span cited = {text.p + start, end - start};
        assert_true(cited.n > 0 && span_find(h.sources[h.citations[i].source].passage.chunk.text, cited) >= 0);
    }
    assert_int_equal(strncmp(h.session_id, "sess-", 5), 0);
    assert_int_equal(strncmp(h.message_id, "msg_", 4), 0);
}

static void the_message_is_stored(void **state)
{
    struct fixture *f = *state;
    struct heard h = ask(f, "How many days do I have to return items?");
    struct stored s = messages_of(f, h.session_id);
    assert_true(s.found);
    assert_int_equal(s.count, 1);
    assert_string_equal(s.rows[0].public_id, h.message_id);
    assert_string_equal(s.rows[0].status, "complete");
    assert_true(s.rows[0].answered);
    assert_true(span_eq(s.rows[0].answer, buf_view(&h.text)));
    assert_true(span_eq(s.rows[0].question, SPAN("How many days do I have to return items?")));
}

static void nothing_fits(void **state)
{
    struct fixture *f = *state;
    const char *const questions[] = {"What is the what of the?", "Which xylophone does Zanzibar prefer?", "?", "Who won the football championship of 1974?"};
    for (size_t i = 0; i < sizeof questions / sizeof *questions; i++) {
        struct heard h = ask(f, questions[i]);
        assert_true(h.ok);
        assert_false(h.end.answered);
        assert_int_equal(h.source_count + h.citation_count, 0);
        assert_true(says(&h, "I could not find an answer"));
        assert_true(h.end.confidence < 0.5);
    }
    world_setting(f->w, &f->p, "fallback_text", "Schreiben Sie uns.");
    struct heard h = ask(f, "Which xylophone does Zanzibar prefer?");
    assert_true(span_eq(buf_view(&h.text), SPAN("Schreiben Sie uns.")));
}

static void no_documents_at_all(void **state)
{
    struct fixture *f = *state;
    struct heard h = ask_as(f, world_tenant(f->w), "How many days do I have to return items?", NULL, NULL, -1);
    assert_true(h.ok && !h.end.answered && h.source_count == 0);
}

static void small_talk(void **state)
{
    struct fixture *f = *state;
    struct heard h = ask(f, "Hello!");
    assert_true(h.ok && h.end.answered && h.source_count == 0 && says(&h, "Hello!"));
    h = ask(f, "  DANKE  ");
    assert_true(says(&h, "Gern geschehen"));
    h = ask(f, "hello, how many days of leave do employees have?");
    assert_true(says(&h, "28 days"));
}

static void a_deleted_document_answers_nothing(void **state)
{
    struct fixture *f = *state;
    world_delete(f->w, &f->p, f->policy);
    struct heard h = ask(f, "How many days do I have to return items after delivery?");
    assert_false(says(&h, "30 days"));
}

static void sessions_go_on(void **state)
{
    struct fixture *f = *state;
    struct heard first = ask(f, "How many days of paid leave do employees have?");
    assert_true(says(&first, "28 days"));
    struct heard second = ask_as(f, f->p, "And contractors?", first.session_id, NULL, -1);
    assert_true(second.ok && second.end.answered);
    assert_string_equal(second.session_id, first.session_id);
    assert_true(says(&second, "Contractors have no paid leave."));
    struct stored s = messages_of(f, first.session_id);
    assert_int_equal(s.count, 2);
    assert_true(span_eq(s.rows[1].question, SPAN("And contractors?")));
}

static void strange_sessions_are_not_found(void **state)
{
    struct fixture *f = *state;
    struct heard mine = ask(f, "How many days of paid leave do employees have?");
    struct heard unknown = ask_as(f, f->p, "And contractors?", "sess-0123", NULL, -1);
    struct heard foreign = ask_as(f, world_tenant(f->w), "And contractors?", mine.session_id, NULL, -1);
    assert_false(unknown.ok || foreign.ok);
    assert_int_equal(unknown.step + foreign.step, 0);
    assert_int_equal(unknown.problem.kind, PROBLEM_NOT_FOUND);
    assert_int_equal(foreign.problem.kind, PROBLEM_NOT_FOUND);
    assert_string_equal(unknown.problem.detail, foreign.problem.detail);
    assert_string_equal(unknown.problem.slug, foreign.problem.slug);
}

static void a_session_belongs_to_its_user(void **state)
{
    struct fixture *f = *state;
    struct heard first = ask_as(f, f->p, "How many days of paid leave do employees have?", NULL, "user-7", -1);
    assert_true(ask_as(f, f->p, "And contractors?", first.session_id, "user-7", -1).ok);
    struct heard other = ask_as(f, f->p, "And contractors?", first.session_id, "user-8", -1);
    struct heard nobody = ask_as(f, f->p, "And contractors?", first.session_id, NULL, -1);
    assert_false(other.ok || nobody.ok);
    assert_int_equal(other.problem.kind, PROBLEM_NOT_FOUND);
    assert_string_equal(other.problem.detail, nobody.problem.detail);
}

static void a_hang_up_is_kept_as_interrupted(void **state)
{
    struct fixture *f = *state;
    struct heard h = ask_as(f, f->p, "How many days do I have to return items?", NULL, NULL, 3);
    assert_true(h.ok);
    assert_int_equal(h.step, 3);
    struct stored s = messages_of(f, h.session_id);
    assert_int_equal(s.count, 1);
    assert_string_equal(s.rows[0].status, "interrupted");
    assert_true(span_eq(s.rows[0].answer, buf_view(&h.text)));
    assert_true(h.text.n > 0);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        CASE(quotes_with_sources_and_ranges),
        CASE(the_message_is_stored),
        CASE(nothing_fits),
        CASE(no_documents_at_all),
        CASE(small_talk),
        CASE(a_deleted_document_answers_nothing),
        CASE(sessions_go_on),
        CASE(strange_sessions_are_not_found),
        CASE(a_session_belongs_to_its_user),
        CASE(a_hang_up_is_kept_as_interrupted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
