/* What the worker process gives up before it looks at a document. */
#ifndef EXTRACT_SANDBOX_H
#define EXTRACT_SANDBOX_H

#include <stdbool.h>
#include <stdint.h>

/* Dies with the parent, gains no privileges, leaves no core dump. False when the kernel refuses. Call first. */
bool sandbox_begin(void);
/* Address space (left alone under sanitizers, which need terabytes of it), CPU seconds, no file growth, few descriptors; then a system call
 * filter: open answers EACCES, anything that is not on the list, executable memory included, kills the process. The filter is skipped under
 * sanitizers. False when the kernel refuses. Libraries and tables must be loaded before. */
bool sandbox_close(int64_t memory_bytes, int cpu_s);

#endif
