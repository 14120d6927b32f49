/* Start and end of the server. The main thread does nothing but wait for a signal: network threads belong to http_server, request threads to the
 * lanes, readers of documents to ingest. Once it ends, a thread of its own waits for a second signal. */
#include "serve.h"

#include <errno.h>
#include <malloc.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "app/app.h"
#include "app/snapshots.h"
#include "base/file.h"
#include "base/log.h"
#include "base/sys.h"
#include "http/call.h"
#include "http/routes.h"
#include "http/server.h"

enum { WHY = 512, METRICS_CONNECTIONS = 64, LAST_WORDS_MS = 1000 };

struct running {
    struct app_config config;
    struct app *app;
    struct pool *lanes[LANES];
    struct pool *metrics_lane; /* of the metrics' own address: it answers when the others are full */
    struct route *routes;
    char spool[4096], snapshots[4096], database[4096];
    struct db *db;
    struct http_server *server, *metrics; /* metrics: NULL unless it has an address of its own */
};

static void raise_descriptor_limit(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}

static void configure(struct running *r, const struct options *o)
{
    r->config = app_default_config;
    r->config.spool_dir = r->spool;
    r->config.snapshot_dir = r->snapshots;
    r->config.snapshot_bytes = o->snapshots;
    r->config.registration_open = strcmp(o->registration, "open") == 0;
    r->config.token_ttl_s = o->token_ttl_s;
    r->config.retention_days = o->retention_days;
    r->config.extract.memory_bytes = o->extract_memory;
    r->config.extract.cpu_s = (int)o->extract_cpu_s;
    r->config.extract.wall_s = (int)o->extract_wall_s;
    r->config.extract.ocr = o->ocr[0] ? o->ocr : NULL;
    r->config.extract.ocr_s = (int)o->ocr_time_s;
    r->config.file_max_bytes = o->file_max;
    r->config.content_max_bytes = o->content_max;
    r->config.ingest_workers = (unsigned)o->ingest_workers;
    r->config.metrics_token = o->metrics_token;
    r->config.index_memory_bytes = (size_t)o->index_memory;
    const char *model = options_model(o->model);
    r->config.model = strcmp(model, "none") == 0 ? NULL : model;
}

static bool configure_model(struct running *r, const struct options *o, char *why)
{
    if (o->llm_max_tokens > o->llm_context / 2) {
        snprintf(why, WHY, "llm-max-tokens may be half of llm-context at most; the passages need the rest.");
        return false;
    }
    r->config.llm = (struct llm_options){.url = o->llm_url,
                                         .api_key = o->llm_api_key,
                                         .calls_max = (unsigned)o->llm_calls,
                                         .silence_ms = o->llm_silence_s * 1000,
                                         .total_ms = o->llm_timeout_s * 1000,
                                         .style = llm_style_of(o->llm_style, o->llm_url)};
    r->config.llm_model = o->llm_model;
    r->config.llm_max_tokens = o->llm_max_tokens;
    r->config.llm_context_tokens = o->llm_context;
    r->config.llm_temperature_milli = o->llm_temperature;
    r->config.llm_day_tokens = o->llm_day_tokens;
    r->config.llm_cache_bytes = (size_t)o->llm_cache;
    return true;
}

static bool check_ocr(const struct running *r, char *why)
{
    const struct extract_limits *limits = &r->config.extract;
    return !limits->ocr || extract_check_ocr(r->config.program, limits, why, WHY);
}

/* The table with the configured bound in place of the compiled one. */
static bool bound_routes(struct running *r, const struct options *o)
{
    r->routes = calloc(product_route_count, sizeof *r->routes);
    if (!r->routes)
        return false;
    memcpy(r->routes, product_routes, product_route_count * sizeof *r->routes);
    for (size_t i = 0; i < product_route_count; i++) {
        if (r->routes[i].handler == call_upload)
            r->routes[i].body_max = o->request_max;
        if (r->routes[i].handler == call_add_text)
            r->routes[i].body_max = o->content_max * 3 + (1 << 20);
    }
    return true;
}

