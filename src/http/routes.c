/* Every call of the product. The OpenAPI document describes the same ones, but for the files of pages: a test compares the two. */
#include "http/routes.h"

#include "http/call.h"

enum { KIB = 1024, MIB = 1024 * KIB };

/* Body bounds: 1 MiB of JSON; a text's content of 5 MiB may come escaped, up to three bytes for one; an upload may carry several files. */
const struct route product_routes[] = {
    {HTTP_POST, "/api/v1/auth/register", call_register, NULL, LANE_PASSWORD, MIB, "register"},
    {HTTP_POST, "/api/v1/auth/login", call_login, NULL, LANE_PASSWORD, MIB, "login"},
    {HTTP_POST, "/api/v1/auth/logout", call_logout, NULL, LANE_REQUEST, IGNORED_BODY_BYTES, "logout"},
    {HTTP_POST, "/api/v1/auth/password", call_change_password, NULL, LANE_PASSWORD, MIB, "changePassword"},
    {HTTP_GET, "/api/v1/auth/me", call_get_me, NULL, LANE_REQUEST, 0, "getMe"},
    {HTTP_POST, "/api/v1/auth/api-keys", call_create_api_key, NULL, LANE_REQUEST, MIB, "createApiKey"},
    {HTTP_GET, "/api/v1/auth/api-keys", call_list_api_keys, NULL, LANE_REQUEST, 0, "listApiKeys"},
    {HTTP_PATCH, "/api/v1/auth/api-keys/{key_id}", call_change_api_key, NULL, LANE_REQUEST, MIB, "changeApiKey"},
    {HTTP_DELETE, "/api/v1/auth/api-keys/{key_id}", call_revoke_api_key, NULL, LANE_REQUEST, 0, "revokeApiKey"},
    {HTTP_POST, "/api/v1/auth/api-keys/{key_id}/rotate", call_rotate_api_key, NULL, LANE_REQUEST, IGNORED_BODY_BYTES, "rotateApiKey"},
    {HTTP_POST, "/api/v1/knowledge/upload", call_upload, call_admit_knowledge_write, LANE_REQUEST, 200 * MIB, "uploadDocuments"},
    {HTTP_POST, "/api/v1/knowledge/text", call_add_text, call_admit_knowledge_write, LANE_REQUEST, 16 * MIB, "addText"},
    {HTTP_GET, "/api/v1/knowledge/documents", call_list_documents, NULL, LANE_REQUEST, 0, "listDocuments"},
    {HTTP_GET, "/api/v1/knowledge/documents/{document_id}", call_get_document, NULL, LANE_REQUEST, 0, "getDocument"},
    {HTTP_DELETE, "/api/v1/knowledge/documents/{document_id}", call_delete_document, NULL, LANE_REQUEST, 0, "deleteDocument"},
    {HTTP_GET, "/api/v1/collections", call_list_collections, NULL, LANE_REQUEST, 0, "listCollections"},
    {HTTP_POST, "/api/v1/collections", call_create_collection, NULL, LANE_REQUEST, MIB, "createCollection"},
    {HTTP_PATCH, "/api/v1/collections/{collection_id}", call_rename_collection, NULL, LANE_REQUEST, MIB, "renameCollection"},
    {HTTP_DELETE, "/api/v1/collections/{collection_id}", call_delete_collection, NULL, LANE_REQUEST, 0, "deleteCollection"},
    {HTTP_POST, "/api/v1/search", call_search, NULL, LANE_REQUEST, MIB, "search"},
    {HTTP_POST, "/api/v1/chat", call_chat, NULL, LANE_REQUEST, MIB, "chat"},
    {HTTP_POST, "/api/v1/chat/stream", call_chat_stream, NULL, LANE_REQUEST, MIB, "chatStream"},
    {HTTP_GET, "/api/v1/settings", call_get_settings, NULL, LANE_REQUEST, 0, "getSettings"},
    {HTTP_PUT, "/api/v1/settings", call_put_settings, NULL, LANE_REQUEST, MIB, "putSettings"},
    {HTTP_GET, "/api/v1/chat/sessions", call_list_sessions, NULL, LANE_REQUEST, 0, "listSessions"},
    {HTTP_GET, "/api/v1/chat/sessions/{session_id}", call_get_session, NULL, LANE_REQUEST, 0, "getSession"},
    {HTTP_DELETE, "/api/v1/chat/sessions/{session_id}", call_delete_session, NULL, LANE_REQUEST, 0, "deleteSession"},
    {HTTP_GET, "/api/v1/chat/sessions/{session_id}/messages", call_list_messages, NULL, LANE_REQUEST, 0, "listMessages"},
    {HTTP_GET, "/api/v1/chat/messages/{message_id}/stream", call_follow_message, NULL, LANE_REQUEST, 0, "followMessage"},
    {HTTP_POST, "/api/v1/chat/messages/{message_id}/stop", call_stop_message, NULL, LANE_REQUEST, IGNORED_BODY_BYTES, "stopMessage"},
    {HTTP_POST, "/api/v1/chat/messages/{message_id}/feedback", call_give_feedback, NULL, LANE_REQUEST, MIB, "giveFeedback"},
    {HTTP_GET, "/openapi.json", call_openapi, NULL, LANE_REQUEST, 0, "getOpenApi"},
    {HTTP_GET, "/docs", call_docs, NULL, LANE_REQUEST, 0, "getDocs"},
    {HTTP_GET, "/docs/{file}", call_docs_file, NULL, LANE_REQUEST, 0, "getDocsFile"},
    {HTTP_GET, "/favicon.ico", call_favicon, NULL, LANE_REQUEST, 0, "getFavicon"},
    {HTTP_GET, "/errors/{slug}", call_error_page, NULL, LANE_REQUEST, 0, "getErrorType"},
    {HTTP_GET, "/livez", call_livez, NULL, LANE_REQUEST, 0, "livez"},
    {HTTP_GET, "/readyz", call_readyz, NULL, LANE_REQUEST, 0, "readyz"},
    {HTTP_GET, "/metrics", call_metrics, NULL, LANE_REQUEST, 0, "getMetrics"},
};

const size_t product_route_count = sizeof product_routes / sizeof *product_routes;

const struct route metrics_routes[] = {
    {HTTP_GET, "/metrics", call_metrics_apart, NULL, 0, 0, "getMetrics"},
};

const size_t metrics_route_count = sizeof metrics_routes / sizeof *metrics_routes;
