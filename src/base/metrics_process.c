/* The process as the kernel sees it, under the names that Prometheus' own client libraries give. */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "base/metrics.h"
#include "base/sys.h"

/* The fields of /proc/self/stat that are used, by their numbers in proc(5). */
enum { STAT_STARTTIME = 22, STAT_VSIZE = 23, STAT_RSS = 24, STAT_FIELDS = 25 };

/* Fields after the name of the program, which stands in brackets and may hold anything. */
static bool read_stat(int64_t field[STAT_FIELDS])
{
    char text[1024];
    int fd = open("/proc/self/stat", O_RDONLY | O_CLOEXEC);
    ssize_t n = fd >= 0 ? read(fd, text, sizeof text - 1) : -1;
    if (fd >= 0)
        close(fd);
    text[n > 0 ? n : 0] = '\0';
    const char *end = strrchr(text, ')');
    if (!end)
        return false;
    struct span rest = span_skip(span_of(end), 2), word;
    for (size_t i = 3; i < STAT_FIELDS; i++) {
        span_cut(rest, ' ', &word, &rest);
        field[i] = 0;
        span_to_int(word, INT64_MIN, INT64_MAX, &field[i]); /* the third is a letter */
    }
    return true;
}

static int64_t open_descriptors(void)
{
    int64_t n = -3; /* ".", ".." and the folder's own */
    DIR *folder = opendir("/proc/self/fd");
    if (!folder)
        return 0;
    while (readdir(folder))
        n++;
    closedir(folder);
    return n > 0 ? n : 0;
}

/* The start is told in ticks since the machine's. */
static int64_t start_seconds(int64_t ticks)
{
    struct timespec up;
    clock_gettime(CLOCK_BOOTTIME, &up);
    return sys_wall_ms() / 1000 - up.tv_sec + ticks / sysconf(_SC_CLK_TCK);
}

void metrics_process(struct buf *out)
{
    int64_t field[STAT_FIELDS];
    struct rusage used;
    struct rlimit limit;
    getrusage(RUSAGE_SELF, &used);
    int64_t us = (used.ru_utime.tv_sec + used.ru_stime.tv_sec) * INT64_C(1000000) + used.ru_utime.tv_usec + used.ru_stime.tv_usec;
    metrics_family(out, "process_cpu_seconds_total", "counter", "CPU time of this process, without those that read documents.");
    buf_printf(out, "process_cpu_seconds_total %lld.%06lld\n", (long long)(us / 1000000), (long long)(us % 1000000));
    if (read_stat(field)) {
        metrics_single(out, "process_resident_memory_bytes", "gauge", "Memory in use.", field[STAT_RSS] * sysconf(_SC_PAGESIZE));
        metrics_single(out, "process_virtual_memory_bytes", "gauge", "Addresses in use.", field[STAT_VSIZE]);
        metrics_single(out, "process_start_time_seconds", "gauge", "Start, in seconds since 1970.", start_seconds(field[STAT_STARTTIME]));
    }
    metrics_single(out, "process_open_fds", "gauge", "Descriptors in use.", open_descriptors());
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0)
        metrics_single(out, "process_max_fds", "gauge", "Descriptors that may be in use.", (int64_t)limit.rlim_cur);
}
