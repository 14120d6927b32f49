/* Access tokens: JWT (RFC 7519) signed with HS256 (RFC 7518, 3.2), the one algorithm there is. Pure: key and clock are given. */
#ifndef APP_TOKEN_H
#define APP_TOKEN_H

#include "base/span.h"
#include "base/sys.h"

enum {
    TOKEN_KEY_BYTES = 32,
    TOKEN_SIZE = 1024,     /* room for any token made here, NUL included */
    TOKEN_MAX_BYTES = 2048 /* longer ones are refused unread */
};

/* In seconds since 1970 where it is a time. */
struct token_claims {
    int64_t tenant_id, user_id; /* "tid", "uid": decimal strings, since JSON numbers are not exact past 2^53 */
    char user_public_id[PUBLIC_ID_SIZE];
    char tenant_public_id[PUBLIC_ID_SIZE];
    int64_t epoch; /* of the user when the token was made */
    int64_t issued_at, expires_at;
};

enum token_status { TOKEN_OK, TOKEN_BAD, TOKEN_EXPIRED };

/* False when it does not fit. */
bool token_make(const unsigned char key[TOKEN_KEY_BYTES], const struct token_claims *claims, char out[TOKEN_SIZE]);
/* Checks form, header, signature (in constant time, before anything in it is read) and the claims iss, aud, typ, iat (at most 60 s ahead), exp and
 * ids. The header must be byte for byte the one that token_make writes: nothing in it is ever interpreted, so there is no alg, kid, jku or crit to
 * trust. TOKEN_EXPIRED: all holds but exp. */
enum token_status token_check(const unsigned char key[TOKEN_KEY_BYTES], struct span token, int64_t now_s, struct token_claims *claims);

#endif
