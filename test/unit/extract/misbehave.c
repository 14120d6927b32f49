/* A worker that was taken over: it closes the sandbox as the real one does, then does what its document's name says. Only test_sandbox.c starts it. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/file.h"
#include "extract/sandbox.h"
#include "extract/wire.h"

enum { PIPE_FD = 4 };

static void send_frame(struct wire_frame f)
{
    struct buf b;
    buf_init(&b, 1 << 20);
    wire_write(&b, &f);
    if (!file_write(PIPE_FD, buf_view(&b)))
        _exit(1);
    buf_free(&b);
}

static void say(const char *text)
{
    send_frame((struct wire_frame){.type = WIRE_BLOCK, .block.text = span_of(text)});
}

static void done(void)
{
    send_frame((struct wire_frame){.type = WIRE_DONE});
}

/* Tells in a block how a call ended; the parent sees nothing when the call itself was deadly. */
static void report(bool succeeded)
{
    say(succeeded ? "succeeded" : strerrorname_np(errno));
    done();
}

static void do_connect(void)
{
    report(socket(AF_INET, SOCK_STREAM, 0) >= 0);
}

static void do_open(void)
{
    report(open("/etc/passwd", O_RDONLY | O_CLOEXEC) >= 0);
}

/* Without the filter of system calls, which would hide what Landlock does. */
static void do_open_behind_landlock(void)
{
    if (!sandbox_landlock()) {
        say("EACCES"); /* a kernel without it has nothing to show */
        done();
        return;
    }
    report(open("/etc/passwd", O_RDONLY | O_CLOEXEC) >= 0 || open("/tmp/chatifix-misbehave", O_WRONLY | O_CREAT | O_CLOEXEC, 0600) >= 0);
}

static void do_exec_behind_landlock(void)
{
    char *argv[] = {(char *)(uintptr_t) "true", NULL};
    if (!sandbox_landlock()) {
        say("EACCES");
        done();
        return;
    }
    report(execv("/bin/true", argv) == 0);
}

static void do_create(void)
{
    report(open("/tmp/chatifix-misbehave", O_WRONLY | O_CREAT | O_CLOEXEC, 0600) >= 0);
}

static void do_write_document(void)
{
    report(write(3, "x", 1) == 1);
}

static void do_exec(void)
{
    char *argv[] = {(char *)(uintptr_t) "true", NULL};
    report(execv("/bin/true", argv) == 0);
}

static void do_fork(void)
{
    report(fork() >= 0);
}

static void do_signal_parent(void)
{
    report(kill(getppid(), SIGCONT) == 0);
}

static void do_trace(void)
{
    report(syscall(SYS_ptrace, 16, getppid(), 0, 0) == 0);
}

static void do_raise_limit(void)
{
    struct rlimit more = {1024, 1024};
    report(setrlimit(RLIMIT_NOFILE, &more) == 0);
}

static void do_executable_memory(void)
{
    report(mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED);
}

static void do_make_executable(void)
{
    void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    report(page != MAP_FAILED && mprotect(page, 4096, PROT_READ | PROT_EXEC) == 0);
}

