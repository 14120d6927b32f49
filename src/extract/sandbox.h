/* What the worker process gives up before it looks at a document. */
#ifndef EXTRACT_SANDBOX_H
#define EXTRACT_SANDBOX_H

#include <stdbool.h>
#include <stdint.h>

/* Dies with the parent, gains no privileges, leaves no core dump. False when the kernel refuses. Call first. */
bool sandbox_begin(void);
/* Landlock, the second fence where the kernel has it: from here on no file can be opened, made or run, no TCP port bound or connected to and, from
 * Linux 6.12 on, no process outside signalled. What is open stays open. False when the kernel has no Landlock or it is switched off. */
bool sandbox_landlock(void);
/* Address space (left alone under sanitizers, which need terabytes of it), CPU seconds, no file growth, few descriptors; then Landlock and a system call
 * filter: open answers EACCES, anything that is not on the list, executable memory included, kills the process. Both are skipped under
 * sanitizers. False when the kernel refuses. Libraries and tables must be loaded before. */
bool sandbox_close(int64_t memory_bytes, int cpu_s);

#endif
