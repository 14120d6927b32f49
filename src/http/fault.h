/* A refusal decided while a request is read: the status of its reply and one sentence for whoever sent it. */
#ifndef HTTP_FAULT_H
#define HTTP_FAULT_H

#include <stdbool.h>

struct http_fault {
    int status;
    const char *detail; /* static text */
};

/* Fills it in; always false, so that checks read "return http_refuse(…)". */
static inline bool http_refuse(struct http_fault *why, int status, const char *detail)
{
    *why = (struct http_fault){status, detail};
    return false;
}

#endif
