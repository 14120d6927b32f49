/* Standard encryption of Office packages. */
#include "extract/office_decrypt.h"

#include <string.h>

#include "extract/cipher.h"

enum { SPINS = 50000, SALT_SIZE = 16, VERIFIER_SIZE = 16, HASH_BLOCKS = 32, HEADER_MIN = 32, AES_128 = 0x660E, AES_256 = 0x6610 };

static const char password[] = "V\0e\0l\0v\0e\0t\0S\0w\0e\0a\0t\0s\0h\0o\0p"; /* UTF-16; its last NUL is the string's */

/* The parts of EncryptionInfo. */
struct verifier {
    size_t key_bytes;
    struct span salt, verifier, hash;
};

static uint32_t le32(struct span s, size_t at)
{
    uint32_t value = 0;
    for (size_t i = 4; at + 4 <= s.n && i-- > 0;)
        value = value << 8 | (unsigned char)s.p[at + i];
    return value;
}

/* Version 2.2 to 4.2, then flags, the header with its size in front, and the verifier. */
static bool read_info(struct span info, struct verifier *v)
{
    uint32_t version = le32(info, 0), header = le32(info, 8);
    if (info.n < 12 || version >> 16 != 2 || (version & 0xFFFF) < 2 || (version & 0xFFFF) > 4 || header < HEADER_MIN || header > info.n)
        return false;
    uint32_t algorithm = le32(info, 12 + 8), bits = le32(info, 12 + 16);
    struct span rest = span_skip(info, 12 + (size_t)header);
    if (algorithm < AES_128 || algorithm > AES_256 || (bits != 128 && bits != 192 && bits != 256) || le32(rest, 0) != SALT_SIZE ||
        rest.n < 4 + SALT_SIZE + VERIFIER_SIZE + 4 + HASH_BLOCKS)
        return false;
    v->key_bytes = bits / 8;
    v->salt = (struct span){rest.p + 4, SALT_SIZE};
    v->verifier = (struct span){rest.p + 4 + SALT_SIZE, VERIFIER_SIZE};
    v->hash = (struct span){rest.p + 4 + SALT_SIZE + VERIFIER_SIZE + 4, HASH_BLOCKS};
    return true;
}

static void hash_two(const void *a, size_t a_n, const void *b, size_t b_n, unsigned char hash[SHA1_SIZE])
{
    unsigned char both[64];
    memcpy(both, a, a_n);
    memcpy(both + a_n, b, b_n);
    sha1((struct span){(const char *)both, a_n + b_n}, hash);
}

static void derive_key(const struct verifier *v, unsigned char key[2 * SHA1_SIZE])
{
    unsigned char hash[SHA1_SIZE], pad[64];
    hash_two(v->salt.p, v->salt.n, password, sizeof password, hash);
    for (uint32_t i = 0; i < SPINS; i++) {
        unsigned char counter[4] = {(unsigned char)i, (unsigned char)(i >> 8), (unsigned char)(i >> 16), (unsigned char)(i >> 24)};
        hash_two(counter, sizeof counter, hash, sizeof hash, hash);
    }
    hash_two(hash, sizeof hash, "\0\0\0", 4, hash);
    for (size_t half = 0; half < 2; half++) {
        memset(pad, half ? 0x5C : 0x36, sizeof pad);
        for (size_t i = 0; i < sizeof hash; i++)
            pad[i] ^= hash[i];
        sha1((struct span){(const char *)pad, sizeof pad}, key + half * SHA1_SIZE);
    }
}

static bool is_password(const struct verifier *v, const struct aes *aes)
{
    unsigned char verifier[VERIFIER_SIZE], stored[HASH_BLOCKS], hash[SHA1_SIZE];
    aes_decrypt(aes, (const unsigned char *)v->verifier.p, verifier);
    for (size_t i = 0; i < HASH_BLOCKS; i += AES_BLOCK)
        aes_decrypt(aes, (const unsigned char *)v->hash.p + i, stored + i);
    sha1((struct span){(const char *)verifier, sizeof verifier}, hash);
    return memcmp(hash, stored, sizeof hash) == 0;
}

bool office_decrypt(struct span info, struct span package, struct buf *plain)
{
    enum { SIZE_FIELD = 8 };
    struct verifier v;
    struct aes aes;
    unsigned char key[2 * SHA1_SIZE];
    uint64_t size = le32(package, 0) | (uint64_t)le32(package, 4) << 32;
    struct span blocks = span_skip(package, SIZE_FIELD);
    blocks.n -= blocks.n % AES_BLOCK;
    if (size > blocks.n || !read_info(info, &v))
        return false;
    derive_key(&v, key);
    aes_key(&aes, key, v.key_bytes);
    char *to = is_password(&v, &aes) ? buf_reserve(plain, blocks.n) : NULL;
    if (!to)
        return false;
    for (size_t at = 0; at < blocks.n; at += AES_BLOCK)
        aes_decrypt(&aes, (const unsigned char *)blocks.p + at, (unsigned char *)to + at);
    plain->n += (size_t)size;
    return true;
}

bool office_read_encrypted(struct span info, struct span package, struct unpacking *unpacking, struct sink *out)
{
    struct buf plain;
    buf_init(&plain, package.n);
    const struct format *format = office_decrypt(info, package, &plain) ? format_detect(buf_view(&plain), (struct span){0}) : NULL;
    struct source in = {.bytes = buf_view(&plain), .unpacking = unpacking};
    bool readable = format && format->read != archive_read && span_starts(in.bytes, SPAN("PK\3\4"));
    bool ok = readable ? format->read(&in, out) : sink_refuse(out, EXTRACT_ENCRYPTED, "The document is protected by a password.");
    buf_free(&plain);
    return ok;
}
