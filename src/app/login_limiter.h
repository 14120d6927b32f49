/* The login limiter: ten failed attempts of one address and peer within five minutes, then none until the oldest is five minutes old. No lasting lock.
 * In memory, bounded. */
#ifndef APP_LOGIN_LIMITER_H
#define APP_LOGIN_LIMITER_H

#include "base/span.h"

enum { LOGIN_ATTEMPTS_MAX = 10, LOGIN_WINDOW_MS = 300000 };

struct login_limiter;

/* NULL when there is no memory. */
struct login_limiter *login_limiter_new(void);
void login_limiter_free(struct login_limiter *l);
/* Counts an attempt before it is made, so that attempts side by side cannot slip past the bound. now_ms: of a clock that only goes forward. False: not
 * now; *retry_after_s (at least 1) tells when. Thread-safe. */
bool login_limiter_take(struct login_limiter *l, struct span address, struct span peer, int64_t now_ms, int *retry_after_s);
/* The attempt succeeded, or failed on the server's side: forgets the pair's attempts. */
void login_limiter_forgive(struct login_limiter *l, struct span address, struct span peer);

#endif
