/* Which passwords are accepted, and their hashes on libsodium. */
#include "app/password.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "app/email.h"
#include "app/fold.h"
#include "base/utf8.h"

enum { ROUNDS = 2, MEMORY_BYTES = 19456 * 1024, UNIT_MAX = 4 };
_Static_assert(PASSWORD_HASH_SIZE == crypto_pwhash_STRBYTES, "libsodium's size of a hash");

/* Rows of keyboards, and the diagonals that look clever. */
static const char *const keyboard_runs[] = {"qwertyuiop[]",         "asdfghjkl;'",         "zxcvbnm,./",   "qwertzuiop",   "yxcvbnm",
                                            "azertyuiop",           "qsdfghjklm",          "1234567890-=", "!@#$%^&*()_+", "1qaz2wsx3edc4rfv5tgb6yhn7ujm",
                                            "q1w2e3r4t5y6u7i8o9p0", "1q2w3e4r5t6y7u8i9o0p"};

static bool same_folded(const char *folded, struct span other)
{
    char *text = other.n ? fold_case(other) : NULL;
    bool same = text && strcmp(folded, text) == 0;
    free(text);
    return same;
}

/* "aaaaaaaa", "abcabcabc": one unit of at most UNIT_MAX bytes again and again. */
static bool is_repetition(struct span s)
{
    for (size_t unit = 1; unit <= UNIT_MAX && unit * 2 <= s.n; unit++) {
        size_t i = unit;
        while (i < s.n && s.p[i] == s.p[i - unit])
            i++;
        if (i == s.n)
            return true;
    }
    return false;
}

/* "abcdefgh", "87654321", and "1234567890": each byte one more (or one less) than the one before, 0 following 9. */
static bool is_count(struct span s, int step)
{
    for (size_t i = 1; i < s.n; i++) {
        int expected = (unsigned char)s.p[i - 1] + step;
        if (expected == '9' + 1)
            expected = '0';
        else if (expected == '0' - 1)
            expected = '9';
        if ((unsigned char)s.p[i] != expected)
            return false;
    }
    return true;
}

static bool is_keyboard_run(struct span s)
{
    char backwards[64];
    if (s.n > sizeof backwards)
        return false;
    for (size_t i = 0; i < s.n; i++)
        backwards[i] = s.p[s.n - 1 - i];
    bool found = false;
    for (size_t i = 0; !found && i < sizeof keyboard_runs / sizeof *keyboard_runs; i++) {
        struct span run = span_of(keyboard_runs[i]);
        found = span_find(run, s) >= 0 || span_find(run, (struct span){backwards, s.n}) >= 0;
    }
    sodium_memzero(backwards, sizeof backwards);
    return found;
}

static bool folded_accepted(const char *folded, struct span name, struct span email, struct problem *problem)
{
    struct span s = span_of(folded);
    if (is_repetition(s) || is_count(s, 1) || is_count(s, -1) || is_keyboard_run(s))
        return problem_field(problem, "password", "The password is a plain sequence or repetition; choose one that is harder to guess.");
    if (password_is_common(s))
        return problem_field(problem, "password", "The password is one of the most common ones; choose one that is harder to guess.");
    if (same_folded(folded, name) || same_folded(folded, email) || same_folded(folded, email_local_part(email)))
        return problem_field(problem, "password", "The password may not be the name or the e-mail address; choose another one.");
    return true;
}

bool password_accepted(struct span password, struct span name, struct span email, struct problem *problem)
{
    size_t length = utf8_length(password);
    if (length < PASSWORD_MIN || length > PASSWORD_MAX)
        return problem_field(problem, "password", "The password has to have %d to %d characters.", PASSWORD_MIN, PASSWORD_MAX);
    if (!utf8_valid(password) || memchr(password.p, 0, password.n))
        return problem_field(problem, "password", "The password has to be valid UTF-8 text.");
    char *folded = fold_case(password);
    if (!folded)
        return problem_db(problem, DB_ERROR);
    bool accepted = folded_accepted(folded, name, email, problem);
    sodium_memzero(folded, strlen(folded));
    free(folded);
    return accepted;
}

bool password_hash(struct span password, char out[PASSWORD_HASH_SIZE])
{
    return crypto_pwhash_str(out, password.p, password.n, ROUNDS, MEMORY_BYTES) == 0;
}

bool password_verify(struct span hash, struct span password)
{
    char text[PASSWORD_HASH_SIZE];
    return span_to_cstr(hash, text, sizeof text) && crypto_pwhash_str_verify(text, password.n ? password.p : "", password.n) == 0;
}

struct span password_dummy_hash(void)
{
    /* Of a random text that was thrown away. */
    return SPAN("$argon2id$v=19$m=19456,t=2,p=1$lpmv7ut/KHqHbtnm3gH1dg$bhE+7tilUa8/8H4m5pRX4z8fGEI/ZgzyrZR1GOx8pi8");
}
