/* The client's thread: libcurl's sockets in one epoll set, and the course of each call. */
#include "llm/call.h"

#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "base/log.h"
#include "base/sys.h"

enum {
    EVENTS_MAX = 64,
    READ_BYTES = 2048, /* libcurl's buffer of a call; events are small */
    LATE_END_MS = 500, /* what the end of the connection may take after the end of the answer, so that it can be used again */
};

/* ---- one call ---- */

static size_t on_bytes(char *bytes, size_t size, size_t count, void *arg);
static size_t on_head_line(char *bytes, size_t size, size_t count, void *arg);

static bool set_easy(struct llm_call *call)
{
    struct llm_client *c = call->client;
    CURL *e = call->easy;
    bool ok = curl_easy_setopt(e, CURLOPT_URL, c->url) == CURLE_OK && curl_easy_setopt(e, CURLOPT_PROTOCOLS_STR, "http,https") == CURLE_OK;
    curl_easy_setopt(e, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(e, CURLOPT_PROXY, "");                                 /* it goes where it was told to go, whatever the environment says */
    curl_easy_setopt(e, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1); /* a connection a call, so that one that is given up ends at once */
    curl_easy_setopt(e, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(e, CURLOPT_QUICK_EXIT, 1L); /* ending a call does not wait for a name server that is silent */
    curl_easy_setopt(e, CURLOPT_BUFFERSIZE, (long)READ_BYTES);
    curl_easy_setopt(e, CURLOPT_CONNECTTIMEOUT_MS, (long)LLM_CONNECT_MS);
    curl_easy_setopt(e, CURLOPT_HTTPHEADER, c->headers);
    curl_easy_setopt(e, CURLOPT_USERAGENT, "chatifix");
    curl_easy_setopt(e, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)call->body.n);
    curl_easy_setopt(e, CURLOPT_POSTFIELDS, call->body.p);
    curl_easy_setopt(e, CURLOPT_WRITEFUNCTION, on_bytes);
    curl_easy_setopt(e, CURLOPT_WRITEDATA, call);
    curl_easy_setopt(e, CURLOPT_HEADERFUNCTION, on_head_line);
    curl_easy_setopt(e, CURLOPT_HEADERDATA, call);
    curl_easy_setopt(e, CURLOPT_PRIVATE, call);
    return ok;
}

struct llm_call *call_new(struct llm_client *c, struct buf *body, const struct llm_listener *listener, void *context)
{
    struct llm_call *call = body->failed ? NULL : calloc(1, sizeof *call);
    if (!call) {
        buf_free(body);
        return NULL;
    }
    call->client = c;
    call->body = *body;
    buf_init(body, body->max);
    call->listener = listener;
    call->context = context;
    llm_decoder_init(&call->decoder);
    call->easy = curl_easy_init();
    if (call->easy && set_easy(call))
        return call;
    call_free(call);
    return NULL;
}

void call_free(struct llm_call *call)
{
    curl_easy_cleanup(call->easy);
    llm_decoder_free(&call->decoder);
    buf_free(&call->body);
    free(call);
}

static bool judge(struct llm_call *call, enum llm_result result)
{
    if (!call->judged)
        call->result = result;
    call->judged = true;
    return false;
}

/* ---- the reply ---- */

static bool judge_status(struct llm_call *call, int status)
{
    if (status == 200)
        return true;
    return judge(call, status == 429 ? LLM_BUSY : status >= 500 ? LLM_FAULT : LLM_REFUSED);
}

static bool is_event_stream(CURL *easy)
{
    const char *value = NULL;
    struct span type, parameters;
    if (curl_easy_getinfo(easy, CURLINFO_CONTENT_TYPE, &value) != CURLE_OK || !value)
        return false;
    span_cut(span_of(value), ';', &type, &parameters);
    return span_eq_nocase(span_trim(type), SPAN("text/event-stream"));
}

/* Once the server answers nothing is sent again: a prompt that is all sent need not be kept for as long as the answer takes. */
static size_t on_head_line(char *bytes, size_t size, size_t count, void *arg)
{
    (void)bytes;
    struct llm_call *call = arg;
    curl_off_t sent = 0;
    if (call->body.n && curl_easy_getinfo(call->easy, CURLINFO_SIZE_UPLOAD_T, &sent) == CURLE_OK && sent == (curl_off_t)call->body.n)
        buf_free(&call->body);
    return size * count;
}

/* Status and type are looked at once, before the first byte of the body is. */
static bool look_at_head(struct llm_call *call)
{
    long status = 0;
    call->answered = true;
    curl_easy_getinfo(call->easy, CURLINFO_RESPONSE_CODE, &status);
    call->status = (int)status;
    if (!judge_status(call, call->status))
        return false;
    return is_event_stream(call->easy) || judge(call, LLM_GARBAGE);
}

static void show_life(struct llm_client *c)
{
    pthread_mutex_lock(&c->lock);
    breaker_shows_life(&c->breaker);
    pthread_mutex_unlock(&c->lock);
}

static bool on_text(void *arg, struct span text)
{
    struct llm_call *call = arg;
    if (!call->said)
        show_life(call->client);
    call->heard = sys_mono_ms();
    call->said += text.n;
    if (call->said > LLM_TEXT_MAX)
        return judge(call, LLM_TOO_LONG);
    return call->listener->text(call->context, text) || judge(call, LLM_CANCELLED);
}

static bool decode(struct llm_call *call, struct span bytes)
{
    switch (llm_decoder_feed(&call->decoder, bytes, on_text, call)) {
    case LLM_MORE:
        return true;
    case LLM_COMPLETE:
        if (!call->completed)
            call->completed = sys_mono_ms();
        return true;
    case LLM_TOLD_FAILURE:
        return judge(call, LLM_FAULT);
    case LLM_STOPPED:
        return false;
    default:
        return judge(call, LLM_GARBAGE);
    }
}

/* Asks the listener, and pauses or resumes the call. */
static bool ask(struct llm_call *call)
{
    enum llm_look look = call->listener->look(call->context);
    if (look == LLM_GONE)
        return judge(call, LLM_CANCELLED);
    bool pause = look == LLM_FULL;
    if (pause != call->paused) {
        call->paused = pause;
        curl_easy_pause(call->easy, pause ? CURLPAUSE_RECV : CURLPAUSE_CONT);
    }
    return true;
}

/* libcurl's CURLOPT_WRITEFUNCTION; another number than it was given ends the transfer. */
static size_t on_bytes(char *bytes, size_t size, size_t count, void *arg)
{
    struct llm_call *call = arg;
    struct span got = {bytes, size * count};
    call->received += got.n;
    if (!call->answered && !look_at_head(call))
        return 0;
    if (call->received > LLM_RESPONSE_MAX) {
        judge(call, LLM_TOO_LONG);
        return 0;
    }
    return decode(call, got) && ask(call) ? got.n : 0;
}

/* ---- the end of a call ---- */

static enum llm_result transfer_result(struct llm_call *call, CURLcode code)
{
    if (!call->answered && code == CURLE_OK)
        look_at_head(call); /* a reply without a body */
    if (call->judged)
        return call->result;
    if (call->completed || (code == CURLE_OK && call->decoder.finished))
        return LLM_DONE;
    if (code == CURLE_OPERATION_TIMEDOUT)
        return LLM_SLOW;
    return call->received ? LLM_CUT : LLM_DOWN;
}

/* What was asked may have been at fault for a plain refusal (a prompt that is too long); a key or address that does not hold is the server's, as far as one can tell. */
static void tell_breaker(struct breaker *b, const struct llm_call *call, enum llm_result result)
{
    bool of_this_call = result == LLM_REFUSED && (call->status == 400 || call->status == 413 || call->status == 422);
    if (result == LLM_DONE || of_this_call)
        breaker_succeeded(b);
    else if (result == LLM_CANCELLED || result == LLM_ENDING)
        breaker_learned_nothing(b);
    else
        breaker_failed(b, sys_mono_ms());
}

static void leave(struct llm_call *call)
{
    if (call->previous)
        call->previous->next = call->next;
    else
        call->client->calls = call->next;
    if (call->next)
        call->next->previous = call->previous;
}

static void end_call(struct llm_call *call, enum llm_result result)
{
    struct llm_client *c = call->client;
    struct llm_end end = {result, call->decoder.tokens_in, call->decoder.tokens_out};
    if (result != LLM_DONE)
        log_event(result >= LLM_CANCELLED ? LOG_INFO : LOG_WARN, "model call ended early", log_str("result", llm_result_name(result)),
                  log_int("status", call->status), log_int("ms", sys_mono_ms() - call->started));
    leave(call);
    curl_multi_remove_handle(c->multi, call->easy);
    pthread_mutex_lock(&c->lock);
    tell_breaker(&c->breaker, call, result);
    c->active--;
    pthread_mutex_unlock(&c->lock);
    call->listener->end(call->context, &end);
    call_free(call);
}

static void end_completed(struct llm_client *c)
{
    CURLMsg *message;
    int left;
    while ((message = curl_multi_info_read(c->multi, &left))) {
        struct llm_call *call = NULL;
        CURLcode code = message->data.result;
        curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &call);
        end_call(call, transfer_result(call, code));
    }
}