static bool start_storage(struct running *r, const struct options *o, const struct db_engine *engine, char *why)
{
    int n = snprintf(r->spool, sizeof r->spool, "%s/spool", o->data);
    snprintf(r->snapshots, sizeof r->snapshots, "%s/" SNAPSHOTS_FOLDER, o->data);
    options_database(o, r->database, sizeof r->database);
    if (n >= (int)sizeof r->spool || !file_make_dirs(r->spool)) {
        snprintf(why, WHY, "The data folder %.200s cannot be made: %s.", o->data, strerror(errno));
        return false;
    }
    struct db_options options = {.readers = (unsigned)o->request_threads, .busy_timeout_ms = 5000};
    r->db = db_open(engine, r->database, &options, why, WHY);
    return r->db && db_migrate(r->db, why, WHY);
}

static bool start_server(struct running *r, const struct options *o, char *why)
{
    r->lanes[LANE_REQUEST] = pool_new("request", (unsigned)o->request_threads, 1024);
    r->lanes[LANE_PASSWORD] = pool_new("password", 2, 64); /* two hashes of 19 MiB at once */
    if (!r->lanes[LANE_REQUEST] || !r->lanes[LANE_PASSWORD] || !bound_routes(r, o)) {
        snprintf(why, WHY, "The threads of the server cannot be started: %s.", strerror(errno));
        return false;
    }
    struct http_options options = {
        .listen = o->listen,
        .threads = (unsigned)o->network_threads,
        .lanes = r->lanes,
        .routes = r->routes,
        .route_count = product_route_count,
        .spool_dir = r->spool,
        .cors_origins = o->cors_origins,
        .limits = http_default_limits,
        .context = r->app,
    };
    r->server = http_server_start(&options, why, WHY);
    return r->server != NULL;
}

/* ---- metrics ---- */

static void write_own_metrics(struct buf *out, const void *context)
{
    const struct running *r = context;
    metrics_family(out, "chatifix_build_info", "gauge", "The program's version.");
    metrics_sample(out, "chatifix_build_info", "version=\"" CHATIFIX_VERSION "\"", 1);
    metrics_family(out, "chatifix_queue_length", "gauge", "Requests that wait for a thread.");
    metrics_sample(out, "chatifix_queue_length", "queue=\"request\"", (int64_t)pool_waiting(r->lanes[LANE_REQUEST]));
    metrics_sample(out, "chatifix_queue_length", "queue=\"password\"", (int64_t)pool_waiting(r->lanes[LANE_PASSWORD]));
}

static bool start_metrics(struct running *r, const struct options *o, char *why)
{
    struct metrics_sources *sources = &r->app->measures.sources;
    bool ok = metrics_add_source(sources, write_own_metrics, r) && metrics_add_source(sources, http_server_metrics, r->server);
    if (!ok || !o->metrics_listen[0])
        return ok;
    r->metrics_lane = pool_new("metrics", 1, METRICS_CONNECTIONS);
    if (!r->metrics_lane) {
        snprintf(why, WHY, "The thread for the metrics cannot be started: %s.", strerror(errno));
        return false;
    }
    struct http_options options = {
        .listen = o->metrics_listen,
        .threads = 1,
        .lanes = &r->metrics_lane,
        .routes = metrics_routes,
        .route_count = metrics_route_count,
        .spool_dir = r->spool,
        .cors_origins = "",
        .limits = {.connections = METRICS_CONNECTIONS},
        .context = r->app,
    };
    r->metrics = http_server_start(&options, why, WHY);
    return r->metrics != NULL;
}

/* ---- start and end ---- */

/* http://HOST:PORT with the port that was chosen. */
static void url_of(char *out, size_t size, const char *listen, const struct http_server *server)
{
    const char *colon = strrchr(listen, ':');
    snprintf(out, size, "http://%.*s:%d", colon ? (int)(colon - listen) : 0, listen, http_server_port(server));
}

/* What is needed to understand the lines that follow. */
static void log_start(const struct running *r, const struct options *o)
{
    struct log_field fields[OPTIONS_MAX + 3];
    char url[192];
    url_of(url, sizeof url, o->listen, r->server);
    fields[0] = log_str("version", CHATIFIX_VERSION);
    fields[1] = log_str("url", url);
    fields[2] = log_str("database", r->database);
    log_write(LOG_INFO, "started", fields, 3 + options_changed(o, fields + 3));
}

