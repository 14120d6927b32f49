/* Conversations over store/conversation.h. */
#include "app/conversation.h"

#include "base/utf8.h"
#include "store/account.h"

/* How much of the past is kept for an answer: a token is seldom less than three bytes, so this is some 4,000 tokens at most. prompt.c fits it into the model's
 * context: the oldest go first. */
enum {
    RECENT_MESSAGES = 12,
    WHOLE_MESSAGES = 3, /* the newest, whose answers are kept as they are; of older ones the first sentence */
    PAST_BYTES = 12000,
    PAST_QUESTION_BYTES = 1000,
    PAST_ANSWER_BYTES = 1200,
    SENTENCE_BYTES = 240,
    ROWS_BYTES = 4 << 20
};

/* ---- the session ---- */

struct lookup {
    const struct principal *by;
    const struct question *question;
    struct arena *arena;
    struct conversation *out;
    bool found;
};

/* ---- the past ---- */

static struct span first_sentence(struct span text)
{
    struct span s = utf8_clip(text, SENTENCE_BYTES);
    for (size_t i = 0; i + 1 < s.n; i++) {
        bool ends = s.p[i] == '.' || s.p[i] == '!' || s.p[i] == '?';
        if (s.p[i + 1] == '\n' || (ends && s.p[i + 1] == ' '))
            return (struct span){s.p, i + 1};
    }
    return s;
}

/* Older turns are told in short: of all what was asked, of the newest how it was answered too. */
static void shorten(struct message_row *row, size_t from_newest)
{
    row->question = utf8_clip(row->question, PAST_QUESTION_BYTES);
    row->answer = from_newest < WHOLE_MESSAGES ? utf8_clip(row->answer, PAST_ANSWER_BYTES) : first_sentence(row->answer);
}

static bool keep(struct arena *arena, struct message_row *row)
{
    row->question = arena_copy(arena, row->question);
    row->answer = arena_copy(arena, row->answer);
    return row->question.p && row->answer.p;
}

/* The newest of the rows that fit, in the arena of the lookup. */
static bool keep_past(struct lookup *l, const struct message_row *rows, size_t count)
{
    struct conversation *out = l->out;
    size_t bytes = 0, kept = 0;
    struct message_row *list = arena_array(l->arena, count, sizeof *list);
    for (; list && kept < count; kept++) {
        struct message_row row = rows[count - 1 - kept];
        shorten(&row, kept);
        bytes += row.question.n + row.answer.n;
        if (bytes > PAST_BYTES)
            break;
        list[count - 1 - kept] = row;
        if (!keep(l->arena, &list[count - 1 - kept]))
            return false;
    }
    out->recent = list ? list + (count - kept) : NULL;
    out->recent_count = list ? kept : 0;
    return list != NULL;
}

static enum db_status read_past(struct lookup *l, struct db_conn *c)
{
    struct message_row *rows;
    size_t count;
    struct arena *scratch = arena_new(ROWS_BYTES);
    if (!scratch)
        return DB_ERROR;
    enum db_status status = store_message_recent(&l->by->tenant, c, l->out->session.session_id, RECENT_MESSAGES, scratch, &rows, &count);
    if (status == DB_OK && count && !keep_past(l, rows, count))
        status = DB_ERROR;
    arena_free(scratch);
    return status;
}

/* Of what the last answer rests on most; the document's name where there are no headings. */
static enum db_status find_heading(struct lookup *l, struct db_conn *c)
{
    struct conversation *out = l->out;
    struct source_found *sources;
    size_t count;
    enum db_status status = store_message_sources(&l->by->tenant, c, out->recent[out->recent_count - 1].message_id, l->arena, &sources, &count);
    if (status == DB_OK && count && !sources[0].removed)
        out->heading = sources[0].heading.n ? sources[0].heading : sources[0].document_name;
    return status;
}

static enum db_status find_session(struct db_conn *c, void *context)
{
    struct lookup *l = context;
    const struct tenant *tenant = &l->by->tenant;
    struct conversation *out = l->out;
    enum db_status status = store_session_by_public_id(tenant, c, l->question->session_id, l->arena, &out->session, &l->found);
    if (status != DB_OK || !l->found)
        return status;
    status = read_past(l, c);
    return status == DB_OK && out->recent_count ? find_heading(l, c) : status;
}

static void begin_session(const struct principal *by, const struct question *question, struct conversation *out)
{
    *out = (struct conversation){.is_new = true};
    out->session.session_id = sys_random_id();
    out->session.end_user = question->user;
    out->session.collection_id = by->collection_id;
    out->session.created_at = out->session.updated_at = sys_wall_ms();
    sys_public_id(out->session.public_id, "sess-");
}

bool conversation_open(struct app *app, const struct principal *by, const struct question *question, struct arena *arena, struct conversation *out,
                       struct problem *problem)
{
    if (!question->session_id.p) {
        begin_session(by, question, out);
        return true;
    }
    *out = (struct conversation){0};
    struct lookup l = {.by = by, .question = question, .arena = arena, .out = out};
    enum db_status status = db_snapshot(app->db, find_session, &l);
    if (status != DB_OK)
        return problem_db(problem, status);
    bool theirs = l.found && out->session.collection_id == by->collection_id &&
                  (!out->session.end_user.p || (question->user.p && span_eq(out->session.end_user, question->user)));
    if (!theirs)
        return problem_set(problem, PROBLEM_NOT_FOUND, "", "There is no session with that id. Leave session_id out to start a new one.");
    return true;
}

/* ---- storing ---- */

struct writing {
    const struct principal *by;
    const struct conversation *conversation;
    const struct message_row *message;
    const struct message_detail *detail;
    const struct source_row *sources;
    size_t source_count;
};

static enum db_status write_message(struct db_conn *c, void *context)
{
    const struct writing *w = context;
    const struct tenant *tenant = &w->by->tenant;
    enum db_status status = w->conversation->is_new ? store_session_insert(tenant, c, &w->conversation->session) : DB_OK;
    if (status == DB_OK)
        status = store_message_insert(tenant, c, w->message, w->detail, w->sources, w->source_count);
    if (status == DB_OK)
        status = store_usage_add(tenant, c, "questions", 1, w->message->created_at);
    if (status == DB_OK && w->message->tokens_in)
        status = store_usage_add(tenant, c, "tokens_in", w->message->tokens_in, w->message->created_at);
    if (status == DB_OK && w->message->tokens_out)
        status = store_usage_add(tenant, c, "tokens_out", w->message->tokens_out, w->message->created_at);
    return status;
}

bool conversation_store(struct app *app, const struct principal *by, const struct conversation *conversation, const struct message_row *message,
                        const struct message_detail *detail, const struct source_row *sources, size_t source_count, struct problem *problem)
{
    struct writing w = {by, conversation, message, detail, sources, source_count};
    enum db_status status = db_transact(app->db, write_message, &w);
    if (status == DB_CONFLICT && !conversation->is_new)
        return problem_set(problem, PROBLEM_NOT_FOUND, "", "The session was deleted while the question was answered; start a new one.");
    return status == DB_OK || problem_db(problem, status);
}
