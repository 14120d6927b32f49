/* The one pair of functions through which bytes enter and leave, so that TLS can slip in. Neither ever waits. */
#ifndef HTTP_TRANSPORT_H
#define HTTP_TRANSPORT_H

#include <stddef.h>

enum { TRANSPORT_AGAIN = -1, TRANSPORT_ERROR = -2 };

/* Bytes read; 0 when the peer has ended its side; or one of the above. */
ptrdiff_t transport_read(int fd, void *out, size_t n);
/* Bytes written, or one of the above. */
ptrdiff_t transport_write(int fd, const void *bytes, size_t n);
/* Ends our side; what was written still arrives. */
void transport_end(int fd);

#endif
