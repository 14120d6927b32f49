/* Who is asking: the result of authentication, and the only source of a tenant handle for requests. */
#ifndef APP_PRINCIPAL_H
#define APP_PRINCIPAL_H

#include <stdbool.h>

#include "base/sys.h"
#include "doc/tenant.h"

/* What a credential may do; a bit set, stored in api_key.scopes. */
enum scope {
    SCOPE_CHAT = 1,            /* "chat" */
    SCOPE_KNOWLEDGE_READ = 2,  /* "knowledge:read" */
    SCOPE_KNOWLEDGE_WRITE = 4, /* "knowledge:write" */
    SCOPE_ADMIN = 8,           /* "admin": what a person who is owner or admin may do */
    SCOPE_DEFAULT = SCOPE_CHAT | SCOPE_KNOWLEDGE_READ | SCOPE_KNOWLEDGE_WRITE
};

struct principal {
    struct tenant tenant;
    char tenant_public_id[PUBLIC_ID_SIZE];
    char actor[PUBLIC_ID_SIZE]; /* public id of the user or the key */
    bool is_person;             /* a user's token; else an API key */
    int64_t user_id, key_id;    /* the one that is not meant is 0 */
    unsigned scopes;
    int64_t collection_id; /* 0: all; a key may be bound to one */
};

#endif
