/* Starting and stopping the client, and taking calls in. What the thread does with them: call.c. */
#include "llm/client.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/sys.h"
#include "llm/call.h"

enum { IDLE_CONNECTIONS = 64 };

const char *llm_result_name(enum llm_result result)
{
    static const char *const names[] = {[LLM_DONE] = "done",       [LLM_DOWN] = "down",           [LLM_SLOW] = "slow",       [LLM_BUSY] = "busy",
                                        [LLM_REFUSED] = "refused", [LLM_FAULT] = "fault",         [LLM_GARBAGE] = "garbage", [LLM_TOO_LONG] = "too long",
                                        [LLM_CUT] = "cut",         [LLM_CANCELLED] = "cancelled", [LLM_ENDING] = "ending"};
    return names[result];
}

/* ---- start ---- */

static bool has_part(CURLU *url, CURLUPart part)
{
    char *value = NULL;
    bool has = curl_url_get(url, part, &value, 0) == CURLUE_OK && value && *value;
    curl_free(value);
    return has;
}

/* "api-version=2024-10-21" is no secret. */
static bool query_is_plain(CURLU *url)
{
    char *value = NULL;
    bool has = curl_url_get(url, CURLUPART_QUERY, &value, 0) == CURLUE_OK && value && *value;
    struct span query = span_of(value);
    bool plain = !has || (span_starts(query, SPAN("api-version=")) && query.n <= 64 && span_find(query, SPAN("&")) < 0);
    curl_free(value);
    return plain;
}

/* Secrets do not belong into an address: it is printed by `config`. */
static bool address_is_plain(const char *address)
{
    char *scheme = NULL;
    CURLU *url = curl_url();
    bool ok = url && curl_url_set(url, CURLUPART_URL, address, 0) == CURLUE_OK && curl_url_get(url, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK &&
              (strcmp(scheme, "http") == 0 || strcmp(scheme, "https") == 0) && !has_part(url, CURLUPART_USER) && !has_part(url, CURLUPART_PASSWORD) &&
              query_is_plain(url) && !has_part(url, CURLUPART_FRAGMENT);
    curl_free(scheme);
    curl_url_cleanup(url);
    return ok;
}

/* Between "://" and the port, path or query; libcurl checks the address as a whole later. */
static struct span host_of(const char *address)
{
    struct span url = span_of(address);
    ptrdiff_t at = span_find(url, SPAN("://"));
    struct span host = at < 0 ? (struct span){"", 0} : span_skip(url, (size_t)at + 3), rest;
    for (const char *end = "/?#:"; *end; end++)
        span_cut(host, *end, &host, &rest);
    return host;
}

enum llm_style llm_style_of(const char *name, const char *address)
{
    static const char *const azure[] = {".openai.azure.com", ".cognitiveservices.azure.com", ".services.ai.azure.com"};
    if (strcmp(name, "auto") != 0)
        return strcmp(name, "azure") == 0 ? LLM_AZURE : strcmp(name, "openai") == 0 ? LLM_OPENAI : LLM_PLAIN;
    struct span host = host_of(address);
    for (size_t i = 0; i < sizeof azure / sizeof *azure; i++)
        if (span_ends_nocase(host, span_of(azure[i])))
            return LLM_AZURE;
    return span_eq_nocase(host, SPAN("api.openai.com")) ? LLM_OPENAI : LLM_PLAIN;
}

/* The path of chat completions goes between the address and its query. */
static bool set_address(struct llm_client *c, const char *base)
{
    struct span path, query;
    bool has_query = span_cut(span_of(base), '?', &path, &query);
    while (path.n && path.p[path.n - 1] == '/')
        path.n--;
    int n = snprintf(c->url, sizeof c->url, "%.*s/chat/completions%s%.*s", SPAN_ARG(path), has_query ? "?" : "", SPAN_ARG(query));
    return n > 0 && n < (int)sizeof c->url && address_is_plain(base);
}

static bool add_header(struct llm_client *c, const char *line)
{
    struct curl_slist *longer = curl_slist_append(c->headers, line);
    if (longer)
        c->headers = longer;
    return longer != NULL;
}

/* "Expect:" takes away a field that libcurl would add to large bodies, and wait for. */
static bool set_headers(struct llm_client *c, const char *api_key, enum llm_style style)
{
    const char *name = style == LLM_AZURE ? "api-key: " : "Authorization: Bearer ";
    bool ok = add_header(c, "Content-Type: application/json") && add_header(c, "Accept: text/event-stream") && add_header(c, "Expect:");
    if (!ok || !*api_key)
        return ok;
    size_t size = strlen(name) + strlen(api_key) + 1;
    char *line = malloc(size);
    if (!line)
        return false;
    snprintf(line, size, "%s%s", name, api_key);
    ok = add_header(c, line);
    explicit_bzero(line, size);
    free(line);
    return ok;
}

static bool is_printable(const char *s)
{
    for (; *s; s++)
        if (*s < '!' || *s > '~')
            return false;
    return true;
}

static bool open_loop(struct llm_client *c)
{
    struct epoll_event e = {.events = EPOLLIN, .data.fd = -1};
    c->epoll = epoll_create1(EPOLL_CLOEXEC);
    c->wake = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    e.data.fd = c->wake;
    return c->epoll >= 0 && c->wake >= 0 && epoll_ctl(c->epoll, EPOLL_CTL_ADD, c->wake, &e) == 0;
}

static bool open_multi(struct llm_client *c)
{
    c->multi = curl_multi_init();
    if (!c->multi)
        return false;
    curl_multi_setopt(c->multi, CURLMOPT_SOCKETFUNCTION, call_on_socket);
    curl_multi_setopt(c->multi, CURLMOPT_SOCKETDATA, c);
    curl_multi_setopt(c->multi, CURLMOPT_TIMERFUNCTION, call_on_timer);
    curl_multi_setopt(c->multi, CURLMOPT_TIMERDATA, c);
    curl_multi_setopt(c->multi, CURLMOPT_MAXCONNECTS, (long)IDLE_CONNECTIONS);
    return true;
}

/* Signals go to the main thread alone. */
static bool start_thread(struct llm_client *c)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    c->running = pthread_create(&c->thread, NULL, call_loop, c) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (c->running)
        pthread_setname_np(c->thread, "llm");
    return c->running;
}

