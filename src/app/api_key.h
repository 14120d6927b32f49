/* The form of an API key: "cfx_" and 256 random bits in base64url. Only its SHA-256 is ever stored (a plain hash will do for so many random bits). */
#ifndef APP_API_KEY_H
#define APP_API_KEY_H

#include "base/span.h"

enum { API_KEY_LENGTH = 47, API_KEY_HASH_BYTES = 32, API_KEY_PREFIX_LENGTH = 12 };

/* A new key of 256 random bits: "cfx_" and base64url, NUL-terminated. */
void api_key_make(char out[API_KEY_LENGTH + 1]);
/* False when it has not the form of a key. */
bool api_key_hash(struct span key, unsigned char hash[API_KEY_HASH_BYTES]);

#endif
