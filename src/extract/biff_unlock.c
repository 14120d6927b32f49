/* RC4 with keys by MD5 ([MS-OFFCRYPTO] 2.3.6), for the one password that is no secret. */
#include "extract/biff_unlock.h"

#include <string.h>

#include "extract/biff.h"
#include "extract/binary.h"

enum { MD5_SIZE = 16, MD5_BLOCK = 64, KEY_BYTES = 5, SALT_SIZE = 16, REKEY_BYTES = 1024, RECORDS_SEARCHED = 8 };

static uint32_t rotate(uint32_t x, unsigned by)
{
    return x << by | x >> (32 - by);
}

/* One block of 64 bytes (RFC 1321, 3.4). */
static void md5_block(uint32_t state[4], struct span block)
{
    static const uint32_t sines[64] = {0xd76aa478, 0xe8c7b756, 0x242070db, 0xc1bdceee, 0xf57c0faf, 0x4787c62a, 0xa8304613, 0xfd469501, 0x698098d8, 0x8b44f7af,
                                       0xffff5bb1, 0x895cd7be, 0x6b901122, 0xfd987193, 0xa679438e, 0x49b40821, 0xf61e2562, 0xc040b340, 0x265e5a51, 0xe9b6c7aa,
                                       0xd62f105d, 0x02441453, 0xd8a1e681, 0xe7d3fbc8, 0x21e1cde6, 0xc33707d6, 0xf4d50d87, 0x455a14ed, 0xa9e3e905, 0xfcefa3f8,
                                       0x676f02d9, 0x8d2a4c8a, 0xfffa3942, 0x8771f681, 0x6d9d6122, 0xfde5380c, 0xa4beea44, 0x4bdecfa9, 0xf6bb4b60, 0xbebfbc70,
                                       0x289b7ec6, 0xeaa127fa, 0xd4ef3085, 0x04881d05, 0xd9d4d039, 0xe6db99e5, 0x1fa27cf8, 0xc4ac5665, 0xf4292244, 0x432aff97,
                                       0xab9423a7, 0xfc93a039, 0x655b59c3, 0x8f0ccc92, 0xffeff47d, 0x85845dd1, 0x6fa87e4f, 0xfe2ce6e0, 0xa3014314, 0x4e0811a1,
                                       0xf7537e82, 0xbd3af235, 0x2ad7d2bb, 0xeb86d391};
    static const unsigned char shifts[4][4] = {{7, 12, 17, 22}, {5, 9, 14, 20}, {4, 11, 16, 23}, {6, 10, 15, 21}};
    uint32_t a = state[0], b = state[1], c = state[2], d = state[3];
    for (uint32_t i = 0; i < 64; i++) {
        uint32_t round = i / 16, mix, word;
        if (round == 0) {
            mix = (b & c) | (~b & d);
            word = i;
        } else if (round == 1) {
            mix = (d & b) | (~d & c);
            word = (5 * i + 1) % 16;
        } else if (round == 2) {
            mix = b ^ c ^ d;
            word = (3 * i + 5) % 16;
        } else {
            mix = c ^ (b | ~d);
            word = 7 * i % 16;
        }
        uint32_t sum = a + mix + sines[i] + le32(block, (size_t)word * 4);
        a = d;
        d = c;
        c = b;
        b += rotate(sum, shifts[round][i % 4]);
    }
    state[0] += a;
    state[1] += b;
    state[2] += c;
    state[3] += d;
}

static void md5(struct span s, unsigned char digest[MD5_SIZE])
{
    uint32_t state[4] = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476};
    char tail[2 * MD5_BLOCK] = {0};
    uint64_t bits = (uint64_t)s.n * 8;
    for (; s.n >= MD5_BLOCK; s = span_skip(s, MD5_BLOCK))
        md5_block(state, slice(s, 0, MD5_BLOCK));
    size_t end = s.n < MD5_BLOCK - 8 ? MD5_BLOCK : 2 * MD5_BLOCK;
    if (s.n)
        memcpy(tail, s.p, s.n);
    tail[s.n] = (char)0x80;
    for (size_t i = 0; i < 8; i++)
        tail[end - 8 + i] = (char)(bits >> (8 * i));
    for (size_t at = 0; at < end; at += MD5_BLOCK)
        md5_block(state, (struct span){tail + at, MD5_BLOCK});
    for (size_t i = 0; i < MD5_SIZE; i++)
        digest[i] = (unsigned char)(state[i / 4] >> (8 * (i % 4)));
}

struct rc4 {
    unsigned char state[256];
    unsigned char i, j;
};

static unsigned char rc4_next(struct rc4 *r)
{
    r->i++;
    r->j = (unsigned char)(r->j + r->state[r->i]);
    unsigned char swapped = r->state[r->i];
    r->state[r->i] = r->state[r->j];
    r->state[r->j] = swapped;
    return r->state[(unsigned char)(r->state[r->i] + r->state[r->j])];
}

