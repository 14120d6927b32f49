/* The statements of the product by noun: a table of contents. Each noun's file holds the texts, in an array that only this header and that file know. */
#ifndef STORE_SQL_H
#define STORE_SQL_H

#include "store/statements.h"

enum server_state_sql { SERVER_STATE_GET, SERVER_STATE_INSERT, SERVER_STATE_PUT, SERVER_STATE_SQL };
enum tenant_sql { TENANT_INSERT, TENANT_GET, TENANT_NEXT_SEQ, TENANT_SEQ, TENANT_SQL };
enum tenant_model_sql {
    TENANT_MODEL_GET,
    TENANT_MODEL_FOUND,
    TENANT_MODEL_NOTE,
    TENANT_MODEL_UNSETTLE,
    TENANT_MODEL_CLAIM,
    TENANT_MODEL_HOLD,
    TENANT_MODEL_SWITCH,
    TENANT_MODEL_SETTLE,
    TENANT_MODEL_SQL
};
enum models_sql { MODELS_UNSETTLED, MODELS_SQL };
enum user_sql { USER_INSERT, USER_GET, USER_ACCESS, USER_END_TOKENS, USER_SET_PASSWORD, LOGIN_INSERT, USER_SQL };
enum login_sql { LOGIN_FIND, LOGIN_TENANTS, LOGIN_SQL };
enum api_key_sql {
    API_KEY_INSERT,
    API_KEY_HASH_INSERT,
    API_KEY_ACCESS,
    API_KEY_USED,
    API_KEY_LIST,
    API_KEY_COUNT,
    API_KEY_BY_PUBLIC_ID,
    API_KEY_UPDATE,
    API_KEY_REVOKE,
    API_KEY_ROTATE,
    API_KEY_HASH_DELETE,
    API_KEY_SQL
};
enum api_key_hash_sql { API_KEY_FIND, API_KEY_HASH_SQL };
enum audit_sql { AUDIT_INSERT, AUDIT_SQL };
enum setting_sql { SETTING_GET, SETTING_PUT, SETTING_SQL };
enum usage_sql { USAGE_ADD, USAGE_TOKENS, USAGE_SQL };
enum idempotency_sql { IDEMPOTENCY_PURGE, IDEMPOTENCY_CLAIM, IDEMPOTENCY_GET, IDEMPOTENCY_FINISH, IDEMPOTENCY_DROP, IDEMPOTENCY_SQL };
enum collection_sql {
    COLLECTION_FIND,
    COLLECTION_INSERT,
    COLLECTION_LIST,
    COLLECTION_COUNT,
    COLLECTION_BY_PUBLIC_ID,
    COLLECTION_RENAME,
    COLLECTION_KEYS,
    COLLECTION_CLEAR,
    COLLECTION_DELETE,
    COLLECTION_SQL
};
enum document_sql {
    DOCUMENT_INSERT,
    DOCUMENT_REPLACE,
    DOCUMENT_PROGRESS,
    DOCUMENT_FAILED,
    DOCUMENT_COMPLETED,
    DOCUMENT_EMBEDDED,
    DOCUMENT_BURY,
    DOCUMENT_DELETE_PARTS,
    DOCUMENT_DELETE_CHUNKS,
    DOCUMENT_DELETE_EMBEDDINGS,
    DOCUMENT_DELETE_JOBS,
    DOCUMENT_SQL
};
enum document_find_sql {
    DOCUMENT_GET,
    DOCUMENT_BY_PUBLIC_ID,
    DOCUMENT_BY_EXTERNAL_ID,
    DOCUMENT_BY_CONTENT,
    DOCUMENT_BY_FILENAME,
    DOCUMENT_LIST,
    DOCUMENT_COUNT,
    DOCUMENT_CHANGES,
    DOCUMENT_PASSAGES,
    DOCUMENT_FIND_SQL
};
enum part_sql { PART_INSERT, PART_GET, PART_DELETE_BEFORE, PART_SQL };
enum chunk_sql {
    CHUNK_INSERT,
    CHUNK_DELETE_OTHERS,
    CHUNK_DELETE_VERSION,
    EMBEDDING_INSERT,
    EMBEDDING_LIST,
    EMBEDDING_DELETE_OTHERS,
    EMBEDDING_DELETE_VERSION,
    EMBEDDING_OTHER,
    EMBEDDING_DELETE_OTHER,
    CHUNK_TERMS,
    CHUNK_WORDS,
    CHUNK_LACKING,
    CHUNK_GET,
    CHUNK_SQL
};
enum job_sql { JOB_INSERT, JOB_CLAIM, JOB_RENEW, JOB_RELEASE, JOB_FINISH, JOB_FREE_LEASES, JOB_NEXT_TIME, WORK_NOTE, WORK_SET, WORK_REMOVE, JOB_SQL };
enum work_sql { WORK_READY, WORK_ALL, WORK_SQL };
enum citation_sql { CITATION_INSERT, CITATION_LIST, CITATION_SQL };
enum session_sql {
    SESSION_INSERT,
    SESSION_COLLECTION_INSERT,
    SESSION_BY_PUBLIC_ID,
    SESSION_TOUCH,
    SESSION_DELETE,
    SESSION_LIST,
    SESSION_LIST_OF_USER,
    SESSION_COUNT,
    SESSION_COUNT_OF_USER,
    SESSION_EXPIRE_MESSAGES,
    SESSION_EXPIRE,
    SESSION_SQL
};
enum message_sql { MESSAGE_INSERT, MESSAGE_DETAIL_INSERT, MESSAGE_SOURCE_INSERT, FEEDBACK_PUT, MESSAGE_SQL };
enum message_find_sql { MESSAGE_RECENT, MESSAGE_LIST, MESSAGE_COUNT, MESSAGE_BY_PUBLIC_ID, MESSAGE_SOURCES, MESSAGE_FIND_SQL };

extern const struct db_statement store_server_state_sql[SERVER_STATE_SQL];
extern const struct db_statement store_tenant_sql[TENANT_SQL];
extern const struct db_statement store_tenant_model_sql[TENANT_MODEL_SQL];
extern const struct db_statement store_models_sql[MODELS_SQL];
extern const struct db_statement store_user_sql[USER_SQL];
extern const struct db_statement store_login_sql[LOGIN_SQL];
extern const struct db_statement store_api_key_sql[API_KEY_SQL];
extern const struct db_statement store_api_key_hash_sql[API_KEY_HASH_SQL];
extern const struct db_statement store_audit_sql[AUDIT_SQL];
extern const struct db_statement store_setting_sql[SETTING_SQL];
extern const struct db_statement store_usage_sql[USAGE_SQL];
extern const struct db_statement store_idempotency_sql[IDEMPOTENCY_SQL];
extern const struct db_statement store_collection_sql[COLLECTION_SQL];
extern const struct db_statement store_document_sql[DOCUMENT_SQL];
extern const struct db_statement store_document_find_sql[DOCUMENT_FIND_SQL];
extern const struct db_statement store_part_sql[PART_SQL];
extern const struct db_statement store_chunk_sql[CHUNK_SQL];
extern const struct db_statement store_job_sql[JOB_SQL];
extern const struct db_statement store_work_sql[WORK_SQL];
extern const struct db_statement store_session_sql[SESSION_SQL];
extern const struct db_statement store_message_sql[MESSAGE_SQL];
extern const struct db_statement store_citation_sql[CITATION_SQL];
extern const struct db_statement store_message_find_sql[MESSAGE_FIND_SQL];

#endif
