/* Tokens: what token_make writes is taken; everything else is refused, by table. */
#include <setjmp.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "app/token.h"
#include "base/buf.h"

static const int64_t now = 1795426200;
static const unsigned char key[TOKEN_KEY_BYTES] = "0123456789abcdef0123456789abcde";
static const unsigned char other_key[TOKEN_KEY_BYTES] = "fedcba9876543210fedcba987654321";

static const char good_header[] = "{\"alg\":\"HS256\",\"typ\":\"JWT\"}";
#define CLAIMS_BUT(iss, aud, typ, sub, tenant, tid, uid, epoch, iat, exp)                                                                                      \
    "{\"iss\":" iss ",\"aud\":" aud ",\"typ\":" typ ",\"sub\":" sub ",\"tenant\":" tenant ",\"tid\":" tid ",\"uid\":" uid ",\"epoch\":" epoch ",\"iat\":" iat  \
    ",\"exp\":" exp "}"
#define ISS "\"chatifix\""
#define AUD "\"chatifix-api\""
#define TYP "\"access\""
#define SUB "\"usr_1\""
#define TEN "\"ten_1\""
#define IAT "1795426200"
#define EXP "1795512600"
#define GOOD CLAIMS_BUT(ISS, AUD, TYP, SUB, TEN, "\"11\"", "\"22\"", "3", IAT, EXP)

