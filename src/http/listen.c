/* From an address to a listening socket. */
#include "http/listen.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/span.h"

/* The part behind the last colon is the port; brackets around an IPv6 address are taken off. */
static bool split(const char *address, char host[256], char port[8])
{
    const char *colon = strrchr(address, ':');
    int64_t number;
    if (!colon)
        return false;
    struct span h = {address, (size_t)(colon - address)}, p = span_of(colon + 1);
    if (h.n >= 2 && h.p[0] == '[' && h.p[h.n - 1] == ']')
        h = (struct span){h.p + 1, h.n - 2};
    else if (h.n && memchr(h.p, ':', h.n))
        return false;
    return h.n && span_to_int(p, 0, 65535, &number) && span_to_cstr(h, host, 256) && span_to_cstr(p, port, 8);
}

static int open_one(const struct addrinfo *a)
{
    const int on = 1;
    int fd = socket(a->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(fd, a->ai_addr, a->ai_addrlen) == 0 && listen(fd, SOMAXCONN) == 0)
        return fd;
    int error = errno;
    close(fd);
    errno = error;
    return -1;
}

int listen_on(const char *address, char *why, size_t why_size)
{
    char host[256], port[8];
    struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE | AI_NUMERICSERV}, *found = NULL;
    if (!split(address, host, port)) {
        snprintf(why, why_size, "\"%s\" is not an address to listen on; write it like 127.0.0.1:8080 or [::1]:8080.", address);
        return -1;
    }
    int error = getaddrinfo(host, port, &hints, &found);
    if (error != 0) {
        snprintf(why, why_size, "The address %s is not known: %s.", host, gai_strerror(error));
        return -1;
    }
    int fd = -1;
    for (const struct addrinfo *a = found; a && fd < 0; a = a->ai_next)
        fd = open_one(a);
    if (fd < 0)
        snprintf(why, why_size, "Cannot listen on %s: %s.", address, strerror(errno));
    freeaddrinfo(found);
    return fd;
}

int listen_port(int fd)
{
    union {
        struct sockaddr any;
        struct sockaddr_in in;
        struct sockaddr_in6 in6;
    } a;
    socklen_t n = sizeof a;
    memset(&a, 0, sizeof a);
    if (getsockname(fd, &a.any, &n) != 0)
        return 0;
    return ntohs(a.any.sa_family == AF_INET6 ? a.in6.sin6_port : a.in.sin_port);
}
