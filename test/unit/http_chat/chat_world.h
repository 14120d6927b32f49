/* A world with accounts: a company with an API key and documents, asked through the calls. */
#ifndef TEST_CHAT_WORLD_H
#define TEST_CHAT_WORLD_H

#include "../app/answer_world.h"
#include "fake_exchange.h"
#include "http/server.h"

struct company {
    struct world *w;
    struct principal p; /* for putting documents in */
    char api_key[64];
};

/* The world's first company; ends with company_world_free. */
struct company company_world(void);
void company_world_free(struct company *c);
/* Another company in the same world. */
struct company company_beside(const struct company *c, const char *email);

/* Runs the handler as the company (NULL: without a credential) would call it. The exchange is finished; the caller's fake_free. */
struct exchange *company_call(const struct company *c, struct world *w, http_handler *handler, const char *body);
/* The same, expecting that status and a JSON body; the caller's json_decref. */
json_t *company_json(const struct company *c, http_handler *handler, const char *body, int status);

#endif
