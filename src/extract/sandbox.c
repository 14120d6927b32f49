/* The worker's sandbox: resource limits, Landlock and a seccomp allow-list. */
#include "extract/sandbox.h"

#include <errno.h>
#include <seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || __has_feature(memory_sanitizer)
#define SANITIZED 1
#endif
#elif defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#endif
#ifndef SANITIZED
#define SANITIZED 0
#endif

bool sandbox_begin(void)
{
    struct rlimit none = {0, 0};
    return prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && setrlimit(RLIMIT_CORE, &none) == 0;
}

static bool set_limit(__rlimit_resource_t what, rlim_t soft, rlim_t hard)
{
    struct rlimit limit = {soft, hard};
    return setrlimit(what, &limit) == 0;
}

/* Memory, the pipe, time, the end of the process: what reading a mapped document and writing blocks takes. */
static const int allowed[] = {
    SCMP_SYS(read),         SCMP_SYS(write),          SCMP_SYS(writev),          SCMP_SYS(close),
    SCMP_SYS(fstat),        SCMP_SYS(newfstatat),     SCMP_SYS(lseek),           SCMP_SYS(pread64),
    SCMP_SYS(munmap),       SCMP_SYS(mremap),         SCMP_SYS(madvise),         SCMP_SYS(brk),
    SCMP_SYS(futex),        SCMP_SYS(getrandom),      SCMP_SYS(clock_gettime),   SCMP_SYS(clock_getres),
    SCMP_SYS(gettimeofday), SCMP_SYS(time),           SCMP_SYS(getpid),          SCMP_SYS(gettid),
    SCMP_SYS(rt_sigaction), SCMP_SYS(rt_sigprocmask), SCMP_SYS(rt_sigreturn),    SCMP_SYS(sigaltstack),
    SCMP_SYS(sched_yield),  SCMP_SYS(sysinfo),        SCMP_SYS(getrusage),       SCMP_SYS(sched_getaffinity),
    SCMP_SYS(exit),         SCMP_SYS(exit_group),     SCMP_SYS(restart_syscall),
};

/* PDFium looks for fonts, libc for locale and character tables: these find nothing, and go on. */
static const int refused[] = {
    SCMP_SYS(open),     SCMP_SYS(openat),     SCMP_SYS(access), SCMP_SYS(faccessat), SCMP_SYS(faccessat2), SCMP_SYS(stat),      SCMP_SYS(lstat),
    SCMP_SYS(readlink), SCMP_SYS(readlinkat), SCMP_SYS(statx),  SCMP_SYS(getcwd),    SCMP_SYS(ioctl),      SCMP_SYS(prlimit64),
};

/* Memory may be had, but none that code runs from: what was loaded before is all the code there is. */
static bool allow_data_memory(scmp_filter_ctx filter)
{
    const struct scmp_arg_cmp data = {.arg = 2, .op = SCMP_CMP_MASKED_EQ, .datum_a = PROT_EXEC, .datum_b = 0};
    return seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 1, &data) == 0 &&
           seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, SCMP_SYS(mprotect), 1, &data) == 0;
}

static bool add_rules(scmp_filter_ctx filter)
{
    for (size_t i = 0; i < sizeof allowed / sizeof *allowed; i++)
        if (seccomp_rule_add(filter, SCMP_ACT_ALLOW, allowed[i], 0) != 0)
            return false;
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
        if (seccomp_rule_add(filter, SCMP_ACT_ERRNO(EACCES), refused[i], 0) != 0)
            return false;
    /* abort() signals its own process; no other may be signalled. */
    const struct scmp_arg_cmp itself = {.arg = 0, .op = SCMP_CMP_EQ, .datum_a = (scmp_datum_t)getpid(), .datum_b = 0};
    return seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, SCMP_SYS(tgkill), 1, &itself) == 0 && allow_data_memory(filter);
}

static bool filter_calls(void)
{
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_KILL_PROCESS);
    if (!filter)
        return false;
    bool loaded = add_rules(filter) && seccomp_load(filter) == 0;
    seccomp_release(filter);
    return loaded;
}

/* As in linux/landlock.h of Linux 6.12; older headers know only the first field, and older kernels take only the first ones. */
struct landlock_rules {
    uint64_t files, net, scopes;
};

static long landlock_rules_new(const struct landlock_rules *rules, size_t size, unsigned flags)
{
    return syscall(SYS_landlock_create_ruleset, rules, size, flags);
}

bool sandbox_landlock(void)
{
    enum { ASK_VERSION = 1 };
    long version = landlock_rules_new(NULL, 0, ASK_VERSION);
    if (version < 1)
        return false;
    unsigned file_rights = version >= 5 ? 16 : version >= 3 ? 15 : version >= 2 ? 14 : 13;
    struct landlock_rules rules = {.files = ((uint64_t)1 << file_rights) - 1, .net = 3, .scopes = 3};
    size_t size = version >= 6 ? sizeof rules : version >= 4 ? offsetof(struct landlock_rules, scopes) : offsetof(struct landlock_rules, net);
    int fd = (int)landlock_rules_new(&rules, size, 0); /* no rule allows anything */
    if (fd < 0)
        return false;
    bool ok = syscall(SYS_landlock_restrict_self, fd, 0) == 0;
    close(fd);
    return ok;
}

bool sandbox_close(int64_t memory_bytes, int cpu_s)
{
    bool ok = set_limit(RLIMIT_CPU, (rlim_t)cpu_s, (rlim_t)cpu_s + 1) && set_limit(RLIMIT_FSIZE, 0, 0) && set_limit(RLIMIT_NOFILE, 16, 16);
    if (SANITIZED)
        return ok;
    sandbox_landlock(); /* where there is none, the filter alone holds */
    return ok && set_limit(RLIMIT_AS, (rlim_t)memory_bytes, (rlim_t)memory_bytes) && filter_calls();
}
