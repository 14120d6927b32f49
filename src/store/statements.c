/* The lists of all statements. */
#include "store/statements.h"

#include "store/sql.h"

static const struct statement_list lists[] = {
    {STATEMENT_LOOKUP, store_server_state_sql, SERVER_STATE_SQL},
    {STATEMENT_TENANT, store_tenant_sql, TENANT_SQL},
    {STATEMENT_TENANT, store_tenant_model_sql, TENANT_MODEL_SQL},
    {STATEMENT_LOOKUP, store_models_sql, MODELS_SQL},
    {STATEMENT_TENANT, store_user_sql, USER_SQL},
    {STATEMENT_LOOKUP, store_login_sql, LOGIN_SQL},
    {STATEMENT_TENANT, store_api_key_sql, API_KEY_SQL},
    {STATEMENT_LOOKUP, store_api_key_hash_sql, API_KEY_HASH_SQL},
    {STATEMENT_TENANT, store_audit_sql, AUDIT_SQL},
    {STATEMENT_TENANT, store_setting_sql, SETTING_SQL},
    {STATEMENT_TENANT, store_usage_sql, USAGE_SQL},
    {STATEMENT_TENANT, store_idempotency_sql, IDEMPOTENCY_SQL},
    {STATEMENT_TENANT, store_collection_sql, COLLECTION_SQL},
    {STATEMENT_TENANT, store_document_sql, DOCUMENT_SQL},
    {STATEMENT_TENANT, store_document_find_sql, DOCUMENT_FIND_SQL},
    {STATEMENT_TENANT, store_part_sql, PART_SQL},
    {STATEMENT_TENANT, store_chunk_sql, CHUNK_SQL},
    {STATEMENT_TENANT, store_job_sql, JOB_SQL},
    {STATEMENT_LOOKUP, store_work_sql, WORK_SQL},
    {STATEMENT_TENANT, store_session_sql, SESSION_SQL},
    {STATEMENT_TENANT, store_message_sql, MESSAGE_SQL},
    {STATEMENT_TENANT, store_citation_sql, CITATION_SQL},
    {STATEMENT_TENANT, store_message_find_sql, MESSAGE_FIND_SQL},
};

const struct statement_list *store_statements(size_t *count)
{
    *count = sizeof lists / sizeof lists[0];
    return lists;
}
