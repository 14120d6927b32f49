/* The parent's side: runs a worker on a document, believes nothing it says, and tells how it ended. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/sys.h"
#include "extract/process.h"
#include "extract/wire.h"

const struct extract_limits extract_default_limits = {
    .memory_bytes = (int64_t)512 << 20,
    .cpu_s = 30,
    .wall_s = 60,
    .output_bytes = (int64_t)64 << 20,
    .ocr_s = 300,
};

enum { CANCEL_POLL_MS = 200, READ_CHUNK = 64 * 1024 };

/* What has come through the pipe so far. */
struct intake {
    struct extract_result *result;
    struct arena *arena;
    struct buf bytes;  /* not yet decoded */
    struct buf blocks; /* struct block, the texts already in the arena */
    int64_t text_left;
    bool ended; /* the last frame was seen */
};

static const char *const codes[] = {"ok", "unsupported_format", "encrypted", "damaged", "too_large", "too_complex", "timeout", "no_text", "internal"};

const char *extract_error_code(enum extract_error e)
{
    return (size_t)e < sizeof codes / sizeof *codes ? codes[e] : "internal";
}

static bool fail(struct extract_result *r, enum extract_error error, const char *sentence)
{
    r->error = error;
    snprintf(r->message, sizeof r->message, "%s", sentence);
    return false;
}

static bool fail_too_large(struct extract_result *r)
{
    return fail(r, EXTRACT_TOO_LARGE, "The document holds more text than one document may hold.");
}

static bool fail_misbehaved(struct extract_result *r)
{
    return fail(r, EXTRACT_DAMAGED, "The file made its reader fail; it is probably damaged.");
}

static bool take_block(struct intake *in, const struct block *b)
{
    struct block kept = *b;
    in->text_left -= (int64_t)b->text.n;
    if (in->text_left < 0 || in->blocks.n / sizeof kept >= SINK_BLOCKS_MAX)
        return fail_too_large(in->result);
    kept.text = arena_copy(in->arena, b->text);
    if (!kept.text.p)
        return fail_too_large(in->result);
    buf_put(&in->blocks, &kept, sizeof kept);
    return in->blocks.failed ? fail_too_large(in->result) : true;
}

/* False when the worker need not be listened to any longer. */
static bool take_frame(struct intake *in, const struct wire_frame *f)
{
    struct extract_result *r = in->result;
    if (f->type == WIRE_ERROR || f->type == WIRE_DONE)
        r->pictures = f->block.level;
    switch (f->type) {
    case WIRE_MEDIA_TYPE:
        return span_to_cstr(f->block.text, r->media_type, sizeof r->media_type) ? true : fail_misbehaved(r);
    case WIRE_BLOCK:
        return take_block(in, &f->block);
    case WIRE_ERROR:
        in->ended = true;
        r->error = f->error;
        span_to_cstr(f->block.text, r->message, sizeof r->message);
        return false;
    case WIRE_DONE:
        in->ended = true;
        r->pages = f->block.page;
        span_to_cstr(f->block.text, r->notes, sizeof r->notes);
        return false;
    }
    return false;
}

static bool take_frames(struct intake *in)
{
    struct span rest = buf_view(&in->bytes);
    size_t before = rest.n;
    bool more = true;
    while (more) {
        struct wire_frame f;
        ptrdiff_t used = wire_read(rest, &f);
        if (used == 0)
            break;
        if (used < 0)
            return fail_misbehaved(in->result);
        more = take_frame(in, &f);
        rest = span_skip(rest, (size_t)used);
    }
    buf_consume(&in->bytes, before - rest.n);
    return more;
}

/* Reads what is there. False at the end of the pipe or when enough was seen. */
static bool take_bytes(struct intake *in, int fd)
{
    char *to = buf_reserve(&in->bytes, READ_CHUNK);
    if (!to)
        return fail(in->result, EXTRACT_INTERNAL, "There is not enough memory to read a document now.");
    ssize_t n = read(fd, to, READ_CHUNK);
    if (n < 0)
        return errno == EAGAIN || errno == EINTR;
    in->bytes.n += (size_t)n;
    return n > 0 && take_frames(in);
}