struct llm_client *llm_client_new(const struct llm_options *options, char *why, size_t why_size)
{
    struct llm_client *c = calloc(1, sizeof *c);
    snprintf(why, why_size, "There are no threads, descriptors or memory for the client of the language model.");
    if (!c)
        return NULL;
    *c = (struct llm_client){.calls_max = options->calls_max, .silence_ms = options->silence_ms, .total_ms = options->total_ms, .epoll = -1, .wake = -1};
    c->timer_at = -1;
    pthread_mutex_init(&c->lock, NULL);
    bool ok = curl_library_open();
    if (!ok)
        snprintf(why, why_size, "The library libcurl, which calls the language model, is not installed.");
    c->initialised = ok && curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
    ok = c->initialised;
    if (ok && !set_address(c, options->url)) {
        snprintf(why, why_size,
                 "llm-url must be an http or https address such as http://127.0.0.1:9009/v1, without user and fragment, and without a query but api-version.");
        ok = false;
    }
    if (ok && !is_printable(options->api_key)) {
        snprintf(why, why_size, "The key of the language model has characters that no key has; look for spaces and line breaks.");
        ok = false;
    }
    if (ok && set_headers(c, options->api_key, options->style) && open_loop(c) && open_multi(c) && start_thread(c))
        return c;
    llm_client_free(c);
    return NULL;
}

/* ---- calls come in ---- */

static void wake(struct llm_client *c)
{
    const uint64_t one = 1;
    ssize_t ignored = write(c->wake, &one, sizeof one); /* fails only when the counter is full: then the thread is awake anyway */
    (void)ignored;
}

static bool admit(struct llm_client *c, struct llm_call *call)
{
    pthread_mutex_lock(&c->lock);
    bool ok = !c->stopping && c->active < c->calls_max && breaker_admits(&c->breaker, sys_mono_ms());
    if (ok) {
        c->active++;
        call->next = c->arrived;
        c->arrived = call;
    }
    pthread_mutex_unlock(&c->lock);
    return ok;
}

bool llm_client_call(struct llm_client *c, struct buf *body, const struct llm_listener *listener, void *context)
{
    struct llm_call *call = call_new(c, body, listener, context);
    if (!call)
        return false;
    if (!admit(c, call)) {
        call_free(call);
        return false;
    }
    wake(c);
    return true;
}

/* ---- end ---- */

void llm_client_stop(struct llm_client *c)
{
    pthread_mutex_lock(&c->lock);
    c->stopping = true;
    pthread_mutex_unlock(&c->lock);
    if (!c->running)
        return;
    wake(c);
    pthread_join(c->thread, NULL);
    c->running = false;
}

void llm_client_free(struct llm_client *c)
{
    if (!c)
        return;
    llm_client_stop(c);
    if (c->multi)
        curl_multi_cleanup(c->multi);
    if (c->headers)
        curl_slist_free_all(c->headers);
    if (c->epoll >= 0)
        close(c->epoll);
    if (c->wake >= 0)
        close(c->wake);
    if (c->initialised)
        curl_global_cleanup();
    pthread_mutex_destroy(&c->lock);
    free(c);
}
