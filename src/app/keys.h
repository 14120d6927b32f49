/* API keys after they were made: list, change, revoke, rotate. For an owner or admin, or a key with the scope admin; a key that is bound to a collection sees only
 * keys bound to it too. */
#ifndef APP_KEYS_H
#define APP_KEYS_H

#include "app/accounts.h"
#include "app/cursor.h"
#include "store/account.h"

struct key_query {
    struct span cursor; /* p == NULL: from the newest */
    int64_t limit;      /* 1 to 1000 */
};
struct key_page {
    struct api_key_row *rows;
    size_t count;
    int64_t total;
    char next_cursor[CURSOR_SIZE]; /* "" at the end */
};
/* Newest first, without those revoked. */
bool keys_list(struct app *app, const struct principal *by, const struct key_query *query, struct arena *arena, struct key_page *page, struct problem *problem);

struct key_change {
    struct span name;   /* p == NULL: stays */
    unsigned scopes;    /* 0: stay; of a key that changes others at most its own */
    bool sets_expiry;   /* to: */
    int64_t expires_at; /* 0: never */
};
bool keys_change(struct app *app, const struct principal *by, struct span id, const struct key_change *change, struct arena *arena, struct api_key_row *row,
                 struct problem *problem);
/* Refused from the next request on. */
bool keys_revoke(struct app *app, const struct principal *by, struct span id, struct problem *problem);
/* A new key in place of the old one, which is refused from the next request on; all else stays. */
bool keys_rotate(struct app *app, const struct principal *by, struct span id, struct arena *arena, struct new_key *key, struct api_key_row *row,
                 struct problem *problem);

#endif
