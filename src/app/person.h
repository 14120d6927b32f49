/* What a person does with the own account: see it, end all tokens, change the password. */
#ifndef APP_PERSON_H
#define APP_PERSON_H

#include "app/accounts.h"
#include "store/account.h"

struct whoami {
    struct tenant_row tenant;
    struct user_row user; /* of a person; user_id 0 for a key */
};
bool person_get(struct app *app, const struct principal *by, struct arena *arena, struct whoami *me, struct problem *problem);
/* Every token of the person until now is void. A key has none: PROBLEM_FORBIDDEN. */
bool person_logout(struct app *app, const struct principal *by, struct problem *problem);
/* Checks the old password, sets the new one and ends all earlier tokens; the grant has a new one. Blocks for two hashes: for the password lane. Bounded like logins:
 * PROBLEM_TOO_MANY after ten wrong ones. */
bool person_change_password(struct app *app, const struct principal *by, struct span old_password, struct span new_password, const char *peer,
                            struct arena *arena, struct grant *grant, struct problem *problem);

#endif
