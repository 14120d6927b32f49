/* The route table: every call of the product, in one place. */
#ifndef HTTP_ROUTES_H
#define HTTP_ROUTES_H

#include "http/server.h"

/* Lanes: pools of the product, by what may keep them busy. */
enum lane { LANE_REQUEST, LANE_PASSWORD, LANES };

/* Calls that read no body take this much of one and ignore it where the method usually has one: clients send "{}". */
enum { IGNORED_BODY_BYTES = 1024 };

extern const struct route product_routes[];
extern const size_t product_route_count;
/* What an address of its own for /metrics serves; it has one lane, the first. */
extern const struct route metrics_routes[];
extern const size_t metrics_route_count;

/* ---- handlers, by file ---- */
/* auth_calls.c */
void call_register(struct exchange *x);
void call_login(struct exchange *x);
void call_create_api_key(struct exchange *x);
/* person_calls.c */
void call_get_me(struct exchange *x);
void call_logout(struct exchange *x);
void call_change_password(struct exchange *x);
/* key_calls.c */
void call_list_api_keys(struct exchange *x);
void call_change_api_key(struct exchange *x);
void call_revoke_api_key(struct exchange *x);
void call_rotate_api_key(struct exchange *x);
/* knowledge_calls.c */
void call_upload(struct exchange *x);
void call_add_text(struct exchange *x);
void call_list_documents(struct exchange *x);
void call_get_document(struct exchange *x);
void call_delete_document(struct exchange *x);
/* collection_calls.c */
void call_list_collections(struct exchange *x);
void call_create_collection(struct exchange *x);
void call_rename_collection(struct exchange *x);
void call_delete_collection(struct exchange *x);
/* search_calls.c */
void call_search(struct exchange *x);
/* chat_calls.c */
void call_chat(struct exchange *x);
void call_chat_stream(struct exchange *x);
void call_get_settings(struct exchange *x);
void call_put_settings(struct exchange *x);
/* session_calls.c */
void call_list_sessions(struct exchange *x);
void call_get_session(struct exchange *x);
void call_delete_session(struct exchange *x);
void call_list_messages(struct exchange *x);
void call_give_feedback(struct exchange *x);
/* resumable.c */
void call_follow_message(struct exchange *x);
void call_stop_message(struct exchange *x);
/* system_calls.c */
void call_openapi(struct exchange *x);
void call_livez(struct exchange *x);
void call_readyz(struct exchange *x);
void call_metrics(struct exchange *x);
void call_metrics_apart(struct exchange *x);
void call_error_page(struct exchange *x);
/* web_calls.c */
void call_docs(struct exchange *x);
void call_docs_file(struct exchange *x);
void call_favicon(struct exchange *x);

#endif