static void put_base64(char *out, size_t size, const void *bytes, size_t n)
{
    sodium_bin2base64(out, size, bytes, n, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

/* header and payload signed with HMAC-SHA-256 under that key. */
static void sign(char *out, size_t size, const char *header, const char *payload, const unsigned char *with)
{
    char head[4000], body[4000], mac_text[64];
    unsigned char mac[32];
    put_base64(head, sizeof head, header, strlen(header));
    put_base64(body, sizeof body, payload, strlen(payload));
    int n = snprintf(out, size, "%s.%s", head, body);
    crypto_auth_hmacsha256(mac, (const unsigned char *)out, (unsigned long long)n, with);
    put_base64(mac_text, sizeof mac_text, mac, sizeof mac);
    snprintf(out + n, size - (size_t)n, ".%s", mac_text);
}

static enum token_status check_at(const char *token, int64_t at, struct token_claims *claims)
{
    return token_check(key, span_of(token), at, claims);
}

static enum token_status check(const char *token)
{
    struct token_claims claims;
    return check_at(token, now, &claims);
}

static void test_round_trip(void **state)
{
    (void)state;
    struct token_claims made = {.tenant_id = INT64_MAX, .user_id = 1, .epoch = 7, .issued_at = now, .expires_at = now + 60}, read;
    memcpy(made.user_public_id, "usr_a", 6);
    memcpy(made.tenant_public_id, "ten_b", 6);
    char token[TOKEN_SIZE];
    assert_true(token_make(key, &made, token));
    assert_int_equal(check_at(token, now, &read), TOKEN_OK);
    assert_int_equal(read.tenant_id, INT64_MAX);
    assert_int_equal(read.user_id, 1);
    assert_int_equal(read.epoch, 7);
    assert_string_equal(read.user_public_id, "usr_a");
    assert_string_equal(read.tenant_public_id, "ten_b");
    assert_int_equal(read.issued_at, now);
    assert_int_equal(read.expires_at, now + 60);
}

/* The table below forges from this one, so it has to be good itself. */
static void test_signed_by_hand(void **state)
{
    (void)state;
    char token[4000];
    sign(token, sizeof token, good_header, GOOD, key);
    assert_int_equal(check(token), TOKEN_OK);
}

static void test_times(void **state)
{
    (void)state;
    char token[4000];
    struct token_claims claims;
    sign(token, sizeof token, good_header, GOOD, key);
    assert_int_equal(check_at(token, 1795512599, &claims), TOKEN_OK);
    assert_int_equal(check_at(token, 1795512600, &claims), TOKEN_EXPIRED);
    assert_int_equal(check_at(token, INT64_C(9999999999), &claims), TOKEN_EXPIRED);
    assert_int_equal(check_at(token, now - 60, &claims), TOKEN_OK);
    assert_int_equal(check_at(token, now - 61, &claims), TOKEN_BAD);
}

/* Rightly signed, but with a header or claims that are not ours. */
static const struct forged {
    const char *what, *header, *payload;
} forged[] = {
    {"alg none", "{\"alg\":\"none\",\"typ\":\"JWT\"}", GOOD},
    {"alg None", "{\"alg\":\"None\",\"typ\":\"JWT\"}", GOOD},
    {"alg empty", "{\"alg\":\"\",\"typ\":\"JWT\"}", GOOD},
    {"alg null", "{\"alg\":null,\"typ\":\"JWT\"}", GOOD},
    {"no alg", "{\"typ\":\"JWT\"}", GOOD},
    {"alg RS256", "{\"alg\":\"RS256\",\"typ\":\"JWT\"}", GOOD},
    {"alg ES256", "{\"alg\":\"ES256\",\"typ\":\"JWT\"}", GOOD},
    {"alg PS256", "{\"alg\":\"PS256\",\"typ\":\"JWT\"}", GOOD},
    {"alg EdDSA", "{\"alg\":\"EdDSA\",\"typ\":\"JWT\"}", GOOD},
    {"alg HS384", "{\"alg\":\"HS384\",\"typ\":\"JWT\"}", GOOD},
    {"alg HS512", "{\"alg\":\"HS512\",\"typ\":\"JWT\"}", GOOD},
    {"alg hs256", "{\"alg\":\"hs256\",\"typ\":\"JWT\"}", GOOD},
    {"alg twice", "{\"alg\":\"HS256\",\"alg\":\"none\",\"typ\":\"JWT\"}", GOOD},
    {"alg twice, the good one last", "{\"alg\":\"none\",\"alg\":\"HS256\",\"typ\":\"JWT\"}", GOOD},
    {"alg in a list", "{\"alg\":[\"HS256\"],\"typ\":\"JWT\"}", GOOD},
    {"kid path", "{\"alg\":\"HS256\",\"typ\":\"JWT\",\"kid\":\"../../dev/null\"}", GOOD},
    {"kid SQL", "{\"alg\":\"HS256\",\"typ\":\"JWT\",\"kid\":\"' union select 'x\"}", GOOD},
    {"jku", "{\"alg\":\"HS256\",\"typ\":\"JWT\",\"jku\":\"https://example.com/keys\"}", GOOD},
    {"jwk", "{\"alg\":\"HS256\",\"typ\":\"JWT\",\"jwk\":{\"kty\":\"oct\",\"k\":\"AA\"}}", GOOD},
    {"x5u", "{\"alg\":\"HS256\",\"typ\":\"JWT\",\"x5u\":\"https://example.com/cert\"}", GOOD},
    {"crit", "{\"alg\":\"HS256\",\"typ\":\"JWT\",\"crit\":[\"exp\"]}", GOOD},
    {"b64 false", "{\"alg\":\"HS256\",\"typ\":\"JWT\",\"b64\":false}", GOOD},
    {"typ JWE", "{\"alg\":\"HS256\",\"typ\":\"JWE\"}", GOOD},
    {"no typ", "{\"alg\":\"HS256\"}", GOOD},
    {"zip", "{\"alg\":\"HS256\",\"typ\":\"JWT\",\"zip\":\"DEF\"}", GOOD},
    {"header is a list", "[]", GOOD},
    {"header is empty", "", GOOD},
    {"header is no JSON", "HS256", GOOD},
    {"payload is empty", good_header, ""},
    {"payload is {}", good_header, "{}"},
    {"payload is a list", good_header, "[" GOOD "]"},
    {"payload is a string", good_header, "\"access\""},
    {"payload is no JSON", good_header, "iss=chatifix"},
    {"payload is cut", good_header, "{\"iss\":\"chatifix\""},
    {"payload has a tail", good_header, GOOD "{}"},
    {"payload is not UTF-8", good_header, "{\"iss\":\"chatifix\xff\"}"},
    {"iss of another", good_header, CLAIMS_BUT("\"other\"", AUD, TYP, SUB, TEN, "\"11\"", "\"22\"", "3", IAT, EXP)},
    {"iss null", good_header, CLAIMS_BUT("null", AUD, TYP, SUB, TEN, "\"11\"", "\"22\"", "3", IAT, EXP)},
    {"aud of another", good_header, CLAIMS_BUT(ISS, "\"chatifix-widget\"", TYP, SUB, TEN, "\"11\"", "\"22\"", "3", IAT, EXP)},
    {"aud a list", good_header, CLAIMS_BUT(ISS, "[\"chatifix-api\"]", TYP, SUB, TEN, "\"11\"", "\"22\"", "3", IAT, EXP)},
    {"refresh token", good_header, CLAIMS_BUT(ISS, AUD, "\"refresh\"", SUB, TEN, "\"11\"", "\"22\"", "3", IAT, EXP)},
    {"widget token", good_header, CLAIMS_BUT(ISS, AUD, "\"widget\"", SUB, TEN, "\"11\"", "\"22\"", "3", IAT, EXP)},
    {"typ a number", good_header, CLAIMS_BUT(ISS, AUD, "1", SUB, TEN, "\"11\"", "\"22\"", "3", IAT, EXP)},
    {"sub empty", good_header, CLAIMS_BUT(ISS, AUD, TYP, "\"\"", TEN, "\"11\"", "\"22\"", "3", IAT, EXP)},
    {"sub a number", good_header, CLAIMS_BUT(ISS, AUD, TYP, "1", TEN, "\"11\"", "\"22\"", "3", IAT, EXP)},
    {"sub too long", good_header, CLAIMS_BUT(ISS, AUD, TYP, "\"usr_0123456789012345678901234567890123456789\"", TEN, "\"11\"", "\"22\"", "3", IAT, EXP)},
    {"tenant null", good_header, CLAIMS_BUT(ISS, AUD, TYP, SUB, "null", "\"11\"", "\"22\"", "3", IAT, EXP)},
    {"tid a number", good_header, CLAIMS_BUT(ISS, AUD, TYP, SUB, TEN, "11", "\"22\"", "3", IAT, EXP)},
    {"tid 0", good_header, CLAIMS_BUT(ISS, AUD, TYP, SUB, TEN, "\"0\"", "\"22\"", "3", IAT, EXP)},
    {"tid negative", good_header, CLAIMS_BUT(ISS, AUD, TYP, SUB, TEN, "\"-11\"", "\"22\"", "3", IAT, EXP)},
    {"tid too large", good_header, CLAIMS_BUT(ISS, AUD, TYP, SUB, TEN, "\"9223372036854775808\"", "\"22\"", "3", IAT, EXP)},
    {"tid with a blank", good_header, CLAIMS_BUT(ISS, AUD, TYP, SUB, TEN, "\" 11\"", "\"22\"", "3", IAT, EXP)},
    {"uid empty", good_header, CLAIMS_BUT(ISS, AUD, TYP, SUB, TEN, "\"11\"", "\"\"", "3", IAT, EXP)},
    {"uid a number", good_header, CLAIMS_BUT(ISS, AUD, TYP, SUB, TEN, "\"11\"", "22", "3", IAT, EXP)},
    {"epoch a string", good_header, CLAIMS_BUT(ISS, AUD, TYP, SUB, TEN, "\"11\"", "\"22\"", "\"3\"", IAT, EXP)},
    {"epoch negative", good_header, CLAIMS_BUT(ISS, AUD, TYP, SUB, TEN, "\"11\"", "\"22\"", "-1", IAT, EXP)},
    {"epoch a fraction", good_header, CLAIMS_BUT(ISS, AUD, TYP, SUB, TEN, "\"11\"", "\"22\"", "3.0", IAT, EXP)},
    {"iat in the future", good_header, CLAIMS_BUT(ISS, AUD, TYP, SUB, TEN, "\"11\"", "\"22\"", "3", "1795426261", EXP)},
    {"iat a string", good_header, CLAIMS_BUT(ISS, AUD, TYP, SUB, TEN, "\"11\"", "\"22\"", "3", "\"1795426200\"", EXP)},
    {"iat null", good_header, CLAIMS_BUT(ISS, AUD, TYP, SUB, TEN, "\"11\"", "\"22\"", "3", "null", EXP)},
    {"exp a string", good_header, CLAIMS_BUT(ISS, AUD, TYP, SUB, TEN, "\"11\"", "\"22\"", "3", IAT, "\"1795512600\"")},
    {"exp null", good_header, CLAIMS_BUT(ISS, AUD, TYP, SUB, TEN, "\"11\"", "\"22\"", "3", IAT, "null")},
    {"exp huge", good_header, CLAIMS_BUT(ISS, AUD, TYP, SUB, TEN, "\"11\"", "\"22\"", "3", IAT, "99999999999999999999")},
    {"exp before iat", good_header, CLAIMS_BUT(ISS, AUD, TYP, SUB, TEN, "\"11\"", "\"22\"", "3", IAT, "1795426199")},
    {"exp is iat", good_header, CLAIMS_BUT(ISS, AUD, TYP, SUB, TEN, "\"11\"", "\"22\"", "3", IAT, IAT)},
    {"exp twice", good_header,
     "{\"iss\":\"chatifix\",\"aud\":\"chatifix-api\",\"typ\":\"access\",\"sub\":\"usr_1\",\"tenant\":\"ten_1\",\"tid\":\"11\",\"uid\":\"22\",\"epoch\":3,"
     "\"iat\":1795426200,\"exp\":1,\"exp\":1795512600}"},
    {"tid twice", good_header,
     "{\"tid\":\"11\",\"iss\":\"chatifix\",\"aud\":\"chatifix-api\",\"typ\":\"access\",\"sub\":\"usr_1\",\"tenant\":\"ten_1\",\"tid\":\"12\",\"uid\":\"22\","
     "\"epoch\":3,\"iat\":1795426200,\"exp\":1795512600}"},
};

static void test_forged_contents(void **state)
{
    (void)state;
    assert_true(sizeof forged / sizeof *forged >= 60);
    for (size_t i = 0; i < sizeof forged / sizeof *forged; i++) {
        char token[8000];
        sign(token, sizeof token, forged[i].header, forged[i].payload, key);
        if (check(token) != TOKEN_BAD)
            fail_msg("taken: %s", forged[i].what);
    }
}

static void refuse(const char *what, const char *token)
{
    if (check(token) != TOKEN_BAD)
        fail_msg("taken: %s", what);
}

static void test_wrong_keys(void **state)
{
    (void)state;
    static const unsigned char empty_key[TOKEN_KEY_BYTES] = {0};
    char token[4000];
    sign(token, sizeof token, good_header, GOOD, other_key);
    refuse("another key", token);
    sign(token, sizeof token, good_header, GOOD, empty_key);
    refuse("an empty key", token);
}

/* Every single character changed; and cut at every length. */
static void test_every_change(void **state)
{
    (void)state;
    char good[4000], token[4000];
    sign(good, sizeof good, good_header, GOOD, key);
    size_t n = strlen(good);
    for (size_t i = 0; i < n; i++) {
        memcpy(token, good, n + 1);
        token[i] = token[i] == 'A' ? 'B' : 'A';
        refuse("a changed character", token);
        memcpy(token, good, n + 1);
        token[i] = '\0';
        refuse("a cut token", token);
    }
}

/* Copies the pattern with H, P and S replaced by header, payload and signature. */
static void assemble(char *out, size_t size, const char *pattern, const char *head, const char *payload, const char *mac)
{
    struct buf b;
    buf_init(&b, size - 1);
    for (; *pattern; pattern++) {
        if (*pattern == 'H')
            buf_str(&b, head);
        else if (*pattern == 'P')
            buf_str(&b, payload);
        else if (*pattern == 'S')
            buf_str(&b, mac);
        else
            buf_char(&b, *pattern);
    }
    assert_false(b.failed);
    assert_true(span_to_cstr(buf_view(&b), out, size));
    buf_free(&b);
}

static void test_form(void **state)
{
    (void)state;
    char good[4000], head[100], payload[2000], mac[100], token[8000];
    sign(good, sizeof good, good_header, GOOD, key);
    struct span first, second, third, rest;
    span_cut(span_of(good), '.', &first, &rest);
    span_cut(rest, '.', &second, &third);
    assert_true(span_to_cstr(first, head, sizeof head) && span_to_cstr(second, payload, sizeof payload) && span_to_cstr(third, mac, sizeof mac));
    assemble(token, sizeof token, "H.P.S", head, payload, mac);
    assert_int_equal(check(token), TOKEN_OK);
    static const char *const patterns[] = {"",          "..",     "H",       "H.P",    "H.P.",         ".P.S",      "H..S",         "H.P.S.",      "H.P.S.S",
                                           "H.P.S.P.S", "H.P.S=", "H.P==.S", "H=.P.S", " H.P.S",       "H.P.S ",    "H.P.S\n",      "H. P.S",      "P.P.S",
                                           "H.S.S",     "S.P.H",  "H,P,S",   "HPS",    "bearer H.P.S", "\"H.P.S\"", "H.P.S, H.P.S", "H.P.S;H.P.S", "H.H.S",
                                           "H.P.P",     "HH.P.S", "H.PP.S"};
    for (size_t i = 0; i < sizeof patterns / sizeof *patterns; i++) {
        assemble(token, sizeof token, patterns[i], head, payload, mac);
        refuse(patterns[i], token);
    }
}

/* The last character of a base64 text holds spare bits; a set one would make two texts of one signature. */
static void test_spare_bits(void **state)
{
    (void)state;
    static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    char token[4000];
    sign(token, sizeof token, good_header, GOOD, key);
    char *last = token + strlen(token) - 1;
    const char good = *last;
    int taken = 0;
    for (const char *c = alphabet; *c; c++) {
        *last = *c;
        taken += check(token) == TOKEN_OK;
        assert_true(*c == good || check(token) == TOKEN_BAD);
    }
    assert_int_equal(taken, 1);
}

static void test_other_alphabet(void **state)
{
    (void)state;
    char token[4000];
    int changed = 0;
    for (int i = 0; i < 50 && changed < 3; i++) {
        char payload[600];
        snprintf(payload, sizeof payload, "{\"pad\":\"%d~~~>>>\",%s", i, &GOOD[1]);
        sign(token, sizeof token, good_header, payload, key);
        assert_int_equal(check(token), TOKEN_OK);
        char *letter = strpbrk(token, "-_");
        if (!letter)
            continue;
        *letter = *letter == '-' ? '+' : '/';
        refuse("the other base64 alphabet", token);
        changed++;
    }
    assert_true(changed > 0);
}

static void test_oversize(void **state)
{
    (void)state;
    char payload[3000], token[8000];
    snprintf(payload, sizeof payload, "{\"pad\":\"%0*d\",%s", 1100, 7, &GOOD[1]);
    sign(token, sizeof token, good_header, payload, key);
    assert_true(strlen(token) <= TOKEN_MAX_BYTES);
    assert_int_equal(check(token), TOKEN_OK);
    snprintf(payload, sizeof payload, "{\"pad\":\"%0*d\",%s", 1500, 7, &GOOD[1]);
    sign(token, sizeof token, good_header, payload, key);
    refuse("more than 2 KiB, rightly signed", token);
    size_t n = 1 << 20;
    char *huge = malloc(n + 1);
    assert_non_null(huge);
    memset(huge, 'A', n);
    huge[36] = huge[1000] = '.';
    huge[n] = '\0';
    refuse("1 MiB", huge);
    free(huge);
}

static int set_up(void **state)
{
    (void)state;
    return sodium_init() < 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trip), cmocka_unit_test(test_signed_by_hand), cmocka_unit_test(test_times), cmocka_unit_test(test_forged_contents),
        cmocka_unit_test(test_wrong_keys), cmocka_unit_test(test_every_change),   cmocka_unit_test(test_form),  cmocka_unit_test(test_spare_bits),
        cmocka_unit_test(test_oversize),   cmocka_unit_test(test_other_alphabet),
    };
    return cmocka_run_group_tests(tests, set_up, NULL);
}
