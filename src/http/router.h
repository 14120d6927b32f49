/* The lookup in the route table: which route, or whether the path or only the method is unknown. Pure. */
#ifndef HTTP_ROUTER_H
#define HTTP_ROUTER_H

#include "http/server.h"
#include "http/target.h"

enum { ROUTE_PARAMS_MAX = 8 };

struct route_param {
    struct span name;  /* points into the pattern */
    struct span value; /* a decoded segment */
};

struct route_match {
    const struct route *route;
    unsigned allow; /* bits 1 << method of every route with this path */
    size_t param_count;
    struct route_param params[ROUTE_PARAMS_MAX];
};

enum route_result { ROUTE_FOUND, ROUTE_NO_PATH, ROUTE_NO_METHOD };

/* A literal segment is preferred to a parameter; HEAD falls back to GET. A method outside the enumeration (HTTP_METHODS) never fits. */
enum route_result router_find(const struct route *routes, size_t count, enum http_method method, const struct target *target, struct route_match *match);
/* Appends the value of Allow: the methods of the mask, HEAD beside GET, and OPTIONS. */
void router_allow(struct buf *out, unsigned mask);
/* "GET"; HTTP_METHODS and above give "-". */
const char *http_method_name(enum http_method method);
/* HTTP_METHODS when it is none of the enumeration. */
enum http_method http_method_of(struct span name);

#endif
