/* Public id ↔ cursor. */
#include "app/cursor.h"

#include <sodium.h>
#include <string.h>

bool cursor_read(struct span cursor, const char *prefix, struct arena *arena, struct span *id, struct problem *problem)
{
    size_t n = 0;
    if (!cursor.p)
        return true;
    char *p = arena_alloc(arena, PUBLIC_ID_SIZE);
    bool decoded =
        p && sodium_base642bin((unsigned char *)p, PUBLIC_ID_SIZE - 1, cursor.p, cursor.n, NULL, &n, NULL, sodium_base64_VARIANT_URLSAFE_NO_PADDING) == 0;
    *id = (struct span){p, n};
    return (decoded && span_starts(*id, span_of(prefix))) ||
           problem_field(problem, "query.cursor", "The cursor is not one of this list; leave it out to begin again.");
}

void cursor_write(char out[CURSOR_SIZE], const char *id)
{
    sodium_bin2base64(out, CURSOR_SIZE, (const unsigned char *)id, strlen(id), sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

bool cursor_has_more(size_t *count, int64_t limit)
{
    bool more = *count > (size_t)limit;
    if (more)
        *count = (size_t)limit;
    return more;
}