static void greet(const struct running *r, const struct options *o)
{
    char base[192], metrics[192];
    url_of(base, sizeof base, o->listen, r->server);
    printf("listening on %s\n"
           "documentation: %s/docs (OpenAPI: %s/openapi.json)\n"
           "data: %s\n"
           "A first call:\n"
           "  curl -X POST %s/api/v1/auth/register -H 'Content-Type: application/json' \\\n"
           "    -d '{\"name\": \"My Company\", \"email\": \"me@example.com\", \"password\": \"choose a long one\"}'\n",
           base, base, base, r->database, base);
    if (r->metrics) {
        url_of(metrics, sizeof metrics, o->metrics_listen, r->metrics);
        printf("metrics: %s/metrics\n", metrics);
    }
    fflush(stdout);
}

static void wait_for_idle(struct running *r, int64_t ms)
{
    int64_t end = sys_mono_ms() + ms;
    while (http_server_active(r->server) > 0 && sys_mono_ms() < end) {
        struct timespec pause = {.tv_nsec = 20000000};
        nanosleep(&pause, NULL);
    }
}

static void *end_at_once(void *signals)
{
    int number = 0;
    pthread_setname_np(pthread_self(), "hurry");
    sigwait(signals, &number);
    log_event(LOG_WARN, "stopped at once by a second signal", log_int("signal", number));
    _exit(1);
}

/* From now on a signal ends the program at once, whatever the main thread waits for. */
static void watch_for_hurry(sigset_t *signals)
{
    pthread_t thread;
    if (pthread_create(&thread, NULL, end_at_once, signals) != 0)
        pthread_sigmask(SIG_UNBLOCK, signals, NULL); /* no thread to be had: then by the signal itself */
    else
        pthread_detach(thread);
}

/* New work is refused, what runs may finish within the time given; answers still coming then are told that they end. */
static void wind_down(struct running *r, const struct options *o)
{
    log_event(LOG_INFO, "stopping", log_int("active", http_server_active(r->server)));
    http_server_drain(r->server);
    app_stop(r->app);
    wait_for_idle(r, o->shutdown_s * 1000);
    app_cut_answers(r->app);
    wait_for_idle(r, LAST_WORDS_MS);
}

static void release(struct running *r)
{
    if (r->metrics)
        http_server_free(r->metrics);
    if (r->server)
        http_server_free(r->server);
    for (int i = 0; i < LANES; i++)
        pool_free(r->lanes[i]);
    pool_free(r->metrics_lane);
    app_free(r->app);
    if (r->db)
        db_close(r->db);
    free(r->routes);
}

/* Threads inherit the mask, so it is set before the first one. Until then, while another process may hold up the database, a signal just ends the program. */
static bool start(struct running *r, const struct options *o, const struct db_engine *engine, const sigset_t *signals, char *why)
{
    configure(r, o);
    if (!configure_model(r, o, why) || !check_ocr(r, why) || !start_storage(r, o, engine, why))
        return false;
    pthread_sigmask(SIG_BLOCK, signals, NULL);
    r->app = app_new(&r->config, r->db, why, WHY);
    return r->app && start_server(r, o, why) && start_metrics(r, o, why);
}

int serve(const struct options *o, const struct db_engine *engine)
{
    static const char *const levels[] = {"debug", "info", "warn", "error"};
    for (int i = 0; i < 4; i++)
        if (strcmp(o->log_level, levels[i]) == 0)
            log_set_level((enum log_level)i);
    mallopt(M_ARENA_MAX, 4); /* an arena a thread would hold memory that no other can use */
    signal(SIGPIPE, SIG_IGN);
    raise_descriptor_limit();
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);

    char why[WHY] = "";
    struct running *r = calloc(1, sizeof *r);
    if (!r || !start(r, o, engine, &signals, why)) {
        fprintf(stderr, "chatifix: %s\n", why[0] ? why : "There is not enough memory to start.");
        if (r)
            release(r);
        free(r);
        return 1;
    }
    log_start(r, o);
    greet(r, o);
    int signal_number;
    sigwait(&signals, &signal_number);
    watch_for_hurry(&signals);
    wind_down(r, o);
    release(r);
    free(r);
    log_event(LOG_INFO, "stopped", log_int("signal", signal_number));
    return 0;
}
