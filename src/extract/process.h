/* Starting and ending a worker process. */
#ifndef EXTRACT_PROCESS_H
#define EXTRACT_PROCESS_H

#include <sys/types.h>

#include "extract/extract.h"

struct worker {
    pid_t pid;
    int pipe; /* read end, non-blocking */
};

/* Starts `program extract-worker …` with the document on descriptor 3 (read-only), the pipe on 4, /dev/null on 0 to 2 and nothing else open;
 * its own session, no inherited environment beyond what a loader or sanitizer needs. False when there is no descriptor, process or program. */
bool process_start(const char *program, int fd, struct span filename, const struct extract_limits *limits, struct worker *w);

/* How a worker ended without saying so itself. */
struct worker_end {
    int status;        /* as waitpid gives it */
    int64_t rss_bytes; /* peak */
};
/* Kills what is left of it, waits for it and closes the pipe. A worker that has closed its pipe is already exiting: its own status stays. */
struct worker_end process_reap(struct worker *w);

#endif
