/* Public id ↔ cursor. */
#include "app/cursor.h"

#include <sodium.h>
#include <string.h>

bool cursor_read(struct span cursor, const char *prefix, struct arena *arena, struct span *id)
{
    size_t n;
    char *p = arena_alloc(arena, PUBLIC_ID_SIZE);
    if (!p || sodium_base642bin((unsigned char *)p, PUBLIC_ID_SIZE - 1, cursor.p, cursor.n, NULL, &n, NULL, sodium_base64_VARIANT_URLSAFE_NO_PADDING) != 0)
        return false;
    *id = (struct span){p, n};
    return span_starts(*id, span_of(prefix));
}

void cursor_write(char out[CURSOR_SIZE], const char *id)
{
    sodium_bin2base64(out, CURSOR_SIZE, (const unsigned char *)id, strlen(id), sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}
