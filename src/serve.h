/* `chatifix serve`: engines and pools are made, the server runs until a signal, everything ends in order. */
#ifndef SERVE_H
#define SERVE_H

#include "db/db.h"
#include "options.h"

#ifndef CHATIFIX_VERSION
#define CHATIFIX_VERSION "unknown"
#endif

/* Returns the exit status: 0 after SIGTERM or SIGINT, 1 when it could not start or was hurried by a second signal. */
int serve(const struct options *options, const struct db_engine *engine);

#endif
