/* Listening on an address given as text. Inside http/ only. */
#ifndef HTTP_LISTEN_H
#define HTTP_LISTEN_H

#include <stddef.h>

/* Binds and listens on "127.0.0.1:8080", "[::1]:0" or "localhost:8080"; the descriptor (non-blocking), or -1 with a sentence in why. */
int listen_on(const char *address, char *why, size_t why_size);
/* The port a socket is bound to, or 0. */
int listen_port(int fd);

#endif
