/* SHA-1 and AES, written for shortness. */
#include "extract/cipher.h"

#include <string.h>

static uint32_t rotate(uint32_t x, int n)
{
    return x << n | x >> (32 - n);
}

static void sha1_block(uint32_t h[5], const unsigned char *block)
{
    static const uint32_t constants[] = {0x5A827999, 0x6ED9EBA1, 0x8F1BBCDC, 0xCA62C1D6};
    uint32_t w[80], a = h[0], b = h[1], c = h[2], d = h[3], e = h[4];
    for (int i = 0; i < 16; i++)
        w[i] = (uint32_t)block[4 * i] << 24 | (uint32_t)block[4 * i + 1] << 16 | (uint32_t)block[4 * i + 2] << 8 | block[4 * i + 3];
    for (int i = 16; i < 80; i++)
        w[i] = rotate(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1);
    for (int i = 0; i < 80; i++) {
        uint32_t f = i < 20 ? (b & c) | (~b & d) : i < 40 || i >= 60 ? b ^ c ^ d : (b & c) | (b & d) | (c & d);
        uint32_t next = rotate(a, 5) + f + e + constants[i / 20] + w[i];
        e = d;
        d = c;
        c = rotate(b, 30);
        b = a;
        a = next;
    }
    h[0] += a;
    h[1] += b;
    h[2] += c;
    h[3] += d;
    h[4] += e;
}

void sha1(struct span message, unsigned char hash[SHA1_SIZE])
{
    uint32_t h[5] = {0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476, 0xC3D2E1F0};
    unsigned char last[128] = {0};
    uint64_t bits = (uint64_t)message.n * 8;
    for (; message.n >= 64; message = span_skip(message, 64))
        sha1_block(h, (const unsigned char *)message.p);
    if (message.n)
        memcpy(last, message.p, message.n);
    last[message.n] = 0x80;
    size_t padded = message.n < 56 ? 64 : 128;
    for (size_t i = 0; i < 8; i++)
        last[padded - 1 - i] = (unsigned char)(bits >> (8 * i));
    for (size_t at = 0; at < padded; at += 64)
        sha1_block(h, last + at);
    for (size_t i = 0; i < SHA1_SIZE; i++)
        hash[i] = (unsigned char)(h[i / 4] >> (24 - 8 * (i % 4)));
}

/* Product in the field of AES. */
static unsigned char multiply(unsigned a, unsigned b)
{
    unsigned product = 0;
    for (; b; b >>= 1) {
        product ^= b & 1 ? a : 0;
        a = a << 1 ^ (a & 0x80 ? 0x11B : 0);
    }
    return (unsigned char)product;
}

/* The substitution: walks all powers of the generator 3 together with those of its inverse (5.1.1). */
static void make_substitution(unsigned char box[256])
{
    unsigned char p = 1, q = 1;
    do {
        p = multiply(p, 3);
        q = multiply(q, 0xF6);
        unsigned x = q, spread = x ^ x << 1 ^ x << 2 ^ x << 3 ^ x << 4;
        box[p] = (unsigned char)((spread ^ spread >> 8) ^ 0x63);
    } while (p != 1);
    box[0] = 0x63;
}

static const unsigned factors[4] = {14, 11, 13, 9};

void aes_key(struct aes *a, const unsigned char *key, size_t bytes)
{
    unsigned char box[256], *words = a->keys[0], round = 1;
    size_t in_key = bytes / 4;
    a->rounds = (int)in_key + 6;
    make_substitution(box);
    for (unsigned i = 0; i < 256; i++) {
        a->inverse[box[i]] = (unsigned char)i;
        for (size_t j = 0; j < 4; j++)
            a->times[j][i] = multiply(i, factors[j]);
    }
    memcpy(words, key, bytes);
    for (size_t i = in_key; i < 4 * ((size_t)a->rounds + 1); i++) {
        unsigned char t[4];
        const unsigned char *before = words + 4 * (i - 1);
        for (size_t j = 0; j < 4; j++)
            t[j] = i % in_key == 0 ? box[before[(j + 1) % 4]] : in_key > 6 && i % in_key == 4 ? box[before[j]] : before[j];
        if (i % in_key == 0) {
            t[0] ^= round;
            round = multiply(round, 2);
        }
        for (size_t j = 0; j < 4; j++)
            words[4 * i + j] = words[4 * (i - in_key) + j] ^ t[j];
    }
}

static void add_key(unsigned char state[AES_BLOCK], const unsigned char key[AES_BLOCK])
{
    for (size_t i = 0; i < AES_BLOCK; i++)
        state[i] ^= key[i];
}

static void unmix_columns(const struct aes *a, unsigned char state[AES_BLOCK])
{
    for (unsigned char *column = state; column < state + AES_BLOCK; column += 4) {
        unsigned char old[4];
        memcpy(old, column, sizeof old);
        for (size_t i = 0; i < 4; i++)
            column[i] = a->times[0][old[i]] ^ a->times[1][old[(i + 1) % 4]] ^ a->times[2][old[(i + 2) % 4]] ^ a->times[3][old[(i + 3) % 4]];
    }
}

void aes_decrypt(const struct aes *a, const unsigned char from[AES_BLOCK], unsigned char to[AES_BLOCK])
{
    unsigned char state[AES_BLOCK];
    memcpy(state, from, sizeof state);
    add_key(state, a->keys[a->rounds]);
    for (int round = a->rounds - 1; round >= 0; round--) {
        for (size_t i = 0; i < AES_BLOCK; i++) /* rows turn right, and the substitution is undone */
            to[(i + 4 * (i % 4)) % AES_BLOCK] = a->inverse[state[i]];
        add_key(to, a->keys[round]);
        if (round > 0)
            unmix_columns(a, to);
        memcpy(state, to, sizeof state);
    }
}
