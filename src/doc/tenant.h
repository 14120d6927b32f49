/* The tenant handle. Authentication (app/accounts.c) and the job runner (app/ingest.c) make it, nothing else does; whatever touches a tenant's data takes it first. */
#ifndef DOC_TENANT_H
#define DOC_TENANT_H

#include <stdint.h>

struct tenant {
    int64_t id;          /* random, 1 to 2^63 - 1; leads every key */
    int64_t index_seq;   /* as read when the handle was made: the searchable content that this request must see */
    int64_t index_epoch; /* changes when a database is restored or fails over */
};

#endif