/* ---- what time brings ---- */

/* True when the call is to end now. */
static bool is_over(struct llm_call *call, int64_t now)
{
    const struct llm_client *c = call->client;
    if (call->completed)
        return now - call->completed > LATE_END_MS && !judge(call, LLM_DONE);
    if (!ask(call))
        return true;
    if (call->paused)
        call->heard = now;
    return (now - call->heard > c->silence_ms || now - call->started > c->total_ms) && !judge(call, LLM_SLOW);
}

static void look_after(struct llm_client *c, int64_t now)
{
    if (now < c->next_look)
        return;
    c->next_look = now + LLM_LOOK_MS;
    for (struct llm_call *call = c->calls, *next; call; call = next) {
        next = call->next;
        if (is_over(call, now))
            end_call(call, call->result);
    }
}

/* ---- the loop ---- */

int call_on_socket(CURL *easy, curl_socket_t fd, int what, void *client, void *known)
{
    (void)easy;
    struct llm_client *c = client;
    struct epoll_event e = {.events = (what & CURL_POLL_IN ? EPOLLIN : 0u) | (what & CURL_POLL_OUT ? EPOLLOUT : 0u), .data.fd = fd};
    if (what == CURL_POLL_REMOVE) {
        epoll_ctl(c->epoll, EPOLL_CTL_DEL, fd, NULL);
        return 0;
    }
    if (known && epoll_ctl(c->epoll, EPOLL_CTL_MOD, fd, &e) == 0)
        return 0;
    curl_multi_assign(c->multi, fd, c);
    return epoll_ctl(c->epoll, EPOLL_CTL_ADD, fd, &e) == 0 ? 0 : -1;
}

