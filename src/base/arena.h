/* An arena: many small allocations of one request or one job, freed together. Bounded; running out is an ordinary error. */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include "base/span.h"

struct arena;

/* May hand out `max` bytes in all; NULL when there is no memory. arena_free ends it. */
struct arena *arena_new(size_t max);
void arena_free(struct arena *a);
/* Takes everything back but keeps one block for reuse. */
void arena_reset(struct arena *a);
/* Zeroed, aligned for any type, valid until reset or free. NULL when the bound or the memory is reached. */
void *arena_alloc(struct arena *a, size_t size);
/* As arena_alloc for count * size, overflow checked. */
void *arena_array(struct arena *a, size_t count, size_t size);
/* A NUL-terminated copy; NULL on failure. */
char *arena_cstr(struct arena *a, struct span s);
/* A copy; p is NULL on failure. */
struct span arena_copy(struct arena *a, struct span s);
/* Bytes handed out so far. */
size_t arena_used(const struct arena *a);

#endif
