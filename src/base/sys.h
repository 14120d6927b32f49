/* The seam to the outside world that tests replace: the clock and random bytes; and what is made of them, ids and time stamps. */
#ifndef BASE_SYS_H
#define BASE_SYS_H

#include <stddef.h>
#include <stdint.h>

/* The two sources; a test may put its own in their place before any thread starts. */
struct sys_source {
    int64_t (*wall_ms)(void);            /* milliseconds since 1970-01-01 UTC */
    void (*random)(void *out, size_t n); /* n bytes fit for secrets */
};
/* NULL puts the real ones back. */
void sys_replace(const struct sys_source *source);

/* Milliseconds since 1970-01-01 UTC. */
int64_t sys_wall_ms(void);
/* Milliseconds and microseconds that only go forward, for time-outs and durations. */
int64_t sys_mono_ms(void);
int64_t sys_mono_us(void);
/* Fills out with random bytes fit for secrets (getrandom); ends the process when the kernel has none. */
void sys_random(void *out, size_t n);
uint64_t sys_random_u64(void);
/* A random row id in [1, 2^63 - 1]. */
int64_t sys_random_id(void);

/* Processors that this process may run on, at least 1. */
unsigned sys_processors(void);
/* The calling thread, and processes and threads it starts from now on, will compute at length: what wakes for a moment need not wait for the end of its time slice. Its share of the
 * processors stays, so that who waits for what it holds does not wait longer. Does nothing where the kernel cannot (Linux before 6.12). */
void sys_in_no_hurry(void);

/* Room for any public id: a prefix of at most 7 bytes, 32 digits, NUL. */
enum { PUBLIC_ID_SIZE = 40 };
/* Writes prefix and a UUIDv7 (RFC 9562, counter of section 6.2) as 32 lower-case hex digits: each is greater than all that this process made before, and has 62
 * random bits. */
void sys_public_id(char out[PUBLIC_ID_SIZE], const char *prefix);

enum { TIMESTAMP_SIZE = 25 };
/* RFC 3339 in UTC to the second: 2026-11-23T09:30:00Z. */
void sys_timestamp(char out[TIMESTAMP_SIZE], int64_t wall_ms);

#endif
