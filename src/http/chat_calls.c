/* POST /api/v1/chat and /api/v1/chat/stream: one request form, two ways to reply. */
#include "http/chat_reply.h"
#include "http/retrieve_request.h"
#include "http/routes.h"

enum { BODY_MAX = 1 << 20, QUESTION_MAX = 8000, ID_MAX = 200, LANGUAGE_MAX = 35, TOP_K = 5, TOP_K_MAX = 20 };

/* language is checked but changes nothing yet: a quoted answer is in the language of its documents. Gives back whether the stream is to be resumable. */
static bool read_question(struct validation *v, const json_t *body, struct exchange *x, struct question *question)
{
    *question = (struct question){0};
    retrieve_request_read(v, body, x, TOP_K, TOP_K_MAX, &question->retrieve);
    question->text = validation_text(v, "question", true, 1, QUESTION_MAX);
    question->session_id = validation_text(v, "session_id", false, 1, ID_MAX);
    question->user = validation_text(v, "user", false, 1, ID_MAX);
    validation_text(v, "language", false, 1, LANGUAGE_MAX);
    return validation_bool(v, "resumable", false);
}

typedef void reply_with(struct exchange *x, const struct principal *by, const struct question *question);

static void chat(struct exchange *x, reply_with *reply, reply_with *resumable)
{
    struct principal by;
    struct question question;
    struct validation v;
    if (!call_authenticate(x, SCOPE_CHAT, &by))
        return;
    json_t *body = call_json(x, BODY_MAX);
    if (!body)
        return;
    validation_begin(&v, body);
    bool resume = read_question(&v, body, x, &question);
    if (validation_end(&v, x))
        (resume ? resumable : reply)(x, &by, &question);
    json_decref(body);
}

void call_chat(struct exchange *x)
{
    chat(x, chat_reply_whole, chat_reply_whole);
}

void call_chat_stream(struct exchange *x)
{
    chat(x, chat_reply_events, chat_reply_resumable);
}
