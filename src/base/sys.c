/* Clock, random bytes, ids. */
#include "base/sys.h"

#include <errno.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static int64_t real_wall_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void real_random(void *out, size_t n)
{
    char *p = out;
    while (n > 0) {
        ssize_t got = getrandom(p, n, 0);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            abort();
        p += got;
        n -= (size_t)got;
    }
}

static struct sys_source current = {real_wall_ms, real_random};

void sys_replace(const struct sys_source *source)
{
    current = source ? *source : (struct sys_source){real_wall_ms, real_random};
}

int64_t sys_wall_ms(void)
{
    return current.wall_ms();
}

int64_t sys_mono_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

int64_t sys_mono_ms(void)
{
    return sys_mono_us() / 1000;
}

void sys_random(void *out, size_t n)
{
    current.random(out, n);
}

uint64_t sys_random_u64(void)
{
    uint64_t value;
    sys_random(&value, sizeof value);
    return value;
}

int64_t sys_random_id(void)
{
    int64_t id = (int64_t)(sys_random_u64() >> 1);
    return id ? id : 1;
}

unsigned sys_processors(void)
{
    cpu_set_t allowed;
    int count = sched_getaffinity(0, sizeof allowed, &allowed) == 0 ? CPU_COUNT(&allowed) : 1;
    return count > 0 ? (unsigned)count : 1;
}

/* The first version of the kernel's struct sched_attr; glibc has a function for it from 2.41 on. */
struct scheduling {
    uint32_t size, policy;
    uint64_t flags;
    int32_t nice;
    uint32_t priority;
    uint64_t runtime, deadline, period; /* runtime: the time slice in nanoseconds, 100 ms at most */
};

void sys_in_no_hurry(void)
{
    struct scheduling s = {.size = sizeof s, .policy = SCHED_BATCH, .nice = getpriority(PRIO_PROCESS, 0), .runtime = 100000000};
    syscall(SYS_sched_setattr, 0, &s, 0);
}

/* Milliseconds, and 12 bits that count within one; when they are used up, or the clock was set back, it runs ahead. */
static uint64_t next_tick(void)
{
    static _Atomic uint64_t latest;
    uint64_t now = (uint64_t)sys_wall_ms() << 12, last = atomic_load(&latest), next;
    do
        next = now > last ? now : last + 1;
    while (!atomic_compare_exchange_weak(&latest, &last, next));
    return next;
}

void sys_public_id(char out[PUBLIC_ID_SIZE], const char *prefix)
{
    uint64_t tick = next_tick();
    uint64_t high = (tick >> 12 & 0xFFFFFFFFFFFFu) << 16 | 0x7000u | (tick & 0x0FFFu);
    uint64_t low = 0x8000000000000000u | (sys_random_u64() & 0x3FFFFFFFFFFFFFFFu);
    snprintf(out, PUBLIC_ID_SIZE, "%.7s%016llx%016llx", prefix, (unsigned long long)high, (unsigned long long)low);
}

void sys_timestamp(char out[TIMESTAMP_SIZE], int64_t wall_ms)
{
    time_t seconds = (time_t)(wall_ms / 1000);
    struct tm tm;
    if (!gmtime_r(&seconds, &tm) || strftime(out, TIMESTAMP_SIZE, "%Y-%m-%dT%H:%M:%SZ", &tm) == 0)
        out[0] = '\0';
}
