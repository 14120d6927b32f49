/* Retention: conversations that were last used too many days ago are deleted in the background. */
#ifndef APP_RETENTION_H
#define APP_RETENTION_H

#include "app/app.h"

struct retention;

/* Starts its one thread, which goes through all tenants at once and then every hour: the setting "retention_days" of each, or the operator's default; 0 keeps for
 * ever. It deletes in small transactions with a pause between them. NULL when it cannot be started. */
struct retention *retention_new(struct app *app);
/* Ends the thread after the transaction it is in. NULL is fine. */
void retention_free(struct retention *r);

#endif