static void do_memory(void)
{
    report(mmap(NULL, (size_t)1 << 30, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED);
}

/* Touches memory until there is none, then dies as a library does that cannot report it. */
static void do_abort_without_memory(void)
{
    for (;;) {
        char *p = mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (p == MAP_FAILED)
            abort();
        memset(p, 1, 1 << 20);
    }
}

static void do_spin(void)
{
    for (volatile unsigned i = 0;; i++)
        continue;
}

static void do_sleep(void)
{
    struct timespec long_time = {600, 0};
    int never = 0;
    syscall(SYS_futex, &never, 0 /* FUTEX_WAIT */, 0, &long_time, NULL, 0);
}

static void do_segfault(void)
{
    signal(SIGSEGV, SIG_DFL);
    raise(SIGSEGV);
}

static void do_abort(void)
{
    abort();
}

static void do_exit_early(void)
{
    say("half of it");
    _exit(0);
}

static void do_out_of_memory_status(void)
{
    _exit(WORKER_NO_MEMORY);
}

static void do_close_pipe(void)
{
    close(PIPE_FD);
    do_sleep();
}

static void do_garbage(void)
{
    char noise[4096];
    memset(noise, 0xA5, sizeof noise);
    while (file_write(PIPE_FD, (struct span){noise, sizeof noise}))
        continue;
}

static void do_half_frame(void)
{
    file_write(PIPE_FD, SPAN("B\0\0\0\0\0\0\0\x10\0\0\0half"));
}

static void do_endless(void)
{
    for (;;)
        say("and so on");
}

static void do_huge_length(void)
{
    file_write(PIPE_FD, SPAN("B\0\0\0\0\0\0\0\xFF\xFF\xFF\xFF"));
    do_sleep();
}

static void do_control_characters(void)
{
    say("\x1B[2J");
    done();
}

static void do_speak_after_the_end(void)
{
    say("before");
    done();
    say("after");
}

static void do_refuse(void)
{
    send_frame((struct wire_frame){.type = WIRE_ERROR, .error = EXTRACT_ENCRYPTED, .block.text = SPAN("Locked.")});
    do_sleep();
}

/* Whether this is the second worker of a document, which recognises characters. */
static bool recognises;

/* A page of text and a scanned one. */
static void do_scan_well(void)
{
    say(recognises ? "text and scan" : "text");
    send_frame((struct wire_frame){.type = WIRE_DONE, .block.level = !recognises, .block.text = recognises ? SPAN("") : SPAN("Page 2.")});
}

static void do_scan_badly(void)
{
    if (recognises)
        do_segfault();
    do_scan_well();
}

static void do_scan_nothing(void)
{
    send_frame((struct wire_frame){.type = WIRE_ERROR, .error = recognises ? EXTRACT_TIMEOUT : EXTRACT_NO_TEXT, .block.level = !recognises});
}

/* Set before the sandbox closes: what the process came with. */
static char inherited[512];

static void do_tell_inheritance(void)
{
    say(inherited);
    done();
}

static void look_around(void)
{
    size_t n = 0;
    for (int fd = 0; fd < 1024; fd++)
        if (fcntl(fd, F_GETFD) >= 0)
            n += (size_t)snprintf(inherited + n, sizeof inherited - n, "%d ", fd);
    snprintf(inherited + n, sizeof inherited - n, "session %s secret %s document %s", getsid(0) == getpid() ? "own" : "shared",
             getenv("CHATIFIX_TEST_SECRET") ? "known" : "unknown", (fcntl(3, F_GETFL) & O_ACCMODE) == O_RDONLY ? "read-only" : "writable");
}

static const struct {
    const char *name;
    void (*act)(void);
} deeds[] = {
    {"connect", do_connect},
    {"open", do_open},
    {"open behind landlock", do_open_behind_landlock},
    {"exec behind landlock", do_exec_behind_landlock},
    {"create", do_create},
    {"write document", do_write_document},
    {"exec", do_exec},
    {"fork", do_fork},
    {"signal parent", do_signal_parent},
    {"trace", do_trace},
    {"raise limit", do_raise_limit},
    {"executable memory", do_executable_memory},
    {"make executable", do_make_executable},
    {"memory", do_memory},
    {"abort without memory", do_abort_without_memory},
    {"spin", do_spin},
    {"sleep", do_sleep},
    {"segfault", do_segfault},
    {"abort", do_abort},
    {"exit early", do_exit_early},
    {"out of memory status", do_out_of_memory_status},
    {"close pipe", do_close_pipe},
    {"garbage", do_garbage},
    {"half frame", do_half_frame},
    {"endless", do_endless},
    {"huge length", do_huge_length},
    {"control characters", do_control_characters},
    {"speak after the end", do_speak_after_the_end},
    {"refuse", do_refuse},
    {"tell inheritance", do_tell_inheritance},
    {"scan well", do_scan_well},
    {"scan badly", do_scan_badly},
    {"scan nothing", do_scan_nothing},
};

int main(int argc, char **argv)
{
    int64_t memory_bytes, cpu_s;
    if (argc != 8 || !span_to_int(span_of(argv[2]), 1, INT64_MAX, &memory_bytes) || !span_to_int(span_of(argv[3]), 1, 86400, &cpu_s))
        return 2;
    look_around();
    recognises = argv[5][0] != '\0';
    bool unfiltered = strstr(argv[7], "landlock");
    if (!sandbox_begin() || (!unfiltered && !sandbox_close(memory_bytes, (int)cpu_s)))
        return 2;
    for (size_t i = 0; i < sizeof deeds / sizeof *deeds; i++)
        if (strcmp(argv[7], deeds[i].name) == 0)
            deeds[i].act();
    return 0;
}
