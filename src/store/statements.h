/* Every SQL statement of the product in lists, so that tests can check each and prepare each on a real PostgreSQL. Nothing else is ever executed but
 * migrations. */
#ifndef STORE_STATEMENTS_H
#define STORE_STATEMENTS_H

#include "db/db.h"

/* Statements of a tenant carry tenant_id = $1 on every tenant table they name; lookups run before a tenant is known and touch only
 * server_state, login, api_key_hash, tenant_work and tenant_model. */
enum statement_scope { STATEMENT_TENANT, STATEMENT_LOOKUP };

struct statement_list {
    enum statement_scope scope;
    const struct db_statement *statements;
    size_t count;
};

/* All lists; *count gets their number. */
const struct statement_list *store_statements(size_t *count);

#endif
