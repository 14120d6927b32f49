/* Passwords: what is accepted, and argon2id hashes of them (RFC 9106) in PHC form. sodium_init comes before. */
#ifndef APP_PASSWORD_H
#define APP_PASSWORD_H

#include "app/problem.h"
#include "base/span.h"

enum { PASSWORD_HASH_SIZE = 128, PASSWORD_MIN = 8, PASSWORD_MAX = 128 /* code points */ };

/* 8 to 128 code points, valid UTF-8, not one of the commonest, no mere run or repetition, not the name or the address (or what stands before its @).
 * False with a PROBLEM_INVALID of the field "password" that never quotes it. */
bool password_accepted(struct span password, struct span name, struct span email, struct problem *problem);
/* Whether the folded password is one that everybody tries first. */
bool password_is_common(struct span folded);

/* argon2id, m=19456 KiB, t=2, p=1, random salt; false when there is no memory. Blocks for some 20 ms. */
bool password_hash(struct span password, char out[PASSWORD_HASH_SIZE]);
/* False for a wrong password, for a damaged hash and without memory. */
bool password_verify(struct span hash, struct span password);
/* A hash of the same cost that no password is meant to match: verified when the address is unknown, so that the answer takes the same time. */
struct span password_dummy_hash(void);

#endif