static void rc4_start(struct rc4 *r, const unsigned char key[MD5_SIZE])
{
    unsigned char j = 0;
    for (unsigned i = 0; i < 256; i++)
        r->state[i] = (unsigned char)i;
    for (unsigned i = 0; i < 256; i++) {
        unsigned char swapped = r->state[i];
        j = (unsigned char)(j + swapped + key[i % MD5_SIZE]);
        r->state[i] = r->state[j];
        r->state[j] = swapped;
    }
    r->i = r->j = 0;
}

/* The first five bytes of a hash over the password's hash and the file's salt, sixteen times. */
static void derive_key(struct span salt, char key[KEY_BYTES])
{
    static const char password[] = "V\0e\0l\0v\0e\0t\0S\0w\0e\0a\0t\0s\0h\0o\0p";
    unsigned char digest[MD5_SIZE];
    char mixed[16 * (KEY_BYTES + SALT_SIZE)];
    md5((struct span){password, sizeof password}, digest); /* its last byte is the zero that ends the literal */
    for (size_t i = 0; i < 16; i++) {
        memcpy(mixed + i * (KEY_BYTES + SALT_SIZE), digest, KEY_BYTES);
        memcpy(mixed + i * (KEY_BYTES + SALT_SIZE) + KEY_BYTES, salt.p, SALT_SIZE);
    }
    md5((struct span){mixed, sizeof mixed}, digest);
    memcpy(key, digest, KEY_BYTES);
}

/* Each 1,024 bytes of the stream have a key of their own. */
static void start_block(struct rc4 *r, const char key[KEY_BYTES], uint32_t block)
{
    char numbered[KEY_BYTES + 4];
    unsigned char digest[MD5_SIZE];
    memcpy(numbered, key, KEY_BYTES);
    for (size_t i = 0; i < 4; i++)
        numbered[KEY_BYTES + i] = (char)(block >> (8 * i));
    md5((struct span){numbered, sizeof numbered}, digest);
    rc4_start(r, digest);
}

/* The FILEPASS record holds a random text and its hash, both encrypted: with the right key they fit. */
static bool opens(struct span filepass, const char key[KEY_BYTES])
{
    struct rc4 r;
    char plain[2 * MD5_SIZE];
    unsigned char digest[MD5_SIZE];
    start_block(&r, key, 0);
    for (size_t i = 0; i < sizeof plain; i++)
        plain[i] = (char)(le8(filepass, 22 + i) ^ rc4_next(&r));
    md5((struct span){plain, MD5_SIZE}, digest);
    return memcmp(digest, plain + MD5_SIZE, MD5_SIZE) == 0;
}

/* Bytes at the start of a record's data that are not encrypted. */
static size_t open_bytes(uint32_t type, size_t length)
{
    enum { EXCLUSIVE = 0x194, LOCK = 0x195, REVISION = 0x196, REVISIONS = 0x138, INTERFACE = 0xE1 };
    bool open = biff_is_bof(type) || type == BIFF_FILEPASS || type == EXCLUSIVE || type == LOCK || type == REVISION || type == REVISIONS || type == INTERFACE;
    size_t first = type == BIFF_BOUNDSHEET ? 4 : 0;
    return open ? length : first < length ? first : length;
}

/* Record headers stay as they are, but the key stream runs on over them. */
static void decrypt(char *stream, size_t size, const char key[KEY_BYTES])
{
    struct rc4 r;
    struct biff b = {.rest = {stream, size}};
    size_t at = 0;
    while (biff_next(&b)) {
        size_t data = (size_t)(b.data.n ? b.data.p - stream : b.rest.p - stream), open = open_bytes(b.type, b.data.n);
        for (; at < data + b.data.n; at++) {
            if (at % REKEY_BYTES == 0)
                start_block(&r, key, (uint32_t)(at / REKEY_BYTES));
            char stretch = (char)rc4_next(&r);
            if (at >= data + open)
                stream[at] = (char)(stream[at] ^ stretch);
        }
    }
}

/* The FILEPASS record near the start of the stream; false when there is none of the kind that can be opened. */
static bool find_filepass(struct biff *b)
{
    for (int i = 0; i < RECORDS_SEARCHED && biff_next(b); i++)
        if (b->type == BIFF_FILEPASS)
            return b->data.n >= 54 && le16(b->data, 0) == 1 && le16(b->data, 2) == 1 && le16(b->data, 4) == 1;
    return false;
}

void biff_unlock(struct span *stream, struct arena *arena)
{
    struct biff b = {.rest = *stream};
    char key[KEY_BYTES];
    if (!find_filepass(&b))
        return;
    derive_key(slice(b.data, 6, SALT_SIZE), key);
    if (!opens(b.data, key))
        return;
    char *copy = arena_alloc(arena, stream->n);
    if (!copy)
        return;
    memcpy(copy, stream->p, stream->n);
    decrypt(copy, stream->n, key);
    memset(copy + (b.data.p - stream->p) - 4, 0, 2); /* the record that says it is encrypted has no meaning now */
    *stream = (struct span){copy, stream->n};
}
