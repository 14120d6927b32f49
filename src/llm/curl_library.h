/* libcurl, opened when the first client of a language model is made. Its libraries take longer to load than a small document takes to read, and most
 * processes, every reader of a document among them, never make a call. The functions keep their names; those used here must be in the list. */
#ifndef LLM_CURL_LIBRARY_H
#define LLM_CURL_LIBRARY_H

#define CURL_DISABLE_TYPECHECK /* it defines the functions with variable arguments as macros */
#include <curl/curl.h>
#include <stdbool.h>

#undef curl_easy_setopt
#undef curl_easy_getinfo
#undef curl_multi_setopt

#define CURL_FUNCTIONS(X)                                                                                                                                      \
    X(easy_cleanup)                                                                                                                                            \
    X(easy_getinfo)                                                                                                                                            \
    X(easy_init)                                                                                                                                               \
    X(easy_pause)                                                                                                                                              \
    X(easy_setopt)                                                                                                                                             \
    X(free)                                                                                                                                                    \
    X(global_cleanup)                                                                                                                                          \
    X(global_init)                                                                                                                                             \
    X(multi_add_handle)                                                                                                                                        \
    X(multi_assign)                                                                                                                                            \
    X(multi_cleanup)                                                                                                                                           \
    X(multi_info_read)                                                                                                                                         \
    X(multi_init)                                                                                                                                              \
    X(multi_remove_handle)                                                                                                                                     \
    X(multi_setopt)                                                                                                                                            \
    X(multi_socket_action)                                                                                                                                     \
    X(slist_append)                                                                                                                                            \
    X(slist_free_all)                                                                                                                                          \
    X(url)                                                                                                                                                     \
    X(url_cleanup)                                                                                                                                             \
    X(url_get)                                                                                                                                                 \
    X(url_set)

struct curl_library {
#define CURL_MEMBER(name) __typeof__(&curl_##name) name;
    CURL_FUNCTIONS(CURL_MEMBER)
};

/* Filled by curl_library_open; read-only after that. */
extern struct curl_library curl_library;

/* Opens the library, once in the life of the process; thread-safe. False when it is not installed or too old. */
bool curl_library_open(void);

#define curl_easy_cleanup curl_library.easy_cleanup
#define curl_easy_getinfo curl_library.easy_getinfo
#define curl_easy_init curl_library.easy_init
#define curl_easy_pause curl_library.easy_pause
#define curl_easy_setopt curl_library.easy_setopt
#define curl_free curl_library.free
#define curl_global_cleanup curl_library.global_cleanup
#define curl_global_init curl_library.global_init
#define curl_multi_add_handle curl_library.multi_add_handle
#define curl_multi_assign curl_library.multi_assign
#define curl_multi_cleanup curl_library.multi_cleanup
#define curl_multi_info_read curl_library.multi_info_read
#define curl_multi_init curl_library.multi_init
#define curl_multi_remove_handle curl_library.multi_remove_handle
#define curl_multi_setopt curl_library.multi_setopt
#define curl_multi_socket_action curl_library.multi_socket_action
#define curl_slist_append curl_library.slist_append
#define curl_slist_free_all curl_library.slist_free_all
#define curl_url curl_library.url
#define curl_url_cleanup curl_library.url_cleanup
#define curl_url_get curl_library.url_get
#define curl_url_set curl_library.url_set

#endif
