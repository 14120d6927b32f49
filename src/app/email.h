/* E-mail addresses: whether a text is one, and the form under which it is unique. Pure. */
#ifndef APP_EMAIL_H
#define APP_EMAIL_H

#include "base/arena.h"

enum { EMAIL_MAX_BYTES = 254 };

/* Sane rather than all of RFC 5321: one @, something before it (at most 64 bytes), a domain with a dot or "localhost" after it, no white space,
 * control or invisible characters, none of <>()[]:;,\" in it, valid UTF-8, at most 254 bytes. Quoted local parts and address literals are not taken. */
bool email_valid(struct span address);
/* Case-folded, in the arena; p == NULL when it is not UTF-8 or there is no memory. */
struct span email_folded(struct span address, struct arena *arena);
/* What stands before the @. */
struct span email_local_part(struct span address);

#endif
