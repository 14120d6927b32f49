/* Health: asks the database for a login that nobody has. */
#include "app/health.h"

#include "store/account.h"

bool health_database(struct app *app)
{
    int64_t tenant_id, user_id;
    bool found;
    struct db_conn *c = db_acquire(app->db, DB_READ);
    if (!c)
        return false;
    enum db_status status = store_login_find(c, SPAN(""), &tenant_id, &user_id, &found);
    db_release(c);
    return status == DB_OK;
}
