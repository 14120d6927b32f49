/* Budgets of the language model: how many tokens a tenant may use in a day. Counted are those stored (store/account.h, usage) and, so that calls which run at once
 * do not pass the bound together, those that running calls may yet use. */
#ifndef APP_BUDGET_H
#define APP_BUDGET_H

#include <stdbool.h>
#include <stdint.h>

struct budget;

/* calls_max: calls that may run at once. NULL when there is no memory. */
struct budget *budget_new(unsigned calls_max);
void budget_free(struct budget *b);

/* Takes note of a call about to be made and of the most that it may use. *reserved: what the tenant's calls may use, this one included. False, and nothing is noted,
 * when calls_max are running. Reserve first, then read what is stored: a call that ends in between is counted twice rather than not at all. */
bool budget_reserve(struct budget *b, int64_t tenant_id, int64_t tokens, int64_t *reserved);
/* The call is over, and stored what it used. The same tokens as reserved. */
void budget_release(struct budget *b, int64_t tenant_id, int64_t tokens);

#endif
