/* Whether the product can do its work now, for /readyz. */
#ifndef APP_HEALTH_H
#define APP_HEALTH_H

#include "app/app.h"

/* Whether the database answers a read. */
bool health_database(struct app *app);

#endif
