/* Plain TCP. */
#include "http/transport.h"

#include <errno.h>
#include <sys/socket.h>

static ptrdiff_t result(ptrdiff_t n)
{
    if (n >= 0)
        return n;
    return errno == EAGAIN || errno == EWOULDBLOCK ? TRANSPORT_AGAIN : TRANSPORT_ERROR;
}

ptrdiff_t transport_read(int fd, void *out, size_t n)
{
    ptrdiff_t got;
    do
        got = recv(fd, out, n, 0);
    while (got < 0 && errno == EINTR);
    return result(got);
}

ptrdiff_t transport_write(int fd, const void *bytes, size_t n)
{
    ptrdiff_t put;
    do
        put = send(fd, bytes, n, MSG_NOSIGNAL);
    while (put < 0 && errno == EINTR);
    return result(put);
}

void transport_end(int fd)
{
    shutdown(fd, SHUT_WR);
}