static void listen_until(struct intake *in, int fd, int64_t deadline_ms, const _Atomic bool *cancel)
{
    for (;;) {
        int64_t left = deadline_ms - sys_mono_ms();
        if (left <= 0) {
            fail(in->result, EXTRACT_TIMEOUT, "Reading the document took too long.");
            return;
        }
        if (cancel && atomic_load(cancel)) {
            fail(in->result, EXTRACT_INTERNAL, "The reading of the document was broken off.");
            return;
        }
        struct pollfd p = {.fd = fd, .events = POLLIN};
        int ready = poll(&p, 1, left > CANCEL_POLL_MS ? CANCEL_POLL_MS : (int)left);
        if (ready < 0 && errno != EINTR) {
            fail(in->result, EXTRACT_INTERNAL, "The reader of the document could not be waited for.");
            return;
        }
        if (ready > 0 && !take_bytes(in, fd))
            return;
    }
}

/* The worker ended without a last word: what its end means. Readers that abort for want of memory die by a signal; a large resident set
 * tells them from the others. */
static void judge_end(struct extract_result *r, struct worker_end end, const struct extract_limits *limits)
{
    int signal_number = WIFSIGNALED(end.status) ? WTERMSIG(end.status) : 0;
    int exit_status = WIFEXITED(end.status) ? WEXITSTATUS(end.status) : 0;
    if (signal_number == SIGXCPU)
        fail(r, EXTRACT_TIMEOUT, "Reading the document took too much computing time.");
    else if (exit_status == WORKER_NO_MEMORY || (signal_number && signal_number != SIGSYS && end.rss_bytes > limits->memory_bytes / 2))
        fail(r, EXTRACT_TOO_LARGE, "The document needs more memory than one document may use.");
    else if (exit_status == 127 || exit_status == 126 || exit_status == 2)
        fail(r, EXTRACT_INTERNAL, "The program that reads documents could not be started.");
    else
        fail_misbehaved(r);
}

static void keep_blocks(struct intake *in)
{
    struct extract_result *r = in->result;
    size_t count = in->blocks.n / sizeof(struct block);
    r->blocks = arena_array(in->arena, count ? count : 1, sizeof(struct block));
    if (!r->blocks) {
        fail_too_large(r);
        return;
    }
    if (count)
        memcpy(r->blocks, in->blocks.p, in->blocks.n);
    r->count = count;
}

/* One worker from its start to its end. */
static void run_worker(const char *program, int fd, struct span filename, const struct extract_limits *limits, struct arena *arena,
                       struct extract_result *result)
{
    *result = (struct extract_result){0};
    struct worker w;
    if (!process_start(program, fd, filename, limits, &w)) {
        fail(result, EXTRACT_INTERNAL, "The process that reads documents could not be started.");
        return;
    }
    struct intake in = {.result = result, .arena = arena, .text_left = limits->output_bytes};
    buf_init(&in.bytes, WIRE_HEAD + WIRE_TEXT_MAX + READ_CHUNK);
    buf_init(&in.blocks, (size_t)SINK_BLOCKS_MAX * sizeof(struct block));
    listen_until(&in, w.pipe, sys_mono_ms() + (int64_t)limits->wall_s * 1000, limits->cancel);
    struct worker_end end = process_reap(&w);
    if (result->error == EXTRACT_OK && !in.ended)
        judge_end(result, end, limits);
    if (result->error == EXTRACT_OK)
        keep_blocks(&in);
    buf_free(&in.bytes);
    buf_free(&in.blocks);
}

/* What could be read without character recognition stays when that fails on the document, with a note that says so. */
static void keep_without_ocr(struct extract_result *r, const struct extract_result *failed)
{
    size_t used = strlen(r->notes);
    snprintf(r->notes + used, sizeof r->notes - used, "%sCharacter recognition failed: %s", used ? "\n" : "", failed->message);
}

/* Reads a document again that has pages which are pictures, now with character recognition: so only these documents pay for loading it. */
static void recognise(const char *program, int fd, struct span filename, const struct extract_limits *limits, struct arena *arena,
                      struct extract_result *result)
{
    struct extract_limits more = *limits;
    struct extract_result seen;
    more.cpu_s += limits->ocr_s;
    more.wall_s += limits->ocr_s;
    run_worker(program, fd, filename, &more, arena, &seen);
    if (result->error != EXTRACT_OK || seen.error == EXTRACT_OK || seen.error == EXTRACT_INTERNAL)
        *result = seen;
    else
        keep_without_ocr(result, &seen);
}

void extract_document(const char *program, int fd, struct span filename, const struct extract_limits *limits, struct arena *arena,
                      struct extract_result *result)
{
    struct extract_limits plain = *limits;
    plain.ocr = NULL;
    run_worker(program, fd, filename, &plain, arena, result);
    if (limits->ocr && result->pictures > 0)
        recognise(program, fd, filename, limits, arena, result);
}
