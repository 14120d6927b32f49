/* HS256 tokens on libsodium's HMAC-SHA-256. */
#include "app/token.h"

#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"

/* base64url of {"alg":"HS256","typ":"JWT"}. */
static const struct span header = {"eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9", 36};

enum { MAC_BYTES = crypto_auth_hmacsha256_BYTES, MAC_TEXT_SIZE = sodium_base64_ENCODED_LEN(MAC_BYTES, sodium_base64_VARIANT_URLSAFE_NO_PADDING), SKEW_S = 60 };
_Static_assert(TOKEN_KEY_BYTES == crypto_auth_hmacsha256_KEYBYTES, "the key is one of HMAC-SHA-256");

bool token_make(const unsigned char key[TOKEN_KEY_BYTES], const struct token_claims *claims, char out[TOKEN_SIZE])
{
    char payload[600];
    int n =
        snprintf(payload, sizeof payload,
                 "{\"iss\":\"chatifix\",\"aud\":\"chatifix-api\",\"typ\":\"access\",\"sub\":\"%s\",\"tenant\":\"%s\",\"tid\":\"%" PRId64 "\",\"uid\":\"%" PRId64
                 "\",\"epoch\":%" PRId64 ",\"iat\":%" PRId64 ",\"exp\":%" PRId64 "}",
                 claims->user_public_id, claims->tenant_public_id, claims->tenant_id, claims->user_id, claims->epoch, claims->issued_at, claims->expires_at);
    if (n < 0 || (size_t)n >= sizeof payload)
        return false;
    char text[sodium_base64_ENCODED_LEN(sizeof payload, sodium_base64_VARIANT_URLSAFE_NO_PADDING)];
    sodium_bin2base64(text, sizeof text, (const unsigned char *)payload, (size_t)n, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    int signed_length = snprintf(out, TOKEN_SIZE, "%s.%s", header.p, text);
    if (signed_length < 0 || signed_length + 1 + MAC_TEXT_SIZE > TOKEN_SIZE)
        return false;
    unsigned char mac[MAC_BYTES];
    crypto_auth_hmacsha256(mac, (const unsigned char *)out, (unsigned long long)signed_length, key);
    out[signed_length] = '.';
    sodium_bin2base64(out + signed_length + 1, MAC_TEXT_SIZE, mac, sizeof mac, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    return true;
}

/* Strict base64url without padding; the number of bytes, or -1. */
static int decoded(struct span text, unsigned char *out, size_t size)
{
    size_t n;
    if (sodium_base642bin(out, size, text.p, text.n, NULL, &n, NULL, sodium_base64_VARIANT_URLSAFE_NO_PADDING) != 0)
        return -1;
    return (int)n;
}

/* token is "head.payload.mac". */
static bool signature_holds(const unsigned char key[TOKEN_KEY_BYTES], struct span token, struct span mac_text)
{
    unsigned char mac[MAC_BYTES];
    if (mac_text.n != MAC_TEXT_SIZE - 1 || decoded(mac_text, mac, sizeof mac) != MAC_BYTES)
        return false;
    return crypto_auth_hmacsha256_verify(mac, (const unsigned char *)token.p, token.n - mac_text.n - 1, key) == 0;
}

static bool member_is(const json_t *payload, const char *name, struct span expected)
{
    return span_eq(json_text(json_object_get(payload, name)), expected);
}

static bool member_id(const json_t *payload, const char *name, int64_t *out)
{
    return span_to_int(json_text(json_object_get(payload, name)), 1, INT64_MAX, out);
}

static bool member_int(const json_t *payload, const char *name, int64_t *out)
{
    const json_t *value = json_object_get(payload, name);
    *out = json_integer_value(value);
    return json_is_integer(value) && *out >= 0;
}

static bool member_public_id(const json_t *payload, const char *name, char out[PUBLIC_ID_SIZE])
{
    struct span text = json_text(json_object_get(payload, name));
    return text.n > 0 && span_to_cstr(text, out, PUBLIC_ID_SIZE);
}

static bool read_claims(const json_t *payload, struct token_claims *c)
{
    return member_is(payload, "iss", SPAN("chatifix")) && member_is(payload, "aud", SPAN("chatifix-api")) && member_is(payload, "typ", SPAN("access")) &&
           member_public_id(payload, "sub", c->user_public_id) && member_public_id(payload, "tenant", c->tenant_public_id) &&
           member_id(payload, "tid", &c->tenant_id) && member_id(payload, "uid", &c->user_id) && member_int(payload, "epoch", &c->epoch) &&
           member_int(payload, "iat", &c->issued_at) && member_int(payload, "exp", &c->expires_at);
}

static enum token_status check_payload(struct span text, int64_t now_s, struct token_claims *claims)
{
    unsigned char bytes[TOKEN_MAX_BYTES];
    int n = decoded(text, bytes, sizeof bytes);
    if (n <= 0)
        return TOKEN_BAD;
    json_t *payload = json_loadb((const char *)bytes, (size_t)n, JSON_REJECT_DUPLICATES, NULL);
    bool readable = json_is_object(payload) && read_claims(payload, claims);
    json_decref(payload);
    if (!readable || claims->issued_at > now_s + SKEW_S || claims->expires_at <= claims->issued_at)
        return TOKEN_BAD;
    return claims->expires_at <= now_s ? TOKEN_EXPIRED : TOKEN_OK;
}

enum token_status token_check(const unsigned char key[TOKEN_KEY_BYTES], struct span token, int64_t now_s, struct token_claims *claims)
{
    *claims = (struct token_claims){0};
    if (token.n > TOKEN_MAX_BYTES)
        return TOKEN_BAD;
    struct span head, payload, mac, rest;
    if (!span_cut(token, '.', &head, &rest) || !span_cut(rest, '.', &payload, &mac))
        return TOKEN_BAD;
    if (!span_eq(head, header) || !signature_holds(key, token, mac))
        return TOKEN_BAD;
    return check_payload(payload, now_s, claims);
}
