/* Encoders by their names: which one the server's vectors are to come from, and whose vectors answer for a tenant. Conventions as in store/account.h. */
#ifndef STORE_MODEL_H
#define STORE_MODEL_H

#include "db/db.h"
#include "doc/tenant.h"

/* What an encoder's vectors are stored under (embed_name). */
struct model_name {
    char text[64];
};

/* ---- a tenant ---- */
/* Whose vectors answer for it: as recorded, else those that it has; "" for a tenant without either. */
enum db_status store_tenant_model(const struct tenant *t, struct db_conn *c, struct model_name *model);
/* Records that, where nothing is recorded: before vectors of another are added, from which it could not be told any more. */
enum db_status store_tenant_model_note(const struct tenant *t, struct db_conn *c, const struct model_name *model);
/* Some passages may lack a vector of its model, or have one of another: it is to be looked at. */
enum db_status store_tenant_model_unsettle(const struct tenant *t, struct db_conn *c);

/* ---- under a lease: one node at a time makes a tenant's vectors ---- */
/* Claims the tenant when its lease is free, run out at `now` or the owner's already; it is unsettled from then on. model: recorded when nothing was. */
enum db_status store_tenant_model_claim(const struct tenant *t, struct db_conn *c, struct span model, int64_t owner, int64_t now, int64_t lease_until,
                                        bool *held);
/* Prolongs it; *held false when it was lost (then nothing of the work may be committed). */
enum db_status store_tenant_model_hold(const struct tenant *t, struct db_conn *c, int64_t owner, int64_t lease_until, bool *held);
/* From now on that model's vectors answer. */
enum db_status store_tenant_model_switch(const struct tenant *t, struct db_conn *c, struct span model, int64_t owner, bool *held);
/* Nothing is left to do; the lease is free. */
enum db_status store_tenant_model_settle(const struct tenant *t, struct db_conn *c, int64_t owner, bool *held);

/* Lookup: the next tenants behind `after` (0: the first), ascending, whose vectors are not, or not all, of that model. */
enum db_status store_tenants_unsettled(struct db_conn *c, int64_t after, struct span model, int64_t *tenant_ids, size_t limit, size_t *count);

#endif
