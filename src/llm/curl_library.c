/* The table of libcurl's functions. */
#include "llm/curl_library.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stddef.h>
#include <string.h>

struct curl_library curl_library;

static bool opened;

static const struct {
    const char *name;
    size_t at;
} symbols[] = {
#define CURL_SYMBOL(name) {"curl_" #name, offsetof(struct curl_library, name)},
    CURL_FUNCTIONS(CURL_SYMBOL)};

static void open_once(void)
{
    void *handle = dlopen("libcurl.so.4", RTLD_NOW | RTLD_LOCAL);
    for (size_t i = 0; handle && i < sizeof symbols / sizeof *symbols; i++) {
        void *symbol = dlsym(handle, symbols[i].name);
        if (!symbol)
            return;
        memcpy((char *)&curl_library + symbols[i].at, &symbol, sizeof symbol); /* POSIX: a function pointer has the size of void * */
    }
    opened = handle != NULL;
}

bool curl_library_open(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    return pthread_once(&once, open_once) == 0 && opened;
}
