/* Reading times of RFC 3339. Pure. */
#ifndef HTTP_RFC3339_H
#define HTTP_RFC3339_H

#include "base/span.h"

/* "2026-11-23T09:30:00Z", "2026-11-23t10:30:00.25+01:00" → milliseconds since 1970 in UTC. False for anything else: no offset, a date that is none,
 * years before 1970, a leap second (60) is taken as 59. */
bool rfc3339_read(struct span text, int64_t *wall_ms);

#endif