int call_on_timer(CURLM *multi, long timeout_ms, void *client)
{
    (void)multi;
    ((struct llm_client *)client)->timer_at = timeout_ms < 0 ? -1 : sys_mono_ms() + timeout_ms;
    return 0;
}

static void enter(struct llm_client *c, struct llm_call *call)
{
    call->started = call->heard = sys_mono_ms();
    call->previous = NULL;
    call->next = c->calls;
    if (c->calls)
        c->calls->previous = call;
    c->calls = call;
    if (curl_multi_add_handle(c->multi, call->easy) != CURLM_OK)
        end_call(call, LLM_DOWN);
}

/* Puts new calls on their way; false when the client is stopping. */
static bool take_arrived(struct llm_client *c)
{
    pthread_mutex_lock(&c->lock);
    struct llm_call *call = c->arrived, *next;
    bool stopping = c->stopping;
    c->arrived = NULL;
    pthread_mutex_unlock(&c->lock);
    for (; call; call = next) {
        next = call->next;
        enter(c, call);
    }
    return !stopping;
}

static int wait_ms(const struct llm_client *c, int64_t now)
{
    int64_t until = c->calls ? c->next_look : -1;
    if (c->timer_at >= 0 && (until < 0 || c->timer_at < until))
        until = c->timer_at;
    return until < 0 ? -1 : until > now ? (int)(until - now) : 0;
}

static void dispatch(struct llm_client *c, const struct epoll_event *e)
{
    int running;
    uint64_t count;
    if (e->data.fd == c->wake) {
        ssize_t ignored = read(c->wake, &count, sizeof count);
        (void)ignored;
        return;
    }
    int what = (e->events & EPOLLIN ? CURL_CSELECT_IN : 0) | (e->events & EPOLLOUT ? CURL_CSELECT_OUT : 0) |
               (e->events & (EPOLLERR | EPOLLHUP) ? CURL_CSELECT_ERR : 0);
    curl_multi_socket_action(c->multi, e->data.fd, what, &running);
}

static void run_timer(struct llm_client *c, int64_t now)
{
    int running;
    if (c->timer_at < 0 || now < c->timer_at)
        return;
    c->timer_at = -1;
    curl_multi_socket_action(c->multi, CURL_SOCKET_TIMEOUT, 0, &running);
}

void *call_loop(void *client)
{
    struct llm_client *c = client;
    struct epoll_event events[EVENTS_MAX];
    while (take_arrived(c)) {
        int n = epoll_wait(c->epoll, events, EVENTS_MAX, wait_ms(c, sys_mono_ms()));
        for (int i = 0; i < n; i++)
            dispatch(c, &events[i]);
        run_timer(c, sys_mono_ms());
        end_completed(c);
        look_after(c, sys_mono_ms());
    }
    while (c->calls)
        end_call(c->calls, LLM_ENDING);
    return NULL;
}
