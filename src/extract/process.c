/* posix_spawn of the worker with a closed set of descriptors. */
#include "extract/process.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

/* Set in the environment of a worker. */
#define WORKER_MARK "CHATIFIX_WORKER"

enum { FIRST_FREE_FD = 10, NAME_SIZE = 512, ENVIRONMENT_MAX = 8 };

/* The same file through a description of its own that cannot write; a plain duplicate where /proc is missing. Above the descriptors that
 * the child's actions overwrite. */
static int reopen_read_only(int fd)
{
    char path[40];
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    int again = open(path, O_RDONLY | O_CLOEXEC);
    if (again < 0)
        return fcntl(fd, F_DUPFD_CLOEXEC, FIRST_FREE_FD);
    int high = fcntl(again, F_DUPFD_CLOEXEC, FIRST_FREE_FD);
    close(again);
    return high;
}

/* A pipe whose write end is above the descriptors that the child's actions overwrite. */
static bool open_pipe(int ends[2])
{
    if (pipe2(ends, O_CLOEXEC) != 0)
        return false;
    int high = fcntl(ends[1], F_DUPFD_CLOEXEC, FIRST_FREE_FD);
    close(ends[1]);
    ends[1] = high;
    if (high >= 0 && fcntl(ends[0], F_SETFL, O_NONBLOCK) == 0)
        return true;
    close(ends[0]);
    if (high >= 0)
        close(high);
    return false;
}

static bool fill_actions(posix_spawn_file_actions_t *actions, int document, int pipe_end)
{
    for (int fd = 0; fd <= 2; fd++)
        if (posix_spawn_file_actions_addopen(actions, fd, "/dev/null", O_RDWR, 0) != 0)
            return false;
    return posix_spawn_file_actions_adddup2(actions, document, 3) == 0 && posix_spawn_file_actions_adddup2(actions, pipe_end, 4) == 0 &&
           posix_spawn_file_actions_addclosefrom_np(actions, 5) == 0;
}

static bool fill_attributes(posix_spawnattr_t *attributes)
{
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    return posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF) == 0 &&
           posix_spawnattr_setsigmask(attributes, &none) == 0 && posix_spawnattr_setsigdefault(attributes, &all) == 0;
}

/* The environment of the worker: secrets of the server stay with the server. */
static void fill_environment(char *values[ENVIRONMENT_MAX])
{
    static const char *const kept[] = {"LD_LIBRARY_PATH=", "TESSDATA_PREFIX=", "ASAN_OPTIONS=", "UBSAN_OPTIONS=", "LSAN_OPTIONS="};
    static char mark[] = WORKER_MARK "=1";
    size_t n = 0;
    values[n++] = mark;
    for (char **e = environ; e && *e; e++)
        for (size_t i = 0; i < sizeof kept / sizeof *kept && n < ENVIRONMENT_MAX - 1; i++)
            if (strncmp(*e, kept[i], strlen(kept[i])) == 0)
                values[n++] = *e;
    values[n] = NULL;
}

static bool start(const char *program, int document, int pipe_end, char **argv, pid_t *pid)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    if (posix_spawn_file_actions_init(&actions) != 0)
        return false;
    if (posix_spawnattr_init(&attributes) != 0) {
        posix_spawn_file_actions_destroy(&actions);
        return false;
    }
    char *environment[ENVIRONMENT_MAX];
    fill_environment(environment);
    bool ok =
        fill_actions(&actions, document, pipe_end) && fill_attributes(&attributes) && posix_spawn(pid, program, &actions, &attributes, argv, environment) == 0;
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    return ok;
}

bool process_start(const char *program, int fd, struct span filename, const struct extract_limits *limits, struct worker *w)
{
    /* A program that does not know the subcommand, such as a test that runs itself, would start itself without end. */
    if (getenv(WORKER_MARK))
        return false;
    char command[] = "extract-worker", memory[24], cpu[24], output[24], ocr[128] = "", ocr_seconds[24], name[NAME_SIZE];
    snprintf(memory, sizeof memory, "%lld", (long long)limits->memory_bytes);
    snprintf(cpu, sizeof cpu, "%d", limits->cpu_s);
    snprintf(output, sizeof output, "%lld", (long long)limits->output_bytes);
    snprintf(ocr_seconds, sizeof ocr_seconds, "%d", limits->ocr_s);
    if (limits->ocr && !span_to_cstr(span_of(limits->ocr), ocr, sizeof ocr))
        return false;
    /* The end of the name matters: that is where the extension is. */
    if (filename.n >= sizeof name)
        filename = span_skip(filename, filename.n - sizeof name + 1);
    if (!span_to_cstr(filename, name, sizeof name))
        name[0] = '\0';
    char *argv[] = {(char *)(uintptr_t)program, command, memory, cpu, output, ocr, ocr_seconds, name, NULL};
    int ends[2];
    int document = reopen_read_only(fd);
    if (document < 0)
        return false;
    if (!open_pipe(ends)) {
        close(document);
        return false;
    }
    bool ok = start(program, document, ends[1], argv, &w->pid);
    close(document);
    close(ends[1]);
    w->pipe = ends[0];
    if (!ok)
        close(ends[0]);
    return ok;
}

struct worker_end process_reap(struct worker *w)
{
    struct worker_end end = {0};
    struct rusage usage = {0};
    kill(w->pid, SIGKILL);
    while (wait4(w->pid, &end.status, 0, &usage) < 0 && errno == EINTR)
        continue;
    close(w->pipe);
    end.rss_bytes = (int64_t)usage.ru_maxrss * 1024;
    return end;
}
