/* Closed while failures < BREAKER_FAILURES; then open until open_until; then half open: one call at a time. */
#include "llm/breaker.h"

bool breaker_admits(struct breaker *b, int64_t now)
{
    if (b->failures < BREAKER_FAILURES)
        return true;
    if (now < b->open_until || b->trying)
        return false;
    b->trying = true;
    return true;
}

void breaker_succeeded(struct breaker *b)
{
    *b = (struct breaker){0};
}

/* Calls that were on their way when it opened do not lengthen the pause. */
void breaker_failed(struct breaker *b, int64_t now)
{
    bool opens = b->trying || b->failures + 1 == BREAKER_FAILURES;
    if (b->failures < BREAKER_FAILURES)
        b->failures++;
    if (opens)
        b->open_until = now + BREAKER_OPEN_MS;
    b->trying = false;
}

void breaker_shows_life(struct breaker *b)
{
    if (b->trying)
        breaker_succeeded(b);
}

void breaker_learned_nothing(struct breaker *b)
{
    b->trying = false;
}
